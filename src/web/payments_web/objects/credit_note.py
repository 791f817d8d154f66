"""The credit note as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class CreditNoteDiscountAmountObject:
    """`discount_amount` of credit note objects."""

    amount: Minor
    discount: Annotated[str, Expandable("discount")]


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
    customer: Annotated[str, Expandable("customer")]
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
    total_taxes: tuple[Hash, ...] = ()
    type: str = "pre_payment"
    voided_at: Seconds | None = None
