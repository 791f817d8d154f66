"""A process that ends while a subscription's card is charged: it is charged once, and the subscription follows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from payments_core.billing.invoices import Invoice
from payments_core.billing.subscriptions import Subscription
from payments_core.clock import DAY, Timestamp
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.subscription_params import SubscriptionItemParams
from payments_core.operations.subscriptions import CreateSubscription
from payments_core.operations.test_clocks import AdvanceTestClock, CreateTestClock, advance_clocks
from payments_core.payments.charges import Charge
from payments_core.worker import Worker
from tests.core.billing.test_invoice_crashes import ProcessEnded, all_of, doomed
from tests.core.billing.test_subscriptions import price, subscribe
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

PAST, FUTURE = Timestamp(1_577_836_800), Timestamp(1_924_992_000)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


@pytest.mark.parametrize("frozen", [PAST, FUTURE])
@pytest.mark.parametrize(("arrives", "status"), [(True, "active"), (False, "incomplete")])
async def test_the_first_charge_is_found_by_recovery(
    shop: Shop, frozen: Timestamp, arrives: bool, status: str
) -> None:
    clock = await shop.merchant.do(CreateTestClock(frozen_time=frozen))
    payer = await shop.merchant.do(CreateCustomer(source="tok_visa", test_clock=clock.id))
    items = (SubscriptionItemParams(price=(await price(shop)).id),)
    with pytest.raises(ProcessEnded):
        await doomed(shop, arrives=arrives).do(CreateSubscription(customer=payer.id, items=items))
    # One that never arrived is given up only when nobody can be waiting any more.
    shop.clock.advance(hours=2)
    await Worker(shop.ports).run_once()

    (subscription,) = await all_of(shop, Subscription)
    assert subscription.status == status
    assert [charge.captured for charge in await all_of(shop, Charge)] == [arrives]
    if arrives:
        (invoice,) = await all_of(shop, Invoice)
        assert (invoice.status, invoice.times.paid_at) == ("paid", frozen)


async def test_a_clock_whose_worker_ended_goes_on_with_another(shop: Shop) -> None:
    clock = await shop.merchant.do(CreateTestClock(frozen_time=FUTURE))
    payer = await shop.merchant.do(CreateCustomer(source="tok_visa", test_clock=clock.id))
    await subscribe(shop, payer, await price(shop))
    target = Timestamp(FUTURE + 70 * DAY)
    await shop.merchant.do(AdvanceTestClock(id=clock.id, frozen_time=target))
    with pytest.raises(ProcessEnded):
        await advance_clocks(doomed(shop).performer.ports)
    shop.clock.advance(minutes=5)
    await Worker(shop.ports).run_once()

    assert (await shop.read(type(clock), clock.id)).frozen_time == target
    assert [invoice.status for invoice in await all_of(shop, Invoice)] == ["paid"] * 3
    assert [charge.amount for charge in await all_of(shop, Charge)] == [2000] * 3
