"""The price as clients see it. Fields that this system never sets say what they always say."""

from decimal import Decimal
from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.prices import Price, Recurring, Tier
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

    @classmethod
    def of(cls, recurring: Recurring) -> Self:
        """Show how often a price is due."""
        return cls(
            interval=recurring.interval,
            interval_count=recurring.interval_count,
            trial_period_days=recurring.trial_period_days,
            usage_type=recurring.usage_type,
        )


@attrs.frozen(kw_only=True, slots=False)
class PriceTierObject:
    """`tier` of price objects."""

    flat_amount: Minor | None = None
    flat_amount_decimal: str | None = None
    unit_amount: Minor | None = None
    unit_amount_decimal: str | None = None
    up_to: int | None = None

    @classmethod
    def of(cls, tier: Tier) -> Self:
        """Show a tier."""
        return cls(
            flat_amount=whole(tier.flat_amount),
            flat_amount_decimal=exact(tier.flat_amount),
            unit_amount=whole(tier.unit_amount),
            unit_amount_decimal=exact(tier.unit_amount),
            up_to=tier.up_to,
        )


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

    @classmethod
    def of(cls, price: Price, livemode: bool) -> Self:
        """Show a price."""
        transform = price.transform_quantity
        return cls(
            id=price.id,
            active=price.active,
            billing_scheme="tiered" if price.tiers else "per_unit",
            created=price.created,
            currency=price.currency,
            livemode=livemode,
            lookup_key=price.lookup_key,
            metadata=price.metadata,
            nickname=price.nickname,
            product=price.product,
            recurring=PriceRecurringObject.of(price.recurring) if price.recurring else None,
            tax_behavior=price.tax_behavior,
            tiers=tuple(map(PriceTierObject.of, price.tiers)) if price.tiers else UNSET,
            tiers_mode=price.tiers_mode,
            transform_quantity=PriceTransformQuantityObject(
                divide_by=transform.divide_by, round=transform.round
            )
            if transform
            else None,
            type=price.type,
            unit_amount=whole(price.unit_amount),
            unit_amount_decimal=exact(price.unit_amount),
        )


def whole(amount: Decimal | None) -> int | None:
    """An amount that is a whole number of minor units, or None."""
    return None if amount is None or amount != int(amount) else int(amount)


def exact(amount: Decimal | None) -> str | None:
    """An amount as the API writes decimals: without trailing zeros or exponents."""
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
