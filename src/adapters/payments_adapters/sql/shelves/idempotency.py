"""How claims on idempotency keys are kept, and tallies of declines: what is remembered of requests for a while."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.payments.velocity import DeclineTally
from payments_core.platform.idempotency import Claim

CLAIMS: Final = shelf(Claim, "claim", "idem")
DECLINE_TALLIES: Final = shelf(DeclineTally, "decline_tally", "dtally")
