"""The line item of an invoice as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.billing.lines import Item, Line, LineTax
from payments_core.billing.totals import TaxTotal
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, PeriodObject
from payments_web.objects.markers import Expandable
from payments_web.objects.price import exact


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
class LineTaxRateObject:
    """Which rate a tax goes by."""

    tax_rate: str


@attrs.frozen(kw_only=True, slots=False)
class LineTaxObject:
    """One tax of a line, or of all lines together."""

    amount: Minor
    tax_behavior: str = "exclusive"
    tax_rate_details: LineTaxRateObject | None = None
    taxability_reason: str = "not_available"
    taxable_amount: Minor | None = None
    type: str = "tax_rate_details"

    @classmethod
    def of(cls, tax: LineTax | TaxTotal) -> Self:
        """Show a tax."""
        return cls(
            amount=tax.amount,
            tax_behavior="inclusive" if tax.inclusive else "exclusive",
            tax_rate_details=LineTaxRateObject(tax_rate=tax.rate),
            taxability_reason=tax.reason,
            taxable_amount=tax.taxable_amount,
        )


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
    taxes: tuple[LineTaxObject, ...] = ()

    @classmethod
    def of(cls, line: Line, livemode: bool) -> Self:
        """Show a line."""
        item = line.item
        return cls(
            id=line.id,
            amount=item.amount,
            currency=item.currency,
            description=item.description,
            discount_amounts=tuple(
                InvoiceLineItemDiscountAmountObject(amount=one.amount, discount=one.discount)
                for one in line.discount_amounts
            ),
            discountable=item.discountable,
            discounts=tuple(discount.id for discount in item.discounts),
            invoice=line.invoice,
            livemode=livemode,
            metadata=item.metadata,
            parent=parent_of(line),
            period=PeriodObject(start=item.period.start, end=item.period.end),
            pricing=pricing_of(item),
            quantity=int(item.quantity),
            quantity_decimal=exact(item.quantity) or "0",
            subscription=item.subscription,
            subtotal=item.amount,
            taxes=tuple(map(LineTaxObject.of, line.taxes)),
        )


def parent_of(line: Line) -> InvoiceLineItemParentObject | None:
    """What a line came from: an invoice item or an item of a subscription."""
    item = line.item
    if line.invoice_item is not None:
        details = InvoiceLineItemParentInvoiceItemDetailsObject(
            invoice_item=line.invoice_item, proration=item.proration, subscription=item.subscription
        )
        return InvoiceLineItemParentObject(invoice_item_details=details, type="invoice_item_details")
    if item.subscription_item is None:
        return None
    of_subscription = InvoiceLineItemParentSubscriptionItemDetailsObject(
        proration=item.proration,
        subscription=item.subscription,
        subscription_item=item.subscription_item,
    )
    return InvoiceLineItemParentObject(
        subscription_item_details=of_subscription, type="subscription_item_details"
    )


def pricing_of(item: Item) -> InvoiceLineItemPricingObject:
    """What a unit costs, and by which price."""
    details = None
    if item.price is not None and item.product is not None:
        details = InvoiceLineItemPricingPriceDetailsObject(price=item.price, product=item.product)
    return InvoiceLineItemPricingObject(price_details=details, unit_amount_decimal=exact(item.unit_amount))
