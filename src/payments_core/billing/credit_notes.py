"""Credit notes: what an issued invoice is lowered by. Before it is paid, less is due; afterwards something goes back."""

from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.billing.lines import LineDiscount, LineTax
from payments_core.billing.tax_rates import TaxRate
from payments_core.billing.totals import TaxTotal
from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

CreditNoteId = NewType("CreditNoteId", str)


class CreditNoteState(StrEnum):
    """The status that clients see."""

    ISSUED = "issued"
    VOID = "void"


class CreditNoteEvent(StrEnum):
    """What can happen to a credit note."""

    VOID = "void"


CREDIT_NOTE: Final = Machine(
    name="credit_note",
    initial=CreditNoteState.ISSUED,
    table={
        CreditNoteState.ISSUED: {CreditNoteEvent.VOID: CreditNoteState.VOID},
        CreditNoteState.VOID: {},
    },
)


@attrs.frozen(kw_only=True)
class CreditNoteLine:
    """A line of a credit note: a part of a line of the invoice, or an amount of its own."""

    account_id: AccountId
    id: str
    credit_note: str
    amount: int
    description: str | None = None
    invoice_line: str | None = None
    quantity: int | None = None
    unit_amount: Decimal | None = None
    discount_amounts: tuple[LineDiscount, ...] = ()
    taxes: tuple[LineTax, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    metadata: Metadata = NOTHING

    @property
    def discount(self) -> int:
        """What discounts had taken off."""
        return sum(discount.amount for discount in self.discount_amounts)

    @property
    def total(self) -> int:
        """What the line gives back."""
        exclusive = sum(tax.amount for tax in self.taxes if not tax.inclusive)
        return self.amount - self.discount + exclusive


@attrs.frozen(kw_only=True)
class NoteRefund:
    """A refund that pays a part of a credit note out."""

    refund: str
    amount: int


@attrs.frozen(kw_only=True)
class CreditNote:
    """A correction of an invoice. Amounts are in minor units of `currency`."""

    account_id: AccountId
    id: CreditNoteId
    created: Timestamp
    invoice: str
    customer: str | None
    currency: CurrencyCode
    number: str
    lines: tuple[CreditNoteLine, ...]
    status: CreditNoteState = CREDIT_NOTE.initial
    subtotal: int
    discounts: tuple[LineDiscount, ...] = ()
    taxes: tuple[TaxTotal, ...] = ()
    total_excluding_tax: int
    total: int
    pre_payment_amount: int = 0
    post_payment_amount: int = 0
    credit_amount: int = 0
    refund_amount: int = 0
    out_of_band_amount: int | None = None
    refunds: tuple[NoteRefund, ...] = ()
    customer_balance_transaction: str | None = None
    reason: str | None = None
    memo: str | None = None
    effective_at: Timestamp | None = None
    voided_at: Timestamp | None = None
    metadata: Metadata = NOTHING

    @property
    def type(self) -> str:
        """Whether it came before the payment, after it, or both."""
        if self.pre_payment_amount and self.post_payment_amount:
            return "mixed"
        return "post_payment" if self.post_payment_amount else "pre_payment"

    def voided(self, now: Timestamp) -> Self:
        """It was a mistake."""
        status = CREDIT_NOTE.after(self.status, CreditNoteEvent.VOID)
        return attrs.evolve(self, status=status, voided_at=now)
