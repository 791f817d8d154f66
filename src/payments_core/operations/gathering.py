"""Gathering: the first step of settlement. Put what was captured and not yet settled into open batches, chunk by chunk.

Each chunk is one commit: its transactions, the chunk that names them with their authorization codes, and the batch. Reads and
writes are of the day's transactions only, however long the history is.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

import attrs

from payments_core.clock import DAY, Timestamp
from payments_core.errors import Conflict
from payments_core.ledger.balance_transactions import BalanceTransaction, Original
from payments_core.operations.charging import original_of
from payments_core.operations.onboarding import find_account
from payments_core.operations.work import Caller, Work
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund, RefundState
from payments_core.platform.accounts import Account, AccountId
from payments_core.ports import Ports
from payments_core.settlement.batches import (
    CHUNK_SIZE,
    BatchChunk,
    BatchId,
    BatchState,
    SettlementBatch,
    batch_id,
    chunk_id,
)
from payments_core.settlement.clearing import ClearingKind, ClearingRecord
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.settlement")
CONFLICTS_MAX: Final = 20
CHUNKS_AT_ONCE: Final = 4
"""Chunks that share a commit at most. While it is written, nobody else's commit on the same SQLite file is."""
_KINDS: Final[Mapping[str, ClearingKind]] = {
    "charge": ClearingKind.SALE,
    "refund": ClearingKind.CREDIT,
    "refund_failure": ClearingKind.RETURN,
}

Due = tuple[BalanceTransaction, int]
"""What waits to be settled, and its version."""
Progress = Callable[[str, int], None]
"""Told what is going on (`gather`, `present`, `fund`) and how many more records that was."""


_by_id: Final = attrgetter("id")


@attrs.frozen
class _Member:
    transaction: BalanceTransaction
    acquirer: str
    record: ClearingRecord


async def gather(ports: Ports, upto: Timestamp, account_id: AccountId | None, progress: Progress) -> int:
    """Put everything that was captured before *upto* into batches; return how many records that were."""
    total = conflicts = 0
    until = Timestamp(upto - 1)
    at_once = CHUNK_SIZE * CHUNKS_AT_ONCE
    while rows := await ports.store.due_versions(BalanceTransaction, until, at_once, account_id):
        by_account: dict[AccountId, list[Due]] = defaultdict(list)
        for due in rows:
            by_account[due[0].account_id].append(due)
        for owner, waiting in by_account.items():
            try:
                gathered = await _gather_chunks(ports, owner, waiting, day_of(until))
            except Conflict:
                conflicts += 1
                continue
            total += gathered
            progress("gather", gathered)
        if conflicts > CONFLICTS_MAX:
            break  # somebody else gathers too; what is left is due again
    return total


async def _gather_chunks(ports: Ports, account_id: AccountId, waiting: Sequence[Due], day: str) -> int:
    """One commit for one merchant."""
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    for transaction, version in waiting:
        work.saw(transaction, version)
    found = sorted((transaction for transaction, _ in waiting), key=_by_id)
    together: dict[tuple[str, str], list[_Member]] = defaultdict(list)
    for member in await _members(work, found):
        together[member.acquirer, member.transaction.currency].append(member)
    for (acquirer, _), members in together.items():
        batch = await _open_batch(work, day, acquirer, members[0].transaction)
        for start in range(0, len(members), CHUNK_SIZE):
            batch = _take_in(work, batch, members[start : start + CHUNK_SIZE])
    await work.commit()
    return sum(map(len, together.values()))


def _take_in(work: Work, batch: SettlementBatch, members: Sequence[_Member]) -> SettlementBatch:
    """One more chunk of the batch."""
    records = tuple(member.record for member in members)
    chunk = BatchChunk(
        account_id=work.account_id,
        id=chunk_id(batch.id, batch.chunks),
        batch=batch.id,
        number=batch.chunks,
        records=records,
    )
    batch = batch.gather(records)
    work.put(chunk)
    work.put(batch)
    for member in members:
        work.put(member.transaction.gathered(batch.id))
    return batch


async def _open_batch(work: Work, day: str, acquirer: str, like: BalanceTransaction) -> SettlementBatch:
    """The merchant's open batch of that day: the next number, where the last one is closed already."""
    number = 1
    while (batch := await work.find(SettlementBatch, _id(day, acquirer, like, number))) is not None:
        if batch.state is BatchState.OPEN:
            return batch
        number += 1
    return SettlementBatch(
        account_id=work.account_id,
        id=_id(day, acquirer, like, number),
        created=work.now,
        day=day,
        acquirer=acquirer,
        currency=like.currency,
        due_at=work.now,
    )


def _id(day: str, acquirer: str, like: BalanceTransaction, number: int) -> BatchId:
    return batch_id(day, acquirer, like.currency, number)


async def _members(work: Work, transactions: Sequence[BalanceTransaction]) -> list[_Member]:
    asking = [transaction for transaction in transactions if transaction.original is None]
    refunds = await work.find_many(Refund, [t.source or "" for t in asking if t.type != "charge"])
    wanted = {t.source or "" for t in asking if t.type == "charge"}
    charges = await work.find_many(Charge, wanted | {refund.charge for refund in refunds.values()})
    members = []
    for transaction in transactions:
        refund = refunds.get(transaction.source or "")
        original = transaction.original
        if original is None:
            charge = charges.get(refund.charge if refund else transaction.source or "")
            if charge is not None:
                last = not charge.more_to_capture and charge.balance_transaction == transaction.id
                original = original_of(charge, final=last)
        if original is None or transaction.type not in _KINDS:
            LOG.error("no charge for %s, it is looked at again tomorrow", transaction.id)
            work.put(evolve(transaction, due_at=Timestamp(work.now + DAY)))
            continue
        record = _record(work.account, transaction, original, refund)
        members.append(_Member(transaction, original.acquirer, record))
    return members


def _record(
    merchant: Account, transaction: BalanceTransaction, original: Original, refund: Refund | None
) -> ClearingRecord:
    again = f"/{transaction.presentments}" if transaction.presentments else ""
    kind = _KINDS[transaction.type]
    failed = refund is not None and refund.status is RefundState.FAILED
    return ClearingRecord(
        reference=f"{transaction.id}{again}",
        kind=kind,
        account_id=merchant.id,
        merchant=merchant.name,
        original=original.hold_id,
        authorization_code=original.authorization_code,
        network_reference=original.network_reference,
        bin=original.bin,
        last4=original.last4,
        amount=abs(transaction.amount),
        currency=transaction.currency,
        captured=transaction.created,
        final=original.final,
        presented=not failed and kind is not ClearingKind.RETURN,
    )


def day_of(moment: Timestamp) -> str:
    """The business day of a moment, UTC."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"
