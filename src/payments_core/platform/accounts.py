"""A merchant's account: whose books these are, and the rules that apply to all its payments."""

from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

AccountId = NewType("AccountId", str)


@attrs.frozen(kw_only=True, slots=False)
class Account:
    """A merchant. `account_id` repeats `id`, so that an account lies beside everything it owns."""

    account_id: AccountId
    id: AccountId
    created: Timestamp
    name: str
    livemode: bool = False
    country: str = "US"
    default_currency: CurrencyCode = CurrencyCode("usd")
    email: str | None = None
    statement_descriptor: str | None = None
    platform: AccountId | None = None
    """The account of the platform that made this one, for connected accounts."""
    listens: bool = False
    """Whether a webhook endpoint was ever made; while False nobody looks for endpoints."""
    settings: Metadata = NOTHING
    """Pricing, branding, payout schedule and the like, by dotted name."""
    metadata: Metadata = NOTHING

    def listening(self) -> Self:
        """Remember that somebody wants to be told of events."""
        return evolve(self, listens=True)
