"""How deliveries of webhooks are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf, text
from payments_core.platform.deliveries import Delivery

DELIVERIES: Final = shelf(
    Delivery,
    "delivery",
    "whd",
    columns=(
        ref("event", "evt"),
        ref("endpoint", "we", indexed=False),
        text("state"),
    ),
)
