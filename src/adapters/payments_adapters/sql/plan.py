"""Plans: what one batch does to the tables, worked out before any lock is held, and how plans share one transaction.

Pure: no connection here. Both databases walk the same plans; only how rows travel differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from payments_adapters.sql.books import NEW_ENTRY, NEW_POSTING
from payments_adapters.sql.keys import ACCOUNT_KEYS, ENTRY_KEYS
from payments_adapters.sql.search_words import NOTED, words_of
from payments_adapters.sql.shelf import Row, Shelf, Target
from payments_core.errors import AmountRefused, BalanceInsufficient, Conflict, ParamInvalid, PaymentsError
from payments_core.ledger.accounts import GROWS_ON, Side
from payments_core.ledger.entries import Entry, Floor
from payments_core.ports import Batch, Write

AMOUNT_MAX: Final = 2**53
"""Far above all that is owed anywhere, and sums of thousands of them still fit a 64-bit column."""

BalanceKey = tuple[bytes, str, str, str]
"""Account, ledger account, currency, sub-account."""
Place = tuple[str, bytes, bytes | str]
"""Something that only one of two plans can change: a row, or an entry's (kind, source)."""


@attrs.define(eq=False)
class Plan:
    """The rows of one batch. `changes` says which version of which row it replaces."""

    rows: list[tuple[Target, Row]] = attrs.field(factory=list)
    changes: dict[Place, tuple[int, int]] = attrs.field(factory=dict)
    """Place → the version it replaces, the version it leaves. 0 is absence."""
    moves: dict[BalanceKey, int] = attrs.field(factory=dict)
    floors: list[tuple[BalanceKey, Floor]] = attrs.field(factory=list)


def plan(batch: Batch, shelves: Mapping[type, Shelf[Any]]) -> Plan:
    """Work out what *batch* writes; raise for what no table can hold."""
    made = Plan()
    account = ACCOUNT_KEYS.pack(batch.account_id)
    for write in batch.writes:
        assert write.noun.account_id == batch.account_id, "a batch belongs to one account"
        _write(made, account, write, shelves[type(write.noun)])
    for entry in batch.entries:
        assert entry.account_id == batch.account_id, "a batch belongs to one account"
        _entry(made, account, entry)
    made.floors = [((account, f.account, f.currency, f.sub), f) for f in batch.floors]
    return made


def _write(made: Plan, account: bytes, write: Write, shelf: Shelf[Any]) -> None:
    """Rows as their statements want them: see the builders of each database."""
    noun, replaces = write.noun, write.replaces
    key = shelf.keys.pack(noun.id)
    if write.drop:
        made.rows.append((shelf.delete, (account, key, replaces)))
    elif replaces:
        made.rows.append((shelf.update, (replaces + 1, *shelf.changing(noun), account, key, replaces)))
    else:
        made.rows.append((shelf.insert, (account, key, 1, *shelf.values(noun))))
    if shelf.searched and not write.drop:
        made.rows += [(NOTED, (account, word, key)) for word in words_of(shelf, noun)]
    made.changes[shelf.name, account, key] = replaces, 0 if write.drop else replaces + 1


def _entry(made: Plan, account: bytes, entry: Entry) -> None:
    if "\0" in entry.kind + entry.source + entry.currency:
        raise ParamInvalid("Text cannot hold the NUL character.")
    key, currency = ENTRY_KEYS.pack(entry.id), entry.currency
    row = account, key, entry.recorded, entry.effective, entry.kind, entry.source, currency
    made.rows.append((NEW_ENTRY, row))
    place = "entry", account, f"{entry.kind}\0{entry.source}"
    if place in made.changes:
        raise Conflict(f"The {entry.kind} of {entry.source} is booked already.")
    made.changes[place] = 0, 1
    for seq, posting in enumerate(entry.postings):
        if not -AMOUNT_MAX < posting.amount < AMOUNT_MAX:
            raise AmountRefused(f"{posting.amount} is more than the books can hold.")
        line = account, key, seq, posting.account, posting.sub, posting.amount
        made.rows.append((NEW_POSTING, line))
        where = account, posting.account, currency, posting.sub
        made.moves[where] = made.moves.get(where, 0) + posting.amount


def rows_by_target(plans: Iterable[Plan]) -> dict[Target, list[Row]]:
    """All rows of *plans*, those of one statement together."""
    together: dict[Target, list[Row]] = {}
    for made in plans:
        for target, row in made.rows:
            rows = together.get(target)
            if rows is None:
                together[target] = [row]
            else:
                rows.append(row)
    return together


def moved(plans: Iterable[Plan]) -> dict[BalanceKey, int]:
    """What *plans* add to each balance, summed."""
    total: dict[BalanceKey, int] = {}
    for made in plans:
        for key, amount in made.moves.items():
            total[key] = total.get(key, 0) + amount
    return total


def first_refused(plans: Sequence[Plan], standing: Mapping[BalanceKey, int]) -> dict[int, PaymentsError]:
    """Which of *plans*, taken in their order from the balances as they stand, would break a floor of their own."""
    running = dict(standing)
    refused: dict[int, PaymentsError] = {}
    for at, made in enumerate(plans):
        after = {key: running[key] + made.moves.get(key, 0) for key, _ in made.floors}
        broken = next(
            (floor for key, floor in made.floors if _grown(floor, after[key]) < floor.minimum), None
        )
        if broken is not None:
            refused[at] = BalanceInsufficient(broken.message)
            continue
        for key, amount in made.moves.items():
            if key in running:
                running[key] += amount
    return refused


def _grown(floor: Floor, amount: int) -> int:
    return amount if GROWS_ON[floor.account] is Side.DEBIT else -amount


@attrs.define(eq=False)
class Overlap:
    """Finds plans that change the same place as another one of their group: one statement cannot try them both."""

    _left: dict[Place, int] = attrs.field(factory=dict, init=False)

    def is_clear(self, made: Plan) -> bool:
        """Say whether nothing that *made* changes was taken before, and take it."""
        left = self._left
        if not left.keys().isdisjoint(made.changes):
            return False
        for place, (_, version) in made.changes.items():
            left[place] = version
        return True

    def is_lost(self, made: Plan) -> bool:
        """Say whether the plans before *made*, now written, left another version than it replaces."""
        left = self._left
        return any(left.get(place, replaces) != replaces for place, (replaces, _) in made.changes.items())

    def wrote(self, made: Plan) -> None:
        """Note what *made*, tried alone, has left."""
        self._left.update((place, version) for place, (_, version) in made.changes.items())
