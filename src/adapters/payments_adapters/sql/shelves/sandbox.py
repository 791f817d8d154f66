"""How the sandbox bank's authorizations, messages and presentments are kept."""

from typing import Final

from payments_adapters.sandbox.authorizations import IssuerAuthorization, IssuerMessage
from payments_adapters.sandbox.clearing import Presentment
from payments_adapters.sql.shelf import shelf, text

ISSUER_AUTHORIZATIONS: Final = shelf(IssuerAuthorization, "issuer_authorization", "iauth")

ISSUER_MESSAGES: Final = shelf(IssuerMessage, "issuer_message", "imsg")

PRESENTMENTS: Final = shelf(
    Presentment,
    "presentment",
    "presentment",
    columns=(text("statement", indexed=True),),
)
