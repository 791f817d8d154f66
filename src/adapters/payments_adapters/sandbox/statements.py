"""Statements: what the bank bills a cardholder for a month, and the payment of the bill.

A statement is a view of accepted presentments; it has no amounts of its own.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Final

import attrs

from payments_adapters.sandbox.authorizations import ISSUER
from payments_adapters.sandbox.books import Books
from payments_adapters.sandbox.clearing import ClearingKind, Presentment
from payments_adapters.sandbox.presentments import month_of, statement_key
from payments_core import clock as time
from payments_core.errors import Conflict, InvalidRequest
from payments_core.ledger import bookkeeping
from payments_core.money.currencies import CurrencyCode
from payments_core.ports import Query

PAGE: Final = 100


@attrs.frozen(kw_only=True)
class Statement:
    """The bill of one cardholder for one month, the oldest line first."""

    cardholder: str
    month: str
    lines: tuple[Presentment, ...]

    @property
    def due(self) -> Mapping[str, int]:
        """What is to be paid, by currency: purchases less credits."""
        due: dict[str, int] = defaultdict(int)
        for line in self.lines:
            due[line.currency] += line.amount if line.kind is ClearingKind.SALE else -line.amount
        return dict(due)


async def statement(cardholder: str, month: str, books: Books) -> Statement:
    """The statement of *month*, such as `2026-11`."""
    lines = [line async for line in _lines(statement_key(cardholder, month), books)]
    return Statement(cardholder=cardholder, month=month, lines=tuple(reversed(lines)))


async def pay_statement(cardholder: str, month: str, books: Books) -> Statement:
    """The cardholder pays the bill of a month that is over, once; asking again changes nothing."""
    if month >= month_of(time.now(books.clock)):
        raise InvalidRequest(f"The statement of {month} is not closed yet.", param="month")
    bill = await statement(cardholder, month, books)
    for currency, due in bill.due.items():
        if due > 0:
            await _pay(bill, currency, due, books)
    return bill


async def _pay(bill: Statement, currency: str, due: int, books: Books) -> None:
    source = f"{statement_key(bill.cardholder, bill.month)}/{currency}"
    paid = bookkeeping.bill_paid(source, CurrencyCode(currency), due, bill.cardholder)
    freed = books.freed_for(bill.cardholder, currency, source, due)
    try:
        await books.write(bookings=(paid, *freed))
    except Conflict:
        return


async def _lines(key: str, books: Books) -> AsyncIterator[Presentment]:
    after: str | None = None
    while True:
        page = await books.store.select(
            Presentment, ISSUER, Query(equal={"statement": key}, after=after, limit=PAGE)
        )
        for line in page.items:
            yield line
        if not page.has_more:
            return
        after = page.items[-1].id
