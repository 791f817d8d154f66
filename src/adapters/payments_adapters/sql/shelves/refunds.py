"""How refunds are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf, text
from payments_core.payments.refunds import Refund

REFUNDS: Final = shelf(
    Refund,
    "refund",
    "re",
    "pyr",
    columns=(
        ref("charge", "ch", "py"),
        ref("payment_intent", "pi"),
        text("status"),
    ),
)
