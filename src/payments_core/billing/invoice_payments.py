"""Invoice payments: each attempt to pay an invoice, or a part of one, and what became of it."""

from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId

InvoicePaymentId = NewType("InvoicePaymentId", str)


class PaymentState(StrEnum):
    """The status that clients see."""

    OPEN = "open"
    PAID = "paid"
    CANCELED = "canceled"


class PaymentEvent(StrEnum):
    """What can happen to a payment of an invoice."""

    PAY = "pay"
    CANCEL = "cancel"


INVOICE_PAYMENT = Machine(
    name="invoice_payment",
    initial=PaymentState.OPEN,
    table={
        PaymentState.OPEN: {
            PaymentEvent.PAY: PaymentState.PAID,
            PaymentEvent.CANCEL: PaymentState.CANCELED,
        },
        PaymentState.PAID: {},
        PaymentState.CANCELED: {},
    },
)


@attrs.frozen(kw_only=True)
class InvoicePayment:
    """A payment of an invoice: by a charge, by a payment intent, or outside of this system."""

    account_id: AccountId
    id: InvoicePaymentId
    created: Timestamp
    invoice: str
    amount_requested: int
    amount_paid: int | None = None
    currency: CurrencyCode
    status: PaymentState = INVOICE_PAYMENT.initial
    charge: str | None = None
    payment_intent: str | None = None
    payment_record: str | None = None
    """Stands for money that came outside of this system."""
    is_default: bool = True
    canceled_at: Timestamp | None = None
    paid_at: Timestamp | None = None

    @property
    def type(self) -> str:
        """What it was paid by."""
        if self.payment_intent is not None:
            return "payment_intent"
        return "charge" if self.charge is not None else "payment_record"

    def paid(self, amount: int, now: Timestamp, *, charge: str | None = None) -> Self:
        """The money came."""
        status = INVOICE_PAYMENT.after(self.status, PaymentEvent.PAY)
        return attrs.evolve(
            self, status=status, amount_paid=amount, paid_at=now, charge=charge or self.charge
        )

    def canceled(self, now: Timestamp) -> Self:
        """It did not, and will not."""
        status = INVOICE_PAYMENT.after(self.status, PaymentEvent.CANCEL)
        return attrs.evolve(self, status=status, canceled_at=now)
