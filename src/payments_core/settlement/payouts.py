"""Payouts: a merchant's available money on its way to a bank, what became of it, and which transactions it is made of.

The contents of an automatic payout are a range of seconds: all that became available in it. Nothing is written on the
transactions themselves, so that a payout costs the same after ten sales and after a million. No ledger account is named here.
"""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.settlement.external_accounts import AccountNumber
from payments_core.values import evolve

PayoutId = NewType("PayoutId", str)


class PayoutState(StrEnum):
    """The status that clients see."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELED = "canceled"


class PayoutEvent(StrEnum):
    """What can happen to a payout."""

    SUBMIT = "submit"
    PAY = "pay"
    FAIL = "fail"
    CANCEL = "cancel"


PAYOUT: Final = Machine(
    name="payout",
    initial=PayoutState.PENDING,
    table={
        PayoutState.PENDING: {
            PayoutEvent.SUBMIT: PayoutState.IN_TRANSIT,
            PayoutEvent.FAIL: PayoutState.FAILED,
            PayoutEvent.CANCEL: PayoutState.CANCELED,
        },
        PayoutState.IN_TRANSIT: {
            PayoutEvent.PAY: PayoutState.PAID,
            PayoutEvent.FAIL: PayoutState.FAILED,
        },
        # A bank can send money back days after it was said to have arrived.
        PayoutState.PAID: {PayoutEvent.FAIL: PayoutState.FAILED},
        PayoutState.FAILED: {},
        PayoutState.CANCELED: {},
    },
)

FAILURES: Final = {
    "account_closed": "The bank account has been closed",
    "account_frozen": "The bank account has been frozen",
    "bank_account_restricted": "The bank account has restrictions on the type or number of transfers",
    "could_not_process": "The bank could not process this transfer",
    "debit_not_authorized": "Debit transactions are not approved on the bank account",
    "declined": "The bank has declined this transfer",
    "insufficient_funds": "The account has insufficient funds to cover the transfer",
    "invalid_account_number": "The bank account number was not valid",
    "invalid_currency": "The bank was unable to process this transfer because of its currency",
    "no_account": "The bank account details on file are probably incorrect. No bank account could be located with those details",
}
"""What a merchant is told of each failure code."""


@attrs.frozen(kw_only=True, slots=False)
class Payout:
    """Money on its way to a bank, or, below zero, back from one. Amounts are minor units of `currency`."""

    account_id: AccountId
    id: PayoutId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    arrival_date: Timestamp
    destination: str
    balance_transaction: str
    status: PayoutState = PAYOUT.initial
    automatic: bool = False
    contents_after: int | None = None
    """For an automatic payout: the last second that an earlier one covers."""
    contents_upto: int | None = None
    """For an automatic payout: the last second that it covers."""
    description: str | None = None
    method: str = "standard"
    source_type: str = "card"
    statement_descriptor: str | None = None
    failure_balance_transaction: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    original_payout: str | None = None
    reversed_by: str | None = None
    rail: str | None = None
    """The bank rail that carries it."""
    rail_batch: str | None = None
    """What it is handed over with. From then on it cannot be canceled."""
    trace: str | None = None
    """What the bank calls it."""
    due_at: Timestamp | None = None
    """When it is handed over, or the bank is asked what became of it."""
    metadata: Metadata = NOTHING

    @property
    def reconciliation_status(self) -> str:
        """Whether its contents can be listed."""
        return "completed" if self.automatic else "not_applicable"

    def claimed(self, rail: str, batch: str) -> Self:
        """It is about to be handed over."""
        return evolve(self, rail=rail, rail_batch=batch)

    def unclaimed(self, again_at: Timestamp) -> Self:
        """The rail did not take it with that batch: it waits for another."""
        return evolve(self, rail_batch=None, due_at=again_at)

    def submitted(self) -> Self:
        """The rail has it; the bank is asked on the day of arrival."""
        return evolve(self._after(PayoutEvent.SUBMIT), due_at=self.arrival_date)

    def asked_again(self, at: Timestamp) -> Self:
        """The bank does not know yet."""
        return evolve(self, due_at=at)

    def paid(self, trace: str | None = None) -> Self:
        """The money arrived."""
        return evolve(self._after(PayoutEvent.PAY), due_at=None, trace=trace or self.trace)

    def failed(self, code: str, failure_balance_transaction: str) -> Self:
        """The money came back."""
        return evolve(
            self._after(PayoutEvent.FAIL),
            due_at=None,
            failure_code=code,
            failure_message=FAILURES.get(code, FAILURES["could_not_process"]),
            failure_balance_transaction=failure_balance_transaction,
        )

    def canceled(self, failure_balance_transaction: str) -> Self:
        """The merchant thought better of it."""
        self.refuse_cancel()
        return evolve(
            self._after(PayoutEvent.CANCEL),
            due_at=None,
            failure_balance_transaction=failure_balance_transaction,
        )

    def refuse_cancel(self) -> None:
        """Raise `InvalidRequest` unless it can still be canceled."""
        if self.automatic or self.status is not PayoutState.PENDING or self.rail_batch is not None:
            raise InvalidRequest(
                f"Payout {self.id} cannot be canceled: only a manual payout that was not handed to the bank can be.",
                code="payout_cancel_unsupported" if self.automatic else "status_transition_invalid",
            )

    def _after(self, event: PayoutEvent) -> Self:
        return evolve(self, status=PAYOUT.after(self.status, event))


@attrs.frozen(kw_only=True)
class PayoutOrder:
    """What a bank rail is told of a payout. The number stays masked until the rail reveals it."""

    payout: PayoutId
    account_id: AccountId
    amount: int
    currency: CurrencyCode
    merchant: str
    statement_descriptor: str | None
    holder: str
    country: str
    routing_number: str | None
    account_type: str | None
    number: AccountNumber
    arrival_date: Timestamp
    method: str = "standard"


@attrs.frozen(kw_only=True)
class PayoutResult:
    """A bank's word on a payout: it arrived, or came back for a reason."""

    payout: PayoutId
    account_id: AccountId | None = None
    failure_code: str | None = None
    trace: str | None = None
