"""Statements: SQL text that SQLAlchemy Core compiles once for a dialect, and the order of its parameters.

Nothing here runs anything. Texts of look-ups and lists are made when they are first wanted and kept by their shape.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa

from payments_adapters.sql.books import BALANCE, ENTRY, GUARD, POSTING
from payments_adapters.sql.keys import ACCOUNT_KEYS
from payments_adapters.sql.shelf import METADATA, Shelf
from payments_core.ports import Query

IN_LIST_MAX: Final = 512


@attrs.frozen(eq=False)
class Statement:
    """Compiled text, the names of its parameters in order, and what the dialect has filled in itself."""

    text: str
    names: tuple[str, ...]
    fixed: dict[str, Any] = attrs.field(factory=dict)

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order that the text wants."""
        return [values[name] if name in values else self.fixed[name] for name in self.names]


@attrs.frozen(eq=False)
class Statements:
    """The texts of one dialect."""

    dialect: sa.Dialect
    _made: dict[Any, Statement] = attrs.field(factory=dict, init=False)

    def compiled(self, statement: sa.ClauseElement) -> Statement:
        """Compile *statement* for the dialect."""
        made = statement.compile(dialect=self.dialect)
        fixed = {name: value for name, value in made.params.items() if value is not None}
        return Statement(str(made), tuple(made.positiontup or ()), fixed)  # type: ignore[attr-defined]

    def kept(self, shape: Any, build: Callable[[], sa.ClauseElement]) -> Statement:
        """The statement of this shape, compiled the first time."""
        found = self._made.get(shape)
        if found is None:
            found = self._made[shape] = self.compiled(build())
        return found

    def find(self, shelf: Shelf[Any]) -> Statement:
        """Body and version of one noun."""
        return self.kept(("find", shelf), lambda: _find(shelf))

    def find_many(self, shelf: Shelf[Any], count: int) -> Statement:
        """Bodies of *count* nouns."""
        return self.kept(("find_many", shelf, count), lambda: _find_many(shelf, count))

    def select(self, shelf: Shelf[Any], account_id: str, query: Query) -> tuple[Statement, list[Any]]:
        """One page of a list, in the direction of travel, and one noun more."""
        values: dict[str, Any] = {"account_id": ACCOUNT_KEYS.pack(account_id), "count": query.limit + 1}
        shape: list[Any] = ["select", shelf, query.after is not None, query.before is not None]
        for at, (name, wanted) in enumerate(query.equal.items()):
            shape.append((name, _bind_equal(shelf, f"e{at}", name, wanted, values)))
        for at, (name, (low, high)) in enumerate(query.within.items()):
            shape.append((name, low is not None, high is not None))
            values |= {f"low{at}": low, f"high{at}": high}
        for name, cursor in (("after", query.after), ("before", query.before)):
            if cursor is not None:
                values[name] = shelf.keys.pack(cursor)
        found = self.kept(tuple(shape), lambda: _select(shelf, query))
        return found, found.arguments(values)

    def due(self, shelf: Shelf[Any], *, of_one: bool) -> Statement:
        """What is due, of any account or of one."""
        return self.kept(("due", shelf, of_one), lambda: _due(shelf, of_one))

    def balances(self) -> Statement:
        """What stands on each ledger account."""
        return self.kept("balances", _balances)

    def stream(self, shelf: Shelf[Any]) -> Statement:
        """The next nouns of an account in the order of their keys."""
        return self.kept(("stream", shelf), lambda: _stream(shelf))

    def accounts(self) -> Statement:
        """The next accounts."""
        return self.kept("accounts", _accounts)

    def entries(self, *, of_one: bool) -> Statement:
        """The next entries with their postings."""
        return self.kept(("entries", of_one), lambda: _entries(of_one))


def padded(items: Collection[Any]) -> list[Any]:
    """*items* with the last one repeated up to a power of two, so that few shapes of a list exist."""
    listed = list(items)
    room = 1 << (len(listed) - 1).bit_length()
    return listed + listed[-1:] * (room - len(listed))


def _find(shelf: Shelf[Any]) -> sa.Select[Any]:
    c = shelf.table.c
    return sa.select(c.body, c.version).where(
        c.account_id == sa.bindparam("account_id"), c.id == sa.bindparam("id")
    )


def _find_many(shelf: Shelf[Any], count: int) -> sa.Select[Any]:
    c = shelf.table.c
    wanted: list[Any] = [sa.bindparam(f"id{at}") for at in range(count)]
    return sa.select(c.body, c.version).where(c.account_id == sa.bindparam("account_id"), c.id.in_(wanted))


def _bind_equal(shelf: Shelf[Any], key: str, name: str, wanted: Any, values: dict[str, Any]) -> int:
    """Bind what column *name* shall equal, and return how many values that takes: 0 for an empty column."""
    if wanted is None:
        return 0
    if not isinstance(wanted, tuple | list):
        values[key] = shelf.bind(name, wanted)
        return 1
    several = padded([shelf.bind(name, one) for one in wanted])
    values |= {f"{key}_{at}": one for at, one in enumerate(several)}
    return -len(several)


def _select(shelf: Shelf[Any], query: Query) -> sa.Select[Any]:
    c = shelf.table.c
    found = sa.select(c.body).where(c.account_id == sa.bindparam("account_id"))
    for at, (name, wanted) in enumerate(query.equal.items()):
        found = found.where(_equals(c[name], f"e{at}", wanted))
    for at, (name, (low, high)) in enumerate(query.within.items()):
        if low is not None:
            found = found.where(c[name] >= sa.bindparam(f"low{at}"))
        if high is not None:
            found = found.where(c[name] <= sa.bindparam(f"high{at}"))
    key = sa.tuple_(c.created, c.id) if shelf.order == "created" else c.id
    if query.after is not None:
        found = found.where(key < _cursor(shelf, "after"))
    if query.before is not None:
        found = found.where(key > _cursor(shelf, "before"))
    ordered = [c.created, c.id] if shelf.order == "created" else [c.id]
    towards = [column.asc() if query.before is not None else column.desc() for column in ordered]
    return found.order_by(*towards).limit(sa.bindparam("count"))


def _equals(column: sa.Column[Any], key: str, wanted: Any) -> sa.ColumnElement[bool]:
    if wanted is None:
        return column.is_(None)
    if not isinstance(wanted, tuple | list):
        return column == sa.bindparam(key)
    return column.in_([sa.bindparam(f"{key}_{at}") for at in range(len(padded(wanted)))])


def _cursor(shelf: Shelf[Any], name: str) -> Any:
    if shelf.order != "created":
        return sa.bindparam(name)
    other = shelf.table.alias()
    created = sa.select(other.c.created).where(
        other.c.account_id == sa.bindparam("account_id"), other.c.id == sa.bindparam(name)
    )
    return sa.tuple_(created.scalar_subquery(), sa.bindparam(name, type_=sa.LargeBinary()))


def _due(shelf: Shelf[Any], of_one: bool) -> sa.Select[Any]:
    c = shelf.table.c
    waiting = sa.select(c.body, c.version).where(c.due_at.is_not(None), c.due_at <= sa.bindparam("at"))
    if of_one:
        waiting = waiting.where(c.account_id == sa.bindparam("account_id"))
    return waiting.order_by(c.due_at).limit(sa.bindparam("count"))


def _balances() -> sa.Select[Any]:
    c = BALANCE.c
    named = c.ledger_account, c.currency, c.sub
    return (
        sa.select(*named, sa.cast(sa.func.sum(c.amount), sa.BigInteger))
        .where(c.account_id == sa.bindparam("account_id"), c.writer != GUARD)
        .group_by(*named)
        .order_by(*named)
    )


def _stream(shelf: Shelf[Any]) -> sa.Select[Any]:
    c = shelf.table.c
    return (
        sa.select(c.body, c.id)
        .where(c.account_id == sa.bindparam("account_id"), c.id > sa.bindparam("after"))
        .order_by(c.id)
        .limit(sa.bindparam("count"))
    )


def _accounts() -> sa.Select[Any]:
    """From balances too: a simulated issuer keeps books without being anybody's account."""
    tables = (BALANCE, METADATA.tables["account"])
    parts = [
        sa.select(table.c.account_id)
        .distinct()
        .where(table.c.account_id > sa.bindparam("after", type_=sa.LargeBinary()))
        .order_by(table.c.account_id)
        .limit(sa.bindparam("count"))
        .subquery()
        for table in tables
    ]
    both = sa.union(*(sa.select(part.c.account_id) for part in parts)).subquery()
    return sa.select(both.c.account_id).order_by(both.c.account_id).limit(sa.bindparam("count"))


def _entries(of_one: bool) -> sa.Select[Any]:
    after = sa.bindparam("after", type_=sa.LargeBinary())
    if of_one:
        next_ones = sa.select(ENTRY).where(
            ENTRY.c.account_id == sa.bindparam("account_id"), ENTRY.c.id > after
        )
    else:
        reached = sa.tuple_(after, sa.bindparam("after_account", type_=sa.LargeBinary()))
        next_ones = sa.select(ENTRY).where(sa.tuple_(ENTRY.c.id, ENTRY.c.account_id) > reached)
    e = next_ones.order_by(ENTRY.c.id, ENTRY.c.account_id).limit(sa.bindparam("count")).subquery("e")
    p = POSTING
    joined = sa.and_(p.c.account_id == e.c.account_id, p.c.entry_id == e.c.id)
    lines: Sequence[Any] = (p.c.ledger_account, p.c.sub, p.c.amount)
    return sa.select(*e.c, *lines).select_from(e.join(p, joined)).order_by(e.c.id, e.c.account_id, p.c.seq)
