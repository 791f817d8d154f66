"""How webhook endpoints are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.platform.webhook_endpoints import WebhookEndpoint

WEBHOOK_ENDPOINTS: Final = shelf(WebhookEndpoint, "webhook_endpoint", "we")
