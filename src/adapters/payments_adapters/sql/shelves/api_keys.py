"""How API keys are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf, text
from payments_core.platform.api_keys import ApiKey

API_KEYS: Final = shelf(
    ApiKey,
    "api_key",
    "key",
    columns=(text("kind"),),
    often_read=True,
)
