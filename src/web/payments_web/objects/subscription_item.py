"""The subscription item as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.subscriptions import SubscriptionItem
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import Hash, MetadataText, Seconds
from payments_web.objects.markers import Expandable
from payments_web.objects.plan import PlanObject
from payments_web.objects.price import PriceObject
from payments_web.objects.tax_rate import TaxRateObject


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionItemObject:
    """One product of a subscription."""

    id: str
    object: Literal["subscription_item"] = "subscription_item"
    billed_until: int | UnsetType = UNSET
    billing_thresholds: Hash | None = None
    created: Seconds
    current_period_end: Seconds
    current_period_start: Seconds
    current_trial: Hash | UnsetType = UNSET
    discounts: tuple[Annotated[str, Expandable("discount")], ...] = ()
    metadata: MetadataText = NOTHING
    plan: PlanObject
    price: PriceObject
    quantity: int = 1
    subscription: str
    tax_rates: tuple[TaxRateObject, ...] = ()

    @classmethod
    def of(cls, item: SubscriptionItem, livemode: bool) -> Self:
        """Show an item of a subscription."""
        price = PriceObject.of(item.price, livemode)
        return cls(
            id=item.id,
            created=item.created,
            current_period_end=item.period.end,
            current_period_start=item.period.start,
            discounts=tuple(discount.id for discount in item.discounts),
            metadata=item.metadata,
            plan=PlanObject.of(price),
            price=price,
            quantity=item.quantity,
            subscription=item.subscription,
            tax_rates=tuple(TaxRateObject.of(rate, livemode) for rate in item.tax_rates),
        )
