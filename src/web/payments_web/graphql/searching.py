"""A bare word in `searchCustomers(query: "John")` as a query of the search language; what is a query already stays one."""

import re
from collections.abc import Mapping
from typing import Final

_QUERY: Final = re.compile(r"[:~<>=\"\[]")
_SHORT: Final = 3

NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("name", "email", "description"),
    "product": ("name", "description"),
    "invoice": ("number",),
}
"""Fields in which a word is looked for, beside the status."""
STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "charge": ("pending", "succeeded", "failed"),
    "invoice": ("draft", "open", "paid", "uncollectible", "void"),
    "payment_intent": (
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "requires_capture",
        "processing",
        "succeeded",
        "canceled",
    ),
    "subscription": ("active", "canceled", "incomplete", "past_due", "paused", "trialing", "unpaid"),
}


def as_query(noun: str, text: str, now: int) -> str:
    """The query that *text* stands for."""
    word = text.strip()
    if not word or _QUERY.search(word):
        return text
    if noun == "invoice" and word == "overdue":
        return f'status:"open" AND due_date<{now}'
    if word in STATES.get(noun, ()):
        return f'status:"{word}"'
    quoted = '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    sign = "~" if len(word) >= _SHORT else ":"
    clauses = [f"{name}{sign if name != 'number' else ':'}{quoted}" for name in NAMED.get(noun, ())]
    return " OR ".join(clauses) or f'metadata["name"]:{quoted}'
