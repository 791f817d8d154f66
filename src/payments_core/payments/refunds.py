"""Refunds: captured money on its way back to the payer."""

from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

RefundId = NewType("RefundId", str)


class RefundState(StrEnum):
    """The status that clients see."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class RefundEvent(StrEnum):
    """What can happen to a refund."""

    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"
    ACT = "act"


REFUND = Machine(
    name="refund",
    initial=RefundState.PENDING,
    table={
        RefundState.PENDING: {
            RefundEvent.SUCCEED: RefundState.SUCCEEDED,
            RefundEvent.FAIL: RefundState.FAILED,
        },
        RefundState.REQUIRES_ACTION: {
            RefundEvent.ACT: RefundState.PENDING,
            RefundEvent.SUCCEED: RefundState.SUCCEEDED,
            RefundEvent.CANCEL: RefundState.CANCELED,
        },
        # A bank can return the money days after it was accepted.
        RefundState.SUCCEEDED: {RefundEvent.FAIL: RefundState.FAILED},
        RefundState.FAILED: {},
        RefundState.CANCELED: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class Refund:
    """Money going back. The amount is in minor units of `currency`."""

    account_id: AccountId
    id: RefundId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    charge: str
    payment_intent: str | None = None
    status: RefundState = REFUND.initial
    reason: str | None = None
    releases: bool = False
    """The refund lets an uncaptured promise go: no money moved, and none moves back."""
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None
    pending_reason: str | None = None
    network_reference: str | None = None
    receipt_number: str | None = None
    reverses_transfer: bool = False
    """Whether what was sent on of the charge comes back in proportion."""
    refunds_fee: bool = False
    """Whether the platform's fee goes back in proportion."""
    transfer_reversal: str | None = None
    """The reversal that came of it."""
    source_transfer_reversal: str | None = None
    """The reversal that it is, of money that came by a transfer."""
    instructions_email: str | None = None
    due_at: Timestamp | None = None
    """When the bank's later word is expected."""
    metadata: Metadata = NOTHING

    def succeeded(self, network_reference: str | None = None) -> Self:
        """The money is on its way for sure."""
        return evolve(
            self._after(RefundEvent.SUCCEED),
            pending_reason=None,
            due_at=None,
            network_reference=network_reference or self.network_reference,
        )

    def failed(self, reason: str, failure_balance_transaction: str | None = None) -> Self:
        """The money came back."""
        return evolve(
            self._after(RefundEvent.FAIL),
            failure_reason=reason,
            pending_reason=None,
            due_at=None,
            failure_balance_transaction=failure_balance_transaction,
        )

    def canceled(self) -> Self:
        """The merchant thought better of it."""
        return self._after(
            RefundEvent.CANCEL,
            message=f"Refund {self.id} has a status of {self.status}; only one that requires action can be canceled.",
        )

    def _after(self, event: RefundEvent, message: str | None = None) -> Self:
        return evolve(self, status=REFUND.after(self.status, event, message=message))
