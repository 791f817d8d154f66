"""How attempts are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf, text
from payments_core.payments.attempts import Attempt

ATTEMPTS: Final = shelf(
    Attempt,
    "attempt",
    "att",
    columns=(
        text("subject"),
        text("state"),
    ),
)
