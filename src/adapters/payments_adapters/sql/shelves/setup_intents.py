"""How setup intents are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf
from payments_core.payments.setup_intents import SetupIntent

SETUP_INTENTS: Final = shelf(
    SetupIntent,
    "setup_intent",
    "seti",
    columns=(
        ref("customer", "cus"),
        ref("payment_method", "pm", "card", "src"),
    ),
)
