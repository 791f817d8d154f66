"""Settling: close the day's batches, present them, reconcile the answers, and book what is paid. Every step is a commit.

A batch says itself how far it has come, so that whoever goes on after a crash repeats nothing: a chunk that was sent and not
answered is sent again under the same references, which the network answers as it did before, and a chunk is booked in the
commit that counts it. Several processes may settle at once; the slower one loses a version check and looks again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import attrs

from payments_core import clock
from payments_core.clock import DAY, HOUR, Timestamp
from payments_core.errors import Conflict, InvalidRequest, Unavailable
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.operations.balance import merchant_balance
from payments_core.operations.crossing import deliver_owed
from payments_core.operations.gathering import CHUNKS_AT_ONCE, Progress, gather
from payments_core.operations.onboarding import find_account
from payments_core.operations.transferring import release
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import AccountId
from payments_core.ports import Clearing, Ports
from payments_core.settlement.batches import (
    BatchChunk,
    BatchId,
    BatchState,
    ExceptionId,
    SettlementBatch,
    SettlementException,
    chunk_id,
)
from payments_core.settlement.clearing import AnsweredChunk, ClearingRecord, ClearingResult
from payments_core.settlement.reconciliation import Reconciled, reconcile
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.settlement")
SUBMIT_WITHIN_S: Final = 120.0
PATIENCE_S: Final = (60, 300, 900, HOUR)
"""How long a batch waits after each further silence."""
TRIES_MAX: Final = 10
"""After so many answers with gaps, a record that is never answered becomes an exception."""
CONFLICTS_MAX: Final = 20
BATCHES_AT_ONCE: Final = 100
SETTLE_AT: Final = "00:05"


@attrs.frozen(kw_only=True)
class Settled:
    """What one run did."""

    gathered: int = 0
    batches: tuple[tuple[AccountId, BatchId], ...] = ()
    """The batches that it went on with."""


async def settle(
    ports: Ports,
    upto: Timestamp,
    account_id: AccountId | None = None,
    on_progress: Progress | None = None,
) -> Settled:
    """Settle what was captured before *upto*, of one merchant or of all, and go on with every batch that waits."""
    progress = on_progress or _unheard
    gathered = await gather(ports, upto, account_id, progress)
    seen: dict[tuple[AccountId, BatchId], None] = {}
    while True:
        now = clock.now(ports.clock)
        waiting = await ports.store.due(SettlementBatch, now, BATCHES_AT_ONCE, account_id)
        fresh = [batch for batch in waiting if (batch.account_id, batch.id) not in seen]
        if not fresh:
            return Settled(gathered=gathered, batches=tuple(seen))
        for batch in fresh:
            seen[batch.account_id, batch.id] = None
            await advance(ports, batch.account_id, batch.id, progress)


async def settle_days(ports: Ports) -> int:
    """The worker's job: settle all days that are over, from `settle_at` on (UTC, 00:05 by default; `off` for never)."""
    told = ports.settings.get("settle_at", SETTLE_AT)
    if told == "off":
        return 0
    hour, _, minute = told.partition(":")
    now = clock.now(ports.clock)
    midnight = now - now % DAY
    starts = midnight + int(hour) * HOUR + int(minute or 0) * 60
    done = await settle(ports, Timestamp(midnight if now >= starts else midnight - DAY))
    return done.gathered


async def advance(
    ports: Ports, account_id: AccountId, batch: BatchId, on_progress: Progress | None = None
) -> SettlementBatch:
    """Go on with one batch until it is funded, or until it has to wait for somebody."""
    progress = on_progress or _unheard
    account = await find_account(ports, account_id)
    conflicts = 0
    while True:
        work = Work(Caller(account=account), ports)
        now = await work.get(SettlementBatch, batch)
        if now.due_at is None or now.due_at > work.now or conflicts > CONFLICTS_MAX:
            return now
        try:
            await _STEPS[now.state](work, now, progress)
            await work.commit()
            await deliver_owed(work)
        except Conflict:
            conflicts += 1


async def _close(work: Work, batch: SettlementBatch, progress: Progress) -> None:
    work.put(batch.close())


async def _submit(work: Work, batch: SettlementBatch, progress: Progress) -> None:
    files = work.ports.clearing_files
    place = await files.write(batch, chunks_of(work.ports, batch)) if files else None
    work.put(batch.submit(place))


async def _present(work: Work, batch: SettlementBatch, progress: Progress) -> None:
    chunk = await _unanswered(work, batch)
    acquirer: object = work.ports.acquirers.get(batch.acquirer)
    if not isinstance(acquirer, Clearing):
        work.put(batch.unanswered(None))  # settled by files: somebody imports the answers
        return
    results = await _asked(acquirer, batch, chunk.to_present)
    reconciled = None if results is None else reconcile(chunk.records, results)
    if reconciled is not None and reconciled.waiting and batch.tries >= TRIES_MAX:
        reconciled = _given_up(reconciled)
    if results is None or reconciled is None or reconciled.waiting:
        wait = PATIENCE_S[min(batch.tries, len(PATIENCE_S) - 1)]
        LOG.warning("no full answer for %s of %s, asked again in %d s", chunk.id, batch.account_id, wait)
        work.put(batch.unanswered(Timestamp(work.now + wait)))
        return
    _note_answers(work, batch, chunk, results, reconciled)
    progress("present", len(chunk.records))


async def _asked(
    clearing: Clearing, batch: SettlementBatch, records: Sequence[ClearingRecord]
) -> Sequence[ClearingResult] | None:
    if not records:
        return ()
    try:
        async with asyncio.timeout(SUBMIT_WITHIN_S):
            return await clearing.submit(f"{batch.account_id}/{batch.id}", records)
    except (TimeoutError, OSError, Unavailable):
        return None


def _given_up(reconciled: Reconciled) -> Reconciled:
    rejected = {**reconciled.rejected, **dict.fromkeys(sorted(reconciled.waiting), "unanswered")}
    return evolve(reconciled, rejected=rejected, waiting=frozenset())


def _note_answers(
    work: Work,
    batch: SettlementBatch,
    chunk: BatchChunk,
    results: Sequence[ClearingResult],
    reconciled: Reconciled,
) -> None:
    work.put(chunk.heard(results, reconciled))
    batch = batch.answer(chunk, reconciled)
    work.put(batch.verify(work.now) if batch.answered == batch.chunks else batch)


async def _unanswered(work: Work, batch: SettlementBatch) -> BatchChunk:
    """The next chunk to present. Answers come in order, unless files bring them."""
    for number in (batch.answered, *range(batch.chunks)):
        chunk = await work.get(BatchChunk, chunk_id(batch.id, number))
        if not chunk.answered:
            return chunk
    raise AssertionError(f"{batch.id} waits for answers that are all there")


async def _fund(work: Work, batch: SettlementBatch, progress: Progress) -> None:
    if batch.funded == batch.chunks:
        work.put(batch.fund())
        work.announce("balance.available", await merchant_balance(work))
        return
    for number in range(batch.funded, min(batch.chunks, batch.funded + CHUNKS_AT_ONCE)):
        await _fund_chunk(work, batch, await work.get(BatchChunk, chunk_id(batch.id, number)), progress)
        batch = batch.fund_part()
    work.put(batch)


async def _fund_chunk(work: Work, batch: SettlementBatch, chunk: BatchChunk, progress: Progress) -> None:
    rejected = dict(chunk.rejected)
    await work.find_many_to_write(BalanceTransaction, [record.transaction for record in chunk.records])
    paid = released = 0
    for record in chunk.records:
        if record.reference in rejected:
            _except(work, batch, record, rejected[record.reference])
            continue
        paid += record.signed
        # Asked for again, since another one of this commit may have taken it along.
        released += await release(work, await work.get(BalanceTransaction, record.transaction))
    booking = bookkeeping.settled(chunk.id, batch.currency, paid, released)
    if booking is not None:
        work.book(booking)
    progress("fund", len(chunk.records))


def _except(work: Work, batch: SettlementBatch, record: ClearingRecord, reason: str) -> None:
    """What is not paid surfaces: an exception, and its amount in suspense."""
    found = SettlementException(
        account_id=work.account_id,
        id=ExceptionId(work.new_id("sx")),
        created=work.now,
        batch=batch.id,
        transaction=record.transaction,
        kind=record.kind,
        reason=reason,
        amount=record.signed,
        currency=batch.currency,
    )
    work.put(found)
    work.book(bookkeeping.rejected(found.id, batch.currency, found.amount))


Step = Callable[[Work, SettlementBatch, Progress], Awaitable[None]]
_STEPS: Final[Mapping[BatchState, Step]] = {
    BatchState.OPEN: _close,
    BatchState.CLOSED: _submit,
    BatchState.SUBMITTED: _present,
    BatchState.VERIFIED: _fund,
}


async def import_answers(ports: Ports, place: str, on_progress: Progress | None = None) -> Settled:
    """Read an acquirer's answer file, and go on with the batches that it completes. Read twice, it changes nothing."""
    if ports.clearing_files is None:
        raise InvalidRequest("No plugin reads clearing files.")
    seen: dict[tuple[AccountId, BatchId], None] = {}
    async for part in ports.clearing_files.read(place):
        seen[part.account_id, BatchId(part.batch)] = None
        await _take_answers(ports, part, on_progress or _unheard)
    for account_id, batch in seen:
        await advance(ports, account_id, batch, on_progress)
    return Settled(batches=tuple(seen))


async def _take_answers(ports: Ports, part: AnsweredChunk, progress: Progress) -> None:
    account = await find_account(ports, part.account_id)
    for _ in range(CONFLICTS_MAX):
        work = Work(Caller(account=account), ports)
        batch = await work.get(SettlementBatch, part.batch)
        chunk = await work.get(BatchChunk, chunk_id(batch.id, part.number))
        if batch.state is not BatchState.SUBMITTED or chunk.answered:
            return
        results = (*chunk.results, *(result for result in part.results if result not in chunk.results))
        reconciled = reconcile(chunk.records, results)
        if reconciled.waiting:
            work.put(chunk.heard(results, reconciled))
        else:
            _note_answers(work, batch, chunk, results, reconciled)
        try:
            await work.commit()
        except Conflict:
            continue
        progress("present", len(part.results))
        return
    raise Conflict(f"Somebody else is at {part.batch}.")


async def chunks_of(ports: Ports, batch: SettlementBatch) -> AsyncIterator[BatchChunk]:
    """The chunks of a batch, one after another."""
    for number in range(batch.chunks):
        found = await ports.store.find(BatchChunk, batch.account_id, chunk_id(batch.id, number))
        assert found is not None, f"{batch.id} has lost chunk {number}"
        yield found[0]


def day_end(day: str) -> Timestamp:
    """The first second after a day such as `2026-11-02`, UTC."""
    try:
        start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidRequest(f"{day!r} is not a day like 2026-11-02.", param="date") from None
    return Timestamp(int(start.timestamp()) + DAY)


def _unheard(phase: str, count: int) -> None:
    """Nobody wants to know."""
