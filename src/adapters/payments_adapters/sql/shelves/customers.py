"""How customers are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf, text
from payments_core.billing.customers import Customer

CUSTOMERS: Final = shelf(
    Customer,
    "customer",
    "cus",
    searched=("email", "metadata"),
    columns=(
        text("email", indexed=True),
        text("test_clock", indexed=True),
    ),
)
