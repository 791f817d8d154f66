"""Splitting an amount without losing or inventing a unit of it. Integers and fractions only."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from payments_core.errors import AmountRefused
from payments_core.money.amounts import is_whole


class Rounding(StrEnum):
    """What becomes of exactly half a unit; everything else goes to the nearest."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"  # away from zero, also below it


def allocate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split *amount* in proportion to *weights*; the parts always add up to it.

    Each part is its exact share or the unit next to it. The units left over by rounding down go to those who lost the
    most by it; among equals, to the first. A negative amount is split like its opposite.
    """
    _check(amount, *weights)
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise AmountRefused("An amount is split by weights that are not negative, and not all zero.")
    sign = -1 if amount < 0 else 1
    parts, losses = [], []
    for weight in weights:
        part, loss = divmod(abs(amount) * weight, total)
        parts.append(part)
        losses.append(loss)
    left_over = abs(amount) - sum(parts)
    for index in sorted(range(len(parts)), key=lambda index: -losses[index])[:left_over]:
        parts[index] += 1
    return [sign * part for part in parts]


def share(amount: int, numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_EVEN) -> int:
    """The given fraction of *amount*, computed exactly and rounded once."""
    _check(amount, numerator, denominator)
    if denominator == 0:
        raise AmountRefused("There is no share of nothing.")
    return rounded(Fraction(amount * numerator, denominator), rounding)


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """The whole number nearest to *exact*."""
    match rounding:
        case Rounding.HALF_EVEN:
            return round(exact)
        case Rounding.HALF_UP:
            units = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
            return -units if exact < 0 else units


def _check(*numbers: object) -> None:
    if not all(map(is_whole, numbers)):
        raise AmountRefused("Amounts are split by whole numbers.", code="parameter_invalid_integer")
