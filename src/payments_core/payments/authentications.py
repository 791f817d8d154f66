"""3-D Secure: a cardholder proves to their bank that they are the one who pays, before money is asked for.

Whether proof is wanted is the bank's word, through the `payments_authenticate` hook; what happens to the intent afterwards is
the intent's business.
"""

import secrets
from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import HOUR, Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

AuthenticationId = NewType("AuthenticationId", str)

PATIENCE_S: Final = HOUR
"""How long a challenge waits for the cardholder."""


class AuthenticationState(StrEnum):
    """Where the proof stands."""

    CHALLENGED = "challenged"
    AUTHENTICATED = "authenticated"
    FAILED = "failed"
    ABANDONED = "abandoned"


class AuthenticationEvent(StrEnum):
    """What can happen to a challenge."""

    PASS = "pass"
    FAIL = "fail"
    ABANDON = "abandon"


AUTHENTICATION = Machine(
    name="authentication",
    initial=AuthenticationState.CHALLENGED,
    table={
        AuthenticationState.CHALLENGED: {
            AuthenticationEvent.PASS: AuthenticationState.AUTHENTICATED,
            AuthenticationEvent.FAIL: AuthenticationState.FAILED,
            AuthenticationEvent.ABANDON: AuthenticationState.ABANDONED,
        },
        AuthenticationState.AUTHENTICATED: {},
        AuthenticationState.FAILED: {},
        AuthenticationState.ABANDONED: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class NextAction:
    """What the payer must do: take the challenge behind this authentication."""

    authentication: AuthenticationId
    account: AccountId
    secret: str
    return_url: str | None = None
    by_sdk: bool = False
    """The merchant's own script opens the challenge, rather than a redirection."""


@attrs.frozen(kw_only=True, slots=False)
class Authentication:
    """One challenge, for one confirmation of one intent."""

    account_id: AccountId
    id: AuthenticationId
    created: Timestamp
    intent: str
    """Id of the payment intent or setup intent that waits for it."""
    intent_secret: str
    client_secret: str
    merchant: str
    brand: str
    last4: str
    amount: int = 0
    currency: CurrencyCode | None = None
    return_url: str | None = None
    by_sdk: bool = False
    facts: Metadata = NOTHING
    """What the network is told once the cardholder has passed."""
    status: AuthenticationState = AUTHENTICATION.initial
    intent_status: str | None = None
    """Where the intent stands after the end, for the page that sends the payer back; not kept."""
    due_at: Timestamp | None = None
    """When an unanswered challenge counts as abandoned."""

    @property
    def action(self) -> NextAction:
        """What the intent asks of its payer."""
        return NextAction(
            authentication=self.id,
            account=self.account_id,
            secret=self.client_secret,
            return_url=self.return_url,
            by_sdk=self.by_sdk,
        )

    def is_known_by(self, secret: str) -> bool:
        """Whether *secret* is the challenge's; takes the same time for every answer."""
        return secrets.compare_digest(self.client_secret.encode(), secret.encode("utf-8", "replace"))

    def finished(self, event: AuthenticationEvent) -> Self:
        """The challenge came to an end."""
        return evolve(
            self,
            status=AUTHENTICATION.after(self.status, event, message=f"Authentication {self.id} is over."),
            due_at=None,
        )
