"""The rules that plugins may take part in: pricing, routing, risk, authentication, and what they may look at.

No card number and no secret is among it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

import attrs

from payments_core.payments.answers import Answer
from payments_core.platform.accounts import AccountId
from payments_core.tokenization.cards import CardInput


@attrs.frozen(kw_only=True, slots=False)
class PaymentContext:
    """What pricing, routing and risk rules may look at: no card number, no secrets."""

    account_id: AccountId
    amount: int
    currency: str
    brand: str
    bin: str
    country: str | None
    funding: str
    fingerprint: str
    customer: str | None = None
    client_ip: str | None = None
    off_session: bool = False


@attrs.frozen
class RiskVerdict:
    """A risk rule's word: block, or let pass with a level and a score from 0 to 100."""

    block: bool
    level: str = "normal"
    score: int | None = None
    reason: str | None = None


@attrs.frozen
class BinFacts:
    """What a bank identification number tells about a card."""

    funding: str = "unknown"
    country: str | None = None


class Proof(StrEnum):
    """What a bank wants of a cardholder before it is asked for money."""

    FRICTIONLESS = "frictionless"
    """It knows them well enough."""
    CHALLENGE = "challenge"
    """They must prove who they are."""
    NOT_SUPPORTED = "not_supported"
    """The card, or the bank just now, cannot be asked; the payment goes on without."""
    FAILED = "failed"
    """It refused, and the payment must not go on."""


@attrs.frozen(kw_only=True)
class AuthenticationContext:
    """What 3-D Secure may look at: no card number."""

    account_id: AccountId
    amount: int
    """0 for the saving of a card."""
    currency: str
    brand: str
    bin: str
    last4: str
    customer: str | None = None
    wanted: str = "automatic"
    """The merchant's wish: automatic, any, challenge."""
    set_up: bool = False
    client_ip: str | None = None


@attrs.frozen(kw_only=True)
class AuthenticationVerdict:
    """The bank's word. `facts` go to the network with the payment: result, version, transaction_id and the like."""

    proof: Proof
    facts: Mapping[str, str] = attrs.field(factory=dict)


class Rules(Protocol):
    """The decisions that plugins may take part in. Answers at once; no input or output."""

    def fee(self, context: PaymentContext, settings: Mapping[str, str]) -> int:
        """The fee of a captured amount, in minor units."""
        ...

    def route(self, context: PaymentContext, acquirers: Sequence[str]) -> Sequence[str]:
        """The acquirers to try, the first one first."""
        ...

    def risk(self, context: PaymentContext) -> RiskVerdict:
        """Whether to go on at all."""
        ...

    def heard(self, acquirer: str, kind: str, answer: Answer, elapsed_ms: int) -> None:
        """Learn how a message to an acquirer ended."""
        ...

    def authenticate(self, context: AuthenticationContext) -> AuthenticationVerdict | None:
        """Whether the cardholder must prove who they are; None if nobody asks."""
        ...

    def bin_facts(self, bin_digits: str, last4: str) -> BinFacts:
        """Funding and country of a card."""
        ...

    def test_card(self, token: str) -> CardInput | None:
        """The card behind a documented test token such as `tok_visa`; None in live mode."""
        ...
