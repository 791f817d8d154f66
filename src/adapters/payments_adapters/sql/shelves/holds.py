"""How holds are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf, text
from payments_core.payments.holds import Hold

HOLDS: Final = shelf(
    Hold,
    "hold",
    "hold",
    columns=(text("state"),),
)
