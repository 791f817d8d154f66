"""The SQL store: the port `Store` over tables. Which database it is, the backend knows.

It turns nouns into plans and rows into nouns; it runs no SQL itself and decides nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeVar

import attrs
from sqlalchemy.exc import OperationalError

from payments_adapters.sql import schema
from payments_adapters.sql.backend import Backend
from payments_adapters.sql.keys import ACCOUNT_KEYS, ENTRY_KEYS
from payments_adapters.sql.plan import plan
from payments_adapters.sql.searching import find
from payments_adapters.sql.shelf import Row, Shelf
from payments_adapters.sql.shelves import SHELVES
from payments_adapters.sql.statements import IN_LIST_MAX, padded
from payments_core.clock import Timestamp
from payments_core.errors import Unavailable
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.entries import Balance, Entry, EntryId, Posting
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.ports import Batch, Page, Query, Record
from payments_core.searching.matching import Search

NounT = TypeVar("NounT", bound=Record)
ENTRIES_AT_ONCE: Final = 1000
NOUNS_AT_ONCE: Final = 500
ABOVE_ALL_KEYS: Final = b"\xff" * 64


class _ByKind(dict[type, Shelf[Any]]):
    def __missing__(self, kind: type) -> Shelf[Any]:
        raise LookupError(f"no shelf keeps {kind.__name__}: see payments_adapters.sql.shelves")


def _by_kind() -> dict[type, Shelf[Any]]:
    return _ByKind({shelf.kind: shelf for shelf in SHELVES})


@attrs.define(eq=False)
class SqlStore:
    """Nouns by account and id, each in its latest version, and the books."""

    _backend: Backend
    _shelves: Mapping[type, Shelf[Any]] = attrs.field(factory=_by_kind, init=False)

    async def upgrade(self) -> None:
        """Migrate the database."""
        try:
            await asyncio.to_thread(schema.upgrade, self._backend.url)
        except OperationalError as error:
            raise Unavailable(f"The database cannot be opened: {error.orig}") from error

    async def open(self) -> None:
        """Connect. The store belongs to the event loop that opens it."""
        await self._backend.open()

    async def close(self) -> None:
        """Finish what was accepted and let go of files and connections."""
        await self._backend.close()

    async def find(self, kind: type[NounT], account_id: AccountId, noun_id: str) -> tuple[NounT, int] | None:
        """Return the noun and its version."""
        shelf = self._shelves[kind]
        found = await self._backend.find(shelf, ACCOUNT_KEYS.pack(account_id), shelf.keys.pack(noun_id))
        if found is None:
            return None
        body, version = found
        return shelf.decode(body), version

    async def find_many(
        self, kind: type[NounT], account_id: AccountId, noun_ids: Collection[str]
    ) -> dict[str, NounT]:
        """Return those of *noun_ids* that exist, by id."""
        found = await self.find_versions(kind, account_id, noun_ids)
        return {noun_id: noun for noun_id, (noun, _) in found.items()}

    async def find_versions(
        self, kind: type[NounT], account_id: AccountId, noun_ids: Collection[str]
    ) -> dict[str, tuple[NounT, int]]:
        """As `find_many`, with versions."""
        shelf = self._shelves[kind]
        keys = [shelf.keys.pack(noun_id) for noun_id in dict.fromkeys(noun_ids)]
        found: dict[str, tuple[NounT, int]] = {}
        for start in range(0, len(keys), IN_LIST_MAX):
            wanted = padded(keys[start : start + IN_LIST_MAX])
            statement = self._backend.statements.find_many(shelf, len(wanted))
            rows = await self._backend.rows(statement, [ACCOUNT_KEYS.pack(account_id), *wanted])
            for body, version in rows:
                noun = shelf.decode(body)
                found[noun.id] = noun, version
        return found

    async def select(self, kind: type[NounT], account_id: AccountId, query: Query) -> Page[NounT]:
        """List nouns newest first, by key and not by offset."""
        shelf = self._shelves[kind]
        if any(map(_matches_nothing, query.equal.values())):
            return Page(items=(), has_more=False)
        statement, arguments = self._backend.statements.select(shelf, account_id, query)
        rows = await self._backend.rows(statement, arguments)
        nouns = _nouns(shelf, rows[: query.limit])
        if query.before is not None:
            nouns.reverse()
        return Page(items=tuple(nouns), has_more=len(rows) > query.limit)

    async def search(self, kind: type[NounT], account_id: AccountId, search: Search) -> Page[NounT]:
        """Find the nouns that are meant, newest first."""
        return await find(self._backend, self._shelves[kind], account_id, search)

    async def due(
        self, kind: type[NounT], at: Timestamp, limit: int, account_id: AccountId | None = None
    ) -> Sequence[NounT]:
        """Return nouns of any account, or of one, whose `due_at` has come, the longest due first."""
        return [noun for noun, _ in await self.due_versions(kind, at, limit, account_id)]

    async def due_versions(
        self, kind: type[NounT], at: Timestamp, limit: int, account_id: AccountId | None = None
    ) -> Sequence[tuple[NounT, int]]:
        """As `due`, with versions."""
        shelf = self._shelves[kind]
        statement = self._backend.statements.due(shelf, of_one=account_id is not None)
        owner = {} if account_id is None else {"account_id": ACCOUNT_KEYS.pack(account_id)}
        arguments = statement.arguments({"at": at, "count": limit, **owner})
        decode = shelf.decode
        return [(decode(body), version) for body, version in await self._backend.rows(statement, arguments)]

    async def balances(self, account_id: AccountId) -> Sequence[Balance]:
        """Return what stands on each ledger account of the merchant."""
        statement = self._backend.statements.balances()
        arguments = statement.arguments({"account_id": ACCOUNT_KEYS.pack(account_id)})
        rows = await self._backend.rows(statement, arguments)
        return [
            Balance(
                account=LedgerAccount(account), currency=CurrencyCode(currency), sub=sub, amount=int(amount)
            )
            for account, currency, sub, amount in rows
        ]

    async def entries(
        self, account_id: AccountId | None = None, after: str | None = None
    ) -> AsyncIterator[Entry]:
        """Stream the books in the order of entry ids, of one merchant or of all, a chunk at a time."""
        statement = self._backend.statements.entries(of_one=account_id is not None)
        values: dict[str, Any] = {"after": b"", "after_account": b"", "count": ENTRIES_AT_ONCE}
        if after is not None:
            values |= {"after": ENTRY_KEYS.pack(after), "after_account": ABOVE_ALL_KEYS}
        if account_id is not None:
            values["account_id"] = ACCOUNT_KEYS.pack(account_id)
        read = ENTRIES_AT_ONCE
        while read == ENTRIES_AT_ONCE:
            rows = await self._backend.many_rows(statement, statement.arguments(values))
            chunk = _entries(rows)
            for entry in chunk:
                yield entry
            read = len(chunk)
            if rows:
                values["after_account"], values["after"] = rows[-1][:2]

    async def stream(
        self, kind: type[NounT], account_id: AccountId, after: str | None = None
    ) -> AsyncIterator[NounT]:
        """Stream nouns of one account, the oldest first, a chunk at a time."""
        shelf = self._shelves[kind]
        statement = self._backend.statements.stream(shelf)
        reached = b"" if after is None else shelf.keys.pack(after)
        read = NOUNS_AT_ONCE
        while read == NOUNS_AT_ONCE:
            values = {
                "account_id": ACCOUNT_KEYS.pack(account_id),
                "after": reached,
                "count": NOUNS_AT_ONCE,
            }
            rows = await self._backend.many_rows(statement, statement.arguments(values))
            for noun in _nouns(shelf, rows):
                yield noun
            read = len(rows)
            reached = rows[-1][1] if rows else reached

    async def accounts(self) -> AsyncIterator[AccountId]:
        """Stream the ids of all accounts, a chunk at a time."""
        statement = self._backend.statements.accounts()
        reached, read = b"", NOUNS_AT_ONCE
        while read == NOUNS_AT_ONCE:
            values = {"after": reached, "count": NOUNS_AT_ONCE}
            rows = await self._backend.many_rows(statement, statement.arguments(values))
            for (key,) in rows:
                yield AccountId(ACCOUNT_KEYS.unpack(key))
            read = len(rows)
            reached = rows[-1][0] if rows else reached

    async def apply(self, batch: Batch) -> None:
        """Write all of *batch*, durably, or raise `Conflict` or `BalanceInsufficient` and write nothing."""
        await self._backend.write(plan(batch, self._shelves))


def _nouns(shelf: Shelf[NounT], rows: Iterable[Row]) -> list[NounT]:
    decode = shelf.decode
    return [decode(row[0]) for row in rows]


def _matches_nothing(wanted: Any) -> bool:
    """No text that is kept holds NUL, and PostgreSQL would not even take the question."""
    if isinstance(wanted, tuple | list):
        return all(map(_matches_nothing, wanted))
    return isinstance(wanted, str) and "\0" in wanted


def _entries(rows: Iterable[Row]) -> list[Entry]:
    found = []
    for (account, key, *named), lines in groupby(rows, key=itemgetter(*range(7))):
        recorded, effective, kind, source, currency = named
        entry = Entry(
            account_id=AccountId(ACCOUNT_KEYS.unpack(account)),
            id=EntryId(ENTRY_KEYS.unpack(key)),
            recorded=recorded,
            effective=effective,
            kind=kind,
            source=source,
            currency=currency,
            postings=tuple(Posting(LedgerAccount(line[7]), int(line[9]), line[8]) for line in lines),
        )
        found.append(entry)
    return found
