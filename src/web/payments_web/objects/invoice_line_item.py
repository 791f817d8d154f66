"""The line item of an invoice as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, PeriodObject
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class InvoiceLineItemDiscountAmountObject:
    """`discount_amount` of invoice line item objects."""

    amount: Minor
    discount: Annotated[str, Expandable("discount")]


@attrs.frozen(kw_only=True, slots=False)
class InvoiceLineItemParentInvoiceItemDetailsObject:
    """`parent_invoice_item_details` of invoice line item objects."""

    invoice_item: str
    proration: bool = False
    proration_details: Hash | None = None
    subscription: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceLineItemParentSubscriptionItemDetailsObject:
    """`parent_subscription_item_details` of invoice line item objects."""

    invoice_item: str | None = None
    proration: bool = False
    proration_details: Hash | None = None
    subscription: str | None = None
    subscription_item: str


@attrs.frozen(kw_only=True, slots=False)
class InvoiceLineItemParentObject:
    """`parent` of invoice line item objects."""

    invoice_item_details: InvoiceLineItemParentInvoiceItemDetailsObject | None = None
    subscription_item_details: InvoiceLineItemParentSubscriptionItemDetailsObject | None = None
    type: str


@attrs.frozen(kw_only=True, slots=False)
class InvoiceLineItemPricingPriceDetailsObject:
    """`pricing_price_details` of invoice line item objects."""

    price: Annotated[str, Expandable("price")]
    product: str


@attrs.frozen(kw_only=True, slots=False)
class InvoiceLineItemPricingObject:
    """`pricing` of invoice line item objects."""

    price_details: InvoiceLineItemPricingPriceDetailsObject | None = None
    type: str = "price_details"
    unit_amount_decimal: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceLineItemObject:
    """A line of an invoice."""

    id: str
    object: Literal["line_item"] = "line_item"
    amount: Minor
    currency: CurrencyText
    description: str | None = None
    discount_amounts: tuple[InvoiceLineItemDiscountAmountObject, ...] = ()
    discountable: bool = True
    discounts: tuple[Annotated[str, Expandable("discount")], ...] = ()
    invoice: str | None = None
    livemode: bool
    metadata: MetadataText = NOTHING
    parent: InvoiceLineItemParentObject | None = None
    period: PeriodObject
    pretax_credit_amounts: tuple[Hash, ...] = ()
    pricing: InvoiceLineItemPricingObject | None = None
    quantity: int | None = 1
    quantity_decimal: str = "1"
    subscription: Annotated[str | None, Expandable("subscription")] = None
    subtotal: Minor
    taxes: tuple[Hash, ...] = ()
