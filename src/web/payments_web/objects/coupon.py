"""The coupon as clients see it. Fields that this system never sets say what they always say."""

from typing import Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.coupons import Coupon
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

    @classmethod
    def of(cls, coupon: Coupon, livemode: bool) -> Self:
        """Show a coupon."""
        products = CouponAppliesToObject(products=coupon.products) if coupon.products else UNSET
        return cls(
            id=coupon.id,
            amount_off=coupon.amount_off,
            applies_to=products,
            created=coupon.created,
            currency=coupon.currency,
            duration=coupon.duration,
            duration_in_months=coupon.duration_in_months,
            livemode=livemode,
            max_redemptions=coupon.max_redemptions,
            metadata=coupon.metadata,
            name=coupon.name,
            percent_off=None if coupon.percent_off is None else float(coupon.percent_off),
            redeem_by=coupon.redeem_by,
            times_redeemed=coupon.times_redeemed,
            valid=not coupon.exhausted and not coupon.expired,
        )
