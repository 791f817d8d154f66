"""The webhook endpoint as clients see it. Fields that this system never sets say what they always say."""

from typing import Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
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
    status: str = "enabled"
    url: str
