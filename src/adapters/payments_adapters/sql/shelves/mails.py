"""How mails and their rows are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf, text
from payments_core.platform.mails import Mail

MAILS: Final = shelf(Mail, "mail", "mail", columns=(text("about", indexed=True), text("state")))
