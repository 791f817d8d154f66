"""Subscriptions over HTTP with the official client: the shapes, and a year of one on a test clock, to the cent."""

import json
import time
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Server


@pytest.fixture(scope="module")
def client(server: Server) -> StripeClient:
    return server.stripe(server.account().secret_key)


def shaped(cls: Any, answer: Any) -> Any:
    # As it was sent: the client reads decimals from text.
    assert_shape(cls, json.loads(json.dumps(answer.to_dict(), default=str)))
    return answer


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def monthly(client: Any, amount: int, name: str) -> Any:
    return client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": "month"},
            "product_data": {"name": name},
        }
    )


def advance(client: Any, clock: Any, to: int) -> Any:
    moving = client.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": to})
    assert moving.status == "advancing"
    until = time.monotonic() + 30
    while moving.status == "advancing":
        assert time.monotonic() < until, "the clock arrives"
        time.sleep(0.1)
        moving = client.v1.test_helpers.test_clocks.retrieve(clock.id)
    assert moving.status == "ready"
    return moving


def on_clock(client: Any, start: int) -> tuple[Any, Any]:
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": start, "name": "A year"})
    payer = client.v1.customers.create(
        {"email": "payer@example.com", "source": "tok_visa", "test_clock": clock.id}
    )
    return clock, payer


def test_a_year_of_a_subscription(client: Any) -> None:
    start = at("2030-01-15T09:30:00")
    clock, payer = on_clock(client, start)
    small, large = monthly(client, 1999, "Small"), monthly(client, 4999, "Large")
    subscription = client.v1.subscriptions.create(
        {"customer": payer.id, "items": [{"price": small.id}], "expand": ["latest_invoice"]}
    )
    item = subscription["items"]["data"][0]
    assert shaped(stripe.Subscription, subscription).status == "active"
    assert subscription.latest_invoice.amount_paid == 1999

    # Half a year on the small plan, then an upgrade within the seventh period.
    advance(client, clock, at("2030-07-20T18:45:10"))
    upgraded = client.v1.subscriptions.update(
        subscription.id, {"items": [{"id": item["id"], "price": large.id}]}
    )
    assert upgraded["items"]["data"][0]["price"]["id"] == large.id
    period = at("2030-07-15T09:30:00"), at("2030-08-15T09:30:00")
    share = Fraction(period[1] - at("2030-07-20T18:45:10"), period[1] - period[0])
    proration = -rounded(1999 * share) + rounded(4999 * share)

    # The card is refused once, and pays at the first retry.
    advance(client, clock, at("2030-10-01T00:00:00"))
    client.v1.customers.update(payer.id, {"source": "tok_chargeCustomerFail"})
    advance(client, clock, at("2030-10-16T00:00:00"))
    assert client.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    client.v1.customers.update(payer.id, {"source": "tok_visa"})
    advance(client, clock, at("2030-10-19T00:00:00"))
    assert client.v1.subscriptions.retrieve(subscription.id).status == "active"

    # It ends with its year.
    advance(client, clock, at("2030-12-20T00:00:00"))
    client.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    advance(client, clock, at("2031-02-20T00:00:00"))
    ended = client.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", at("2031-01-15T09:30:00"))

    bills = list(client.v1.invoices.list({"subscription": subscription.id, "limit": 50}).auto_paging_iter())
    totals = [bill.total for bill in reversed(bills)]
    assert totals == [1999] * 7 + [4999 + proration] + [4999] * 4
    assert {bill.status for bill in bills} == {"paid"}
    assert all(shaped(stripe.Invoice, bill) for bill in bills)
    charges = list(client.v1.charges.list({"customer": payer.id, "limit": 100}).auto_paging_iter())
    assert sum(charge.amount for charge in charges if charge.paid) == sum(totals)
    assert [charge.paid for charge in charges].count(False) == 1
    refused = next(charge for charge in charges if not charge.paid)
    assert refused.created == at("2030-10-15T10:30:00")
    assert {charge.created // 86400 >= start // 86400 for charge in charges} == {True}


def rounded(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))


def test_a_life_in_the_sdks_shapes(client: Any) -> None:
    clock, payer = on_clock(client, at("2030-01-01T00:00:00"))
    price, seats = monthly(client, 1000, "Plan"), monthly(client, 300, "Seats")
    made = client.v1.subscriptions.create(
        {
            "customer": payer.id,
            "items": [{"price": price.id}],
            "trial_period_days": 7,
            "metadata": {"plan": "basic"},
            "payment_settings": {"save_default_payment_method": "on_subscription"},
        }
    )
    assert shaped(stripe.Subscription, made).status == "trialing"
    item = client.v1.subscription_items.create(
        {"subscription": made.id, "price": seats.id, "quantity": 2, "metadata": {"a": "b"}}
    )
    assert shaped(stripe.SubscriptionItem, item).quantity == 2
    changed = client.v1.subscription_items.update(item.id, {"quantity": 4})
    shown = client.v1.subscription_items.retrieve(item.id)
    listed = client.v1.subscription_items.list({"subscription": made.id})
    assert (changed.quantity, shown.quantity) == (4, 4)
    assert [one.quantity for one in listed.data] == [1, 4]

    active = client.v1.subscriptions.update(made.id, {"trial_end": "now"})
    assert active.status == "active"
    assert client.v1.invoices.retrieve(active.latest_invoice).amount_paid == 1000 + 4 * 300
    assert client.v1.subscription_items.delete(item.id).deleted
    paused = client.v1.subscriptions.update(made.id, {"pause_collection": {"behavior": "void"}})
    assert shaped(stripe.Subscription, paused).pause_collection.behavior == "void"
    client.v1.subscriptions.update(made.id, {"pause_collection": ""})
    found = client.v1.subscriptions.list({"customer": payer.id, "test_clock": clock.id})
    assert [one.id for one in found.data] == [made.id]
    whole = client.v1.customers.retrieve(payer.id, {"expand": ["subscriptions"]})
    assert [one.id for one in whole.subscriptions.data] == [made.id]
    searched = client.v1.subscriptions.search({"query": 'status:"active" AND metadata["plan"]:"basic"'})
    assert [one.id for one in searched.data] == [made.id]
    ended = client.v1.subscriptions.cancel(
        made.id, {"cancellation_details": {"feedback": "too_expensive", "comment": "Bye"}}
    )
    assert shaped(stripe.Subscription, ended).cancellation_details.feedback == "too_expensive"
    assert client.v1.subscriptions.list({"customer": payer.id}).data == []
    assert len(client.v1.subscriptions.list({"customer": payer.id, "status": "all"}).data) == 1
    kinds = {one.type for one in client.v1.events.list({"limit": 100}).data}
    assert {"customer.subscription.created", "customer.subscription.deleted"} <= kinds


def test_clocks_are_shown_and_deleted(client: Any) -> None:
    clock, payer = on_clock(client, at("2030-01-01T00:00:00"))

    assert shaped(stripe.test_helpers.TestClock, clock).name == "A year"
    assert payer.created == at("2030-01-01T00:00:00")
    assert clock.id in [one.id for one in client.v1.test_helpers.test_clocks.list().data]
    shaped(stripe.test_helpers.TestClock, advance(client, clock, at("2030-03-01T00:00:00")))
    assert client.v1.test_helpers.test_clocks.delete(clock.id).deleted
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.test_helpers.test_clocks.retrieve(clock.id)


def test_an_unpaid_first_bill_is_paid_by_the_payers_browser(client: Any) -> None:
    payer = client.v1.customers.create({"source": "tok_visa"})
    price = monthly(client, 1000, "Plan")

    made = client.v1.subscriptions.create(
        {
            "customer": payer.id,
            "items": [{"price": price.id}],
            "payment_behavior": "default_incomplete",
            "expand": ["latest_invoice.confirmation_secret"],
        }
    )
    secret = made.latest_invoice.confirmation_secret.client_secret
    intent = client.v1.payment_intents.confirm(
        secret.partition("_secret")[0], {"payment_method": "pm_card_visa"}
    )

    assert made.status == "incomplete"
    assert intent.status == "succeeded"
    assert client.v1.subscriptions.retrieve(made.id).status == "active"


def test_what_is_not_supported_is_refused_by_name(client: Any) -> None:
    payer = client.v1.customers.create({"source": "tok_visa"})
    price = monthly(client, 1000, "Plan")

    for name, value in {
        "billing_thresholds": {"amount_gte": 1},
        "payment_behavior": "pending_if_incomplete",
        "backdate_start_date": 1,
    }.items():
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            client.v1.subscriptions.create(
                {"customer": payer.id, "items": [{"price": price.id}], name: value}
            )
        assert refusal.value.param == name


class TestWhatAnswersShow:
    """An answer to a write shows what the write made, also in the lists within it."""

    def test_the_payment_of_an_incomplete_subscription(self, client: Any) -> None:
        payer = client.v1.customers.create({"email": "payer@example.com"})

        made = client.v1.subscriptions.create(
            {
                "customer": payer.id,
                "items": [{"price": monthly(client, 1000, "Club").id}],
                "payment_behavior": "default_incomplete",
                "expand": ["latest_invoice.payments", "latest_invoice.confirmation_secret"],
            }
        )

        (payment,) = made.latest_invoice.payments.data
        intent = client.v1.payment_intents.retrieve(payment.payment.payment_intent)
        assert intent.client_secret == made.latest_invoice.confirmation_secret.client_secret

    def test_the_payment_that_has_paid(self, client: Any) -> None:
        payer = client.v1.customers.create({"source": "tok_visa"})

        made = client.v1.subscriptions.create(
            {
                "customer": payer.id,
                "items": [{"price": monthly(client, 1000, "Club").id}],
                "expand": ["latest_invoice.payments"],
            }
        )

        assert [one.status for one in made.latest_invoice.payments.data] == ["paid"]


class TestWithoutCard:
    def test_nobody_is_charged_who_has_none(self, client: Any) -> None:
        payer = client.v1.customers.create({})
        items = [{"price": monthly(client, 1000, "Club").id}]

        with pytest.raises(stripe.InvalidRequestError, match="no attached payment source") as refusal:
            client.v1.subscriptions.create({"customer": payer.id, "items": items})

        assert (refusal.value.http_status, refusal.value.code) == (400, "resource_missing")

    def test_a_trial_shows_where_to_leave_one(self, client: Any) -> None:
        payer = client.v1.customers.create({"email": "payer@example.com"})
        trial = client.v1.subscriptions.create(
            {
                "customer": payer.id,
                "items": [{"price": monthly(client, 1000, "Club").id}],
                "trial_period_days": 7,
                "payment_behavior": "default_incomplete",
                "expand": ["pending_setup_intent"],
            }
        )
        setup = trial.pending_setup_intent
        assert (trial.status, setup.status, setup.usage) == (
            "trialing",
            "requires_payment_method",
            "off_session",
        )

        client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})

        later = client.v1.subscriptions.retrieve(trial.id, {"expand": ["default_payment_method"]})
        assert later.pending_setup_intent is None
        assert later.default_payment_method.customer == payer.id

    def test_a_trial_of_who_has_one_asks_for_none(self, client: Any) -> None:
        payer = client.v1.customers.create({"source": "tok_visa"})

        trial = client.v1.subscriptions.create(
            {
                "customer": payer.id,
                "items": [{"price": monthly(client, 1000, "Club").id}],
                "trial_period_days": 7,
            }
        )

        assert trial.pending_setup_intent is None


class TestWhatHasEnded:
    @pytest.fixture
    def ended(self, client: Any) -> Any:
        payer = client.v1.customers.create({"source": "tok_visa"})
        items = [{"price": monthly(client, 1000, "Club").id}]
        made = client.v1.subscriptions.create({"customer": payer.id, "items": items})
        return client.v1.subscriptions.cancel(made.id)

    def test_can_be_annotated(self, client: Any, ended: Any) -> None:
        details = {"feedback": "too_expensive", "comment": "Too dear"}

        noted = client.v1.subscriptions.update(
            ended.id, {"metadata": {"seen": "yes"}, "cancellation_details": details}
        )

        assert (noted.status, noted.metadata["seen"]) == ("canceled", "yes")
        assert noted.cancellation_details.feedback == "too_expensive"

    def test_cannot_be_changed(self, client: Any, ended: Any) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="can only update"):
            client.v1.subscriptions.update(ended.id, {"metadata": {"a": "b"}, "cancel_at_period_end": True})

    def test_cannot_end_again(self, client: Any, ended: Any) -> None:
        with pytest.raises(stripe.InvalidRequestError, match="No such subscription") as refusal:
            client.v1.subscriptions.cancel(ended.id)

        assert refusal.value.http_status == 404


class TestBeforeItBegins:
    def test_a_preview_shows_the_first_bill(self, client: Any) -> None:
        payer = client.v1.customers.create({"source": "tok_visa"})
        items = [{"price": monthly(client, 1000, "Club").id, "quantity": 2}]

        shown = client.v1.invoices.create_preview(
            {"customer": payer.id, "subscription_details": {"items": items}}
        )
        made = client.v1.subscriptions.create(
            {"customer": payer.id, "items": items, "expand": ["latest_invoice"]}
        )

        assert (shown.total, made.latest_invoice.total) == (2000, 2000)
        assert client.v1.subscriptions.list({"customer": payer.id, "status": "all"}).data[0].id == made.id

    def test_a_preview_of_a_trial_shows_nothing_to_pay(self, client: Any) -> None:
        payer = client.v1.customers.create({})
        items = [{"price": monthly(client, 1000, "Club").id}]
        details = {"items": items, "trial_end": int(time.time()) + 86400 * 7}

        shown = client.v1.invoices.create_preview({"customer": payer.id, "subscription_details": details})

        assert shown.total == 0


def test_the_day_of_the_month_is_the_first_bills(client: Any) -> None:
    _, payer = on_clock(client, at("2030-01-15T09:30:00"))
    made = client.v1.subscriptions.create(
        {
            "customer": payer.id,
            "items": [{"price": monthly(client, 3100, "Club").id}],
            "billing_cycle_anchor_config": {"day_of_month": 1, "hour": 9, "minute": 30, "second": 0},
            "expand": ["latest_invoice"],
        }
    )

    (item,) = made["items"]["data"]
    assert item["current_period_end"] == at("2030-02-01T09:30:00")
    assert made.latest_invoice.total == 1700


def test_it_ends_with_its_period(client: Any) -> None:
    payer = client.v1.customers.create({"source": "tok_visa"})
    made = client.v1.subscriptions.create(
        {
            "customer": payer.id,
            "items": [{"price": monthly(client, 1000, "Club").id}],
            "cancel_at": "min_period_end",
        }
    )

    assert made.cancel_at == made["items"]["data"][0]["current_period_end"]


def test_a_discount_can_be_taken_away(client: Any) -> None:
    payer = client.v1.customers.create({"source": "tok_visa"})
    coupon = client.v1.coupons.create({"percent_off": 10, "duration": "forever"})
    made = client.v1.subscriptions.create(
        {
            "customer": payer.id,
            "items": [{"price": monthly(client, 1000, "Club").id}],
            "discounts": [{"coupon": coupon.id}],
        }
    )

    gone = client.v1.subscriptions.delete_discount(made.id)

    assert gone.deleted
    assert client.v1.subscriptions.retrieve(made.id).discounts == []
