"""The invoice payment as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.invoice_payments import InvoicePayment
from payments_web.objects.common import CurrencyText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class InvoicePaymentPaymentObject:
    """`payment` of invoice payment objects."""

    charge: Annotated[str | UnsetType, Expandable("charge")] = UNSET
    payment_intent: Annotated[str | UnsetType, Expandable("payment_intent")] = UNSET
    payment_record: Annotated[str | UnsetType, Expandable("payment_record")] = UNSET
    type: str = "payment_intent"


@attrs.frozen(kw_only=True, slots=False)
class InvoicePaymentStatusTransitionsObject:
    """`status_transitions` of invoice payment objects."""

    canceled_at: Seconds | None = None
    paid_at: Seconds | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoicePaymentObject:
    """A payment towards an invoice."""

    id: str
    object: Literal["invoice_payment"] = "invoice_payment"
    amount_paid: Minor | None = None
    amount_requested: Minor
    created: Seconds
    currency: CurrencyText
    invoice: Annotated[str, Expandable("invoice")]
    is_default: bool = True
    livemode: bool
    payment: InvoicePaymentPaymentObject
    status: str
    status_transitions: InvoicePaymentStatusTransitionsObject = InvoicePaymentStatusTransitionsObject()

    @classmethod
    def of(cls, payment: InvoicePayment, livemode: bool) -> Self:
        """Show a payment of an invoice."""
        return cls(
            id=payment.id,
            amount_paid=payment.amount_paid,
            amount_requested=payment.amount_requested,
            created=payment.created,
            currency=payment.currency,
            invoice=payment.invoice,
            is_default=payment.is_default,
            livemode=livemode,
            payment=InvoicePaymentPaymentObject(
                charge=payment.charge or UNSET,
                payment_intent=payment.payment_intent or UNSET,
                payment_record=payment.payment_record or UNSET,
                type=payment.type,
            ),
            status=payment.status,
            status_transitions=InvoicePaymentStatusTransitionsObject(
                canceled_at=payment.canceled_at, paid_at=payment.paid_at
            ),
        )
