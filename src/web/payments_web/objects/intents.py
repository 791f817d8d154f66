"""What payment intents and setup intents show alike: which methods are offered, and what the payer has to do next."""

from typing import Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.payments.authentications import NextAction
from payments_core.payments.payment_intents import AutomaticMethods
from payments_web.objects.authentication import challenge_url
from payments_web.objects.common import Hash


@attrs.frozen(kw_only=True, slots=False)
class AutomaticPaymentMethodsObject:
    """`automatic_payment_methods` of intents."""

    allow_redirects: str = "always"
    enabled: bool = True

    @classmethod
    def of(cls, methods: AutomaticMethods) -> Self:
        """Show that the installation chooses."""
        return cls(allow_redirects=methods.allow_redirects, enabled=methods.enabled)


@attrs.frozen(kw_only=True, slots=False)
class NextActionRedirectToUrlObject:
    """`next_action_redirect_to_url` of intents."""

    return_url: str | None = None
    url: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class NextActionObject:
    """`next_action` of intents."""

    redirect_to_url: NextActionRedirectToUrlObject | UnsetType = UNSET
    type: str
    use_stripe_sdk: Hash | UnsetType = UNSET

    @classmethod
    def of(cls, action: NextAction, base_url: str | None) -> Self:
        """Show where the challenge is taken."""
        url = challenge_url(action, base_url)
        if action.by_sdk:
            challenge = {"type": "three_d_secure_redirect", "stripe_js": url, "source": action.authentication}
            return cls(type="use_stripe_sdk", use_stripe_sdk=challenge)
        redirect = NextActionRedirectToUrlObject(return_url=action.return_url, url=url)
        return cls(type="redirect_to_url", redirect_to_url=redirect)
