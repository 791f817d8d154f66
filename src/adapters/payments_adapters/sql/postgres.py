"""PostgreSQL as one process uses it: a pool for reading, and the writer's own two connections."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

import asyncpg
import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg as dialects

from payments_adapters.sql import schema
from payments_adapters.sql.plan import Plan
from payments_adapters.sql.postgres_lookups import Lookups
from payments_adapters.sql.postgres_statements import GroupStatements
from payments_adapters.sql.postgres_writer import UNKEEPABLE, PostgresWriter
from payments_adapters.sql.shelf import Row, Shelf
from payments_adapters.sql.statements import Statement, Statements
from payments_core.errors import Unavailable

READERS_MAX: Final = 8
WRITERS: Final = 2
SLOTS: Final = 64
"""Balances have at most this many rows each, whatever the number of processes; two that share one only wait a little."""
TIMEOUT_S: Final = 30.0
STATEMENTS_CACHED: Final = 512

_READING: Final = {"application_name": "payments", "default_transaction_isolation": "read committed"}
_WRITING: Final = {
    **_READING,
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": "60000",
    # The arrays vary in length and nothing else: one plan, by key, whatever the statistics say of a young table.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}

_GONE: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was lost while the driver was at it
    TimeoutError,
)
_NOT_NOW: Final = (
    *_GONE,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def _dialect() -> sa.Dialect:
    make: Callable[[], sa.Dialect] = dialects.dialect
    return make()


@attrs.define(eq=False)
class PostgresBackend:
    """One database. Any number of processes may use it."""

    url: str
    statements: Statements = attrs.field(factory=lambda: Statements(_dialect()), init=False)
    _pool: asyncpg.Pool | None = attrs.field(default=None, init=False)
    _writer: PostgresWriter | None = attrs.field(default=None, init=False)
    _lookups: Lookups = attrs.field(init=False)

    @_lookups.default
    def _lookups_default(self) -> Lookups:
        return Lookups(self.rows, self.statements, READERS_MAX)

    async def open(self) -> None:
        """Connect and check the schema."""
        if self._writer is not None:
            return
        try:
            self._pool = await asyncpg.create_pool(
                self.url,
                min_size=1,
                max_size=READERS_MAX,
                statement_cache_size=STATEMENTS_CACHED,
                command_timeout=TIMEOUT_S,
                server_settings=_READING,
                reset=_nothing_to_reset,
            )
            revision = await self._revision()
            if revision is None:
                # An empty database gets its tables; one with an older schema is somebody's decision.
                await asyncio.to_thread(schema.upgrade, self.url)
                revision = await self._revision()
            schema.check(revision, self.url)
        except _NOT_NOW as error:
            await self.close()
            raise Unavailable(f"The database cannot be opened: {error}") from error
        except schema.SchemaOutdated:
            await self.close()
            raise
        first = secrets.randbelow(SLOTS // WRITERS) * WRITERS + 1
        self._writer = PostgresWriter(
            self.connect_to_write, GroupStatements(self.statements), range(first, first + WRITERS)
        )
        self._writer.start()

    async def close(self) -> None:
        """Write what was accepted, then disconnect."""
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.stop()
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    async def find(self, shelf: Shelf[Any], account: bytes, key: bytes) -> Row | None:
        """Answer together with others who ask now."""
        return await self._lookups.find(shelf, account, key)

    async def rows(self, statement: Statement, arguments: Sequence[Any]) -> Sequence[Row]:
        """Answer on one of the reading connections."""
        if self._pool is None:
            raise Unavailable("The storage is not open.")
        try:
            found: Sequence[Row] = await self._pool.fetch(statement.text, *arguments)
        except UNKEEPABLE:
            return ()  # a value that no column can hold is in none
        except _NOT_NOW as error:
            raise Unavailable("The storage cannot be read now.") from error
        return found

    async def many_rows(self, statement: Statement, arguments: Sequence[Any]) -> Sequence[Row]:
        """Answer on one of the reading connections."""
        return [tuple(row) for row in await self.rows(statement, arguments)]

    async def write(self, made: Plan) -> None:
        """Hand the plan to the writer and wait; a cancelled caller changes nothing for the plan."""
        if self._writer is None:
            raise Unavailable("The storage is not open.")
        await self._writer.hand_over(made)

    async def connect_to_write(self) -> asyncpg.Connection:
        """A connection as the writer wants it."""
        return await asyncpg.connect(
            self.url,
            statement_cache_size=STATEMENTS_CACHED,
            command_timeout=TIMEOUT_S,
            timeout=TIMEOUT_S,
            server_settings=_WRITING,
        )

    async def _revision(self) -> str | None:
        assert self._pool is not None, "the pool was made before"
        try:
            found: str | None = await self._pool.fetchval("SELECT version_num FROM alembic_version")
        except asyncpg.UndefinedTableError:
            return None
        return found


async def _nothing_to_reset(connection: Any) -> None:
    """Readers change nothing of their session, so giving a connection back costs no round trip."""
    await asyncio.sleep(0)
