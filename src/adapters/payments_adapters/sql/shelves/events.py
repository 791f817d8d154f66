"""How events are kept."""

from typing import Final

from payments_adapters.sql.shelf import number, shelf, text
from payments_core.platform.events import Event

EVENTS: Final = shelf(
    Event,
    "event",
    "evt",
    columns=(
        text("type"),
        text("subject"),
        number("pending_webhooks"),
    ),
)
