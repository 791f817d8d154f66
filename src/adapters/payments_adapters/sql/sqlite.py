"""SQLite as one process uses it: a reader on the event loop, a reader for long streams, and the writer in a thread of its own.

A look-up takes some microseconds, less than it costs to leave the loop; only commits wait for the disk.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy.dialects.sqlite import pysqlite

from payments_adapters.sql import schema
from payments_adapters.sql.plan import Plan
from payments_adapters.sql.shelf import Row, Shelf
from payments_adapters.sql.sqlite_file import connect, path_of
from payments_adapters.sql.sqlite_writer import SqliteWriter
from payments_adapters.sql.statements import Statement, Statements
from payments_core.errors import Unavailable


@attrs.define(eq=False)
class SqliteBackend:
    """One file. Several processes may have it open."""

    url: str
    statements: Statements = attrs.field(
        factory=lambda: Statements(pysqlite.dialect(paramstyle="qmark")), init=False
    )
    _reader: sqlite3.Connection | None = attrs.field(default=None, init=False)
    _streamer: sqlite3.Connection | None = attrs.field(default=None, init=False)
    _turn: asyncio.Lock = attrs.field(factory=asyncio.Lock, init=False)
    _writer: SqliteWriter | None = attrs.field(default=None, init=False)

    async def open(self) -> None:
        """Open the file, make the tables if it is new, and start the writer."""
        if self._writer is not None:
            return
        path = path_of(self.url)
        try:
            await asyncio.to_thread(_prepare, path, self.url)
            self._reader = connect(path, reads_only=True)
            self._streamer = connect(path, reads_only=True)
        except sqlite3.Error as error:
            raise Unavailable(f"The database {path} cannot be opened: {error}") from error
        self._writer = SqliteWriter(lambda: connect(path, reads_only=False), self.statements)
        self._writer.start(asyncio.get_running_loop())

    async def close(self) -> None:
        """Write what was accepted, then let go of the file."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.refuse_more()
            await asyncio.to_thread(writer.stop)
            await asyncio.sleep(0)  # what the writer told last is heard before we go
        for connection in (self._reader, self._streamer):
            if connection is not None:
                connection.close()
        self._reader = self._streamer = None

    async def find(self, shelf: Shelf[Any], account: bytes, key: bytes) -> Row | None:
        """Answer at once, on the loop."""
        rows = await self.rows(self.statements.find(shelf), (account, key))
        return rows[0] if rows else None

    async def rows(self, statement: Statement, arguments: Sequence[Any]) -> Sequence[Row]:
        """Answer at once, on the loop."""
        if self._reader is None:
            raise Unavailable("The storage is not open.")
        try:
            return self._reader.execute(statement.text, arguments).fetchall()
        except sqlite3.DatabaseError as error:
            raise Unavailable("The storage cannot be read now.") from error

    async def many_rows(self, statement: Statement, arguments: Sequence[Any]) -> Sequence[Row]:
        """Answer from a thread, one chunk at a time."""
        async with self._turn:
            return await asyncio.to_thread(self._stream, statement, arguments)

    def _stream(self, statement: Statement, arguments: Sequence[Any]) -> Sequence[Row]:
        if self._streamer is None:
            raise Unavailable("The storage is not open.")
        try:
            return self._streamer.execute(statement.text, arguments).fetchall()
        except sqlite3.DatabaseError as error:
            raise Unavailable("The storage cannot be read now.") from error

    async def write(self, made: Plan) -> None:
        """Hand the plan to the writer and wait; a cancelled caller changes nothing for the plan."""
        if self._writer is None:
            raise Unavailable("The storage is not open.")
        await self._writer.hand_over(made)


def _prepare(path: Path, url: str) -> None:
    """Make the tables of a new file; refuse an old one that was not migrated."""
    connection = connect(path, reads_only=False)
    try:
        found = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        at = _revision(connection) if "alembic_version" in found else None
    finally:
        connection.close()
    if found:
        schema.check(at, url)
    else:
        schema.upgrade(url)


def _revision(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None
