"""The event as clients and webhook endpoints see it. Its data was rendered when it happened and is shown as it was."""

from typing import Any, Literal, Self

import attrs
import msgspec
from msgspec import UNSET, UnsetType

from payments_core.platform.events import Event
from payments_web.objects.common import API_VERSION, Seconds


@attrs.frozen(kw_only=True, slots=False)
class EventDataObject:
    """The object as it was then and, for updates, what it was before."""

    object: dict[str, Any]
    previous_attributes: dict[str, Any] | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class EventRequestObject:
    """The request that caused the event."""

    id: str | None = None
    idempotency_key: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class EventObject:
    """One change of one object."""

    id: str
    object: Literal["event"] = "event"
    account: str | UnsetType = UNSET
    api_version: str | None = API_VERSION
    context: str | UnsetType = UNSET
    created: Seconds
    data: EventDataObject | msgspec.Raw
    livemode: bool
    pending_webhooks: int = 0
    request: EventRequestObject | None
    type: str

    @classmethod
    def of(cls, event: Event, livemode: bool) -> Self:
        """Show an event."""
        return cls(
            id=event.id,
            created=event.created,
            data=msgspec.Raw(event.data.encode()),
            livemode=livemode,
            pending_webhooks=event.pending_webhooks,
            request=EventRequestObject(id=event.request_id, idempotency_key=event.idempotency_key),
            type=event.type,
        )
