"""The discount as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.billing.discounts import Discount
from payments_web.objects.common import Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class DiscountSourceObject:
    """`source` of discount objects."""

    coupon: Annotated[str | None, Expandable("coupon")] = None
    type: str = "coupon"


@attrs.frozen(kw_only=True, slots=False)
class DiscountObject:
    """A discount that was given."""

    id: str
    object: Literal["discount"] = "discount"
    checkout_session: str | None = None
    customer: Annotated[str | None, Expandable("customer")] = None
    customer_account: str | None = None
    end: Seconds | None = None
    invoice: str | None = None
    invoice_item: str | None = None
    promotion_code: Annotated[str | None, Expandable("promotion_code")] = None
    source: DiscountSourceObject
    start: Seconds
    subscription: str | None = None
    subscription_item: str | None = None

    @classmethod
    def of(cls, discount: Discount, livemode: bool) -> Self:
        """Show a discount."""
        return cls(
            id=discount.id,
            checkout_session=discount.checkout_session,
            customer=discount.customer,
            end=discount.end,
            invoice=discount.invoice,
            invoice_item=discount.invoice_item,
            promotion_code=discount.promotion_code,
            source=DiscountSourceObject(coupon=discount.coupon.id),
            start=discount.start,
            subscription=discount.subscription,
            subscription_item=discount.subscription_item,
        )
