"""How an operation is declared: once, with its command, its answer, its route and what it may refuse.

REST routes, GraphQL fields and the OpenAPI document are made from these declarations; they add nothing of their own.
"""

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, NotFound, PaymentsError
from payments_core.operations.work import Work
from payments_core.payments.answers import SILENCE, Answer
from payments_core.payments.attempts import Attempt
from payments_core.ports import Page, Ports, Query

Result = TypeVar("Result")
ResultCo = TypeVar("ResultCo", covariant=True)

LIMIT_DEFAULT = 10
LIMIT_MAX = 100


class Command(Generic[Result]):
    """What somebody wants done; the parameter is what they get back."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class TimeRange:
    """A range of times, each bound optional."""

    gt: Timestamp | None = None
    gte: Timestamp | None = None
    lt: Timestamp | None = None
    lte: Timestamp | None = None

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The smallest and the largest second inside."""
        low = max(
            (v for v in (self.gte, None if self.gt is None else self.gt + 1) if v is not None), default=None
        )
        high = min(
            (v for v in (self.lte, None if self.lt is None else self.lt - 1) if v is not None), default=None
        )
        return low, high


@attrs.frozen(kw_only=True)
class Listing:
    """The parameters that every list takes. A list command inherits from it and from `Command[Page[Noun]]`."""

    limit: int = LIMIT_DEFAULT
    starting_after: str | None = None
    ending_before: str | None = None
    created: TimeRange | Timestamp | None = None

    def query(self, **equal: Any) -> Query:
        """The query for the storage; keyword arguments that are None do not filter."""
        if not 1 <= self.limit <= LIMIT_MAX:
            raise InvalidRequest(
                f"This value must be between 1 and {LIMIT_MAX}: it is {self.limit}.",
                code="parameter_invalid_integer",
                param="limit",
            )
        if self.starting_after and self.ending_before:
            raise InvalidRequest(
                "You cannot parameterize both `starting_after` and `ending_before`.",
                code="parameters_exclusive",
                param="ending_before",
            )
        return Query(
            equal={name: value for name, value in equal.items() if value is not None},
            within={} if self.created is None else {"created": bounds(self.created)},
            after=self.starting_after,
            before=self.ending_before,
            limit=self.limit,
        )


def bounds(times: TimeRange | int) -> tuple[int | None, int | None]:
    """A moment or a range, as the smallest and the largest second inside."""
    return times.bounds if isinstance(times, TimeRange) else (times, times)


@attrs.frozen
class Message:
    """Something to say to a network, once, and how long to wait for the answer."""

    send: Callable[[], Awaitable[Answer]]
    timeout_s: float

    async def answer(self) -> Answer:
        """Send and wait. Nobody answering in time, or a broken connection, is silence."""
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self.send()
        except (TimeoutError, OSError):
            return SILENCE


@attrs.frozen(slots=False)
class Ask:
    """A handler's answer when the network must be asked first: perform commits, sends, and concludes."""

    attempt: Attempt
    message: Message


@attrs.frozen
class Deleted:
    """What is left to say of an object that is gone."""

    id: str
    object: str


Handler = Callable[[Any, Work, Ports], Awaitable[Any]]
Outcome = Callable[[Work, Ports, str], Awaitable[Any]]


@attrs.frozen(kw_only=True)
class Operation:
    """One thing the library can do."""

    name: str
    """`noun.verb`."""
    command: type[Command[Any]]
    result: Any
    """A noun's type, or `Page[noun]`."""
    handler: Handler
    method: str
    """`GET` reads, `POST` and `DELETE` write."""
    path: str
    raises: tuple[type[PaymentsError], ...] = ()
    publishable: bool = False
    """Whether a publishable key may do this."""
    outcome: Outcome | None = None
    """For operations that ask the network: what the caller is told about the object of this id, now that it is settled."""
    summary: str = ""
    whose: str | None = None
    """The parameter that names the account whose work it is: the caller's own, or one that the caller's platform made."""

    @property
    def reads(self) -> bool:
        """Say whether nothing changes."""
        return self.method == "GET"

    @property
    def noun(self) -> str:
        """The part of the name before the dot: the resource that scopes and documents speak of."""
        return self.name.partition(".")[0]


def operation(
    name: str,
    *,
    get: str | None = None,
    post: str | None = None,
    delete: str | None = None,
    raises: tuple[type[PaymentsError], ...] = (),
    publishable: bool = False,
    outcome: Outcome | None = None,
    whose: str | None = None,
) -> Callable[[Handler], Operation]:
    """Declare the decorated handler `(command, work, ports) -> result` as an operation at one route."""
    routes = [(verb, path) for verb, path in (("GET", get), ("POST", post), ("DELETE", delete)) if path]
    assert len(routes) == 1, "an operation has one route"

    def declare(handler: Handler) -> Operation:
        hints = typing.get_type_hints(handler)
        summary = (inspect.getdoc(handler) or "").split("\n\n")[0]
        assert summary, f"{name} has no docstring"
        result = hints["return"]
        if typing.get_origin(result) in (typing.Union, type(int | str)):
            result = next(part for part in typing.get_args(result) if part is not Ask)
        return Operation(
            name=name,
            command=hints["command"],
            result=result,
            handler=handler,
            method=routes[0][0],
            path=routes[0][1],
            raises=_with_cursors(raises, hints["command"]),
            publishable=publishable,
            outcome=outcome,
            summary=summary,
            whose=whose,
        )

    return declare


def _with_cursors(
    raises: tuple[type[PaymentsError], ...], command: type[Any]
) -> tuple[type[PaymentsError], ...]:
    """A list goes on from an object, which must be there."""
    return (*raises, NotFound) if issubclass(command, Listing) and NotFound not in raises else raises


def page_of(operation: Operation) -> Any | None:
    """The noun of a list operation, or None."""
    origin = typing.get_origin(operation.result)
    is_page = isinstance(origin, type) and issubclass(origin, Page)
    return typing.get_args(operation.result)[0] if is_page else None
