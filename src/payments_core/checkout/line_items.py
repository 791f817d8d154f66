"""Line items: what a checkout session sells, one row for each price. No page and no payment here."""

from typing import NewType

import attrs

from payments_core.billing.prices import Price
from payments_core.billing.tax_rates import TaxRate
from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

LineItemId = NewType("LineItemId", str)


@attrs.frozen(kw_only=True, slots=False)
class AdjustableQuantity:
    """Within which bounds the payer may change how many they take."""

    enabled: bool
    minimum: int | None = None
    maximum: int | None = None


@attrs.frozen(kw_only=True, slots=False)
class LineItem:
    """So many units of one price. The price is kept as it was, since it is shown whole."""

    account_id: AccountId
    id: LineItemId
    created: Timestamp
    session: str
    price: Price
    quantity: int
    amount: int
    """What all units cost, in minor units of the price's currency."""
    description: str
    """The product's name."""
    details: str | None = None
    """What the product is, in a sentence."""
    image: str | None = None
    adjustable: AdjustableQuantity | None = None
    tax_rates: tuple[TaxRate, ...] = ()
    discount: int = 0
    """What the session's coupon takes off this row."""
    tax: int = 0
    """All taxes of the row, those within its amount too."""
    tax_on_top: int = 0
    metadata: Metadata = NOTHING

    @property
    def total(self) -> int:
        """What the payer pays for the row."""
        return self.amount - self.discount + self.tax_on_top
