"""Proration: what the rest of a period is worth. Exact fractions over seconds, rounded once.

What is given back and what was used are always the whole: nothing is lost, nothing is invented.
"""

from fractions import Fraction

from payments_core.billing.lines import Period
from payments_core.clock import Timestamp
from payments_core.money.allocation import Rounding, rounded


def left(period: Period, at: Timestamp) -> Fraction:
    """The part of *period* that follows *at*: 1 before it starts, 0 after it ends."""
    length = period.end - period.start
    if length <= 0:
        return Fraction(0)
    return Fraction(min(max(period.end - at, 0), length), length)


def unused(amount: int, share: Fraction, net: Fraction = Fraction(1)) -> int:
    """What the rest is worth of *amount*, of which *net* was really paid. The same for a charge and, negated, for a credit."""
    return rounded(amount * share * net, Rounding.HALF_UP)


def used(amount: int, share: Fraction, net: Fraction = Fraction(1)) -> int:
    """What is not unused: with `unused` exactly what the whole is worth."""
    return unused(amount, Fraction(1), net) - unused(amount, share, net)
