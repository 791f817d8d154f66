"""How seals of the books, and the mark of how far they go, are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.ledger.sealing import Seal, SealingMark

SEALS: Final = shelf(Seal, "seal", "seal")
SEALING_MARKS: Final = shelf(SealingMark, "sealing_mark", "mark")
