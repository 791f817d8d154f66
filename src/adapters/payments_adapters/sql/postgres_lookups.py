"""Look-ups by key on PostgreSQL: those that are asked for at the same time travel together.

There is no timer: what is asked for within one turn of the event loop, or while all connections are busy, becomes one
question for each table. Whoever asks after a commit is answered from after it: nobody joins a question already sent.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa

from payments_adapters.sql.postgres_statements import arrays
from payments_adapters.sql.shelf import Row, Shelf
from payments_adapters.sql.statements import Statement, Statements

TOGETHER_MAX: Final = 256

Key = tuple[bytes, bytes]
Found = Row | None
Waiting = dict[Key, list["asyncio.Future[Found]"]]
Rows = Callable[[Statement, Sequence[Any]], Awaitable[Sequence[Row]]]


@attrs.define(eq=False)
class Lookups:
    """Collects look-ups, and asks for as many tables at once as there are connections."""

    _rows: Rows
    _statements: Statements
    _connections: int
    _waiting: dict[Shelf[Any], Waiting] = attrs.field(factory=lambda: defaultdict(dict), init=False)
    _asking: set["asyncio.Task[None]"] = attrs.field(factory=set, init=False)
    _due: bool = attrs.field(default=False, init=False)

    async def find(self, shelf: Shelf[Any], account: bytes, key: bytes) -> Found:
        """Body and version, or None."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        self._waiting[shelf].setdefault((account, key), []).append(answer)
        if not self._due:
            self._due = True
            loop.call_soon(self._send)
        return await answer

    def _send(self) -> None:
        self._due = False
        while self._waiting and len(self._asking) < self._connections:
            shelf, waiting = self._waiting.popitem()
            if len(waiting) > TOGETHER_MAX:
                later = dict(list(waiting.items())[TOGETHER_MAX:])
                waiting = {key: waiting[key] for key in waiting.keys() - later.keys()}
                self._waiting[shelf] = later
            task = asyncio.create_task(self._ask(shelf, waiting))
            self._asking.add(task)
            task.add_done_callback(self._answered)

    def _answered(self, task: "asyncio.Task[None]") -> None:
        self._asking.discard(task)
        self._send()

    async def _ask(self, shelf: Shelf[Any], waiting: Waiting) -> None:
        answers = [answer for several in waiting.values() for answer in several]
        try:
            found = await self._found(shelf, list(waiting))
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits must hear of it
            for answer in answers:
                if not answer.done():
                    answer.set_exception(error)
            return
        for key, several in waiting.items():
            row = found.get(key)
            for answer in several:
                if not answer.done():
                    answer.set_result(row)

    async def _found(self, shelf: Shelf[Any], keys: list[Key]) -> dict[Key, Row]:
        if len(keys) == 1:
            rows = await self._rows(self._statements.find(shelf), keys[0])
            return dict(zip(keys, rows, strict=False))
        statement = self._statements.kept(("find_together", shelf), lambda: _find_together(shelf))
        accounts, ids = zip(*keys, strict=True)
        arguments = statement.arguments({"key_account": accounts, "key": ids})
        return {(row[0], row[1]): (row[2], row[3]) for row in await self._rows(statement, arguments)}


def _find_together(shelf: Shelf[Any]) -> sa.Select[Any]:
    c = shelf.table.c
    asked = arrays(["key_account", "key"], [c.account_id.type, c.id.type])
    same = sa.and_(c.account_id == asked.c.key_account, c.id == asked.c.key)
    return sa.select(c.account_id, c.id, c.body, c.version).join_from(asked, shelf.table, same)
