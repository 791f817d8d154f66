"""How payment intents are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf, text
from payments_core.payments.payment_intents import PaymentIntent

PAYMENT_INTENTS: Final = shelf(
    PaymentIntent,
    "payment_intent",
    "pi",
    searched=("metadata",),
    columns=(
        ref("customer", "cus"),
        text("status"),
    ),
)
