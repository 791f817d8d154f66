"""Discounts: a coupon that was given to somebody or for something, from when to when. It keeps the coupon as it was."""

from typing import NewType

import attrs

from payments_core.billing.coupons import Coupon
from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId

DiscountId = NewType("DiscountId", str)


@attrs.frozen(kw_only=True)
class Discount:
    """A coupon at work. One of customer, subscription, invoice and invoice item says where."""

    account_id: AccountId
    id: DiscountId
    created: Timestamp
    coupon: Coupon
    start: Timestamp
    end: Timestamp | None = None
    customer: str | None = None
    invoice: str | None = None
    invoice_item: str | None = None
    subscription: str | None = None
    subscription_item: str | None = None
    checkout_session: str | None = None
    promotion_code: str | None = None

    def is_on(self, now: Timestamp) -> bool:
        """Say whether it still counts."""
        return self.end is None or now < self.end

    def covers(self, product: str | None) -> bool:
        """Say whether it counts for this product."""
        return not self.coupon.products or product in self.coupon.products
