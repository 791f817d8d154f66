"""Shelves: how one kind of noun is laid down in one table. Columns to find it by, and its whole self as JSON.

A shelf decides no meaning and runs no SQL. `created`, `deleted` and `due_at` are found on the noun by themselves; what else
lists filter on is declared.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import attrs
import msgspec
import sqlalchemy as sa

from payments_adapters.sql.keys import KeyCodec
from payments_core.errors import ParamInvalid
from payments_core.ports import Record

NounT = TypeVar("NounT", bound=Record)
Row = tuple[Any, ...]

DISTRIBUTED: Final = {"placement": "distributed"}
FIXED: Final = "fixed"
METADATA: Final = sa.MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"}
)
REMEMBERED: Final = 1_024
_ENCODE: Final = msgspec.json.Encoder().encode


class Verb(Enum):
    """What is done to rows of a table."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    ADD = "add"
    """Add to the amount of a balance row, which is made if it is not there."""
    NOTE = "note"
    """Insert a row that may be there already."""


@attrs.frozen(eq=False)
class Target:
    """A table and what is done to it: one statement, whatever the number of rows."""

    table: sa.Table
    verb: Verb


@attrs.frozen(kw_only=True)
class Column:
    """A promoted column: `path` is where its value is found on the noun, its own name unless said.

    A `fixed` one is written once, with the noun: updates leave it and its index alone.
    """

    name: str
    type: sa.types.TypeEngine[Any]
    path: str
    indexed: bool
    codec: KeyCodec | None = None
    fixed: bool = False


def text(name: str, *, path: str | None = None, indexed: bool = False, fixed: bool = False) -> Column:
    """Promote a text, or an enumeration's value."""
    return Column(name=name, type=sa.Text(), path=path or name, indexed=indexed, fixed=fixed)


def ref(name: str, *prefixes: str, path: str | None = None, indexed: bool = True) -> Column:
    """Promote the id of another noun, whose ids have these prefixes."""
    return Column(
        name=name, type=sa.LargeBinary(), path=path or name, indexed=indexed, codec=KeyCodec(prefixes)
    )


def number(name: str, *, path: str | None = None, indexed: bool = False, fixed: bool = False) -> Column:
    """Promote an integer."""
    return Column(name=name, type=sa.BigInteger(), path=path or name, indexed=indexed, fixed=fixed)


def flag(name: str, *, path: str | None = None) -> Column:
    """Promote a truth."""
    return Column(name=name, type=sa.Boolean(), path=path or name, indexed=False)


@attrs.frozen(eq=False, kw_only=True)
class Shelf(Generic[NounT]):
    """One kind of noun, its table, and the way in and out."""

    kind: type[NounT]
    name: str
    columns: tuple[Column, ...]
    keys: KeyCodec
    order: str
    """What "newest first" goes by: `id`, or `created` where ids are people's own words."""
    table: sa.Table
    decode: Callable[[str | bytes], NounT]
    values: Callable[[NounT], Row]
    """What is kept of a noun beside its keys and version: the promoted columns, and the body."""
    changing: Callable[[NounT], Row]
    """Of these only what can change."""
    by_name: dict[str, Column]
    searched: tuple[str, ...]
    """Paths of texts and hashes whose words are noted, so that searches find them at once."""
    insert: Target
    update: Target
    delete: Target

    def bind(self, name: str, value: Any) -> Any:
        """The value as column *name* keeps it."""
        codec = self.by_name[name].codec
        return value if codec is None or value is None else codec.pack(value)


def shelf(
    kind: type[NounT],
    table: str,
    *prefixes: str,
    columns: Sequence[Column] = (),
    order: str = "id",
    searched: tuple[str, ...] = (),
    often_read: bool = False,
) -> Shelf[NounT]:
    """Declare how nouns of *kind*, whose ids have these prefixes, are kept in *table*.

    Each request reads some nouns, which are few: *often_read* remembers what became of the same body the last time. The
    body itself is read every time, so that nothing old is ever told.
    """
    fields: set[str] = {field.name for field in attrs.fields(kind)}  # type: ignore[arg-type]
    found = (number("created", fixed=True), flag("deleted"), number("due_at"))
    promoted = (*(column for column in found if column.name in fields), *columns)
    for column in promoted:
        assert _has(kind, column.path.partition(".")[0]), f"{kind.__name__} has no {column.path}"
    built = _table(table, promoted, order)
    decode = msgspec.json.Decoder(kind).decode
    return Shelf(
        kind=kind,
        name=table,
        columns=promoted,
        keys=KeyCodec(prefixes),
        order=order,
        table=built,
        decode=lru_cache(REMEMBERED)(decode) if often_read else decode,
        values=_values_of(promoted),
        changing=_values_of([column for column in promoted if not column.fixed]),
        by_name={column.name: column for column in promoted},
        searched=searched,
        insert=Target(built, Verb.INSERT),
        update=Target(built, Verb.UPDATE),
        delete=Target(built, Verb.DELETE),
    )


def _table(name: str, promoted: Sequence[Column], order: str) -> sa.Table:
    columns = [
        sa.Column(column.name, column.type, nullable=True, info={FIXED: column.fixed}) for column in promoted
    ]
    table = sa.Table(
        name,
        METADATA,
        sa.Column("account_id", sa.LargeBinary(), primary_key=True),
        sa.Column("id", sa.LargeBinary(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *columns,
        sa.Column("body", sa.Text(), nullable=False),
        info=dict(DISTRIBUTED),
    )
    for column in promoted:
        if column.indexed:
            _index(table, column.name, "account_id", column.name, "id")
    if "due_at" in table.c:
        _index(table, "due_at", "due_at")
    if order == "created":
        sa.Index(None, table.c.account_id, table.c.created, table.c.id)
    return table


def changing(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns that an update writes."""
    return [column for column in table.c if not column.primary_key and not column.info.get(FIXED)]


def _index(table: sa.Table, present: str, *names: str) -> None:
    """Index the rows that have *present*: most columns that are searched are empty in most rows."""
    present_only = table.c[present].is_not(None)
    sa.Index(
        None, *(table.c[name] for name in names), sqlite_where=present_only, postgresql_where=present_only
    )


def _values_of(promoted: Sequence[Column]) -> Callable[[Any], Row]:
    get = _getter([column.path for column in promoted])
    packed = [(at, column.codec.pack) for at, column in enumerate(promoted) if column.codec is not None]
    if not packed:
        return lambda noun: (*get(noun), body_of(noun))

    def values(noun: Any) -> Row:
        row = [*get(noun), body_of(noun)]
        for at, pack in packed:
            if row[at] is not None:
                row[at] = pack(row[at])
        return tuple(row)

    return values


def _getter(paths: Sequence[str]) -> Callable[[Any], Row]:
    if not paths:
        return lambda noun: ()
    get = attrgetter(*paths)
    return get if len(paths) > 1 else lambda noun: (get(noun),)


def body_of(noun: Any) -> str:
    """The whole noun as JSON text. NUL is refused: no text of PostgreSQL can hold one."""
    try:
        body = _ENCODE(noun)
    except UnicodeEncodeError:
        raise ParamInvalid("Text must be valid Unicode.") from None
    if b"\\u0000" in body and _holds_nul(msgspec.json.decode(body)):
        raise ParamInvalid("Text cannot hold the NUL character.")
    return body.decode()


def _holds_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(part) for item in value.items() for part in item)
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False


def _has(kind: type, name: str) -> bool:
    """Say whether instances have it: a field, or a property."""
    return hasattr(kind, name) or any(field.name == name for field in attrs.fields(kind))
