"""Crossings: money that has left one account's books and has not arrived in another's yet.

No commit spans two accounts, so that each can live on a shard of its own. The account that gives books the money out and leaves
a crossing in the same commit; whoever delivers it books the money in at the other side, once, and takes the crossing away. The
ledger account `transfers` of all accounts together holds just what is on its way.
"""

from enum import StrEnum
from typing import NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

CrossingId = NewType("CrossingId", str)


class CrossingKind(StrEnum):
    """What arrives."""

    PAYMENT = "payment"
    """A transfer's money, at the connected account."""
    REVERSAL = "reversal"
    """A demand for transferred money that the platform has back already."""
    FEE = "fee"
    """An application fee, at the platform."""
    FEE_RETURN = "fee_return"
    """A refunded application fee, at the connected account."""
    FEE_CLAIM = "fee_claim"
    """A wish that the platform give a fee back, because the payment went back."""
    RELEASE = "release"
    """Word that the money behind a pending movement was funded."""


@attrs.frozen(kw_only=True, slots=False)
class Crossing:
    """One thing that one account owes another's books. The amount is in minor units of `currency`."""

    account_id: AccountId
    """Whose commit left it."""
    id: CrossingId
    created: Timestamp
    to: AccountId
    kind: CrossingKind
    transaction: str
    """The balance transaction that the other side gets, named beforehand so that it comes about once."""
    amount: int
    currency: CurrencyCode
    subject: str
    """What moves it: the transfer, the fee, the refund of one."""
    shown_as: str = ""
    """What the other side gets to see of it: its payment, its refund, its fee."""
    fee: int = 0
    """What of a payment is the platform's fee, and does not come."""
    pending: bool = False
    """Whether the money behind it was not funded yet."""
    available_on: Timestamp
    details: Metadata = NOTHING
    due_at: Timestamp
