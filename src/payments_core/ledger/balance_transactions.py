"""Balance transactions: the merchant's view of the books, one line for each movement of their balance.

`net = amount - fee`, in minor units. A line is pending until the money behind it was funded.
"""

from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

BalanceTransactionId = NewType("BalanceTransactionId", str)


class BalanceState(StrEnum):
    """Whether the money can be paid out."""

    PENDING = "pending"
    AVAILABLE = "available"


@attrs.frozen(kw_only=True, slots=False)
class FeeDetail:
    """A part of the fee."""

    amount: int
    currency: CurrencyCode
    type: str
    description: str | None = None
    application: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class Tie:
    """A movement that is made of the same money, in this account's books or another's."""

    account_id: AccountId
    transaction: BalanceTransactionId


@attrs.frozen(kw_only=True, slots=False)
class Original:
    """The promise that a charge was made on: what a network wants to hear of it. Kept here until it is in a batch."""

    acquirer: str
    hold_id: str
    authorization_code: str
    network_reference: str = ""
    bin: str
    last4: str = ""
    final: bool = True
    """Whether what is left of the promise goes back with it."""


@attrs.frozen(kw_only=True, slots=False)
class BalanceTransaction:
    """One movement of a merchant's balance."""

    account_id: AccountId
    id: BalanceTransactionId
    created: Timestamp
    type: str
    """`charge`, `refund`, `payout`, `adjustment`, …"""
    source: str | None
    amount: int
    fee: int = 0
    currency: CurrencyCode
    fee_details: tuple[FeeDetail, ...] = ()
    available_on: Timestamp
    status: BalanceState = BalanceState.PENDING
    description: str | None = None
    reporting_category: str
    payout: str | None = None
    """The payout that paid it to the bank."""
    due_at: Timestamp | None = None
    """Since when it waits to be settled with a network; None if it needs no network, or is in a batch already."""
    original: Original | None = None
    """Of a charge that is not in a batch yet. Where it is missing, the charge itself is asked."""
    batch: str | None = None
    """The settlement batch it is in, the last one if it was presented anew."""
    presentments: int = 0
    """How often it was presented anew after a rejection."""
    ties: tuple[Tie, ...] = ()
    """What becomes available together with it: transfers and fees of money that is pending."""

    @property
    def net(self) -> int:
        """What the balance changed by."""
        return self.amount - self.fee

    @property
    def available_since(self) -> Timestamp | None:
        """The second in which it became available; None while it is pending. What payouts are made of goes by it."""
        return self.available_on if self.status is BalanceState.AVAILABLE else None

    def became_available(self, now: Timestamp | None = None) -> Self:
        """The money behind the line was funded; what was available at once stays as it is."""
        if self.status is BalanceState.AVAILABLE:
            return self
        on = self.available_on if now is None else now
        return evolve(self, status=BalanceState.AVAILABLE, available_on=on)

    def tied(self, to: "BalanceTransaction") -> Self:
        """Take *to* along when this becomes available."""
        return self.tied_to(to.account_id, to.id)

    def tied_to(self, account_id: AccountId, transaction: BalanceTransactionId) -> Self:
        """Take a movement of another account along when this becomes available."""
        tie = Tie(account_id=account_id, transaction=transaction)
        return evolve(self, ties=(*self.ties, tie))

    def gathered(self, batch: str) -> Self:
        """It is in a batch now."""
        return evolve(self, batch=batch, due_at=None, original=None)

    def to_represent(self, now: Timestamp) -> Self:
        """It waits for the next batch, under a reference that the network does not know yet."""
        return evolve(self, batch=None, due_at=now, presentments=self.presentments + 1)
