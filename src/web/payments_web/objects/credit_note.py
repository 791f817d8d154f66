"""The credit note as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.credit_notes import CreditNote, CreditNoteLine
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.invoice_line_item import LineTaxObject
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable
from payments_web.objects.price import exact, whole
from payments_web.objects.tax_rate import TaxRateObject


@attrs.frozen(kw_only=True, slots=False)
class CreditNoteDiscountAmountObject:
    """`discount_amount` of credit note objects."""

    amount: Minor
    discount: Annotated[str, Expandable("discount")]


@attrs.frozen(kw_only=True, slots=False)
class CreditNoteLineItemObject:
    """A line of a credit note."""

    id: str
    object: Literal["credit_note_line_item"] = "credit_note_line_item"
    amount: Minor
    description: str | None = None
    discount_amount: Minor = 0
    discount_amounts: tuple[CreditNoteDiscountAmountObject, ...] = ()
    invoice_line_item: str | UnsetType = UNSET
    livemode: bool
    metadata: MetadataText = NOTHING
    pretax_credit_amounts: tuple[Hash, ...] = ()
    quantity: int | None = None
    tax_rates: tuple[TaxRateObject, ...] = ()
    taxes: tuple[LineTaxObject, ...] = ()
    type: str
    unit_amount: Minor | None = None
    unit_amount_decimal: str | None = None

    @classmethod
    def of(cls, line: CreditNoteLine, livemode: bool) -> Self:
        """Show a line of a credit note."""
        return cls(
            id=line.id,
            amount=line.amount,
            description=line.description,
            discount_amount=line.discount,
            discount_amounts=tuple(
                CreditNoteDiscountAmountObject(amount=one.amount, discount=one.discount)
                for one in line.discount_amounts
            ),
            invoice_line_item=line.invoice_line or UNSET,
            livemode=livemode,
            metadata=line.metadata,
            quantity=line.quantity,
            tax_rates=tuple(TaxRateObject.of(rate, livemode) for rate in line.tax_rates),
            taxes=tuple(map(LineTaxObject.of, line.taxes)),
            type="custom_line_item" if line.invoice_line is None else "invoice_line_item",
            unit_amount=whole(line.unit_amount),
            unit_amount_decimal=exact(line.unit_amount),
        )


@attrs.frozen(kw_only=True, slots=False)
class CreditNoteRefundObject:
    """`refund` of credit note objects."""

    amount_refunded: Minor
    payment_record_refund: Hash | UnsetType = UNSET
    refund: Annotated[str, Expandable("refund")]
    type: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class CreditNoteObject:
    """What an issued invoice is lowered by."""

    id: str
    object: Literal["credit_note"] = "credit_note"
    amount: Minor
    amount_shipping: Minor = 0
    created: Seconds
    currency: CurrencyText
    customer: Annotated[str | None, Expandable("customer")]
    customer_account: str | None = None
    customer_balance_transaction: Annotated[str | None, Expandable("customer_balance_transaction")] = None
    discount_amount: Minor = 0
    discount_amounts: tuple[CreditNoteDiscountAmountObject, ...] = ()
    effective_at: Seconds | None = None
    invoice: Annotated[str, Expandable("invoice")]
    lines: ListObject
    livemode: bool
    memo: str | None = None
    metadata: MetadataText = NOTHING
    number: str
    out_of_band_amount: Minor | None = None
    pdf: str
    post_payment_amount: Minor = 0
    pre_payment_amount: Minor = 0
    pretax_credit_amounts: tuple[Hash, ...] = ()
    reason: str | None = None
    refunds: tuple[CreditNoteRefundObject, ...] = ()
    shipping_cost: Hash | None = None
    status: str = "issued"
    subtotal: Minor
    subtotal_excluding_tax: Minor | None = None
    total: Minor
    total_excluding_tax: Minor | None = None
    total_taxes: tuple[LineTaxObject, ...] = ()
    type: str = "pre_payment"
    voided_at: Seconds | None = None

    @classmethod
    def of(cls, note: CreditNote, livemode: bool, base_url: str | None = None) -> Self:
        """Show a credit note; with *base_url*, where its document is."""
        return cls(
            id=note.id,
            amount=note.total,
            created=note.created,
            currency=note.currency,
            customer=note.customer,
            customer_balance_transaction=note.customer_balance_transaction,
            discount_amount=sum(one.amount for one in note.discounts),
            discount_amounts=tuple(
                CreditNoteDiscountAmountObject(amount=one.amount, discount=one.discount)
                for one in note.discounts
            ),
            effective_at=note.effective_at,
            invoice=note.invoice,
            lines=lines_of(note, livemode),
            livemode=livemode,
            memo=note.memo,
            metadata=note.metadata,
            number=note.number,
            out_of_band_amount=note.out_of_band_amount,
            pdf=f"{base_url or ''}/credit_notes/{note.id}/pdf",
            post_payment_amount=note.post_payment_amount,
            pre_payment_amount=note.pre_payment_amount,
            reason=note.reason,
            refunds=tuple(
                CreditNoteRefundObject(amount_refunded=one.amount, refund=one.refund, type="refund")
                for one in note.refunds
            ),
            status=note.status,
            subtotal=note.subtotal,
            subtotal_excluding_tax=note.subtotal - sum(tax.amount for tax in note.taxes if tax.inclusive),
            total=note.total,
            total_excluding_tax=note.total_excluding_tax,
            total_taxes=tuple(map(LineTaxObject.of, note.taxes)),
            type=note.type,
            voided_at=note.voided_at,
        )


SHOWN_LINES = 10
"""How many lines a credit note shows; the rest is listed at the `url`."""


def lines_of(note: CreditNote, livemode: bool) -> ListObject:
    """The first lines of a credit note."""
    return ListObject(
        data=[CreditNoteLineItemObject.of(line, livemode) for line in note.lines[:SHOWN_LINES]],
        has_more=len(note.lines) > SHOWN_LINES,
        url=f"/v1/credit_notes/{note.id}/lines",
    )
