"""The promotion code as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

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
