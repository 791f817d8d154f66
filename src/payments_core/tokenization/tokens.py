"""Tokens: a card handed over once, by whoever held it, for one use within the account."""

from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.platform.accounts import AccountId
from payments_core.tokenization.payment_methods import BillingDetails, CardFacts
from payments_core.values import evolve

TokenId = NewType("TokenId", str)


@attrs.frozen(kw_only=True, slots=False)
class Token:
    """A single-use stand-in for card details."""

    account_id: AccountId
    id: TokenId
    created: Timestamp
    card: CardFacts
    billing: BillingDetails = BillingDetails()
    client_ip: str | None = None
    used: bool = False

    def use(self) -> Self:
        """Spend the token; a second time raises `InvalidRequest` with `token_already_used`."""
        if self.used:
            raise InvalidRequest(
                f"You cannot use a Stripe token more than once: {self.id}.",
                code="token_already_used",
                param="source",
            )
        return evolve(self, used=True)
