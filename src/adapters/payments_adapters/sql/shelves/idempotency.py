"""How claims on idempotency keys are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.platform.idempotency import Claim

CLAIMS: Final = shelf(Claim, "claim", "idem")
