"""The price as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class PriceRecurringObject:
    """`recurring` of price objects."""

    interval: str
    interval_count: int = 1
    meter: str | None = None
    trial_period_days: int | None = None
    usage_type: str = "licensed"


@attrs.frozen(kw_only=True, slots=False)
class PriceTierObject:
    """`tier` of price objects."""

    flat_amount: Minor | None = None
    flat_amount_decimal: str | None = None
    unit_amount: Minor | None = None
    unit_amount_decimal: str | None = None
    up_to: int | None = None


@attrs.frozen(kw_only=True, slots=False)
class PriceTransformQuantityObject:
    """`transform_quantity` of price objects."""

    divide_by: int
    round: str


@attrs.frozen(kw_only=True, slots=False)
class PriceObject:
    """What a product costs, once or again and again."""

    id: str
    object: Literal["price"] = "price"
    active: bool = True
    billing_scheme: str = "per_unit"
    created: Seconds
    currency: CurrencyText
    currency_options: Hash | UnsetType = UNSET
    custom_unit_amount: Hash | None = None
    livemode: bool
    lookup_key: str | None = None
    metadata: MetadataText = NOTHING
    nickname: str | None = None
    product: Annotated[str, Expandable("product")]
    recurring: PriceRecurringObject | None = None
    tax_behavior: str = "unspecified"
    tiers: tuple[PriceTierObject, ...] | UnsetType = UNSET
    tiers_mode: str | None = None
    transform_quantity: PriceTransformQuantityObject | None = None
    type: str = "one_time"
    unit_amount: Minor | None = None
    unit_amount_decimal: str | None = None
