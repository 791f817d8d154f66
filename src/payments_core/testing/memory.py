"""A store in memory: everything the contract asks for except that it outlives the process."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import BalanceInsufficient, Conflict, ParamInvalid
from payments_core.ledger.accounts import GROWS_ON, LedgerAccount, Side
from payments_core.ledger.entries import Balance, Entry, Floor
from payments_core.platform.accounts import Account, AccountId
from payments_core.ports import Batch, Page, Query, Record, Write
from payments_core.searching.matching import Search, matches

NounT = TypeVar("NounT", bound=Record)
Shelf = dict[str, tuple[Any, int]]
_HALVES: Final = re.compile("[\ud800-\udfff]")
BalanceKey = tuple[LedgerAccount, str, str]


@attrs.define
class MemoryStore:
    """Nouns and books in dictionaries. One process, one event loop."""

    _shelves: dict[tuple[type, AccountId], Shelf] = attrs.field(factory=lambda: defaultdict(dict), init=False)
    _entries: dict[AccountId, list[Entry]] = attrs.field(factory=lambda: defaultdict(list), init=False)
    _booked: set[tuple[AccountId, str, str]] = attrs.field(factory=set, init=False)
    _balances: dict[AccountId, dict[BalanceKey, int]] = attrs.field(
        factory=lambda: defaultdict(lambda: defaultdict(int)), init=False
    )

    async def upgrade(self) -> None:
        """Nothing to upgrade."""

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def find(self, kind: type[NounT], account_id: AccountId, noun_id: str) -> tuple[NounT, int] | None:
        """Return the noun and its version."""
        return self._shelves[kind, account_id].get(noun_id)

    async def find_many(
        self, kind: type[NounT], account_id: AccountId, noun_ids: Collection[str]
    ) -> dict[str, NounT]:
        """Return those of *noun_ids* that exist, by id."""
        shelf = self._shelves[kind, account_id]
        return {noun_id: shelf[noun_id][0] for noun_id in noun_ids if noun_id in shelf}

    async def find_versions(
        self, kind: type[NounT], account_id: AccountId, noun_ids: Collection[str]
    ) -> dict[str, tuple[NounT, int]]:
        """As `find_many`, with versions."""
        shelf = self._shelves[kind, account_id]
        return {noun_id: shelf[noun_id] for noun_id in noun_ids if noun_id in shelf}

    async def select(self, kind: type[NounT], account_id: AccountId, query: Query) -> Page[NounT]:
        """List nouns newest first."""
        shelf = self._shelves[kind, account_id]
        found = [noun for noun, _ in shelf.values() if _matches(noun, query)]
        found.sort(key=_order)
        if query.before is not None:
            edge = shelf.get(query.before)
            newer = [noun for noun in found if edge and _order(noun) > _order(edge[0])]
            return Page(items=tuple(reversed(newer[: query.limit])), has_more=len(newer) > query.limit)
        if query.after is not None:
            edge = shelf.get(query.after)
            found = [noun for noun in found if edge and _order(noun) < _order(edge[0])]
        found.reverse()
        return Page(items=tuple(found[: query.limit]), has_more=len(found) > query.limit)

    async def search(self, kind: type[NounT], account_id: AccountId, search: Search) -> Page[NounT]:
        """Find what is meant, newest first, by looking at every noun."""
        found = [noun for noun, _ in self._shelves[kind, account_id].values() if matches(noun, search)]
        found.sort(key=_id_order, reverse=True)
        if search.after is not None:
            found = [noun for noun in found if _digits(noun.id) < _digits(search.after)]
        return Page(items=tuple(found[: search.limit]), has_more=len(found) > search.limit)

    async def due(
        self, kind: type[NounT], at: Timestamp, limit: int, account_id: AccountId | None = None
    ) -> Sequence[NounT]:
        """Return nouns of any account, or of one, whose `due_at` has come, the longest due first."""
        return [noun for noun, _ in await self.due_versions(kind, at, limit, account_id)]

    async def due_versions(
        self, kind: type[NounT], at: Timestamp, limit: int, account_id: AccountId | None = None
    ) -> Sequence[tuple[NounT, int]]:
        """As `due`, with versions."""
        waiting = [
            found
            for (shelf_kind, owner), shelf in self._shelves.items()
            if shelf_kind is kind and account_id in (None, owner)
            for found in shelf.values()
            if found[0].due_at is not None and found[0].due_at <= at
        ]
        return sorted(waiting, key=lambda found: found[0].due_at)[:limit]

    async def balances(self, account_id: AccountId) -> Sequence[Balance]:
        """Return what stands on each ledger account of the merchant."""
        return [
            Balance(account=account, currency=currency, sub=sub, amount=amount)
            for (account, currency, sub), amount in self._balances[account_id].items()
        ]

    async def entries(
        self, account_id: AccountId | None = None, after: str | None = None
    ) -> AsyncIterator[Entry]:
        """Stream the books."""
        accounts = list(self._entries) if account_id is None else [account_id]
        for entry in sorted((e for a in accounts for e in self._entries[a]), key=_id_order):
            if after is None or entry.id[3:] > after[3:]:
                yield entry

    async def stream(
        self, kind: type[NounT], account_id: AccountId, after: str | None = None
    ) -> AsyncIterator[NounT]:
        """Stream nouns of one account, the oldest first."""
        for noun in sorted((noun for noun, _ in self._shelves[kind, account_id].values()), key=_id_order):
            if after is None or _digits(noun.id) > _digits(after):
                yield noun

    async def accounts(self) -> AsyncIterator[AccountId]:
        """Stream the ids of all accounts."""
        opened = {account for (kind, account), shelf in self._shelves.items() if kind is Account and shelf}
        for account_id in sorted(opened.union(account for account, kept in self._balances.items() if kept)):
            yield account_id

    async def apply(self, batch: Batch) -> None:
        """Write all of *batch*, or raise and write nothing."""
        _check_storable(*(write.noun for write in batch.writes), *batch.entries)
        for write in batch.writes:
            self._check(batch.account_id, write)
        keys = [(batch.account_id, entry.kind, entry.source) for entry in batch.entries]
        if len(set(keys)) < len(keys) or self._booked.intersection(keys):
            raise Conflict("This was booked before.")
        deltas = _deltas(batch.entries)
        for floor in batch.floors:
            self._check_floor(batch.account_id, floor, deltas)
        # After this point it must succeed.
        for write in batch.writes:
            shelf = self._shelves[type(write.noun), batch.account_id]
            if write.drop:
                del shelf[write.noun.id]
            else:
                shelf[write.noun.id] = write.noun, write.replaces + 1
        self._booked.update(keys)
        self._entries[batch.account_id].extend(batch.entries)
        for key, delta in deltas.items():
            self._balances[batch.account_id][key] += delta

    def _check(self, account_id: AccountId, write: Write) -> None:
        assert write.noun.account_id == account_id, "a batch belongs to one account"
        found = self._shelves[type(write.noun), account_id].get(write.noun.id)
        if (found[1] if found else 0) != write.replaces:
            raise Conflict(f"{type(write.noun).__name__} {write.noun.id} was changed by somebody else.")

    def _check_floor(self, account_id: AccountId, floor: Floor, deltas: dict[BalanceKey, int]) -> None:
        key = floor.account, floor.currency, floor.sub
        amount = self._balances[account_id].get(key, 0) + deltas.get(key, 0)
        if (amount if GROWS_ON[floor.account] is Side.DEBIT else -amount) < floor.minimum:
            raise BalanceInsufficient(floor.message)


def _check_storable(*values: Any) -> None:
    """Refuse what no database can keep, so that nobody finds out in production."""
    for value in values:
        match value:
            case str() if "\0" in value or _HALVES.search(value):
                raise ParamInvalid("Text cannot hold NUL or half a character.")
            case int() if not -(2**63) <= value < 2**63:
                raise ParamInvalid("A number is more than can be kept.")
            case Mapping():
                _check_storable(*value, *value.values())
            case list() | tuple():
                _check_storable(*value)
            case _ if fields := getattr(value, "__attrs_attrs__", None):
                _check_storable(*(getattr(value, field.name) for field in fields))


def _deltas(entries: Sequence[Entry]) -> dict[BalanceKey, int]:
    deltas: dict[BalanceKey, int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            deltas[posting.account, entry.currency, posting.sub] += posting.amount
    return deltas


def _digits(noun_id: str) -> str:
    return noun_id.rpartition("_")[2]


def _id_order(noun: Any) -> str:
    return _digits(noun.id)


def _order(noun: Any) -> tuple[int, str]:
    return getattr(noun, "created", 0), noun.id.rpartition("_")[2]


def _matches(noun: Any, query: Query) -> bool:
    return all(_is(getattr(noun, name), value) for name, value in query.equal.items()) and all(
        _within(getattr(noun, name), *limits) for name, limits in query.within.items()
    )


def _is(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, tuple | list) else bool(value == wanted)


def _within(value: int | None, low: int | None, high: int | None) -> bool:
    return value is not None and (low is None or low <= value) and (high is None or value <= high)
