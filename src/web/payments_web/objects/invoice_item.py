"""The invoice item as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, PeriodObject, Seconds
from payments_web.objects.markers import Expandable
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
