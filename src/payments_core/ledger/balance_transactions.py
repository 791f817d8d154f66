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

    @property
    def net(self) -> int:
        """What the balance changed by."""
        return self.amount - self.fee

    def became_available(self) -> Self:
        """The money behind the line was funded."""
        return evolve(self, status=BalanceState.AVAILABLE)
