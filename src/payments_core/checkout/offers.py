"""Offers: the coupon that a checkout session gives, and the word that its payer typed for it. No redemption here."""

from typing import Self

import attrs

from payments_core.billing.coupons import Coupon
from payments_core.values import evolve


@attrs.frozen(kw_only=True, slots=False)
class Offer:
    """What is taken off the price of a session. The coupon is kept as it was when it was offered."""

    coupon: Coupon
    promotion_code: str | None = None
    code: str | None = None
    """What the payer typed; None where the merchant chose."""
    discount: str | None = None
    """Set while the coupon is redeemed for this session: from its first confirmation until it expires."""

    @property
    def is_claimed(self) -> bool:
        """Whether the coupon counts this session."""
        return self.discount is not None

    def claimed(self, discount: str) -> Self:
        """The coupon was redeemed."""
        return evolve(self, discount=discount)

    def released(self) -> Self:
        """The coupon can be redeemed by somebody else."""
        return evolve(self, discount=None)
