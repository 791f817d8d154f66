"""Addressing: which endpoints are told of an account's events. Asked inside the commit of the events, and by resends."""

from collections.abc import Sequence
from typing import Final

from payments_core.clock import Timestamp
from payments_core.platform.accounts import Account
from payments_core.platform.deliveries import Delivery, DeliveryId
from payments_core.platform.events import Event
from payments_core.platform.webhook_endpoints import ENDPOINTS_MAX, WebhookEndpoint
from payments_core.ports import Query, Store

ALL_OF_ACCOUNT: Final = Query(limit=ENDPOINTS_MAX)


async def endpoints_for(store: Store, account: Account) -> Sequence[WebhookEndpoint]:
    """The account's own endpoints, and those of its platform that listen to connected accounts."""
    found: list[WebhookEndpoint] = []
    if account.listens:
        page = await store.select(WebhookEndpoint, account.id, ALL_OF_ACCOUNT)
        found += [endpoint for endpoint in page.items if not endpoint.connect]
    if account.platform is not None:
        page = await store.select(WebhookEndpoint, account.platform, ALL_OF_ACCOUNT)
        found += [endpoint for endpoint in page.items if endpoint.connect]
    return found


def delivery_of(event: Event, endpoint: WebhookEndpoint, delivery_id: DeliveryId, now: Timestamp) -> Delivery:
    """The delivery of an event to an endpoint, due at once. It belongs to the account of the event."""
    return Delivery(
        account_id=event.account_id,
        id=delivery_id,
        created=now,
        event=event.id,
        event_type=event.type,
        endpoint=endpoint.id,
        endpoint_account=endpoint.account_id,
        livemode=endpoint.livemode,
        due_at=now,
    )
