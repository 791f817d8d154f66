"""How tokens are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.tokenization.tokens import Token

TOKENS: Final = shelf(Token, "token", "tok")
