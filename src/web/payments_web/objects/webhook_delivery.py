"""A delivery as merchants see it: one event, one endpoint, and how the tries went. An extension of the public API."""

from typing import Literal, Self

import attrs

from payments_core.platform.deliveries import Delivery, DeliveryState
from payments_web.objects.common import Seconds


@attrs.frozen(kw_only=True, slots=False)
class DeliveryTryObject:
    """One try. Without a status nobody answered, and `error` says why."""

    created: Seconds
    status: int | None
    error: str | None
    elapsed_ms: int
    response: str


@attrs.frozen(kw_only=True, slots=False)
class WebhookDeliveryObject:
    """One event on its way to one endpoint."""

    id: str
    object: Literal["webhook_delivery"] = "webhook_delivery"
    attempt_count: int
    attempts: tuple[DeliveryTryObject, ...]
    created: Seconds
    event: str
    event_type: str
    livemode: bool
    next_attempt: Seconds | None
    status: DeliveryState
    webhook_endpoint: str

    @classmethod
    def of(cls, delivery: Delivery, livemode: bool) -> Self:
        """Show a delivery."""
        return cls(
            id=delivery.id,
            attempt_count=delivery.tries_count,
            attempts=tuple(
                DeliveryTryObject(
                    created=one.at,
                    status=one.status,
                    error=one.error,
                    elapsed_ms=one.elapsed_ms,
                    response=one.answer,
                )
                for one in delivery.tries
            ),
            created=delivery.created,
            event=delivery.event,
            event_type=delivery.event_type,
            livemode=livemode,
            next_attempt=delivery.due_at if delivery.state is DeliveryState.PENDING else None,
            status=delivery.state,
            webhook_endpoint=delivery.endpoint,
        )
