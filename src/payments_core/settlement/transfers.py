"""Transfers: a platform's money on its way to an account that it made, and back.

How the two accounts' books come to agree is the business of crossings; nothing here moves money.
"""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.machine import Machine
from payments_core.money.amounts import refuse_beyond
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

TransferId = NewType("TransferId", str)
TransferReversalId = NewType("TransferReversalId", str)

SHOWN_MAX: Final = 10
"""How many reversals a transfer shows itself; the others are listed."""


class ReversalState(StrEnum):
    """Where a reversal stands. Clients see those that succeeded."""

    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


class ReversalEvent(StrEnum):
    """What can happen to a reversal."""

    PAY = "pay"
    REFUSE = "refuse"


REVERSAL: Final = Machine(
    name="transfer_reversal",
    initial=ReversalState.REQUESTED,
    table={
        ReversalState.REQUESTED: {
            ReversalEvent.PAY: ReversalState.SUCCEEDED,
            ReversalEvent.REFUSE: ReversalState.REFUSED,
        },
        ReversalState.SUCCEEDED: {},
        ReversalState.REFUSED: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class TransferReversal:
    """Transferred money that comes back to the platform. The amount is in minor units of `currency`."""

    account_id: AccountId
    id: TransferReversalId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    transfer: TransferId
    destination_payment_refund: str
    """The refund that the connected account sees."""
    payer_transaction: str
    """The balance transaction that the connected account gets, named beforehand so that it pays once."""
    balance_transaction: str | None = None
    source_refund: str | None = None
    """The refund of a charge that brought it about."""
    refunds_fee: bool = False
    """Whether the platform gives its fee back in proportion."""
    status: ReversalState = REVERSAL.initial
    metadata: Metadata = NOTHING

    def paid(self, balance_transaction: str) -> Self:
        """The connected account has given the amount back."""
        status = REVERSAL.after(self.status, ReversalEvent.PAY)
        return evolve(self, status=status, balance_transaction=balance_transaction)

    def refused(self) -> Self:
        """The connected account does not have the amount any more."""
        return evolve(self, status=REVERSAL.after(self.status, ReversalEvent.REFUSE))


@attrs.frozen(kw_only=True, slots=False)
class Transfer:
    """Money that moved from a platform to an account of its own. Amounts are minor units of `currency`."""

    account_id: AccountId
    id: TransferId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    destination: AccountId
    destination_payment: str
    """The charge that the connected account sees."""
    balance_transaction: str
    amount_reversed: int = 0
    """What came back, and what is on its way back."""
    source_transaction: str | None = None
    """The charge whose money it is."""
    transfer_group: str | None = None
    description: str | None = None
    latest_reversals: tuple[TransferReversal, ...] = ()
    """Those that succeeded, newest first, as many as are shown."""
    reversal_count: int = 0
    metadata: Metadata = NOTHING

    @property
    def reversible(self) -> int:
        """What can still come back."""
        return self.amount - self.amount_reversed

    def reserve(self, amount: int) -> Self:
        """Set *amount* aside for a reversal. Raises `AmountRefused` or `InvalidRequest` where it is not there."""
        if self.reversible == 0:
            raise InvalidRequest(
                f"Transfer {self.id} is already fully reversed.", code="transfer_already_reversed"
            )
        refuse_beyond(
            amount, self.reversible, self.currency, kind="Reversal", of="unreversed amount on transfer"
        )
        return evolve(self, amount_reversed=self.amount_reversed + amount)

    def give_up(self, amount: int) -> Self:
        """The connected account could not give *amount* back."""
        return evolve(self, amount_reversed=self.amount_reversed - amount)

    def reversed_by(self, reversal: TransferReversal) -> Self:
        """Show a reversal that succeeded."""
        shown = (reversal, *self.latest_reversals)[:SHOWN_MAX]
        return evolve(self, latest_reversals=shown, reversal_count=self.reversal_count + 1)

    def showing(self, reversal: TransferReversal) -> Self:
        """Show a reversal as it is now, if it is shown."""
        shown = tuple(reversal if old.id == reversal.id else old for old in self.latest_reversals)
        return evolve(self, latest_reversals=shown)
