"""Prices: what a product costs, once or again and again, and what a quantity of it comes to.

A unit's price may be finer than the currency's smallest unit; an amount is computed exactly and rounded once, half away from zero.
"""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.money.allocation import Rounding, rounded
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

PriceId = NewType("PriceId", str)


class Interval(StrEnum):
    """What recurring prices are counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class TiersMode(StrEnum):
    """Whether each tier prices the units within it, or the tier of the last unit prices them all."""

    GRADUATED = "graduated"
    VOLUME = "volume"


@attrs.frozen(kw_only=True)
class Recurring:
    """How often a price is due."""

    interval: Interval
    interval_count: int = 1
    trial_period_days: int | None = None
    usage_type: str = "licensed"


@attrs.frozen(kw_only=True)
class Tier:
    """What units cost up to the given one; without one, all that follow."""

    up_to: int | None
    unit_amount: Decimal | None = None
    flat_amount: Decimal | None = None

    def amount(self, units: Decimal) -> Fraction:
        """The exact price of so many units in this tier."""
        return Fraction(units) * Fraction(self.unit_amount or 0) + Fraction(self.flat_amount or 0)


@attrs.frozen(kw_only=True)
class TransformQuantity:
    """Units are sold in packages: divide, and round the packages up or down."""

    divide_by: int
    round: str

    def packages(self, quantity: Decimal) -> Decimal:
        """How many packages so many units are."""
        whole, rest = divmod(quantity, self.divide_by)
        return whole + 1 if rest and self.round == "up" else whole


@attrs.frozen(kw_only=True)
class Price:
    """What a product costs. Amounts never change; a new amount is a new price."""

    account_id: AccountId
    id: PriceId
    created: Timestamp
    currency: CurrencyCode
    product: str
    active: bool = True
    unit_amount: Decimal | None = None
    recurring: Recurring | None = None
    tiers: tuple[Tier, ...] = ()
    tiers_mode: TiersMode | None = None
    transform_quantity: TransformQuantity | None = None
    lookup_key: str | None = None
    nickname: str | None = None
    tax_behavior: str = "unspecified"
    metadata: Metadata = NOTHING

    @property
    def type(self) -> str:
        """`one_time` or `recurring`."""
        return "one_time" if self.recurring is None else "recurring"

    @property
    def interval(self) -> str | None:
        """What it recurs by."""
        return None if self.recurring is None else self.recurring.interval

    def amount_for(self, quantity: Decimal | int) -> int:
        """What *quantity* costs, in minor units."""
        units = Decimal(quantity)
        if self.transform_quantity is not None:
            units = self.transform_quantity.packages(units)
        return rounded(self._exact(units), Rounding.HALF_UP)

    def _exact(self, units: Decimal) -> Fraction:
        if self.tiers_mode is None:
            return Fraction(self.unit_amount or 0) * Fraction(units)
        if self.tiers_mode is TiersMode.VOLUME:
            return next(t for t in self.tiers if t.up_to is None or units <= t.up_to).amount(units)
        total, below = Fraction(0), 0
        for tier in self.tiers:
            within = units - below if tier.up_to is None else min(units, Decimal(tier.up_to)) - below
            # The first tier's flat amount is due even when nothing is used.
            total += tier.amount(within)
            if tier.up_to is None or units <= tier.up_to:
                break
            below = tier.up_to
        return total


@attrs.frozen(kw_only=True)
class PriceLookup:
    """A merchant's own key for a price, which can move to another price. Its id is the key, so that no two prices have it."""

    account_id: AccountId
    id: str
    price: PriceId
