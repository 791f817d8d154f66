"""The committer for PostgreSQL: two connections, and one statement for everybody who waits.

There is no timer: what queued while the connections were busy is taken together. A group that is refused is halved until the
one that stands in the way is alone, so a bad neighbour harms nobody. Plans with floors go in a transaction of their own,
which locks the balances they look at.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import asyncpg
import attrs

from payments_adapters.sql.backend import GROUP_MAX, Ticket
from payments_adapters.sql.books import GUARD, MOVE
from payments_adapters.sql.plan import BalanceKey, Overlap, Plan, first_refused, moved, rows_by_target
from payments_adapters.sql.postgres_statements import GroupStatements
from payments_core.errors import Conflict, ParamInvalid, PaymentsError, Unavailable

Connect = Callable[[], Awaitable[asyncpg.Connection]]

FASTER: Final = (
    asyncpg.UniqueViolationError,
    asyncpg.DivisionByZeroError,  # fewer rows than were sent had the version that was read
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
UNKEEPABLE: Final = (asyncpg.DataError, ValueError, OverflowError)
"""The server's word for a value that it cannot take, and the driver's."""


@attrs.define(eq=False)
class PostgresWriter:
    """Takes plans as they come; each of its connections writes one group at a time."""

    connect: Connect
    texts: GroupStatements
    _slots: Sequence[int]
    """For each connection the number under which it keeps its own rows of the balances."""
    _waiting: deque[Ticket] = attrs.field(factory=deque, init=False)
    _idle: list["asyncio.Future[None]"] = attrs.field(factory=list, init=False)
    _hands: list["asyncio.Task[None]"] = attrs.field(factory=list, init=False)
    _stopped: bool = attrs.field(default=False, init=False)

    def start(self) -> None:
        """Begin to take plans."""
        self._hands = [asyncio.create_task(Hand(self, slot).work()) for slot in self._slots]

    async def stop(self) -> None:
        """Write what waits, then end."""
        self._stopped = True
        self._wake(all_of_them=True)
        await asyncio.gather(*self._hands)

    async def hand_over(self, made: Plan) -> None:
        """Queue a plan and wait until it is durable or refused."""
        if self._stopped:
            raise Unavailable("The storage is closing.")
        ticket = Ticket(made, asyncio.get_running_loop().create_future())
        self._waiting.append(ticket)
        self._wake()
        await ticket.future

    async def take(self) -> list[Ticket]:
        """Wait for somebody, and take everybody who waits; nobody, once it is over."""
        while not self._waiting:
            if self._stopped:
                return []
            nudge: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(nudge)
            await nudge
        waiting = self._waiting
        return [waiting.popleft() for _ in range(min(GROUP_MAX, len(waiting)))]

    def _wake(self, *, all_of_them: bool = False) -> None:
        while self._idle:
            nudge = self._idle.pop()
            if not nudge.done():
                nudge.set_result(None)
                if not all_of_them:
                    return


@attrs.define(eq=False)
class Hand:
    """One writing connection at work. It is made when it is needed, and made anew after it broke."""

    _writer: PostgresWriter
    _slot: int
    _connection: asyncpg.Connection | None = attrs.field(default=None, init=False)

    async def work(self) -> None:
        """Write group after group until there is nobody left."""
        while group := await self._writer.take():
            try:
                await self._settle_all(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits must hear of it
                await self._disconnect()
                for ticket in group:
                    # Those whose part of the group was written before have been told already.
                    ticket.refusal = Unavailable("The storage cannot write now.")
                    ticket.refusal.__cause__ = error
                    ticket.tell()
        await self._disconnect()

    async def _settle_all(self, group: Sequence[Ticket]) -> None:
        seen = Overlap()
        together = [ticket for ticket in group if seen.is_clear(ticket.made)]
        apart = []
        if len(together) < len(group):
            taken = set(map(id, together))
            apart = [ticket for ticket in group if id(ticket) not in taken]
            seen = Overlap()  # what is truly written is noted again, one by one
        floored = [ticket for ticket in together if ticket.made.floors]
        if floored:
            together = [ticket for ticket in together if not ticket.made.floors]
        await self._settle(together, seen)
        await self._settle(floored, seen)
        for ticket in apart:
            if seen.is_lost(ticket.made):
                ticket.refusal = Conflict("Somebody else was faster.")
                ticket.tell()
            else:
                await self._settle([ticket], seen)

    async def _settle(self, group: Sequence[Ticket], seen: Overlap) -> None:
        """Write the group; if that is refused, each half of it."""
        if not group:
            return None
        try:
            refusals = await self._write([ticket.made for ticket in group])
        except FASTER:
            if len(group) > 1:
                return await self._halve(group, seen)
            refusals = [Conflict("Somebody else was faster.")]
        except UNKEEPABLE:
            if len(group) > 1:
                return await self._halve(group, seen)
            refusals = [ParamInvalid("A value is more than the storage can hold.")]
        for ticket, refusal in zip(group, refusals, strict=True):
            if refusal is None:
                seen.wrote(ticket.made)
            ticket.refusal = refusal
            ticket.tell()
        return None

    async def _halve(self, group: Sequence[Ticket], seen: Overlap) -> None:
        middle = len(group) // 2
        await self._settle(group[:middle], seen)
        await self._settle(group[middle:], seen)

    async def _write(self, plans: Sequence[Plan]) -> list[PaymentsError | None]:
        connection = await self._connected()
        if not plans[0].floors:
            await self._put(connection, plans)
            return [None] * len(plans)
        async with connection.transaction():
            standing = await self._guarded(connection, {key for made in plans for key, _ in made.floors})
            refused = first_refused(plans, standing)
            await self._put(connection, [made for at, made in enumerate(plans) if at not in refused])
        return [refused.get(at) for at in range(len(plans))]

    async def _put(self, connection: asyncpg.Connection, plans: Sequence[Plan]) -> None:
        rows = rows_by_target(plans)
        moves = moved(plans)
        if moves:
            # In one order for everybody: two who add to the same balances must not wait for each other.
            rows[MOVE] = [(*key, self._slot, amount) for key, amount in sorted(moves.items())]
        if rows:
            text, arguments = self._writer.texts.group(rows)
            await connection.fetchval(text, *arguments)

    async def _guarded(
        self, connection: asyncpg.Connection, wanted: set[BalanceKey]
    ) -> Mapping[BalanceKey, int]:
        """Lock the balances against others who check them, then read what stands there."""
        keys = sorted(wanted)
        text, arguments = self._writer.texts.group({MOVE: [(*key, GUARD, 0) for key in keys]})
        await connection.fetchval(text, *arguments)
        standing = self._writer.texts.standing()
        columns: Mapping[str, Any] = dict(
            zip(("account_id", "ledger_account", "currency", "sub"), zip(*keys, strict=True), strict=True)
        )
        found = await connection.fetch(standing.text, *standing.arguments(dict(columns)))
        return {(row[0], row[1], row[2], row[3]): row[4] for row in found}

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._writer.connect()
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
