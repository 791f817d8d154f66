"""How 3-D Secure challenges are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.payments.authentications import Authentication

AUTHENTICATIONS: Final = shelf(Authentication, "authentication", "3ds")
