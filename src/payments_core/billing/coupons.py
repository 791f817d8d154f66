"""Coupons and promotion codes: discounts that can be given, and the words that customers type to get them."""

from decimal import Decimal
from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

CouponId = NewType("CouponId", str)
PromotionCodeId = NewType("PromotionCodeId", str)


class Duration(StrEnum):
    """How long a discount lasts once it was given."""

    ONCE = "once"
    REPEATING = "repeating"
    FOREVER = "forever"


@attrs.frozen(kw_only=True)
class Coupon:
    """A discount that can be given: a percentage, or an amount of one currency. Its id may be the merchant's own word."""

    account_id: AccountId
    id: CouponId
    created: Timestamp
    duration: Duration
    duration_in_months: int | None = None
    percent_off: Decimal | None = None
    amount_off: int | None = None
    currency: CurrencyCode | None = None
    name: str | None = None
    products: tuple[str, ...] = ()
    """The products it applies to; all, if none is named."""
    max_redemptions: int | None = None
    redeem_by: Timestamp | None = None
    times_redeemed: int = 0
    expired: bool = False
    metadata: Metadata = NOTHING

    @property
    def exhausted(self) -> bool:
        """Whether it was given as often as it may be."""
        return self.max_redemptions is not None and self.times_redeemed >= self.max_redemptions

    def is_valid(self, now: Timestamp) -> bool:
        """Say whether it can still be given."""
        return not self.exhausted and not self.expired and (self.redeem_by is None or now < self.redeem_by)

    def redeem(self, now: Timestamp) -> Self:
        """Give it once more, or refuse."""
        if not self.is_valid(now):
            raise InvalidRequest(
                f"Coupon {self.id} is used up or expired.", code="coupon_expired", param="coupon"
            )
        return attrs.evolve(self, times_redeemed=self.times_redeemed + 1)

    def given_back(self) -> Self:
        """What it was redeemed for came to nothing."""
        return attrs.evolve(self, times_redeemed=max(0, self.times_redeemed - 1))


@attrs.frozen(kw_only=True)
class PromotionCode:
    """A word that customers type to get a coupon's discount."""

    account_id: AccountId
    id: PromotionCodeId
    created: Timestamp
    code: str
    coupon: CouponId
    active: bool = True
    customer: str | None = None
    expires_at: Timestamp | None = None
    max_redemptions: int | None = None
    times_redeemed: int = 0
    first_time_transaction: bool = False
    minimum_amount: int | None = None
    minimum_amount_currency: CurrencyCode | None = None
    metadata: Metadata = NOTHING

    def redeem(self, now: Timestamp, customer: str | None) -> Self:
        """Use it once more, or refuse."""
        gone = self.expires_at is not None and now >= self.expires_at
        used_up = self.max_redemptions is not None and self.times_redeemed >= self.max_redemptions
        if not self.active or gone or used_up:
            raise InvalidRequest(
                f"This promotion code ({self.code}) is not active any more.",
                code="coupon_expired",
                param="promotion_code",
            )
        if self.customer is not None and self.customer != customer:
            raise InvalidRequest(
                "This promotion code cannot be redeemed because it is another customer's.",
                code="resource_missing",
                param="promotion_code",
            )
        return attrs.evolve(self, times_redeemed=self.times_redeemed + 1)

    def given_back(self) -> Self:
        """What it was used for came to nothing."""
        return attrs.evolve(self, times_redeemed=max(0, self.times_redeemed - 1))


@attrs.frozen(kw_only=True)
class PromotionWord:
    """Which promotion code a word stands for now. Its id is the word in lower case, so that no two active codes share it."""

    account_id: AccountId
    id: str
    promotion_code: PromotionCodeId
