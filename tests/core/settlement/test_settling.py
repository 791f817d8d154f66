"""A day is settled: gathered, closed, presented, verified, funded; what is not paid surfaces as an exception."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_adapters.sandbox.authorizations import ISSUER
from payments_core.clock import Timestamp
from payments_core.errors import TransitionRefused, Unavailable
from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.operations.auditing import verify
from payments_core.operations.refunding import return_refund
from payments_core.operations.settlement_exceptions import represent, write_off
from payments_core.operations.settling import settle, settle_days
from payments_core.operations.work import Caller, Work
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund
from payments_core.platform.events import Event
from payments_core.ports import Query
from payments_core.settlement.batches import BatchChunk, BatchState, SettlementBatch, SettlementException
from payments_core.settlement.clearing import ClearingRecord, ClearingResult
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def settle_now(shop: Shop) -> list[SettlementBatch]:
    shop.clock.advance(hours=24)
    done = await settle(shop.ports, Timestamp(shop.clock.ms // 1000))
    return [await shop.read(SettlementBatch, batch) for _, batch in done.batches]


async def sound(shop: Shop) -> bool:
    verdict = await verify(shop.ports.store)
    assert verdict.findings == ()
    return verdict.is_sound


async def exceptions(shop: Shop) -> Sequence[SettlementException]:
    page = await shop.ports.store.select(SettlementException, shop.id, Query(limit=100))
    return page.items


async def issuer_books(shop: Shop) -> dict[str, int]:
    standing = await shop.ports.store.balances(ISSUER)
    return {str(balance.account): balance.amount for balance in standing if balance.amount}


async def test_every_ledger_account_after_every_step_of_one_sale(shop: Shop) -> None:
    charge = await shop.charge(1000, capture=False)
    assert await shop.books() == {"holds_pending": 1000, "holds_promised": 1000}

    charge = await shop.capture(charge, 800)
    assert await shop.books() == {"network_receivable": 800, "merchant_pending": 747, "fee_revenue": 53}

    [batch] = await settle_now(shop)
    assert batch.state is BatchState.FUNDED
    assert await shop.books() == {"bank": 800, "merchant_available": 747, "fee_revenue": 53}
    transaction = await shop.read(BalanceTransaction, charge.balance_transaction or "")
    assert (transaction.status, transaction.batch) == (BalanceState.AVAILABLE, batch.id)
    assert transaction.available_on == shop.clock.ms // 1000
    assert await issuer_books(shop) == {"cardholder": 800, "issuer_settlement": -800}, (
        "the cardholder is billed"
    )
    assert await sound(shop)


async def test_refunds_go_the_other_way_in_the_same_batch(shop: Shop) -> None:
    charge = await shop.charge(1000)
    await shop.refund(charge, 300)

    [batch] = await settle_now(shop)

    assert (batch.accepted.count, batch.accepted.amount) == (2, 700)
    assert await shop.books() == {"bank": 700, "merchant_available": 641, "fee_revenue": 59}


async def test_money_that_is_available_at_once_settles_with_the_network_too(shop: Shop) -> None:
    await shop.charge(1000, source="tok_bypassPending")
    assert await shop.books() == {"network_receivable": 1000, "merchant_available": 941, "fee_revenue": 59}

    await settle_now(shop)

    assert await shop.books() == {"bank": 1000, "merchant_available": 941, "fee_revenue": 59}


async def test_a_batch_for_each_currency(shop: Shop) -> None:
    await shop.charge(1000)
    await shop.charge(700, currency="eur")

    batches = await settle_now(shop)

    assert sorted(batch.currency for batch in batches) == ["eur", "usd"]
    assert await shop.books("eur") == {"bank": 700, "merchant_available": 650, "fee_revenue": 50}


async def test_today_is_not_settled_before_it_is_over(shop: Shop) -> None:
    await shop.charge(1000)

    assert await settle_days(shop.ports) == 0

    shop.clock.advance(hours=16)  # one in the morning
    assert await settle_days(shop.ports) == 1
    assert await settle_days(shop.ports) == 0


async def test_what_came_late_goes_into_a_further_batch_of_the_day(shop: Shop) -> None:
    await shop.charge(1000)
    await settle_now(shop)
    await shop.charge(500)
    shop.clock.ms += 1000

    done = await settle(shop.ports, Timestamp(shop.clock.ms // 1000))

    assert [batch[-2:] for _, batch in done.batches] == ["-2"]
    assert await sound(shop)


async def test_settling_again_does_nothing(shop: Shop) -> None:
    await shop.charge(1000)
    await settle_now(shop)
    before = await shop.books()

    again = await settle(shop.ports, Timestamp(shop.clock.ms // 1000))

    assert (again.gathered, again.batches) == (0, ())
    assert await shop.books() == before


async def test_whoever_listens_hears_that_money_is_available(shop: Shop) -> None:
    await shop.charge(1000)

    await settle_now(shop)

    page = await shop.ports.store.select(Event, shop.id, Query(equal={"type": "balance.available"}))
    assert ['"amount":941' in event.data for event in page.items] == [True]


@attrs.define
class BadClearing:
    """The sandbox's acquirer, with answers that a test has spoilt."""

    acquirer: Any
    spoil: Any
    batches: list[list[ClearingRecord]] = attrs.field(factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.acquirer, name)

    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        self.batches.append(list(records))
        results = list(await self.acquirer.submit(batch, records))
        spoilt: Sequence[ClearingResult] = self.spoil(results)
        return spoilt


def spoiling(shop: Shop, spoil: Any) -> BadClearing:
    clearing = BadClearing(shop.ports.acquirers["sandbox"], spoil)
    shop.ports.acquirers["sandbox"] = clearing  # type: ignore[index]
    return clearing


async def test_a_rejected_record_is_an_exception_with_its_own_entry(shop: Shop) -> None:
    spoiling(shop, lambda results: [attrs.evolve(results[0], reason="late_presentment"), *results[1:]])
    await shop.charge(1000)
    await shop.charge(500)

    [batch] = await settle_now(shop)

    [found] = await exceptions(shop)
    assert (batch.accepted.count, batch.rejected.count, batch.differences) == (1, 1, 1)
    assert (found.reason, found.amount, found.status) == ("late_presentment", 1000, "open")
    assert await shop.books() == {
        "bank": 500,
        "suspense": 1000,
        "merchant_pending": 941,
        "merchant_available": 455,
        "fee_revenue": 104,
    }
    assert await sound(shop)


async def test_a_rejected_record_is_presented_anew_under_another_reference(shop: Shop) -> None:
    clearing = spoiling(shop, lambda results: [attrs.evolve(results[0], reason="not_approved")])
    await shop.charge(1000)
    await settle_now(shop)
    clearing.spoil = lambda results: results
    [found] = await exceptions(shop)

    await represent(shop.ports, shop.id, found.id)
    assert (await shop.books())["network_receivable"] == 1000
    clearing.acquirer = Accepting()
    await settle_now(shop)

    assert clearing.batches[-1][0].reference == f"{found.transaction}/1"
    assert await shop.books() == {"bank": 1000, "merchant_available": 941, "fee_revenue": 59}
    with pytest.raises(TransitionRefused):
        await represent(shop.ports, shop.id, found.id)


class Accepting:
    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        return [ClearingResult(reference=record.reference, amount=record.amount) for record in records]


async def test_a_rejected_record_is_written_off_by_the_merchant(shop: Shop) -> None:
    spoiling(shop, lambda results: [attrs.evolve(results[0], reason="not_approved")])
    await shop.charge(1000)
    await settle_now(shop)
    [found] = await exceptions(shop)

    adjustment = await write_off(shop.ports, shop.id, found.id)

    assert (adjustment.type, adjustment.net) == ("adjustment", -1000)
    assert await shop.books() == {"merchant_available": -59, "fee_revenue": 59}
    assert await sound(shop)


async def test_another_amount_than_was_presented_is_not_paid(shop: Shop) -> None:
    spoiling(shop, lambda results: [attrs.evolve(results[0], amount=999)])
    await shop.charge(1000)

    [batch] = await settle_now(shop)

    chunk = await shop.read(BatchChunk, batch.id.replace("batch_", "chunk_") + "-000000")
    assert [str(d).split(": ")[1] for d in chunk.differences] == ["amount mismatch, $9.99 for $10.00"]
    assert [found.reason for found in await exceptions(shop)] == ["amount_mismatch"]


async def test_answers_that_nobody_asked_for_and_answers_twice_change_nothing(shop: Shop) -> None:
    stray = ClearingResult(reference="txn_nobody", amount=7)
    spoiling(shop, lambda results: [*results, *results, stray])
    await shop.charge(1000)

    [batch] = await settle_now(shop)

    assert (batch.accepted.count, batch.differences) == (1, 2)
    assert (await shop.books())["bank"] == 1000


async def test_answers_that_contradict_each_other_are_not_paid(shop: Shop) -> None:
    spoiling(shop, lambda results: [*results, attrs.evolve(results[0], reason="not_approved")])
    await shop.charge(1000)

    await settle_now(shop)

    assert [found.reason for found in await exceptions(shop)] == ["contradicted"]


async def test_silence_is_asked_again_later_under_the_same_references(shop: Shop) -> None:
    def lost(results: list[ClearingResult]) -> list[ClearingResult]:
        raise TimeoutError

    clearing = spoiling(shop, lost)
    await shop.charge(1000)

    [batch] = await settle_now(shop)
    assert (batch.state, batch.tries) == (BatchState.SUBMITTED, 1)
    assert batch.due_at is not None

    clearing.spoil = lambda results: results
    shop.clock.advance(minutes=2)
    done = await settle(shop.ports, Timestamp(0))

    assert len(done.batches) == 1
    assert (await shop.books())["bank"] == 1000


async def test_a_network_that_is_down_is_silence(shop: Shop) -> None:
    def down(results: list[ClearingResult]) -> list[ClearingResult]:
        raise Unavailable("down")

    spoiling(shop, down)
    await shop.charge(1000)

    [batch] = await settle_now(shop)

    assert batch.state is BatchState.SUBMITTED
    assert (await shop.books())["network_receivable"] == 1000


async def test_a_record_that_is_never_answered_is_an_exception_in_the_end(shop: Shop) -> None:
    spoiling(shop, lambda results: results[:1])
    await shop.charge(1000)
    await shop.charge(500)
    await settle_now(shop)
    for _ in range(10):
        shop.clock.advance(hours=1)
        await settle(shop.ports, Timestamp(0))

    assert [(found.reason, found.amount) for found in await exceptions(shop)] == [("unanswered", 500)]
    assert (await shop.books())["bank"] == 1000


async def test_a_refund_that_came_back_settles_with_its_return(shop: Shop) -> None:
    charge = await shop.charge(1000)
    refund = await shop.refund(charge)
    work = Work(Caller(account=shop.merchant.account), shop.ports)
    await return_refund(work, await work.get(Charge, charge.id), await work.get(Refund, refund.id), "lost")
    await work.commit()

    [batch] = await settle_now(shop)

    assert batch.accepted.count == 3

    assert await shop.books() == {"bank": 1000, "merchant_available": 941, "fee_revenue": 59}
    assert await sound(shop)


async def test_many_transactions_are_settled_in_chunks(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments_core.operations.gathering.CHUNK_SIZE", 4)
    for _ in range(10):
        await shop.charge(100)
    told: list[tuple[str, int]] = []
    shop.clock.advance(days=1)

    done = await settle(shop.ports, Timestamp(shop.clock.ms // 1000), None, lambda *told_: told.append(told_))

    [(_, batch)] = done.batches
    assert (await shop.read(SettlementBatch, batch)).chunks == 3
    assert told == [("gather", 10), *((phase, n) for phase in ("present", "fund") for n in (4, 4, 2))]
    assert await sound(shop)
