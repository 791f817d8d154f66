"""The promotion code as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.coupons import PromotionCode
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import Hash, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class PromotionCodePromotionObject:
    """`promotion` of promotion code objects."""

    coupon: Annotated[str | None, Expandable("coupon")] = None
    type: str = "coupon"


@attrs.frozen(kw_only=True, slots=False)
class PromotionCodeRestrictionsObject:
    """`restrictions` of promotion code objects."""

    currency_options: Hash | UnsetType = UNSET
    first_time_transaction: bool = False
    minimum_amount: Minor | None = None
    minimum_amount_currency: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class PromotionCodeObject:
    """A word that customers type to get a discount."""

    id: str
    object: Literal["promotion_code"] = "promotion_code"
    active: bool = True
    code: str
    created: Seconds
    customer: Annotated[str | None, Expandable("customer")] = None
    customer_account: str | None = None
    expires_at: Seconds | None = None
    livemode: bool
    max_redemptions: int | None = None
    metadata: MetadataText = NOTHING
    promotion: PromotionCodePromotionObject
    restrictions: PromotionCodeRestrictionsObject = PromotionCodeRestrictionsObject()
    times_redeemed: int = 0

    @classmethod
    def of(cls, promotion: PromotionCode, livemode: bool) -> Self:
        """Show a promotion code."""
        return cls(
            id=promotion.id,
            active=promotion.active,
            code=promotion.code,
            created=promotion.created,
            customer=promotion.customer,
            expires_at=promotion.expires_at,
            livemode=livemode,
            max_redemptions=promotion.max_redemptions,
            metadata=promotion.metadata,
            promotion=PromotionCodePromotionObject(coupon=promotion.coupon),
            restrictions=PromotionCodeRestrictionsObject(
                first_time_transaction=promotion.first_time_transaction,
                minimum_amount=promotion.minimum_amount,
                minimum_amount_currency=promotion.minimum_amount_currency,
            ),
            times_redeemed=promotion.times_redeemed,
        )
