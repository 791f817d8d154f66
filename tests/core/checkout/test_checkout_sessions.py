"""Checkout sessions: what they sell, how they are paid exactly once, and how they end."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from payments_core.billing.customers import Customer
from payments_core.checkout.line_items import LineItem
from payments_core.checkout.sessions import (
    ATTEMPTS_MAX,
    CHECKOUT_SESSION,
    CheckoutSession,
    SessionEvent,
    SessionState,
)
from payments_core.errors import (
    AmountRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    ParamMissing,
    TransitionRefused,
)
from payments_core.operations.authentication import CompleteAuthentication
from payments_core.operations.billing_params import ProductDataParams
from payments_core.operations.checkout_confirming import ConfirmCheckoutSession
from payments_core.operations.checkout_params import (
    ChangedLineParams,
    FixedAmountParams,
    IntentDataParams,
    LineParams,
    LinePriceParams,
    RateDataParams,
    ShippingAddressParams,
    ShippingOptionParams,
)
from payments_core.operations.checkout_sessions import (
    CreateCheckoutSession,
    ExpireCheckoutSession,
    ListLineItems,
    RetrieveCheckoutSession,
    UpdateCheckoutSession,
)
from payments_core.operations.checkout_settling import expire_sessions
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.events import ListEvents
from payments_core.operations.params import AddressParams, BillingParams, ShippingParams
from payments_core.operations.payment_intents import CancelPaymentIntent, ListPaymentIntents
from payments_core.payments.payment_intents import PaymentIntent, PaymentIntentState
from payments_core.payments.setup_intents import SetupIntent
from payments_core.tokenization.payment_methods import PaymentMethod
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

PAYER = BillingParams(name="Jenny Rosen", email="jenny@example.com")


@pytest.fixture
async def shop(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


def line(amount: int = 2000, quantity: int = 1, name: str = "Tea", currency: str = "usd") -> LineParams:
    data = LinePriceParams(currency=currency, unit_amount=amount, product_data=ProductDataParams(name=name))
    return LineParams(price_data=data, quantity=quantity)


async def opened(shop: Shop, **told: Any) -> CheckoutSession:
    told.setdefault("mode", "payment")
    if told["mode"] == "payment":
        told.setdefault("line_items", (line(),))
    told.setdefault("success_url", "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}")
    return await shop.merchant.do(CreateCheckoutSession(**told))


async def pay(
    shop: Shop, session: CheckoutSession, card: str = "pm_card_visa", **told: Any
) -> CheckoutSession:
    told.setdefault("billing_details", PAYER)
    return await shop.merchant.do(ConfirmCheckoutSession(id=session.id, payment_method=card, **told))


async def events(shop: Shop, kind: str) -> int:
    return len((await shop.merchant.do(ListEvents(type=kind, limit=100))).items)


async def payments(shop: Shop) -> tuple[PaymentIntent, ...]:
    return (await shop.merchant.do(ListPaymentIntents(limit=100))).items


def test_only_an_open_session_can_end() -> None:
    assert list(CHECKOUT_SESSION.edges()) == [
        (SessionState.OPEN, SessionEvent.COMPLETE, SessionState.COMPLETE),
        (SessionState.OPEN, SessionEvent.EXPIRE, SessionState.EXPIRED),
    ]


class TestCreating:
    async def test_it_costs_what_its_lines_cost(self, shop: Shop) -> None:
        session = await opened(shop, line_items=(line(1500, 2), line(250, 3, "Milk")))

        assert (session.amount_total, session.currency) == (3750, "usd")

    async def test_lines_are_listed_in_the_order_in_which_they_were_sent(self, shop: Shop) -> None:
        session = await opened(shop, line_items=tuple(line(name=name) for name in ("Tea", "Milk", "Sugar")))

        listed = await shop.merchant.do(ListLineItems(id=session.id))

        assert [item.description for item in listed.items] == ["Tea", "Milk", "Sugar"]

    async def test_no_payment_is_made_before_somebody_pays(self, shop: Shop) -> None:
        session = await opened(shop)

        assert session.payment_intent is None
        assert await payments(shop) == ()

    async def test_the_first_way_of_sending_is_part_of_the_total(self, shop: Shop) -> None:
        session = await opened(shop, shipping_options=(sending("Post", 500), sending("Courier", 1500)))

        assert (session.amount_subtotal, session.amount_total) == (2000, 2500)

    @pytest.mark.parametrize(
        ("told", "param"),
        [
            ({"line_items": None}, "line_items"),
            ({"success_url": None}, "success_url"),
            ({"line_items": (line(1),)}, "line_items"),
            ({"line_items": (line(), line(currency="eur"))}, "price_data[currency]"),
            ({"line_items": (LineParams(price="price_none", quantity=1),)}, "line_items[0][price]"),
            ({"line_items": (LineParams(quantity=1),)}, "line_items[0]"),
            ({"mode": "subscription"}, "line_items"),
            ({"ui_mode": "embedded_page"}, "ui_mode"),
            ({"success_url": "javascript:alert(1)"}, "success_url"),
            ({"cancel_url": "data:text/html,hello"}, "cancel_url"),
            ({"customer": "cus_none"}, "customer"),
            ({"expires_at": 1}, "expires_at"),
            ({"locale": "../.."}, "locale"),
            ({"managed_payments": {"enabled": "true"}}, "managed_payments[enabled]"),
            ({"custom_fields": ({"key": "size"},)}, "custom_fields"),
        ],
    )
    async def test_what_cannot_be_is_refused_by_name(
        self, shop: Shop, told: dict[str, Any], param: str
    ) -> None:
        with pytest.raises((InvalidRequest, ParamInvalid, ParamMissing, NotFound, AmountRefused)) as refused:
            await opened(shop, **{"mode": "payment", **told})

        assert refused.value.param == param

    async def test_a_draft_has_nothing_to_pay_yet(self, shop: Shop) -> None:
        session = await shop.merchant.do(
            CreateCheckoutSession(payment_mode="card", shipping_info="456 Shipping St.")
        )

        assert not session.is_ready
        with pytest.raises(InvalidRequest, match="nothing to pay here yet"):
            await pay(shop, session)


def sending(name: str, amount: int) -> ShippingOptionParams:
    fixed = FixedAmountParams(amount=amount, currency="usd")
    return ShippingOptionParams(shipping_rate_data=RateDataParams(display_name=name, fixed_amount=fixed))


class TestPaying:
    async def test_a_good_card_completes_the_session(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop))

        assert (session.status, session.payment_status) == ("complete", "paid")
        assert await events(shop, "checkout.session.completed") == 1

    async def test_the_payment_carries_what_the_merchant_said(self, shop: Shop) -> None:
        data = IntentDataParams(description="Order 7", metadata={"order": "7"})
        session = await pay(shop, await opened(shop, payment_intent_data=data))

        intent = await shop.read(PaymentIntent, session.payment_intent or "")
        assert (intent.description, intent.metadata, intent.amount) == ("Order 7", {"order": "7"}, 2000)
        assert intent.checkout_session == session.id

    async def test_a_declined_card_leaves_it_open_for_another_one(self, shop: Shop) -> None:
        session = await opened(shop)
        with pytest.raises(Declined):
            await pay(shop, session, "pm_card_chargeDeclined")

        paid = await pay(shop, session)

        assert paid.status == "complete"
        assert len(await payments(shop)) == 1

    async def test_paying_again_pays_nothing_more(self, shop: Shop) -> None:
        session = await opened(shop)
        await pay(shop, session)

        again = await pay(shop, session)

        assert again.status == "complete"
        assert len(await payments(shop)) == 1
        assert await events(shop, "checkout.session.completed") == 1

    async def test_of_many_tabs_at_once_one_pays(self, shop: Shop) -> None:
        session = await opened(shop)

        async def tab() -> None:
            with contextlib.suppress(InvalidRequest):  # the payment of another tab is under way
                await pay(shop, session)

        async with anyio.create_task_group() as tabs:
            for _ in range(20):
                tabs.start_soon(tab)

        assert [intent.amount_received for intent in await payments(shop)] == [2000]
        assert await events(shop, "charge.succeeded") == 1
        assert await events(shop, "checkout.session.completed") == 1

    async def test_a_page_that_shows_another_amount_pays_nothing(self, shop: Shop) -> None:
        session = await opened(shop)

        with pytest.raises(InvalidRequest, match="has changed since"):
            await pay(shop, session, expected_amount=1999)

        assert await payments(shop) == ()

    async def test_a_wrong_secret_is_as_good_as_no_session(self, shop: Shop) -> None:
        session = await opened(shop)

        with pytest.raises(NotFound):
            await pay(shop, session, client_secret=session.client_secret + "x")

    async def test_there_is_an_end_to_trying_cards(self, shop: Shop) -> None:
        session = await opened(shop)
        for _ in range(ATTEMPTS_MAX):
            with pytest.raises(Declined):
                await pay(shop, session, "pm_card_chargeDeclined")

        with pytest.raises(InvalidRequest, match="Too many attempts"):
            await pay(shop, session)

    async def test_money_can_be_held_first(self, shop: Shop) -> None:
        session = await pay(
            shop, await opened(shop, payment_intent_data=IntentDataParams(capture_method="manual"))
        )

        intent = await shop.read(PaymentIntent, session.payment_intent or "")
        assert (session.status, session.payment_status) == ("complete", "unpaid")
        assert intent.status is PaymentIntentState.REQUIRES_CAPTURE

    async def test_the_chosen_way_of_sending_is_paid_for(self, shop: Shop) -> None:
        session = await opened(shop, shipping_options=(sending("Post", 500), sending("Courier", 1500)))

        paid = await pay(shop, session, shipping_rate=session.shipping_options[1].id, expected_amount=3500)

        assert paid.amount_total == 3500

    async def test_goods_go_where_the_merchant_sends_to(self, shop: Shop) -> None:
        session = await opened(
            shop, shipping_address_collection=ShippingAddressParams(allowed_countries=("US", "DE"))
        )
        paris = ShippingParams(name="Jenny", address=AddressParams(line1="1 Rue", city="Paris", country="FR"))
        with pytest.raises(ParamInvalid, match="cannot send to this country"):
            await pay(shop, session, shipping=paris)

        bonn = ShippingParams(name="Jenny", address=AddressParams(line1="Weg 1", city="Bonn", country="DE"))
        paid = await pay(shop, session, shipping=bonn)

        assert paid.shipping is not None
        assert paid.shipping.address.city == "Bonn"

    async def test_nobody_pays_without_saying_where_the_receipt_goes(self, shop: Shop) -> None:
        with pytest.raises(ParamMissing) as refused:
            await pay(shop, await opened(shop), billing_details=None)

        assert refused.value.param == "billing_details[email]"

    async def test_a_session_for_nothing_needs_no_card(self, shop: Shop) -> None:
        session = await opened(shop, line_items=(line(0),))

        done = await shop.merchant.do(ConfirmCheckoutSession(id=session.id, billing_details=PAYER))

        assert (done.payment_status, done.payment_intent) == ("no_payment_required", None)

    async def test_a_customer_is_made_where_one_is_wanted(self, shop: Shop) -> None:
        session = await opened(shop, customer_creation="always")
        with pytest.raises(Declined):
            await pay(shop, session, "pm_card_chargeDeclined")

        paid = await pay(shop, session)

        customer = await shop.read(Customer, paid.customer or "")
        assert customer.email == "jenny@example.com"
        assert await events(shop, "customer.created") == 1

    async def test_a_card_can_be_kept_for_later(self, shop: Shop) -> None:
        customer = await shop.merchant.do(CreateCustomer(email="jenny@example.com"))
        data = IntentDataParams(setup_future_usage="off_session")
        session = await pay(shop, await opened(shop, customer=customer.id, payment_intent_data=data))

        intent = await shop.read(PaymentIntent, session.payment_intent or "")
        method = await shop.read(PaymentMethod, intent.payment_method or "")
        assert method.customer == customer.id


class TestChallenges:
    async def test_the_session_is_complete_when_the_challenge_is_passed(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop), "pm_card_threeDSecure2Required")
        assert session.status == "open"

        await answer(shop, session, succeeded=True)

        assert (await read(shop, session)).status == "complete"

    async def test_another_card_may_be_tried_when_it_is_not(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop), "pm_card_threeDSecure2Required")
        await answer(shop, session, succeeded=False)

        paid = await pay(shop, session)

        assert paid.status == "complete"
        assert len(await payments(shop)) == 1

    async def test_a_second_tab_makes_the_first_ones_challenge_void(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop), "pm_card_threeDSecure2Required")
        first = await shop.read(PaymentIntent, session.payment_intent or "")
        await pay(shop, session)

        with pytest.raises(TransitionRefused):
            await shop.merchant.do(
                CompleteAuthentication(id=first.next_action.authentication, succeeded=True)
            )

        assert await events(shop, "charge.succeeded") == 1


async def answer(shop: Shop, session: CheckoutSession, *, succeeded: bool) -> None:
    intent = await shop.read(PaymentIntent, (await read(shop, session)).payment_intent or "")
    await shop.merchant.do(CompleteAuthentication(id=intent.next_action.authentication, succeeded=succeeded))


async def read(shop: Shop, session: CheckoutSession) -> CheckoutSession:
    return await shop.merchant.do(RetrieveCheckoutSession(id=session.id))


class TestSavingCards:
    async def test_a_card_is_saved_on_a_new_customer(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop, mode="setup"))

        setup = await shop.read(SetupIntent, session.setup_intent or "")
        assert (session.status, session.payment_status) == ("complete", "no_payment_required")
        assert (setup.status, setup.customer) == ("succeeded", session.customer)

    async def test_a_bank_that_refuses_leaves_it_open(self, shop: Shop) -> None:
        session = await opened(shop, mode="setup")

        with pytest.raises(Declined):
            await pay(shop, session, "pm_card_chargeDeclined")

        assert (await read(shop, session)).status == "open"

    async def test_a_challenge_comes_first_where_the_bank_wants_one(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop, mode="setup"), "pm_card_threeDSecure2Required")
        assert session.status == "open"
        setup = await shop.read(SetupIntent, session.setup_intent or "")

        await shop.merchant.do(CompleteAuthentication(id=setup.next_action.authentication, succeeded=True))

        assert (await read(shop, session)).status == "complete"


class TestChanging:
    async def test_lines_that_are_named_stay_and_others_go(self, shop: Shop) -> None:
        session = await opened(shop, line_items=(line(name="Tea"), line(name="Milk")))
        tea, _ = (await shop.merchant.do(ListLineItems(id=session.id))).items
        new = LinePriceParams(
            currency="usd",
            unit_amount=50,
            product_data=ProductDataParams(name="Sugar"),
        )
        changes = (ChangedLineParams(id=tea.id, quantity=3), ChangedLineParams(price_data=new, quantity=2))

        changed = await shop.merchant.do(UpdateCheckoutSession(id=session.id, line_items=changes))

        lines = (await shop.merchant.do(ListLineItems(id=session.id))).items
        assert changed.amount_total == 6100
        assert sorted((item.description, item.quantity) for item in lines) == [("Sugar", 2), ("Tea", 3)]

    async def test_the_next_confirmation_pays_the_new_amount(self, shop: Shop) -> None:
        session = await opened(shop)
        with pytest.raises(Declined):
            await pay(shop, session, "pm_card_chargeDeclined")
        item = (await shop.merchant.do(ListLineItems(id=session.id))).items[0]
        await shop.merchant.do(
            UpdateCheckoutSession(id=session.id, line_items=(ChangedLineParams(id=item.id, quantity=2),))
        )

        await pay(shop, session)

        assert [intent.amount_received for intent in await payments(shop)] == [4000]

    async def test_what_is_over_cannot_be_changed_but_its_notes(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop))
        noted = await shop.merchant.do(UpdateCheckoutSession(id=session.id, metadata={"packed": "yes"}))
        assert noted.metadata == {"packed": "yes"}

        with pytest.raises(TransitionRefused):
            await shop.merchant.do(UpdateCheckoutSession(id=session.id, shipping_options=""))


class TestExpiring:
    async def test_the_merchant_can_close_it(self, shop: Shop) -> None:
        session = await opened(shop)

        expired = await shop.merchant.do(ExpireCheckoutSession(id=session.id))

        assert expired.status == "expired"
        assert await events(shop, "checkout.session.expired") == 1
        with pytest.raises(TransitionRefused, match="has expired"):
            await pay(shop, session)

    async def test_what_was_paid_cannot_expire(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop))

        with pytest.raises(TransitionRefused, match="has a status of `complete`"):
            await shop.merchant.do(ExpireCheckoutSession(id=session.id))

    async def test_its_open_payment_ends_with_it(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop), "pm_card_threeDSecure2Required")
        intent = await shop.read(PaymentIntent, session.payment_intent or "")

        await shop.merchant.do(ExpireCheckoutSession(id=session.id))

        assert (await shop.read(PaymentIntent, intent.id)).status is PaymentIntentState.CANCELED
        with pytest.raises(TransitionRefused):
            await shop.merchant.do(
                CompleteAuthentication(id=intent.next_action.authentication, succeeded=True)
            )

    async def test_it_expires_by_itself_after_its_time(self, shop: Shop) -> None:
        session = await opened(shop)
        shop.clock.advance(hours=24)

        assert await expire_sessions(shop.ports) == 1

        assert (await read(shop, session)).status == "expired"
        assert await expire_sessions(shop.ports) == 0

    async def test_nobody_pays_after_its_time_even_before_the_worker_came(self, shop: Shop) -> None:
        session = await opened(shop)
        shop.clock.advance(hours=24)

        with pytest.raises(TransitionRefused, match="has expired"):
            await pay(shop, session)

    async def test_paying_and_expiring_at_once_end_in_one_way(self, shop: Shop) -> None:
        for _ in range(10):
            session = await opened(shop)
            refusals: list[str] = []

            async def pay_it(session: CheckoutSession = session, refusals: list[str] = refusals) -> None:
                try:
                    await pay(shop, session)
                except InvalidRequest:
                    refusals.append("pay")

            async def close_it(session: CheckoutSession = session, refusals: list[str] = refusals) -> None:
                try:
                    await shop.merchant.do(ExpireCheckoutSession(id=session.id))
                except InvalidRequest:
                    refusals.append("close")

            async with anyio.create_task_group() as both:
                both.start_soon(pay_it)
                both.start_soon(close_it)

            after = await read(shop, session)
            assert refusals == (["close"] if after.status == "complete" else ["pay"])

    async def test_its_payment_is_not_canceled_behind_its_back(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop), "pm_card_threeDSecure2Required")

        with pytest.raises(InvalidRequest, match="Checkout Session"):
            await shop.merchant.do(CancelPaymentIntent(id=session.payment_intent or ""))


async def test_lines_keep_the_price_they_were_sold_at(shop: Shop) -> None:
    session = await opened(shop)

    (item,) = (await shop.merchant.do(ListLineItems(id=session.id))).items

    kept = await shop.read(LineItem, item.id)
    assert kept.price.unit_amount == 2000
