"""Customer balance transactions: the one way in which a customer's credit balance moves. Negative amounts are owed to the customer."""

from enum import StrEnum
from typing import NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

CustomerBalanceTransactionId = NewType("CustomerBalanceTransactionId", str)


class MovementType(StrEnum):
    """Why a balance moved."""

    ADJUSTMENT = "adjustment"
    INITIAL = "initial"
    APPLIED_TO_INVOICE = "applied_to_invoice"
    UNAPPLIED_FROM_INVOICE = "unapplied_from_invoice"
    INVOICE_TOO_SMALL = "invoice_too_small"
    INVOICE_OVERPAID = "invoice_overpaid"
    CREDIT_NOTE = "credit_note"


@attrs.frozen(kw_only=True)
class CustomerBalanceTransaction:
    """One movement of a customer's balance."""

    account_id: AccountId
    id: CustomerBalanceTransactionId
    created: Timestamp
    customer: str
    amount: int
    """Added to the balance: negative is credit for the customer, positive is used up or owed."""
    ending_balance: int
    currency: CurrencyCode
    type: MovementType
    description: str | None = None
    invoice: str | None = None
    credit_note: str | None = None
    metadata: Metadata = NOTHING
