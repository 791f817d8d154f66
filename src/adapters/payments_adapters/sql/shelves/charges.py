"""How charges are kept."""

from typing import Final

from payments_adapters.sql.shelf import flag, ref, shelf, text
from payments_core.payments.charges import Charge

CHARGES: Final = shelf(
    Charge,
    "charge",
    "ch",
    "py",
    searched=("metadata",),
    columns=(
        ref("customer", "cus"),
        ref("payment_intent", "pi"),
        text("transfer_group", indexed=True),
        text("status"),
        flag("captured"),
        flag("refunded"),
        flag("disputed"),
    ),
)
