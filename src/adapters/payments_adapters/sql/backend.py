"""What the store asks of a database: to answer statements, and to write plans. One file for each kind implements it.

No nouns here, and no meaning.
"""

from asyncio import Future
from collections.abc import Sequence
from typing import Any, Final, Protocol

import attrs

from payments_adapters.sql.plan import Plan
from payments_adapters.sql.shelf import Row, Shelf
from payments_adapters.sql.statements import Statement, Statements
from payments_core.errors import PaymentsError

GROUP_MAX: Final = 128
"""How many batches share one commit: one that has so many is not kept open for more."""


class Backend(Protocol):
    """One database, as one process sees it. Bound to the event loop that opened it."""

    statements: Statements

    @property
    def url(self) -> str:
        """The address of the database."""
        ...

    async def open(self) -> None:
        """Connect, and make sure that the schema is the one that this code knows."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and disconnect."""
        ...

    async def find(self, shelf: Shelf[Any], account: bytes, key: bytes) -> Row | None:
        """Answer with body and version of one noun, or None."""
        ...

    async def rows(self, statement: Statement, arguments: Sequence[Any]) -> Sequence[Row]:
        """Answer with one page."""
        ...

    async def many_rows(self, statement: Statement, arguments: Sequence[Any]) -> Sequence[Row]:
        """Answer a chunk of a long stream, without holding up anybody else."""
        ...

    async def write(self, made: Plan) -> None:
        """Return when *made* is durable, or raise and have written nothing of it."""
        ...


@attrs.define(eq=False)
class Ticket:
    """A plan that waits for its commit. `refusal` is what became of it; None once it is durable."""

    made: Plan
    future: "Future[None]"
    refusal: PaymentsError | None = None

    def tell(self) -> None:
        """Wake who waits. Whoever was cancelled meanwhile is not there to hear it; the plan was written all the same."""
        if self.future.done():
            return
        if self.refusal is None:
            self.future.set_result(None)
        else:
            self.future.set_exception(self.refusal)
