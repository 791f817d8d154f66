"""Lines: what an invoice item and a line of an invoice have in common, and what a line comes to with discounts and taxes.

A line holds everything that it shows and that its amounts follow from; how they follow is in `totals`.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.billing.discounts import Discount
from payments_core.billing.tax_rates import TaxRate
from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

LineId = NewType("LineId", str)


@attrs.frozen(kw_only=True)
class Period:
    """From when to when."""

    start: Timestamp
    end: Timestamp


@attrs.frozen(kw_only=True)
class GivenTax:
    """A tax that the merchant has computed: it is taken as it is."""

    rate: TaxRate
    amount: int
    taxable_amount: int
    reason: str | None = None


@attrs.frozen(kw_only=True)
class Item:
    """What is billed: an amount, or a quantity of a price, and the rules for its discounts and taxes."""

    amount: int
    currency: CurrencyCode
    period: Period
    description: str | None = None
    quantity: Decimal = Decimal(1)
    unit_amount: Decimal | None = None
    price: str | None = None
    product: str | None = None
    discountable: bool = True
    discounts: tuple[Discount, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    given_taxes: tuple[GivenTax, ...] = ()
    tax_behavior: str = "unspecified"
    proration: bool = False
    subscription: str | None = None
    subscription_item: str | None = None
    metadata: Metadata = NOTHING


class TaxReason(StrEnum):
    """Why a line is taxed as it is."""

    STANDARD = "standard_rated"
    ZERO = "zero_rated"
    EXEMPT = "customer_exempt"
    REVERSE = "reverse_charge"


@attrs.frozen(kw_only=True)
class LineDiscount:
    """What one discount takes off a line."""

    discount: str
    amount: int


@attrs.frozen(kw_only=True)
class LineTax:
    """One tax of a line: within its amount if inclusive, on top of it if not."""

    rate: str
    amount: int
    taxable_amount: int
    inclusive: bool
    reason: str


@attrs.frozen(kw_only=True)
class Line:
    """A line of an invoice, with what it comes to."""

    account_id: AccountId
    id: LineId
    invoice: str
    item: Item
    invoice_item: str | None = None
    """The invoice item that the line shows; lines of subscriptions have none."""
    discount_amounts: tuple[LineDiscount, ...] = ()
    own_discount: int = 0
    """The part of the discounts that is the line's own and not the invoice's."""
    taxes: tuple[LineTax, ...] = ()

    @property
    def discount(self) -> int:
        """What all discounts take off."""
        return sum(discount.amount for discount in self.discount_amounts)

    @property
    def exclusive_tax(self) -> int:
        """What taxes put on top."""
        return sum(tax.amount for tax in self.taxes if not tax.inclusive)

    @property
    def inclusive_tax(self) -> int:
        """What taxes are within."""
        return sum(tax.amount for tax in self.taxes if tax.inclusive)

    @property
    def total(self) -> int:
        """What the line adds to what the customer pays."""
        return self.item.amount - self.discount + self.exclusive_tax

    def showing(self, item: Item) -> Self:
        """The line with another content; what it comes to is computed with the others."""
        return attrs.evolve(self, item=item)
