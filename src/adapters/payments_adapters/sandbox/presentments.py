"""Presentments: the bank takes clearing records, answers each exactly once, and bills the cardholders.

A chunk of records is verified in memory and written in one commit: promises taken up, records with their answers, entries.
A run that was killed half-way is simply presented again.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final

import attrs

from payments_adapters.sandbox.authorizations import (
    ISSUER,
    IssuerAuthorization,
    IssuerAuthorizationId,
    authorization_id,
)
from payments_adapters.sandbox.books import Books
from payments_adapters.sandbox.clearing import (
    ClearingKind,
    ClearingRecord,
    ClearingResult,
    Presentment,
    Rejection,
    presentment_id,
    verify,
)
from payments_core import clock as time
from payments_core.clock import Timestamp
from payments_core.errors import Conflict, Unavailable
from payments_core.ledger import bookkeeping
from payments_core.ledger.bookkeeping import Booking
from payments_core.money.currencies import CurrencyCode
from payments_core.ports import Write

CHUNK: Final = 200
"""Records that are written in one commit: enough to be quick, and little to hold in memory."""
TRIES: Final = 20


async def present(records: Sequence[ClearingRecord], books: Books) -> list[ClearingResult]:
    """Answer every record, in their order."""
    results: list[ClearingResult] = []
    for start in range(0, len(records), CHUNK):
        results += await _present_chunk(records[start : start + CHUNK], books)
    return results


async def _present_chunk(records: Sequence[ClearingRecord], books: Books) -> list[ClearingResult]:
    for _ in range(TRIES):
        desk = await _open_desk(records, books)
        results = [desk.take(record) for record in records]
        try:
            await desk.close()
        except Conflict:
            # Somebody presented, reversed or raised one of these meanwhile: look again.
            continue
        return results
    raise Unavailable("The sandbox bank is too busy with these authorizations.")


async def _open_desk(records: Sequence[ClearingRecord], books: Books) -> "_Desk":
    known = await books.store.find_many(Presentment, ISSUER, [presentment_id(record) for record in records])
    fresh = [record for record in records if presentment_id(record) not in known]
    desk = _Desk(books=books, today=time.now(books.clock), known=dict(known))
    await desk.fetch({authorization_id(record.account_id, record.original) for record in fresh})
    return desk


@attrs.define(kw_only=True, eq=False)
class _Desk:
    """One chunk on its way through: what was read, what is decided, what is to be written."""

    books: Books
    today: Timestamp
    known: dict[str, Presentment]
    _versions: dict[IssuerAuthorizationId, int] = attrs.field(factory=dict, init=False)
    _read: dict[IssuerAuthorizationId, IssuerAuthorization] = attrs.field(factory=dict, init=False)
    _changed: dict[IssuerAuthorizationId, IssuerAuthorization] = attrs.field(factory=dict, init=False)
    _taken: list[Presentment] = attrs.field(factory=list, init=False)
    _bookings: list[Booking] = attrs.field(factory=list, init=False)

    async def fetch(self, keys: Collection[IssuerAuthorizationId]) -> None:
        """Read the promises that the records are about."""
        for key in keys:
            found = await self.books.store.find(IssuerAuthorization, ISSUER, key)
            if found is not None:
                self._read[key], self._versions[key] = found

    def take(self, record: ClearingRecord) -> ClearingResult:
        """Answer one record."""
        before = self.known.get(presentment_id(record))
        if before is not None:
            return before.result(record)
        key = authorization_id(record.account_id, record.original)
        authorization = self._changed.get(key) or self._read.get(key)
        reason = verify(record, authorization, self.today)
        if authorization is not None and reason is None:
            self._post(record, authorization)
        taken = self._kept(record, authorization, reason)
        self._taken.append(taken)
        self.known[taken.id] = taken
        return attrs.evolve(taken.result(record), repeated=False)

    async def close(self) -> None:
        """Write what was decided."""
        changed = [Write(noun, self._versions[key]) for key, noun in self._changed.items()]
        taken = [Write(noun, 0) for noun in self._taken]
        if taken:
            await self.books.write(*changed, *taken, bookings=self._bookings)

    def _post(self, record: ClearingRecord, authorization: IssuerAuthorization) -> None:
        source = presentment_id(record)
        currency = CurrencyCode(record.currency)
        cardholder = authorization.cardholder
        freed = record.amount
        if record.kind is ClearingKind.SALE:
            authorization = authorization.present(record.amount)
            freed = authorization.held if record.final else 0
            authorization = authorization.release(freed)
            bill = bookkeeping.cardholder_billed(source, currency, record.amount, cardholder)
        else:
            authorization = authorization.credit(record.amount)
            bill = bookkeeping.cardholder_credited(source, currency, record.amount, cardholder)
        self._bookings += (bill, *self.books.freed(authorization, source, freed))
        self._changed[authorization.id] = authorization

    def _kept(
        self, record: ClearingRecord, authorization: IssuerAuthorization | None, reason: Rejection | None
    ) -> Presentment:
        cardholder = authorization.cardholder if authorization else ""
        return Presentment(
            id=presentment_id(record),
            created=self.today,
            reference=record.reference,
            kind=record.kind,
            merchant_account=record.account_id,
            merchant=record.merchant,
            cardholder=cardholder,
            statement=statement_key(cardholder, month_of(self.today)) if reason is None else None,
            original=record.original,
            authorization_code=record.authorization_code,
            captured=record.captured,
            amount=record.amount,
            currency=record.currency,
            reason=reason,
        )


def month_of(moment: Timestamp) -> str:
    """The month in which a line is billed, such as `2026-11`."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m}"


def statement_key(cardholder: str, month: str) -> str:
    """What the lines of one statement have in common."""
    return f"{cardholder}/{month}"
