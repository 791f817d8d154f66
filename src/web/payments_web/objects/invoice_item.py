"""The invoice item as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.invoice_items import InvoiceItem
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, PeriodObject, Seconds
from payments_web.objects.markers import Expandable
from payments_web.objects.price import exact
from payments_web.objects.tax_rate import TaxRateObject


@attrs.frozen(kw_only=True, slots=False)
class InvoiceItemParentSubscriptionDetailsObject:
    """`parent_subscription_details` of invoice item objects."""

    subscription: str
    subscription_item: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceItemParentObject:
    """`parent` of invoice item objects."""

    subscription_details: InvoiceItemParentSubscriptionDetailsObject | None = None
    type: str = "subscription_details"


@attrs.frozen(kw_only=True, slots=False)
class InvoiceItemPricingPriceDetailsObject:
    """`pricing_price_details` of invoice item objects."""

    price: Annotated[str, Expandable("price")]
    product: str


@attrs.frozen(kw_only=True, slots=False)
class InvoiceItemPricingObject:
    """`pricing` of invoice item objects."""

    price_details: InvoiceItemPricingPriceDetailsObject | None = None
    type: str = "price_details"
    unit_amount_decimal: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceItemObject:
    """An amount that waits for the customer's next invoice."""

    id: str
    object: Literal["invoiceitem"] = "invoiceitem"
    amount: Minor
    currency: CurrencyText
    customer: Annotated[str, Expandable("customer")]
    customer_account: str | None = None
    date: Seconds
    description: str | None = None
    discountable: bool = True
    discounts: tuple[Annotated[str, Expandable("discount")], ...] = ()
    frozen_fields: tuple[str, ...] | UnsetType = UNSET
    invoice: Annotated[str | None, Expandable("invoice")] = None
    invoicing_rules: tuple[Hash, ...] | UnsetType = UNSET
    livemode: bool
    metadata: MetadataText = NOTHING
    net_amount: Minor | None = None
    parent: InvoiceItemParentObject | None = None
    period: PeriodObject
    pricing: InvoiceItemPricingObject | None = None
    proration: bool = False
    proration_details: Hash | UnsetType = UNSET
    quantity: int = 1
    quantity_decimal: str = "1"
    tax_rates: tuple[TaxRateObject, ...] = ()
    test_clock: Annotated[str | None, Expandable("test_helpers.test_clock")] = None

    @classmethod
    def of(cls, found: InvoiceItem, livemode: bool) -> Self:
        """Show an invoice item."""
        item = found.item
        details = None
        if item.price is not None and item.product is not None:
            details = InvoiceItemPricingPriceDetailsObject(price=item.price, product=item.product)
        parent = None
        if item.subscription is not None:
            of_subscription = InvoiceItemParentSubscriptionDetailsObject(
                subscription=item.subscription, subscription_item=item.subscription_item
            )
            parent = InvoiceItemParentObject(subscription_details=of_subscription)
        return cls(
            id=found.id,
            amount=item.amount,
            currency=item.currency,
            customer=found.customer,
            date=found.created,
            description=item.description,
            discountable=item.discountable,
            discounts=tuple(discount.id for discount in item.discounts),
            invoice=found.invoice,
            livemode=livemode,
            metadata=item.metadata,
            net_amount=item.amount if item.proration else None,
            parent=parent,
            period=PeriodObject(start=item.period.start, end=item.period.end),
            pricing=InvoiceItemPricingObject(
                price_details=details, unit_amount_decimal=exact(item.unit_amount)
            ),
            proration=item.proration,
            quantity=int(item.quantity),
            quantity_decimal=exact(item.quantity) or "0",
            tax_rates=tuple(TaxRateObject.of(rate, livemode) for rate in item.tax_rates),
            test_clock=found.test_clock,
        )
