"""A merchant's account: whose books these are, the rules that apply to all its payments, and what it may do."""

from collections.abc import Iterator
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

AccountId = NewType("AccountId", str)

CARD_PAYMENTS: Final = "card_payments"
TRANSFERS: Final = "transfers"
CAPABILITIES: Final = (CARD_PAYMENTS, TRANSFERS)
"""What an account can be able to do. All are there until somebody gives one up: nothing is verified first."""


@attrs.frozen(kw_only=True, slots=False)
class Capability:
    """One thing that an account is able to do, or was. It is read off the account and kept nowhere else."""

    account_id: AccountId
    id: str
    requested: bool = True
    requested_at: Timestamp | None = None
    active: bool = True


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
    """Pricing, branding, payout schedule, whose business it is and the like, by dotted name."""
    metadata: Metadata = NOTHING
    rejected: str | None = None
    """Why its platform wants it to take no more money."""
    payouts_paused: bool = False
    closed_at: Timestamp | None = None
    """Since when it is gone: its keys open nothing, and its books are kept."""
    due_at: Timestamp | None = None
    """When somebody has to see to it that it leaves its platform's list, once it is closed."""

    @property
    def is_closed(self) -> bool:
        """Say whether it was deleted."""
        return self.closed_at is not None

    @property
    def can_charge(self) -> bool:
        """Say whether it may take money from cards."""
        return self._is_able(CARD_PAYMENTS)

    def refuse_payments(self) -> None:
        """Raise `InvalidRequest` if it may take no money from cards."""
        if not self.can_charge:
            raise InvalidRequest("Your account cannot currently make charges: see its capabilities.")

    @property
    def can_receive(self) -> bool:
        """Say whether money may be transferred to it."""
        return self._is_able(TRANSFERS)

    @property
    def can_pay_out(self) -> bool:
        """Say whether its money may go to its bank."""
        return not (self.is_closed or self.payouts_paused)

    def capabilities(self) -> Iterator[Capability]:
        """What it is able to do, and what it has given up."""
        for name in CAPABILITIES:
            at = self.settings.get(f"capabilities.{name}.requested_at")
            requested = self._wants(name)
            since = Timestamp(int(at)) if at else self.created
            yield Capability(
                account_id=self.id,
                id=name,
                requested=requested,
                requested_at=since if requested else None,
                active=self._is_able(name),
            )

    def listening(self) -> Self:
        """Remember that somebody wants to be told of events."""
        return evolve(self, listens=True)

    def reject(self, reason: str, *, pause_payouts: bool) -> Self:
        """Take no more money; what is there may go to the bank unless payouts are paused."""
        return evolve(self, rejected=reason, payouts_paused=pause_payouts)

    def unreject(self) -> Self:
        """Take money again."""
        return evolve(self, rejected=None, payouts_paused=False)

    def close(self, now: Timestamp) -> Self:
        """Be gone. A connected account is due until it has left its platform's list."""
        return evolve(self, closed_at=now, due_at=None if self.platform is None else now)

    def unlisted(self) -> Self:
        """It stands on no list any more."""
        return evolve(self, due_at=None)

    def _is_able(self, name: str) -> bool:
        return not self.is_closed and self.rejected is None and self._wants(name)

    def _wants(self, name: str) -> bool:
        return self.settings.get(f"capabilities.{name}.requested") != "false"
