"""Statement descriptors: what a cardholder reads on the statement. Rules from docs.stripe.com/get-started/account/statement-descriptors."""

import re
from typing import Final

from payments_core.errors import ParamInvalid

LENGTH_MAX: Final = 22
_FORBIDDEN: Final = re.compile(r"[<>\\'\"*]")
_LETTER: Final = re.compile(r"[A-Za-z]")


def check_descriptor(text: str | None, param: str) -> str | None:
    """Return the descriptor, None for none, or refuse one that a statement cannot carry."""
    if not text or not text.strip():
        return None
    text = text.strip()
    if len(text) > LENGTH_MAX:
        raise ParamInvalid(f"The statement descriptor must be at most {LENGTH_MAX} characters.", param=param)
    if not text.isascii() or not text.isprintable() or _FORBIDDEN.search(text):
        raise ParamInvalid(
            "The statement descriptor takes Latin characters without < > \\ ' \" and *.", param=param
        )
    if not _LETTER.search(text):
        raise ParamInvalid("The statement descriptor needs at least one letter.", param=param)
    return text
