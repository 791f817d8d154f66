"""What a charge costs the merchant: a percentage and a fixed part. A value; who pays when is bookkeeping's business."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import attrs

from payments_core.errors import AmountRefused
from payments_core.money.amounts import is_whole
from payments_core.money.currencies import MINIMUM_CHARGE, CurrencyCode, currency_code, step


def _exact(percent: object) -> Decimal:
    match percent:
        case bool() | float():
            raise TypeError(
                "a percentage is a Decimal, an int or a str, never a float: it could not be exact"
            )
        case Decimal() | int() | str():
            return Decimal(percent)
        case _:
            raise TypeError("a percentage is a Decimal, an int or a str")


def _by_code(fixed: Mapping[str, int]) -> Mapping[CurrencyCode, int]:
    return MappingProxyType({currency_code(code): units for code, units in fixed.items()})


@attrs.frozen(kw_only=True)
class FeePlan:
    """*percent* of the amount plus a fixed part, which is given in API units per currency.

    Where `fixed` does not name a currency it is thirty of its smallest chargeable amounts, or three fifths of its
    minimum charge if that is more: USD 0.30, EUR 0.30, JPY 30, SEK 1.80, HUF 105, KWD 0.300.
    """

    percent: Decimal = attrs.field(default=Decimal("2.9"), converter=_exact)
    fixed: Mapping[CurrencyCode, int] = attrs.field(factory=dict, converter=_by_code, hash=False)

    _rate: tuple[int, int] = attrs.field(init=False, eq=False, repr=False)

    @_rate.default
    def _exact_rate(self) -> tuple[int, int]:
        return (Fraction(self.percent) / 100).as_integer_ratio() if self.percent.is_finite() else (0, 1)

    @percent.validator
    def _is_percentage(self, _: object, percent: Decimal) -> None:
        if not percent.is_finite() or not 0 <= percent <= 100:
            raise ValueError("a fee is between 0 and 100 percent")

    @fixed.validator
    def _is_whole(self, _: object, fixed: Mapping[CurrencyCode, int]) -> None:
        if not all(is_whole(units) and units >= 0 for units in fixed.values()):
            raise ValueError("the fixed part of a fee is a whole number of API units, and not negative")

    def fee(self, amount: int, code: str) -> int:
        """The fee on *amount*: half a unit rounds up, and it is never more than the amount itself.

        It is a multiple of what the currency can be charged in, so that what is left for the merchant is one as well.
        """
        if not is_whole(amount) or amount < 0:
            raise AmountRefused("A fee is taken from an amount that is not negative.", param="amount")
        coin = step(code)
        numerator, denominator = self._rate
        # Twice the exact fee plus one coin, over two coins, rounded down: half a coin rounds up.
        exact = numerator * amount + self.fixed_part(code) * denominator
        return min(amount, coin * ((2 * exact + coin * denominator) // (2 * coin * denominator)))

    def fixed_part(self, code: str) -> int:
        """The part that every charge costs, however small."""
        known = currency_code(code)
        usual = max(30 * step(known), MINIMUM_CHARGE.get(known, 0) * 3 // 5)
        return self.fixed.get(known, usual)


STANDARD_FEE: Final = FeePlan()
"""2.9 percent and thirty cents."""
