"""Searching in tables: candidates by a word, by an indexed column or by reading on, and the core says which of them are meant.

A search by e-mail or metadata reads the rows of one word, in the order of the answer. What no index knows is looked for in the
order of keys, a chunk at a time, by texts that must occur in the body.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import attrs
import sqlalchemy as sa

from payments_adapters.sql.backend import Backend
from payments_adapters.sql.keys import ACCOUNT_KEYS
from payments_adapters.sql.search_words import SEARCH_WORD, word_sought
from payments_adapters.sql.shelf import Row, Shelf
from payments_core.ports import Page, Record
from payments_core.searching.matching import Kind, Search, Sought, matches
from payments_core.searching.queries import Relation

NounT = TypeVar("NounT", bound=Record)

CHUNK_MAX: Final = 500
_SAFE: Final = re.compile(r"[A-Za-z0-9 @.+-]{3,}")
"""What JSON writes as it is, and LIKE reads as it is."""


@attrs.frozen
class Route:
    """How candidates are found."""

    words: tuple[bytes, ...] = ()
    column: str | None = None
    value: Any = None
    parts: tuple[str, ...] = ()
    any: bool = False

    @property
    def is_indexed(self) -> bool:
        """Whether an index leads to them."""
        return bool(self.words) or self.column is not None


def route(shelf: Shelf[Any], search: Search) -> Route:
    """The best way to the candidates of *search*."""
    words = [word_sought(shelf, sought) for sought in search.sought]
    if search.any:
        if all(word is not None for word in words):
            return Route(words=tuple(word for word in words if word is not None))
    else:
        for word in words:
            if word is not None:
                return Route(words=(word,))
        for sought in search.sought:
            if _is_in_column(shelf, sought):
                return Route(column=sought.path, value=shelf.bind(sought.path, sought.raw))
    parts = [_part(sought) for sought in search.sought]
    known = tuple(part for part in parts if part is not None)
    if search.any and len(known) < len(parts):
        known = ()
    return Route(parts=known, any=search.any)


def _is_in_column(shelf: Shelf[Any], sought: Sought) -> bool:
    column = shelf.by_name.get(sought.path)
    is_plain = sought.kind is Kind.TOKEN and sought.relation is Relation.IS and not sought.negated
    return column is not None and column.indexed and is_plain and sought.raw is not None


def _part(sought: Sought) -> str | None:
    """A text that occurs in the body of whatever *sought* means, or None."""
    if sought.negated or not isinstance(sought.value, str):
        return None
    found = max(_SAFE.findall(sought.value), key=len, default=None)
    return None if found is None else f"%{found}%"


async def find(backend: Backend, shelf: Shelf[NounT], account_id: str, search: Search) -> Page[NounT]:
    """The nouns that *search* means, newest first."""
    way = route(shelf, search)
    after = b"\xff" * 64 if search.after is None else shelf.keys.pack(search.after)
    found: list[NounT] = []
    count, wanted = min(CHUNK_MAX, search.limit + 1), search.limit + 1
    while len(found) < wanted:
        rows = await _rows(
            backend, shelf, way, {"account_id": ACCOUNT_KEYS.pack(account_id), "after": after, "count": count}
        )
        for body, key in rows:
            if key == after:
                continue  # the same noun, under another word
            after = key
            noun = shelf.decode(body)
            if matches(noun, search):
                found.append(noun)
        if len(rows) < count:
            break
        count = min(CHUNK_MAX, count * 4)
    return Page(items=tuple(found[: search.limit]), has_more=len(found) > search.limit)


async def _rows(backend: Backend, shelf: Shelf[Any], way: Route, values: dict[str, Any]) -> Sequence[Row]:
    shape = "search", shelf, len(way.words), way.column, len(way.parts), way.any
    statement = backend.statements.kept(shape, lambda: _statement(shelf, way))
    values |= {f"word{at}": word for at, word in enumerate(way.words)}
    values |= {f"part{at}": part for at, part in enumerate(way.parts)}
    if way.column is not None:
        values["value"] = way.value
    read = backend.rows if way.is_indexed else backend.many_rows
    return await read(statement, statement.arguments(values))


def _statement(shelf: Shelf[Any], way: Route) -> sa.Select[Any]:
    c = shelf.table.c
    account: Any = sa.bindparam("account_id")
    after: Any = sa.bindparam("after", type_=sa.LargeBinary())
    chosen = sa.select(c.body, c.id)
    if way.words:
        w = SEARCH_WORD.c
        words: list[Any] = [sa.bindparam(f"word{at}", type_=sa.LargeBinary()) for at in range(len(way.words))]
        joined = SEARCH_WORD.join(shelf.table, sa.and_(c.account_id == w.account_id, c.id == w.id))
        one = w.word == words[0] if len(words) == 1 else w.word.in_(words)
        chosen = chosen.select_from(joined).where(w.account_id == account, one, w.id < after)
        return chosen.order_by(w.id.desc()).limit(sa.bindparam("count"))
    chosen = chosen.where(c.account_id == account, c.id < after)
    if way.column is not None:
        chosen = chosen.where(c[way.column] == sa.bindparam("value"))
    likes = [c.body.ilike(sa.bindparam(f"part{at}", type_=sa.Text())) for at in range(len(way.parts))]
    if likes:
        chosen = chosen.where(sa.or_(*likes) if way.any else sa.and_(*likes))
    return chosen.order_by(c.id.desc()).limit(sa.bindparam("count"))
