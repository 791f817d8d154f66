"""Deliveries as merchants see them: list, retrieve, and send an event once more."""

import attrs

from payments_core.errors import InvalidRequest, NotFound
from payments_core.operations.addressing import delivery_of, endpoints_for
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.work import Work
from payments_core.platform.deliveries import Delivery, DeliveryId, DeliveryState
from payments_core.platform.events import Event
from payments_core.platform.webhook_endpoints import WebhookEndpoint
from payments_core.ports import Page, Ports, Query
from payments_core.values import evolve

DELIVERIES_MAX = 100


@attrs.frozen(kw_only=True)
class RetrieveDelivery(Command[Delivery]):
    """Which delivery."""

    id: str


@operation("webhook_delivery.retrieve", get="/v1/webhook_deliveries/{id}", raises=(NotFound,))
async def retrieve_delivery(command: RetrieveDelivery, work: Work, ports: Ports) -> Delivery:
    """Return a delivery with its latest tries."""
    return await work.get(Delivery, command.id)


@attrs.frozen(kw_only=True)
class ListDeliveries(Listing, Command[Page[Delivery]]):
    """Which deliveries."""

    event: str | None = None
    webhook_endpoint: str | None = None
    status: DeliveryState | None = None


@operation("webhook_delivery.list", get="/v1/webhook_deliveries", raises=(InvalidRequest,))
async def list_deliveries(command: ListDeliveries, work: Work, ports: Ports) -> Page[Delivery]:
    """List deliveries, newest first."""
    query = command.query(event=command.event, endpoint=command.webhook_endpoint, state=command.status)
    return await work.select(Delivery, query)


@attrs.frozen(kw_only=True)
class RetryEvent(Command[Event]):
    """Which event, and where to; without an endpoint, to all that want events of its type now."""

    id: str
    webhook_endpoint: str | None = None


@operation("event.retry", post="/v1/events/{id}/retry", raises=(NotFound,))
async def retry_event(command: RetryEvent, work: Work, ports: Ports) -> Event:
    """Send an event once more, at once, whatever became of its earlier deliveries."""
    event = await work.get(Event, command.id)
    endpoints = await _wanted(command, event, work)
    earlier = await work.select_to_write(Delivery, Query(equal={"event": event.id}, limit=DELIVERIES_MAX))
    by_endpoint = {delivery.endpoint: delivery for delivery in reversed(earlier.items)}
    again = 0
    for endpoint in endpoints:
        known = by_endpoint.get(endpoint.id)
        if known is None:
            work.put(delivery_of(event, endpoint, DeliveryId(work.new_id("whd")), work.now))
        elif known.state is not DeliveryState.SENDING:
            work.put(known.asked_again(work.now))
        again += known is None or known.state in (DeliveryState.DELIVERED, DeliveryState.ABANDONED)
    if again:
        event = evolve(event, pending_webhooks=event.pending_webhooks + again)
        work.put(event)
    work.ring()
    return event


async def _wanted(command: RetryEvent, event: Event, work: Work) -> list[WebhookEndpoint]:
    endpoints = await endpoints_for(work.ports.store, work.account)
    if command.webhook_endpoint is None:
        return [endpoint for endpoint in endpoints if endpoint.wants(event.type)]
    named = [endpoint for endpoint in endpoints if endpoint.id == command.webhook_endpoint]
    if not named:
        raise NotFound("webhook_endpoint", command.webhook_endpoint, param="webhook_endpoint")
    return named
