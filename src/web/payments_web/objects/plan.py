"""The plan: a recurring price in its older shape, which subscription items still show beside it."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable
from payments_web.objects.price import PriceObject


@attrs.frozen(kw_only=True, slots=False)
class PlanObject:
    """What a product costs again and again."""

    id: str
    object: Literal["plan"] = "plan"
    active: bool = True
    amount: Minor | None = None
    amount_decimal: str | None = None
    billing_scheme: str = "per_unit"
    created: Seconds
    currency: CurrencyText
    interval: str
    interval_count: int = 1
    livemode: bool
    metadata: MetadataText = NOTHING
    meter: str | None = None
    nickname: str | None = None
    product: Annotated[str | None, Expandable("product")] = None
    tiers: tuple[Hash, ...] | UnsetType = UNSET
    tiers_mode: str | None = None
    transform_usage: Hash | None = None
    trial_period_days: int | None = None
    usage_type: str = "licensed"

    @classmethod
    def of(cls, price: PriceObject) -> Self:
        """Show a recurring price in its older shape."""
        recurring = price.recurring
        assert recurring is not None, "a plan recurs"
        return cls(
            id=price.id,
            active=price.active,
            amount=price.unit_amount,
            amount_decimal=price.unit_amount_decimal,
            billing_scheme=price.billing_scheme,
            created=price.created,
            currency=price.currency,
            interval=recurring.interval,
            interval_count=recurring.interval_count,
            livemode=price.livemode,
            metadata=price.metadata,
            nickname=price.nickname,
            product=price.product,
            tiers_mode=price.tiers_mode,
            trial_period_days=recurring.trial_period_days,
            usage_type=recurring.usage_type,
        )
