"""Names: from the snake case of forms and objects to the camel case of GraphQL, and what operations are called there."""

import re
from typing import Final

from payments_core.operations.declaring import Operation

WORDS: Final = {
    "checkout_session": "session",
    "checkout.session": "session",
    "invoiceitem": "invoice_item",
    "discount": "customer_discount",
}
"""Nouns that are called something else here."""
_SAME_IN_PLURAL: Final = ("balance",)


def camel(name: str) -> str:
    """`customer_id` as `customerId`."""
    first, *others = re.split(r"[._]", name)
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def pascal(name: str) -> str:
    """`payment_intent` as `PaymentIntent`."""
    name = camel(name)
    return name[:1].upper() + name[1:]


def plural(name: str) -> str:
    """More than one of them."""
    if name in _SAME_IN_PLURAL:
        return name
    return name[:-1] + "ies" if name.endswith("y") else name + "s"


def noun_of(operation: Operation) -> str:
    """What the operation is about, as it is called here."""
    return WORDS.get(operation.noun, operation.noun)


def field_of(operation: Operation) -> str:
    """The name of the operation's field on the root type."""
    noun = noun_of(operation)
    verb = operation.name.rpartition(".")[2]
    if verb == "search":
        return "search" + pascal(plural(noun))
    if operation.reads:
        return _question(noun, verb)
    first, _, rest = verb.partition("_")
    return first + pascal(noun) + pascal(rest)


def _question(noun: str, verb: str) -> str:
    if verb == "retrieve":
        return camel(noun)
    if verb == "list":
        return camel(plural(noun))
    for prefix in ("retrieve_", "list_"):
        verb = verb.removeprefix(prefix)
    return camel(noun) + pascal(verb)
