"""The coupon as clients see it. Fields that this system never sets say what they always say."""

from typing import Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds


@attrs.frozen(kw_only=True, slots=False)
class CouponAppliesToObject:
    """`applies_to` of coupon objects."""

    products: tuple[str, ...]


@attrs.frozen(kw_only=True, slots=False)
class CouponObject:
    """A discount that can be given."""

    id: str
    object: Literal["coupon"] = "coupon"
    amount_off: Minor | None = None
    applies_to: CouponAppliesToObject | UnsetType = UNSET
    created: Seconds
    currency: CurrencyText | None = None
    currency_options: Hash | UnsetType = UNSET
    duration: str
    duration_in_months: int | None = None
    livemode: bool
    max_redemptions: int | None = None
    metadata: MetadataText = NOTHING
    name: str | None = None
    percent_off: float | None = None
    redeem_by: Seconds | None = None
    times_redeemed: int = 0
    valid: bool = True
