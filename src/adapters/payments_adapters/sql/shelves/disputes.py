"""How disputes are kept, and the complaints that bring them."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf, text
from payments_core.payments.disputes import Complaint, Dispute

DISPUTES: Final = shelf(
    Dispute,
    "dispute",
    "dp",
    "du",
    columns=(ref("charge", "ch", "py"), ref("payment_intent", "pi"), text("status")),
)
COMPLAINTS: Final = shelf(Complaint, "complaint", "cmp")
