"""The 3-D Secure challenge as its page and scripts see it. The public API that we follow has no such object."""

from typing import Literal, Self
from urllib.parse import urlencode

import attrs

from payments_core.payments.authentications import Authentication, AuthenticationState, NextAction
from payments_web.objects.common import CurrencyText, Minor, Seconds


@attrs.frozen(kw_only=True, slots=False)
class AuthenticationObject:
    """One challenge, and after its end where the payer goes on."""

    id: str
    object: Literal["authentication"] = "authentication"
    amount: Minor
    brand: str
    client_secret: str
    created: Seconds
    currency: CurrencyText | None = None
    expires_at: Seconds | None = None
    intent: str
    intent_status: str | None = None
    last4: str
    livemode: bool
    merchant: str
    redirect_to: str | None = None
    status: AuthenticationState

    @classmethod
    def of(cls, challenge: Authentication, livemode: bool) -> Self:
        """Show a challenge."""
        return cls(
            id=challenge.id,
            amount=challenge.amount,
            brand=challenge.brand,
            client_secret=challenge.client_secret,
            created=challenge.created,
            currency=challenge.currency,
            expires_at=challenge.due_at,
            intent=challenge.intent,
            intent_status=challenge.intent_status,
            last4=challenge.last4,
            livemode=livemode,
            merchant=challenge.merchant,
            redirect_to=_redirect(challenge),
            status=challenge.status,
        )


def challenge_url(action: NextAction, base_url: str | None) -> str:
    """Where the challenge is taken."""
    query = urlencode({"account": action.account, "client_secret": action.secret})
    return f"{base_url or ''}/3ds/{action.authentication}?{query}"


def _redirect(challenge: Authentication) -> str | None:
    """The merchant's page, with what it needs to look the intent up."""
    if challenge.return_url is None or challenge.status is AuthenticationState.CHALLENGED:
        return None
    kind = "payment_intent" if challenge.intent.startswith("pi_") else "setup_intent"
    failed = challenge.intent_status in ("requires_payment_method", "canceled")
    query = urlencode(
        {
            kind: challenge.intent,
            f"{kind}_client_secret": challenge.intent_secret,
            "redirect_status": "failed" if failed else "succeeded",
        }
    )
    return f"{challenge.return_url}{'&' if '?' in challenge.return_url else '?'}{query}"
