"""The stories of subscriptions, from the library: begun, renewed, changed, behind, ended; on a clock that tests turn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest

from payments_core.billing.coupons import Duration
from payments_core.billing.customers import Customer
from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoices import Collection, Invoice
from payments_core.billing.prices import Price
from payments_core.billing.subscriptions import Subscription
from payments_core.billing.test_clocks import TestClock
from payments_core.clock import DAY, HOUR, Timestamp
from payments_core.errors import Declined, InvalidRequest, NotFound, ParamInvalid, TransitionRefused
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.auditing import verify
from payments_core.operations.billing_params import DiscountParams, ProductDataParams
from payments_core.operations.coupons import CreateCoupon
from payments_core.operations.customers import CreateCustomer, DeleteCustomer, UpdateCustomer
from payments_core.operations.invoice_collecting import PayInvoice
from payments_core.operations.invoice_previews import CreatePreview
from payments_core.operations.invoices import CreateInvoice
from payments_core.operations.onboarding import find_account
from payments_core.operations.prices import CreatePrice
from payments_core.operations.pricing import RecurringParams
from payments_core.operations.subscription_items import (
    CreateSubscriptionItem,
    DeleteSubscriptionItem,
    ListSubscriptionItems,
    RetrieveSubscriptionItem,
    UpdateSubscriptionItem,
)
from payments_core.operations.subscription_params import (
    EndBehaviorParams,
    SubscriptionItemParams,
    SubscriptionPaymentParams,
    TrialSettingsParams,
)
from payments_core.operations.subscription_previews import SubscriptionDetailsParams
from payments_core.operations.subscriptions import (
    CancelSubscription,
    CreateSubscription,
    ListSubscriptions,
    PauseParams,
    ResumeSubscription,
    UpdateSubscription,
)
from payments_core.operations.test_clocks import AdvanceTestClock, CreateTestClock, DeleteTestClock
from payments_core.operations.work import Caller, Work
from payments_core.payments.charges import Charge
from payments_core.platform.events import Event
from payments_core.ports import Query
from payments_core.values import evolve
from payments_core.worker import Worker
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

USD = CurrencyCode("usd")


def at(text: str) -> Timestamp:
    return Timestamp(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()))


JANUARY = at("2031-01-31T12:00:00")


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def price(shop: Shop, amount: int = 2000, interval: Any = "month", name: str = "Plan") -> Price:
    recurring = RecurringParams(interval=interval)
    product = ProductDataParams(name=name)
    command = CreatePrice(currency=USD, unit_amount=amount, recurring=recurring, product_data=product)
    return await shop.merchant.do(command)


async def on_clock(shop: Shop, source: str | None = "tok_visa", **more: Any) -> tuple[TestClock, Customer]:
    clock = await shop.merchant.do(CreateTestClock(frozen_time=JANUARY))
    command = CreateCustomer(email="payer@example.com", source=source, test_clock=clock.id, **more)
    return clock, await shop.merchant.do(command)


async def subscribe(shop: Shop, payer: Customer, *prices: Price, **more: Any) -> Subscription:
    items = tuple(SubscriptionItemParams(price=one.id) for one in prices)
    return await shop.merchant.do(CreateSubscription(customer=payer.id, items=items, **more))


async def advance(shop: Shop, clock: TestClock, to: Timestamp) -> None:
    await shop.merchant.do(AdvanceTestClock(id=clock.id, frozen_time=to))
    await Worker(shop.ports).run_once()
    assert (await shop.read(TestClock, clock.id)).status == "ready"


async def all_of(shop: Shop, kind: Any, **equal: Any) -> list[Any]:
    page = await shop.ports.store.select(kind, shop.id, Query(equal=equal, limit=100))
    return list(reversed(page.items))


async def latest(shop: Shop, subscription: Subscription) -> Invoice:
    assert subscription.latest_invoice is not None
    found: Invoice = await shop.read(Invoice, subscription.latest_invoice)
    return found


async def told(shop: Shop, prefix: str = "customer.subscription") -> list[str]:
    return [event.type for event in await all_of(shop, Event) if event.type.startswith(prefix)]


async def set_after_retries(shop: Shop, wish: str) -> None:
    account = await find_account(shop.ports, shop.id)
    work = Work(Caller(account=account), shop.ports)
    account = await work.get(type(account), shop.id)
    work.put(evolve(account, settings={**account.settings, "billing.after_retries": wish}))
    await work.commit()


async def decline_from_now_on(shop: Shop, payer: Customer) -> None:
    await shop.merchant.do(UpdateCustomer(id=payer.id, source="tok_chargeCustomerFail"))


async def test_the_first_bill_is_paid_at_once(shop: Shop) -> None:
    _, payer = await on_clock(shop)

    subscription = await subscribe(shop, payer, await price(shop))

    invoice = await latest(shop, subscription)
    assert subscription.status == "active"
    assert (invoice.status, invoice.amount_paid, invoice.billing_reason) == (
        "paid",
        2000,
        "subscription_create",
    )
    assert subscription.period.end == at("2031-02-28T12:00:00")
    assert [charge.created for charge in await all_of(shop, Charge)] == [JANUARY]
    assert await told(shop) == ["customer.subscription.created", "customer.subscription.updated"]


async def test_each_period_is_billed_once_and_a_short_month_moves_no_day(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))

    await advance(shop, clock, at("2031-05-01T00:00:00"))

    found = await all_of(shop, Invoice, subscription=subscription.id)
    days = [datetime.fromtimestamp(i.lines[0].item.period.start, UTC).strftime("%m-%d") for i in found]
    assert days == ["01-31", "02-28", "03-31", "04-30"]
    assert [invoice.status for invoice in found] == ["paid"] * 4
    assert [i.times.paid_at - i.lines[0].item.period.start for i in found[1:]] == [HOUR] * 3
    assert not (await verify(shop.ports.store)).findings


@pytest.mark.parametrize("database", [None, "sqlite"])
async def test_several_workers_bill_a_period_once(tmp_path: Path, database: str | None) -> None:
    options: Any = {"database": f"sqlite:///{tmp_path}/shop.db"} if database else {}
    async with a_shop(tmp_path, **options) as shop:
        await _bill_with_several_workers(shop)


async def _bill_with_several_workers(shop: Shop) -> None:
    payer = await shop.merchant.do(CreateCustomer(source="tok_visa"))
    subscription = await subscribe(shop, payer, await price(shop, interval="day"))
    shop.clock.advance(3 * DAY + 2 * HOUR)

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(Worker(shop.ports).run_once)

    shop.clock.advance(2 * HOUR)
    await Worker(shop.ports).run_once()
    found = await all_of(shop, Invoice, subscription=subscription.id)
    assert len(found) == 4
    assert len({invoice.lines[0].item.period.start for invoice in found}) == 4
    assert len(await all_of(shop, Charge)) == 4


async def test_a_refused_card_leaves_it_incomplete_until_it_expires(shop: Shop) -> None:
    clock, payer = await on_clock(shop, source="tok_chargeCustomerFail")
    subscription = await subscribe(shop, payer, await price(shop))

    assert subscription.status == "incomplete"
    await advance(shop, clock, Timestamp(JANUARY + 24 * HOUR))
    ended = await shop.read(Subscription, subscription.id)
    invoice = await latest(shop, subscription)
    assert (ended.status, invoice.status) == ("incomplete_expired", "void")


async def test_an_incomplete_one_is_active_when_its_bill_is_paid(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop), payment_behavior="default_incomplete")
    assert subscription.status == "incomplete"

    assert subscription.latest_invoice is not None
    invoice = await shop.merchant.do(PayInvoice(id=subscription.latest_invoice))

    assert invoice.confirmation_secret
    assert (await shop.read(Subscription, subscription.id)).status == "active"


async def test_who_wants_an_error_gets_one_and_no_subscription(shop: Shop) -> None:
    _, payer = await on_clock(shop, source="tok_chargeCustomerFail")

    with pytest.raises(Declined):
        await subscribe(shop, payer, await price(shop), payment_behavior="error_if_incomplete")

    (subscription,) = await all_of(shop, Subscription)
    assert subscription.status == "incomplete_expired"


async def test_nobody_to_charge_is_a_refusal(shop: Shop) -> None:
    _, payer = await on_clock(shop, source=None)

    with pytest.raises(Exception, match="no attached payment source"):
        await subscribe(shop, payer, await price(shop))
    assert await all_of(shop, Subscription) == []


@pytest.mark.parametrize(
    ("wish", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
)
async def test_after_the_last_attempt_the_account_decides(shop: Shop, wish: str, status: str) -> None:
    clock, payer = await on_clock(shop)
    await set_after_retries(shop, wish)
    merchant = await shop.gateway.merchant(shop.id)
    shop = Shop(shop.gateway, merchant, shop.clock)
    subscription = await subscribe(shop, payer, await price(shop))
    await decline_from_now_on(shop, payer)

    await advance(shop, clock, at("2031-03-01T00:00:00"))
    behind = await shop.read(Subscription, subscription.id)
    await advance(shop, clock, at("2031-03-20T00:00:00"))

    invoice = await latest(shop, behind)
    assert behind.status == "past_due"
    assert (await shop.read(Subscription, subscription.id)).status == status
    assert (invoice.status, invoice.attempt_count) == ("open", 4)


async def test_a_payment_brings_it_back(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))
    await decline_from_now_on(shop, payer)
    await advance(shop, clock, at("2031-03-01T00:00:00"))

    await shop.merchant.do(UpdateCustomer(id=payer.id, source="tok_visa"))
    await advance(shop, clock, at("2031-03-05T00:00:00"))

    assert (await shop.read(Subscription, subscription.id)).status == "active"


async def test_a_trial_costs_nothing_and_is_announced(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop), trial_period_days=14)
    assert (subscription.status, len(await all_of(shop, Charge))) == ("trialing", 0)

    await advance(shop, clock, Timestamp(JANUARY + 15 * DAY))

    found = await shop.read(Subscription, subscription.id)
    assert (found.status, found.billing_cycle_anchor) == ("active", JANUARY + 14 * DAY)
    assert "customer.subscription.trial_will_end" in await told(shop)
    assert [charge.amount for charge in await all_of(shop, Charge)] == [2000]


@pytest.mark.parametrize(("behavior", "status"), [("pause", "paused"), ("cancel", "canceled")])
async def test_a_trial_that_nobody_pays_after(shop: Shop, behavior: Any, status: str) -> None:
    clock, payer = await on_clock(shop, source=None)
    settings = TrialSettingsParams(end_behavior=EndBehaviorParams(missing_payment_method=behavior))
    subscription = await subscribe(
        shop, payer, await price(shop), trial_period_days=14, trial_settings=settings
    )

    await advance(shop, clock, Timestamp(JANUARY + 15 * DAY))

    assert (await shop.read(Subscription, subscription.id)).status == status


async def test_a_paused_one_is_resumed_by_paying(shop: Shop) -> None:
    clock, payer = await on_clock(shop, source=None)
    settings = TrialSettingsParams(end_behavior=EndBehaviorParams(missing_payment_method="pause"))
    subscription = await subscribe(
        shop, payer, await price(shop), trial_period_days=14, trial_settings=settings
    )
    await advance(shop, clock, Timestamp(JANUARY + 20 * DAY))
    await shop.merchant.do(UpdateCustomer(id=payer.id, source="tok_visa"))

    resumed = await shop.merchant.do(ResumeSubscription(id=subscription.id))

    assert (resumed.status, resumed.period.start) == ("active", JANUARY + 20 * DAY)
    assert "customer.subscription.resumed" in await told(shop)
    with pytest.raises(TransitionRefused):
        await shop.merchant.do(ResumeSubscription(id=subscription.id))


async def test_an_upgrade_waits_for_the_next_bill(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    small, large = await price(shop, 2000, name="Small"), await price(shop, 5000, name="Large")
    subscription = await subscribe(shop, payer, small)
    half = Timestamp((subscription.period.start + subscription.period.end) // 2)
    await advance(shop, clock, half)

    item = SubscriptionItemParams(id=subscription.items[0].id, price=large.id)
    await shop.merchant.do(UpdateSubscription(id=subscription.id, items=(item,)))

    waiting = await all_of(shop, InvoiceItem)
    assert [one.item.amount for one in waiting] == [-1000, 2500]
    await advance(shop, clock, at("2031-03-01T12:00:00"))
    (_, second) = await all_of(shop, Invoice)
    assert (second.total, second.status) == (5000 + 1500, "paid")


async def test_up_and_down_in_the_same_instant_nets_zero(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    small, large = await price(shop, 1999, name="Small"), await price(shop, 4999, name="Large")
    subscription = await subscribe(shop, payer, small)
    await advance(shop, clock, Timestamp(JANUARY + 100_003))
    item_id = subscription.items[0].id

    for one in (large, small):
        item = SubscriptionItemParams(id=item_id, price=one.id)
        await shop.merchant.do(UpdateSubscription(id=subscription.id, items=(item,)))

    assert sum(one.item.amount for one in await all_of(shop, InvoiceItem)) == 0


async def test_what_a_coupon_took_off_is_not_given_back(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    await shop.merchant.do(CreateCoupon(id="HALF", percent_off=Decimal(50), duration=Duration.ONCE))
    subscription = await subscribe(
        shop, payer, await price(shop, 2000), discounts=(DiscountParams(coupon="HALF"),)
    )

    await shop.merchant.do(CancelSubscription(id=subscription.id, prorate=True))

    assert (await latest(shop, subscription)).amount_paid == 1000
    assert [one.item.amount for one in await all_of(shop, InvoiceItem)] == [-1000]


async def test_an_upgrade_can_be_paid_at_once(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    small, large = await price(shop, 2000, name="Small"), await price(shop, 5000, name="Large")
    subscription = await subscribe(shop, payer, small)
    await advance(shop, clock, Timestamp((subscription.period.start + subscription.period.end) // 2))

    item = SubscriptionItemParams(id=subscription.items[0].id, price=large.id)
    command = UpdateSubscription(id=subscription.id, items=(item,), proration_behavior="always_invoice")
    changed = await shop.merchant.do(command)

    invoice = await latest(shop, changed)
    assert (invoice.amount_paid, invoice.billing_reason) == (1500, "subscription_update")


async def test_a_longer_interval_begins_now(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    monthly, yearly = await price(shop, 2000), await price(shop, 20000, "year", name="Year")
    subscription = await subscribe(shop, payer, monthly)
    half = Timestamp((subscription.period.start + subscription.period.end) // 2)
    await advance(shop, clock, half)

    item = SubscriptionItemParams(id=subscription.items[0].id, price=yearly.id)
    changed = await shop.merchant.do(UpdateSubscription(id=subscription.id, items=(item,)))

    invoice = await latest(shop, changed)
    assert (changed.billing_cycle_anchor, invoice.amount_paid) == (half, 19000)


async def test_a_stub_costs_its_part(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    anchor = Timestamp(JANUARY + 14 * DAY)

    subscription = await subscribe(shop, payer, await price(shop, 3100), billing_cycle_anchor=anchor)

    invoice = await latest(shop, subscription)
    assert (subscription.period.end, invoice.total) == (anchor, 1400)


async def test_it_ends_with_its_period(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))
    await shop.merchant.do(UpdateSubscription(id=subscription.id, cancel_at_period_end=True))

    await advance(shop, clock, at("2031-04-01T00:00:00"))

    ended = await shop.read(Subscription, subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", subscription.period.end)
    assert len(await all_of(shop, Invoice)) == 1
    with pytest.raises(InvalidRequest):
        await shop.merchant.do(CancelSubscription(id=subscription.id))


async def test_the_rest_is_given_back_at_once(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))
    await advance(shop, clock, Timestamp((subscription.period.start + subscription.period.end) // 2))

    command = CancelSubscription(id=subscription.id, invoice_now=True, prorate=True)
    ended = await shop.merchant.do(command)

    assert ended.status == "canceled"
    assert (await shop.read(Customer, payer.id)).balance == -1000


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible"), ("void", "void")],
)
async def test_while_collection_is_paused(shop: Shop, behavior: Any, status: str) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))
    pause = PauseParams(behavior=behavior, resumes_at=at("2031-03-10T00:00:00"))
    await shop.merchant.do(UpdateSubscription(id=subscription.id, pause_collection=pause))

    await advance(shop, clock, at("2031-04-02T00:00:00"))

    found = await all_of(shop, Invoice)
    assert [invoice.status for invoice in found] == ["paid", status, "paid"]


async def test_bills_that_are_sent(shop: Shop) -> None:
    clock, payer = await on_clock(shop, source=None)
    subscription = await subscribe(
        shop, payer, await price(shop), collection_method=Collection.SEND_INVOICE, days_until_due=5
    )
    assert subscription.status == "active"

    await advance(shop, clock, Timestamp(JANUARY + 6 * DAY))

    assert (await latest(shop, subscription)).overdue
    assert (await shop.read(Subscription, subscription.id)).status == "past_due"


async def test_items_come_and_go(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))
    seats = await price(shop, 700, name="Seats")

    added = await shop.merchant.do(
        CreateSubscriptionItem(subscription=subscription.id, price=seats.id, quantity=3)
    )
    changed = await shop.merchant.do(UpdateSubscriptionItem(id=added.id, quantity=5))
    listed = await shop.merchant.do(ListSubscriptionItems(subscription=subscription.id))
    await shop.merchant.do(DeleteSubscriptionItem(id=added.id))

    assert [item.quantity for item in listed.items] == [1, 5]
    assert changed.id == added.id
    # 3 seats, then 5 instead of 3, then none: all in the same second.
    assert [one.item.amount for one in await all_of(shop, InvoiceItem)] == [2100, -2100, 3500, -3500]
    with pytest.raises(NotFound):
        await shop.merchant.do(RetrieveSubscriptionItem(id=added.id))


async def test_what_cannot_be_billed_is_refused(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    monthly, yearly = await price(shop), await price(shop, interval="year")

    with pytest.raises(InvalidRequest):
        await subscribe(shop, payer, monthly, yearly)
    with pytest.raises(InvalidRequest):
        await subscribe(shop, payer, monthly, monthly)
    with pytest.raises(ParamInvalid):
        await subscribe(shop, payer, monthly, payment_behavior="pending_if_incomplete")
    with pytest.raises(ParamInvalid):
        await subscribe(shop, payer, monthly, billing_thresholds={"amount_gte": 1})


async def test_lists_leave_out_what_has_ended(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    ended = await subscribe(shop, payer, await price(shop))
    await shop.merchant.do(CancelSubscription(id=ended.id))
    live = await subscribe(shop, payer, await price(shop))

    alive = await shop.merchant.do(ListSubscriptions(customer=payer.id))
    everything = await shop.merchant.do(ListSubscriptions(status="all"))

    assert [one.id for one in alive.items] == [live.id]
    assert len(everything.items) == 2


async def test_a_clock_moves_forward_only_and_takes_its_customers_with_it(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))

    with pytest.raises(InvalidRequest):
        await shop.merchant.do(AdvanceTestClock(id=clock.id, frozen_time=JANUARY))
    await shop.merchant.do(DeleteTestClock(id=clock.id))

    assert (await shop.read(Subscription, subscription.id)).status == "canceled"
    assert (await shop.read(Customer, payer.id)).deleted


async def test_the_next_bill_and_what_a_change_would_cost_are_shown_before(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    small, large = await price(shop, 2000, name="Small"), await price(shop, 5000, name="Large")
    subscription = await subscribe(shop, payer, small)
    await advance(shop, clock, Timestamp((subscription.period.start + subscription.period.end) // 2))
    item = SubscriptionItemParams(id=subscription.items[0].id, price=large.id)

    following = await shop.merchant.do(CreatePreview(subscription=subscription.id))
    details = SubscriptionDetailsParams(items=(item,))
    changed = await shop.merchant.do(
        CreatePreview(subscription=subscription.id, subscription_details=details)
    )

    assert following.total == 2000
    assert [line.item.amount for line in changed.lines] == [-1000, 2500, 5000]
    assert await all_of(shop, InvoiceItem) == []
    assert (await shop.read(Subscription, subscription.id)).items[0].price.id == small.id


async def test_what_waits_can_be_billed_before_the_period_ends(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))
    seats = await price(shop, 700, name="Seats")
    await shop.merchant.do(CreateSubscriptionItem(subscription=subscription.id, price=seats.id))

    command = CreateInvoice(
        customer=payer.id, subscription=subscription.id, pending_invoice_items_behavior="include"
    )
    invoice = await shop.merchant.do(command)

    assert (invoice.subscription, invoice.total) == (subscription.id, 700)


async def test_a_draft_is_not_collected_after_the_end(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))
    await advance(shop, clock, Timestamp(subscription.period.end + 60))
    await shop.merchant.do(CancelSubscription(id=subscription.id))

    await advance(shop, clock, Timestamp(subscription.period.end + 5 * DAY))

    assert [invoice.status for invoice in await all_of(shop, Invoice)] == ["paid", "draft"]


async def test_the_card_that_paid_is_kept_where_that_is_wanted(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    settings = SubscriptionPaymentParams(save_default_payment_method="on_subscription")

    subscription = await subscribe(shop, payer, await price(shop), payment_settings=settings)

    assert subscription.default_payment_method == payer.default_source


async def test_a_deleted_customer_pays_for_nothing_any_more(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop))

    await shop.merchant.do(DeleteCustomer(id=payer.id))

    assert (await shop.read(Subscription, subscription.id)).status == "canceled"


async def test_what_ends_later_can_be_kept(shop: Shop) -> None:
    _, payer = await on_clock(shop)
    subscription = await subscribe(shop, payer, await price(shop), cancel_at_period_end=True)
    assert (subscription.cancel_at, subscription.canceled_at) == (subscription.period.end, JANUARY)

    kept = await shop.merchant.do(UpdateSubscription(id=subscription.id, cancel_at_period_end=False))

    assert (kept.cancel_at, kept.canceled_at) == (None, None)


async def test_a_refused_upgrade_is_tried_again(shop: Shop) -> None:
    clock, payer = await on_clock(shop)
    small, large = await price(shop, 2000, name="Small"), await price(shop, 5000, name="Large")
    subscription = await subscribe(shop, payer, small)
    await decline_from_now_on(shop, payer)
    item = SubscriptionItemParams(id=subscription.items[0].id, price=large.id)
    command = UpdateSubscription(id=subscription.id, items=(item,), proration_behavior="always_invoice")
    changed = await shop.merchant.do(command)
    assert changed.status == "past_due"

    await shop.merchant.do(UpdateCustomer(id=payer.id, source="tok_visa"))
    await advance(shop, clock, Timestamp(JANUARY + 4 * DAY))

    assert (await latest(shop, changed)).amount_paid == 3000
    assert (await shop.read(Subscription, subscription.id)).status == "active"
