"""Events: retrieve and list."""

import fnmatch
from collections.abc import Iterable

import attrs

from payments_core.errors import InvalidRequest, NotFound
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.work import Work
from payments_core.platform.event_types import EVENT_TYPES
from payments_core.platform.events import Event
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class RetrieveEvent(Command[Event]):
    """Which event."""

    id: str


@operation("event.retrieve", get="/v1/events/{id}", raises=(NotFound,))
async def retrieve_event(command: RetrieveEvent, work: Work, ports: Ports) -> Event:
    """Return an event."""
    return await work.get(Event, command.id)


@attrs.frozen(kw_only=True)
class ListEvents(Listing, Command[Page[Event]]):
    """Which events."""

    type: str | None = None
    types: tuple[str, ...] | None = None
    delivery_success: bool | None = None


@operation("event.list", get="/v1/events", raises=(InvalidRequest,))
async def list_events(command: ListEvents, work: Work, ports: Ports) -> Page[Event]:
    """List events, newest first."""
    if command.type and command.types:
        raise InvalidRequest(
            "You may only specify one of these parameters: type, types.",
            code="parameters_exclusive",
            param="types",
        )
    wanted = command.types or ((command.type,) if command.type else ())
    query = command.query(type=tuple(name for told in wanted for name in _meant(told)) or None)
    if command.delivery_success is not None:
        open_ones = (0, 0) if command.delivery_success else (1, None)
        query = attrs.evolve(query, within={**query.within, "pending_webhooks": open_ones})
    return await work.select(Event, query)


def _meant(told: str) -> Iterable[str]:
    """The types that a name means: itself, or all that fit its `*`."""
    if "*" not in told:
        return (told,)
    return sorted(fnmatch.filter(EVENT_TYPES, told)) or (told,)
