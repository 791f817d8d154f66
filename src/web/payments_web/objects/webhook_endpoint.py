"""The webhook endpoint as clients see it. Fields that this system never sets say what they always say."""

from typing import Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_core.platform.webhook_endpoints import EndpointState, WebhookEndpoint
from payments_web.objects.common import MetadataText, Seconds


@attrs.frozen(kw_only=True, slots=False)
class WebhookEndpointObject:
    """An address that is told of events."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    api_version: str | None = None
    application: str | None = None
    created: Seconds
    description: str | None = None
    enabled_events: tuple[str, ...]
    livemode: bool
    metadata: MetadataText = NOTHING
    secret: str | UnsetType = UNSET
    status: EndpointState = EndpointState.ENABLED
    url: str

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, livemode: bool) -> Self:
        """Show an endpoint; its secret only in the answer that made it."""
        return cls(
            id=endpoint.id,
            api_version=endpoint.api_version,
            created=endpoint.created,
            description=endpoint.description,
            enabled_events=endpoint.enabled_events,
            livemode=livemode,
            metadata=endpoint.metadata,
            secret=UNSET if endpoint.secret is None else endpoint.secret,
            status=endpoint.state,
            url=endpoint.url,
        )
