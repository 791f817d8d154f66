"""3-D Secure as the sandbox bank practises it: the card table says which cards want what.

Only payers who are there come this far. What the bank says to a payment that lacks a proof is `decisions`' business.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from payments_adapters.sandbox.cardholders import documented
from payments_adapters.sandbox.decisions import AUTHENTICATES
from payments_core.rules import AuthenticationContext, AuthenticationVerdict, Proof

VERSION: Final = "2.2.0"
ALL_KNOWN: Final = ("any", "challenge")
WITHOUT: Final = frozenset({"not_enrolled", "unsupported"})
"""Cards that take no part."""


def authenticate(context: AuthenticationContext) -> AuthenticationVerdict | None:
    """What the bank wants of this cardholder, or None for cards of other banks and nothing to ask."""
    word = _words().get((context.bin, context.last4), "not_enrolled")
    wants = AUTHENTICATES.get(word, (False, False, False))[0]
    if word == "frictionless":
        return AuthenticationVerdict(proof=Proof.FRICTIONLESS, facts=_facts("frictionless"))
    if word in WITHOUT or not (wants or context.wanted in ALL_KNOWN):
        return None
    if word == "required_error":
        return AuthenticationVerdict(proof=Proof.FAILED)
    if word == "optional_error":
        facts = {"result": "processing_error", "version": VERSION}
        return AuthenticationVerdict(proof=Proof.NOT_SUPPORTED, facts=facts)
    return AuthenticationVerdict(proof=Proof.CHALLENGE, facts=_facts("challenge"))


def _facts(flow: str) -> dict[str, str]:
    return {
        "result": "authenticated",
        "authentication_flow": flow,
        "electronic_commerce_indicator": "05",
        "version": VERSION,
    }


@cache
def _words() -> Mapping[tuple[str, str], str]:
    return {(c.number.bin, c.number.last4): c.three_d_secure for c in documented().cardholders}
