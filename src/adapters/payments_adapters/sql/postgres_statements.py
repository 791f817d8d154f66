"""What PostgreSQL is told for a group: one statement, whatever the number of tables and rows.

Core compiles one part for each table and verb, which takes its rows as arrays; the parts are then put side by side as
data-modifying CTEs. An update or removal that meets fewer rows than it was sent divides by zero, so that the whole statement
is taken back. Nothing here runs anything.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from payments_adapters.sql.books import BALANCE
from payments_adapters.sql.shelf import Row, Target, Verb, changing
from payments_adapters.sql.statements import Statement, Statements

_PARAMETER: Final = re.compile(r"\$(\d+)")
_VERSIONED: Final = (Verb.UPDATE, Verb.DELETE)


@attrs.frozen(eq=False)
class Part:
    """One CTE: its text with parameters from $1 on, and which column of the rows each of them is."""

    text: str
    order: tuple[int, ...]
    counted: bool

    def arguments(self, rows: Sequence[Row]) -> list[Sequence[Any]]:
        """The rows as one array for each parameter."""
        columns = list(zip(*rows, strict=True))
        return [columns[at] for at in self.order]


@attrs.frozen(eq=False)
class GroupStatements:
    """Texts for groups, kept by which tables and verbs take part."""

    statements: Statements
    _parts: dict[Target, Part] = attrs.field(factory=dict, init=False)
    _texts: dict[tuple[Target, ...], str] = attrs.field(factory=dict, init=False)

    def group(self, rows: Mapping[Target, Sequence[Row]]) -> tuple[str, list[Any]]:
        """Text and arguments that write all of *rows*, or nothing of them."""
        targets = tuple(sorted(rows, key=_place))
        text = self._texts.get(targets)
        if text is None:
            text = self._texts[targets] = _side_by_side([self.part(target) for target in targets])
        arguments: list[Any] = []
        for target in targets:
            part = self.part(target)
            arguments += part.arguments(rows[target])
            if part.counted:
                arguments.append(len(rows[target]))
        return text, arguments

    def part(self, target: Target) -> Part:
        """The part for one table and verb."""
        found = self._parts.get(target)
        if found is None:
            found = self._parts[target] = self._compile(target)
        return found

    def standing(self) -> Statement:
        """What stands on balances, over all their writers."""
        return self.statements.kept("standing", _standing)

    def _compile(self, target: Target) -> Part:
        build, columns = _BUILD[target.verb](target.table)
        made = self.statements.compiled(build)
        return Part(made.text, tuple(map(columns.index, made.names)), target.verb in _VERSIONED)


def _place(target: Target) -> tuple[str, str]:
    # Everybody writes tables in one order, and balances last: so nobody waits for somebody who waits for them.
    return ("~" if target.verb is Verb.ADD else target.table.name), target.verb.value


def _side_by_side(parts: Sequence[Part]) -> str:
    texts, checks, used = [], [], 0
    for at, part in enumerate(parts):
        texts.append(f"w{at} AS ({_renumbered(part.text, used)})")
        used += len(part.order)
        if part.counted:
            used += 1
            checks.append(f"(SELECT count(*) FROM w{at}) = ${used}::int")  # noqa: S608 - two numbers of our own
    ask = f"1 / CASE WHEN {' AND '.join(checks)} THEN 1 ELSE 0 END" if checks else "1"
    return f"WITH {', '.join(texts)} SELECT {ask}"


def _renumbered(text: str, used: int) -> str:
    return _PARAMETER.sub(lambda found: f"${int(found[1]) + used}", text)


def arrays(names: Sequence[str], types: Sequence[Any]) -> Any:
    """A table of the arrays that are sent, with these column names."""
    sent = [sa.bindparam(name, type_=ARRAY(kind)) for name, kind in zip(names, types, strict=True)]
    columns = [sa.column(name, kind) for name, kind in zip(names, types, strict=True)]
    return sa.func.unnest(*sent).table_valued(*columns, name="v").render_derived()


def _insert(table: sa.Table) -> tuple[Any, list[str]]:
    names = [column.name for column in table.c]
    sent = arrays(names, [column.type for column in table.c])
    return sa.insert(table).from_select(names, sa.select(*sent.c), include_defaults=False), names


def _add(table: sa.Table) -> tuple[Any, list[str]]:
    names = [column.name for column in table.c]
    sent = arrays(names, [column.type for column in table.c])
    added = insert(table).from_select(names, sa.select(*sent.c), include_defaults=False)
    keys = list(table.primary_key.columns)
    sum_up = {"amount": table.c.amount + added.excluded.amount}
    return added.on_conflict_do_update(index_elements=keys, set_=sum_up), names


def _note(table: sa.Table) -> tuple[Any, list[str]]:
    names = [column.name for column in table.c]
    sent = arrays(names, [column.type for column in table.c])
    added = insert(table).from_select(names, sa.select(*sent.c).distinct(), include_defaults=False)
    return added.on_conflict_do_nothing(index_elements=list(table.primary_key.columns)), names


def _update(table: sa.Table) -> tuple[Any, list[str]]:
    set_ones = changing(table)
    names = [f"new_{column.name}" for column in set_ones] + ["key_account", "key", "replaces"]
    types = [*(column.type for column in set_ones), table.c.account_id.type, table.c.id.type, sa.Integer()]
    sent = arrays(names, types)
    changes = {column.name: sent.c[f"new_{column.name}"] for column in set_ones}
    found = sa.update(table).values(changes).where(*_read_version(table, sent))
    return found.returning(sa.literal_column("1").label("one")), names


def _delete(table: sa.Table) -> tuple[Any, list[str]]:
    names = ["key_account", "key", "replaces"]
    sent = arrays(names, [table.c.account_id.type, table.c.id.type, sa.Integer()])
    found = sa.delete(table).where(*_read_version(table, sent))
    return found.returning(sa.literal_column("1").label("one")), names


def _read_version(table: sa.Table, sent: Any) -> tuple[Any, ...]:
    c = table.c
    return c.account_id == sent.c.key_account, c.id == sent.c.key, c.version == sent.c.replaces


_BUILD: Final = {
    Verb.INSERT: _insert,
    Verb.UPDATE: _update,
    Verb.DELETE: _delete,
    Verb.ADD: _add,
    Verb.NOTE: _note,
}


def _standing() -> sa.Select[Any]:
    c = BALANCE.c
    named = [c.account_id, c.ledger_account, c.currency, c.sub]
    sent = arrays([column.name for column in named], [column.type for column in named])
    same = [column == sent.c[column.name] for column in named]
    total = sa.cast(sa.func.sum(c.amount), sa.BigInteger)
    return sa.select(*named, total).join_from(BALANCE, sent, sa.and_(*same)).group_by(*named)
