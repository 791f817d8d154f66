"""The committer for SQLite: one thread, one writing connection, one transaction for everybody who waits.

There is no timer: what queued while the last commit ran is taken together. If the group as a whole is refused, its members
are tried one by one inside one transaction, each behind a savepoint, so a bad neighbour harms nobody and costs no commit.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from payments_adapters.sql.backend import GROUP_MAX, Ticket
from payments_adapters.sql.books import BALANCE, MOVE
from payments_adapters.sql.plan import BalanceKey, Overlap, Plan, first_refused, moved, rows_by_target
from payments_adapters.sql.shelf import Row, Target, Verb, changing
from payments_adapters.sql.sqlite_groups import grouped
from payments_adapters.sql.statements import Statements
from payments_core.errors import Conflict, ParamInvalid, PaymentsError, Unavailable

WRITER: Final = 1
"""SQLite has one writer at a time, whatever the number of processes: one row for each balance."""


class Refused(Exception):
    """A group cannot be written as it is: one of its members stands in the way."""


@attrs.define(eq=False)
class SqliteWriter:
    """Takes plans from the event loop, and tells it what became of them once for each group."""

    _connect: Callable[[], sqlite3.Connection]
    _statements: Statements
    _waiting: "queue.SimpleQueue[list[Ticket] | None]" = attrs.field(factory=queue.SimpleQueue, init=False)
    _gathered: list[Ticket] = attrs.field(factory=list, init=False)
    """What this turn of the event loop has to write: it is handed over at once, when the turn ends."""
    _texts: dict[Target, str] = attrs.field(factory=dict, init=False)
    _connection: sqlite3.Connection | None = attrs.field(default=None, init=False)
    _thread: threading.Thread | None = attrs.field(default=None, init=False)
    _loop: asyncio.AbstractEventLoop | None = attrs.field(default=None, init=False)
    _stopped: bool = attrs.field(default=False, init=False)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to take plans from *loop*."""
        self._loop = loop
        self._thread = threading.Thread(target=self._run, name="payments-sqlite-writer", daemon=True)
        self._thread.start()

    def refuse_more(self) -> None:
        """Take no further plans, and pass on those that were taken. Called on the loop."""
        self._stopped = True
        self._pass_on()

    def stop(self) -> None:
        """Write what waits, then end. Called from another thread than the loop's."""
        self._stopped = True
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def text(self, target: Target) -> str:
        """The statement for one row of *target*."""
        text = self._texts.get(target)
        if text is None:
            text = self._texts[target] = self._statements.compiled(_BUILD[target.verb](target.table)).text
        return text

    async def hand_over(self, made: Plan) -> None:
        """Queue a plan and wait until it is durable or refused.

        What one turn of the loop brings goes to the writer together. Were it woken by the first of them, it would commit
        that one alone, and contend with the loop, which is still busy with the others.
        """
        assert self._loop is not None, "the writer was started"
        if self._stopped:
            raise Unavailable("The storage is closing.")
        ticket = Ticket(made, self._loop.create_future())
        if not self._gathered:
            self._loop.call_soon(self._pass_on)
        self._gathered.append(ticket)
        await ticket.future

    def _pass_on(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._waiting.put(gathered)

    def _run(self) -> None:
        more = True
        while more:
            group, more = self._take()
            if group:
                self._settle(group)
                self._tell(group)
        self._disconnect()

    def _take(self) -> tuple[list[Ticket], bool]:
        waiting = self._waiting
        several = waiting.get()
        group: list[Ticket] = []
        while several is not None:
            group += several
            if len(group) >= GROUP_MAX or waiting.empty():
                return group, True
            several = waiting.get()
        return group, False

    def _tell(self, group: Sequence[Ticket]) -> None:
        assert self._loop is not None, "the writer was started"
        try:
            self._loop.call_soon_threadsafe(_tell_all, group)
        except RuntimeError:
            self._stopped = True  # the loop is gone, and everybody who waited with it

    def _settle(self, group: Sequence[Ticket]) -> None:
        try:
            self._commit(group)
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits must hear of it
            self._disconnect()
            for ticket in group:
                ticket.refusal = Unavailable("The storage cannot write now; nothing was written.")
                ticket.refusal.__cause__ = error

    def _commit(self, group: Sequence[Ticket]) -> None:
        connection = self._connected()
        seen = Overlap()
        together = [ticket for ticket in group if seen.is_clear(ticket.made)]
        connection.execute("BEGIN IMMEDIATE")
        try:
            for ticket, refusal in zip(together, self._write([t.made for t in together]), strict=True):
                ticket.refusal = refusal
        except (Refused, sqlite3.IntegrityError, sqlite3.DataError, OverflowError):
            connection.execute("ROLLBACK")
            connection.execute("BEGIN IMMEDIATE")
            seen, together = Overlap(), []
        if len(together) < len(group):
            taken = set(map(id, together))
            for ticket in group:
                if id(ticket) not in taken:
                    ticket.refusal = self._alone(ticket.made, seen)
        connection.execute("COMMIT")

    def _alone(self, made: Plan, seen: Overlap) -> PaymentsError | None:
        if seen.is_lost(made):
            return Conflict("Somebody else was faster.")
        connection = self._connected()
        connection.execute("SAVEPOINT alone")
        try:
            (refusal,) = self._write([made])
        except (Refused, sqlite3.IntegrityError):
            refusal = Conflict("Somebody else was faster.")
        except (sqlite3.DataError, OverflowError):
            refusal = ParamInvalid("A value is more than the storage can hold.")
        if refusal is not None:
            connection.execute("ROLLBACK TO alone")
        connection.execute("RELEASE alone")
        if refusal is None:
            seen.wrote(made)
        return refusal

    def _write(self, plans: Sequence[Plan]) -> list[PaymentsError | None]:
        """Write those of *plans* that keep their floors, and say what stands against the others."""
        refused: Mapping[int, PaymentsError] = {}
        floored = {key for made in plans for key, _ in made.floors}
        if floored:
            refused = first_refused(plans, {key: self._standing(key) for key in floored})
        kept = [made for at, made in enumerate(plans) if at not in refused] if refused else plans
        connection = self._connected()
        for target, rows in rows_by_target(kept).items():
            if self._write_rows(connection, target, rows) != len(rows):
                raise Refused
        moves = moved(kept)
        if moves:
            self._write_rows(connection, MOVE, [(*key, WRITER, amount) for key, amount in moves.items()])
        return [refused.get(at) for at in range(len(plans))]

    def _write_rows(self, connection: sqlite3.Connection, target: Target, rows: Sequence[Row]) -> int:
        text = self.text(target)
        if target.verb is Verb.DELETE:
            return connection.executemany(text, rows).rowcount
        return sum(connection.execute(part, values).rowcount for part, values in grouped(text, rows))

    def _standing(self, key: BalanceKey) -> int:
        found = self._statements.kept("standing", _standing)
        account, ledger_account, currency, sub = key
        values = {"account_id": account, "ledger_account": ledger_account, "currency": currency, "sub": sub}
        (row,) = self._connected().execute(found.text, found.arguments(values)).fetchall()
        return int(row[0] or 0)

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _disconnect(self) -> None:
        """Let go of the connection; an open transaction is rolled back by that."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _tell_all(group: Sequence[Ticket]) -> None:
    for ticket in group:
        ticket.tell()


def _insert(table: sa.Table) -> Any:
    return sa.insert(table)


def _update(table: sa.Table) -> Any:
    changes: dict[str, Any] = {column.name: sa.bindparam(f"new_{column.name}") for column in changing(table)}
    return sa.update(table).values(changes).where(*_read_version(table))


def _delete(table: sa.Table) -> Any:
    return sa.delete(table).where(*_read_version(table))


def _read_version(table: sa.Table) -> tuple[Any, ...]:
    c = table.c
    return (
        c.account_id == sa.bindparam("key_account"),
        c.id == sa.bindparam("key"),
        c.version == sa.bindparam("replaces"),
    )


def _add(table: sa.Table) -> Any:
    added = insert(table)
    keys = list(table.primary_key.columns)
    return added.on_conflict_do_update(
        index_elements=keys, set_={"amount": table.c.amount + added.excluded.amount}
    )


def _note(table: sa.Table) -> Any:
    # It changes nothing, and counts: a group knows by the count that all of it was written.
    added = insert(table)
    return added.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={"id": added.excluded.id}
    )


_BUILD: Final = {
    Verb.INSERT: _insert,
    Verb.UPDATE: _update,
    Verb.DELETE: _delete,
    Verb.ADD: _add,
    Verb.NOTE: _note,
}


def _standing() -> sa.Select[Any]:
    c = BALANCE.c
    named = (c.account_id, c.ledger_account, c.currency, c.sub)
    return sa.select(sa.func.sum(c.amount)).where(*(column == sa.bindparam(column.name) for column in named))
