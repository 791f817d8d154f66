"""The sandbox bank's books: what is written together with its records, and how much of a limit is in use.

Which ledger accounts an event touches is said in the core's bookkeeping; this is where entries get their ids and dates.
"""

from collections.abc import Iterable, Mapping

import attrs

from payments_adapters.sandbox.authorizations import ISSUER, IssuerAuthorization
from payments_adapters.sandbox.cardholders import Cardholder
from payments_core import clock as time
from payments_core.clock import Clock
from payments_core.ids import Ids
from payments_core.ledger import bookkeeping
from payments_core.ledger.bookkeeping import Booking
from payments_core.ledger.entries import Entry, EntryId
from payments_core.money.currencies import CurrencyCode
from payments_core.ports import Batch, Store, Write

Bookings = tuple[Booking, ...]


@attrs.frozen(eq=False, kw_only=True)
class Books:
    """Everything the bank needs to write something down."""

    store: Store
    clock: Clock
    ids: Ids
    cardholders: Mapping[str, Cardholder]

    def limit(self, cardholder_id: str) -> int | None:
        """The limit that the books enforce. No limit needs none, nor does a limit of zero, which lets nothing pass."""
        cardholder = self.cardholders.get(cardholder_id)
        return cardholder.limit if cardholder is not None and cardholder.is_limited else None

    def used(self, authorization: IssuerAuthorization, source: str, amount: int) -> Bookings:
        """Set *amount* of the cardholder's credit line aside, if it is counted."""
        if self.limit(authorization.cardholder) is None or not amount:
            return ()
        currency = CurrencyCode(authorization.currency)
        return (bookkeeping.credit_used(source, currency, amount, authorization.cardholder),)

    def freed(self, authorization: IssuerAuthorization, source: str, amount: int) -> Bookings:
        """Give *amount* of the cardholder's credit line back, if it is counted."""
        return self.freed_for(authorization.cardholder, authorization.currency, source, amount)

    def freed_for(self, cardholder_id: str, currency: str, source: str, amount: int) -> Bookings:
        """Give *amount* of a cardholder's credit line back, if it is counted."""
        if self.limit(cardholder_id) is None or not amount:
            return ()
        return (bookkeeping.credit_freed(source, CurrencyCode(currency), amount, cardholder_id),)

    async def write(
        self, *writes: Write, bookings: Iterable[Booking] = (), limit: tuple[str, int] | None = None
    ) -> None:
        """Make records and entries true together. `limit` names a cardholder, who stays within it."""
        entries = tuple(map(self._entry, bookings))
        floors = (
            ()
            if limit is None
            else tuple(bookkeeping.credit_line(e.currency, limit[1], limit[0]) for e in entries)
        )
        await self.store.apply(Batch(account_id=ISSUER, writes=writes, entries=entries, floors=floors))

    def _entry(self, booking: Booking) -> Entry:
        moment = time.now(self.clock)
        return Entry(
            account_id=ISSUER,
            id=EntryId(self.ids.new("le")),
            recorded=moment,
            effective=moment,
            kind=booking.kind,
            source=booking.source,
            currency=booking.currency,
            postings=booking.postings,
        )
