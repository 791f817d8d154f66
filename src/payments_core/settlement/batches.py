"""Settlement batches: one day's captured transactions of one merchant, acquirer and currency, on their way to be paid.

A batch is gathered in chunks. Each chunk names its members with all that is presented of them, and keeps what was answered, so
that the batch is its own checkpoint: whoever goes on after a crash sees which chunk is next. Nothing here moves money.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.settlement.clearing import ClearingKind, ClearingRecord, ClearingResult
from payments_core.settlement.reconciliation import Difference, Reconciled
from payments_core.values import evolve

BatchId = NewType("BatchId", str)
ChunkId = NewType("ChunkId", str)
ExceptionId = NewType("ExceptionId", str)

CHUNK_SIZE: Final = 500
"""Members of a chunk: one message, one commit, one entry of the books."""


class BatchState(StrEnum):
    """Where the batch stands."""

    OPEN = "open"
    CLOSED = "closed"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    FUNDED = "funded"


class BatchEvent(StrEnum):
    """What can happen to a batch."""

    GATHER = "gather"
    CLOSE = "close"
    SUBMIT = "submit"
    ANSWER = "answer"
    VERIFY = "verify"
    FUND_PART = "fund_part"
    FUND = "fund"


BATCH: Final = Machine(
    name="settlement batch",
    initial=BatchState.OPEN,
    table={
        BatchState.OPEN: {BatchEvent.GATHER: BatchState.OPEN, BatchEvent.CLOSE: BatchState.CLOSED},
        BatchState.CLOSED: {BatchEvent.SUBMIT: BatchState.SUBMITTED},
        BatchState.SUBMITTED: {
            BatchEvent.ANSWER: BatchState.SUBMITTED,
            BatchEvent.VERIFY: BatchState.VERIFIED,
        },
        BatchState.VERIFIED: {
            BatchEvent.FUND_PART: BatchState.VERIFIED,
            BatchEvent.FUND: BatchState.FUNDED,
        },
        BatchState.FUNDED: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class Total:
    """How many records, and what they come to: what the network owes, below zero if the merchant owes."""

    count: int = 0
    amount: int = 0

    def plus(self, records: Sequence[ClearingRecord]) -> Self:
        """The total with more records in it."""
        return evolve(
            self,
            count=self.count + len(records),
            amount=self.amount + sum(record.signed for record in records),
        )


@attrs.frozen(kw_only=True, slots=False)
class SettlementBatch:
    """One batch, and how far it has come. Amounts are minor units of `currency`."""

    account_id: AccountId
    id: BatchId
    created: Timestamp
    day: str
    """The business day, such as `2026-11-02`, UTC: all that was captured before its end."""
    acquirer: str
    currency: CurrencyCode
    state: BatchState = BATCH.initial
    chunks: int = 0
    answered: int = 0
    """Chunks that are answered."""
    funded: int = 0
    """Chunks that are in the books, the first ones."""
    gathered: Total = Total()
    accepted: Total = Total()
    rejected: Total = Total()
    differences: int = 0
    tries: int = 0
    """How often in a row the network was silent."""
    file: str | None = None
    """Where the clearing file is."""
    due_at: Timestamp | None = None
    """When somebody goes on with it; None while an answer file is awaited, and at the end."""

    def gather(self, records: Sequence[ClearingRecord]) -> Self:
        """Take one more chunk in."""
        return self._after(BatchEvent.GATHER, chunks=self.chunks + 1, gathered=self.gathered.plus(records))

    def close(self) -> Self:
        """Nothing more comes in."""
        return self._after(BatchEvent.CLOSE)

    def submit(self, file: str | None) -> Self:
        """Presentment begins."""
        return self._after(BatchEvent.SUBMIT, file=file)

    def answer(self, chunk: "BatchChunk", reconciled: Reconciled) -> Self:
        """One more chunk was answered in full."""
        accepted = [record for record in chunk.records if record.reference in reconciled.accepted]
        rejected = [record for record in chunk.records if record.reference in reconciled.rejected]
        return self._after(
            BatchEvent.ANSWER,
            answered=self.answered + 1,
            accepted=self.accepted.plus(accepted),
            rejected=self.rejected.plus(rejected),
            differences=self.differences + len(reconciled.differences),
            tries=0,
        )

    def verify(self, now: Timestamp) -> Self:
        """Every record was answered."""
        return self._after(BatchEvent.VERIFY, due_at=now)

    def fund_part(self) -> Self:
        """One more chunk is in the books."""
        return self._after(BatchEvent.FUND_PART, funded=self.funded + 1)

    def fund(self) -> Self:
        """All is in the books."""
        return self._after(BatchEvent.FUND, due_at=None)

    def unanswered(self, look_again: Timestamp | None) -> Self:
        """The network is silent: somebody goes on at *look_again*."""
        return evolve(self, tries=self.tries + 1, due_at=look_again)

    def _after(self, event: BatchEvent, **changes: Any) -> Self:
        return evolve(self, state=BATCH.after(self.state, event), **changes)


@attrs.frozen(kw_only=True, slots=False)
class BatchChunk:
    """Some members of a batch: what is presented of them, and what was answered."""

    account_id: AccountId
    id: ChunkId
    batch: BatchId
    number: int
    records: tuple[ClearingRecord, ...]
    results: tuple[ClearingResult, ...] = ()
    answered: bool = False
    rejected: tuple[tuple[str, str], ...] = ()
    """Reference and reason of what is not paid."""
    differences: tuple[Difference, ...] = ()

    @property
    def to_present(self) -> tuple[ClearingRecord, ...]:
        """The records that the network is asked about."""
        return tuple(record for record in self.records if record.presented)

    def heard(self, results: Sequence[ClearingResult], reconciled: Reconciled) -> Self:
        """Keep the answers."""
        return evolve(
            self,
            results=tuple(results),
            answered=not reconciled.waiting,
            rejected=tuple(reconciled.rejected.items()),
            differences=reconciled.differences,
        )


class ExceptionState(StrEnum):
    """What became of a rejected record."""

    OPEN = "open"
    REPRESENTED = "represented"
    WRITTEN_OFF = "written_off"


class ExceptionEvent(StrEnum):
    """What can be done about it."""

    REPRESENT = "represent"
    WRITE_OFF = "write_off"


EXCEPTION: Final = Machine(
    name="settlement exception",
    initial=ExceptionState.OPEN,
    table={
        ExceptionState.OPEN: {
            ExceptionEvent.REPRESENT: ExceptionState.REPRESENTED,
            ExceptionEvent.WRITE_OFF: ExceptionState.WRITTEN_OFF,
        },
        ExceptionState.REPRESENTED: {},
        ExceptionState.WRITTEN_OFF: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class SettlementException:
    """A record that the network did not pay. Its amount stands in suspense until somebody decides."""

    account_id: AccountId
    id: ExceptionId
    created: Timestamp
    batch: BatchId
    transaction: str
    kind: ClearingKind
    reason: str
    amount: int
    """What the network would have owed; below zero for a credit."""
    currency: CurrencyCode
    status: ExceptionState = EXCEPTION.initial
    closed: Timestamp | None = None

    def represent(self, now: Timestamp) -> Self:
        """It goes into the next batch."""
        return self._after(ExceptionEvent.REPRESENT, now)

    def write_off(self, now: Timestamp) -> Self:
        """The merchant bears it."""
        return self._after(ExceptionEvent.WRITE_OFF, now)

    def _after(self, event: ExceptionEvent, now: Timestamp) -> Self:
        return evolve(self, status=EXCEPTION.after(self.status, event), closed=now)


def batch_id(day: str, acquirer: str, currency: str, number: int) -> BatchId:
    """The id of a merchant's batch: the same number twice is refused by the storage."""
    return BatchId(f"batch_{day}-{acquirer}-{currency}-{number}")


def chunk_id(batch: BatchId, number: int) -> ChunkId:
    """The id of a batch's chunk; numbers begin at 0."""
    return ChunkId(f"chunk_{batch.removeprefix('batch_')}-{number:06d}")
