"""A promise whose window is over is let go: in the books, at the issuer, and for everybody who waits for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from payments_core.errors import InvalidRequest
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.auditing import verify
from payments_core.operations.charges import capture_held
from payments_core.operations.expiring import expire_holds
from payments_core.operations.payment_intents import CreatePaymentIntent
from payments_core.operations.work import Caller, Work
from payments_core.payments.attempts import Attempt, AttemptKind
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold, HoldState
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.platform.events import Event
from payments_core.ports import Query
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def events(shop: Shop, event_type: str) -> int:
    page = await shop.ports.store.select(Event, shop.id, Query(equal={"type": event_type}))
    return len(page.items)


async def test_after_its_window_a_promise_is_let_go(shop: Shop) -> None:
    charge = await shop.charge(1000, capture=False)
    shop.clock.advance(days=7)

    assert await expire_holds(shop.ports) == 1

    charge = await shop.read(Charge, charge.id)
    hold = await shop.read(Hold, charge.hold_id)
    assert (charge.refunded, charge.amount_refunded, charge.captured) == (True, 1000, False)
    assert (hold.state, hold.due_at) == (HoldState.RELEASED, None)
    assert await shop.books() == {}
    assert await events(shop, "charge.expired") == 1
    with pytest.raises(InvalidRequest, match="expired or was given back"):
        await shop.capture(charge)


async def test_before_that_it_is_kept(shop: Shop) -> None:
    await shop.charge(1000, capture=False)
    shop.clock.advance(days=7, seconds=-1)

    assert await expire_holds(shop.ports) == 0


async def test_expiring_twice_does_nothing_more(shop: Shop) -> None:
    await shop.charge(1000, capture=False)
    shop.clock.advance(days=8)
    await expire_holds(shop.ports)

    assert await expire_holds(shop.ports) == 0
    assert await events(shop, "charge.expired") == 1


async def test_the_issuer_is_told(shop: Shop) -> None:
    charge = await shop.charge(1000, capture=False)
    shop.clock.advance(days=8)
    await expire_holds(shop.ports)

    page = await shop.ports.store.select(Attempt, shop.id, Query(equal={"subject": charge.hold_id}))
    assert [a.amount for a in page.items if a.kind is AttemptKind.REVERSE] == [1000]
    await shop.gateway.worker.run_once()
    page = await shop.ports.store.select(Attempt, shop.id, Query(equal={"subject": charge.hold_id}))
    assert all(attempt.due_at is None for attempt in page.items)


async def test_what_was_taken_before_stays_taken(shop: Shop) -> None:
    charge = await shop.charge(1000, capture=False)
    work = Work(Caller(account=shop.merchant.account), shop.ports)
    await capture_held(work, await work.get(Charge, charge.id), 300, final=False)
    await work.commit()
    assert (await shop.books())["holds_pending"] == 700
    shop.clock.advance(days=8)

    await expire_holds(shop.ports)

    charge = await shop.read(Charge, charge.id)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (300, 700, False)
    assert "holds_pending" not in await shop.books()
    assert (await verify(shop.ports.store)).findings == ()


async def test_an_intent_is_canceled_with_its_charge(shop: Shop) -> None:
    intent = await shop.merchant.do(
        CreatePaymentIntent(
            amount=1000,
            currency=CurrencyCode("usd"),
            payment_method="pm_card_visa",
            capture_method="manual",
            confirm=True,
            payment_method_types=("card",),
        )
    )
    shop.clock.advance(days=8)

    await expire_holds(shop.ports)

    intent = await shop.read(PaymentIntent, intent.id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "automatic")
    assert await events(shop, "payment_intent.canceled") == 1


async def test_a_capture_that_is_faster_wins(shop: Shop) -> None:
    charge = await shop.charge(1000, capture=False)
    await shop.capture(charge)
    shop.clock.advance(days=8)

    assert await expire_holds(shop.ports) == 0
    assert (await shop.read(Charge, charge.id)).captured
