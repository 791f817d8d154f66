"""Totals: what lines come to with discounts and taxes. Pure arithmetic over whole minor units; nothing is lost or invented.

The rules, in their order:

1. A line's own discounts come first, one after the other, each of what the one before left.
2. The invoice's discounts follow, each over all lines it covers together: a percentage is taken of what is left of their sum and
   rounded once, half away from zero; the amount is split over the lines in proportion to what is left of them, without loss.
3. No discount takes more than there is, and none touches a line of nothing or less.
4. Taxes are computed for each line and each rate of what discounts have left, and rounded there, half away from zero. Inclusive taxes are
   within the amount; exclusive ones are on top, computed without the inclusive ones.
5. Every total of the invoice is the sum of its lines.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from payments_core.billing.discounts import Discount
from payments_core.billing.lines import Item, Line, LineDiscount, LineTax, TaxReason
from payments_core.billing.tax_rates import TaxRate
from payments_core.money.allocation import Rounding, allocate, rounded


@attrs.frozen(kw_only=True)
class Rules:
    """What the invoice says of all its lines."""

    discounts: tuple[Discount, ...] = ()
    tax_rates: tuple[TaxRate, ...] = ()
    """For lines that name none themselves."""
    tax_exempt: str = "none"


@attrs.frozen(kw_only=True)
class TaxTotal:
    """All of one tax on an invoice."""

    rate: str
    inclusive: bool
    reason: str
    amount: int
    taxable_amount: int


@attrs.frozen(kw_only=True)
class Totals:
    """What an invoice comes to: sums over its lines."""

    subtotal: int = 0
    """Before the invoice's own discounts and exclusive taxes; discounts of single lines are taken off."""
    subtotal_excluding_tax: int = 0
    discounts: tuple[LineDiscount, ...] = ()
    taxes: tuple[TaxTotal, ...] = ()
    total_excluding_tax: int = 0
    total: int = 0


def priced(lines: Sequence[Line], rules: Rules) -> tuple[Line, ...]:
    """The lines with their discounts and taxes computed anew."""
    left = [line.item.amount for line in lines]
    taken: list[list[LineDiscount]] = [[] for _ in lines]
    for at, line in enumerate(lines):
        for discount in line.item.discounts:
            _take(discount, [at], lines, left, taken)
    own = [line.item.amount - rest for line, rest in zip(lines, left, strict=True)]
    for discount in rules.discounts:
        _take(discount, range(len(lines)), lines, left, taken)
    return tuple(
        attrs.evolve(
            line,
            discount_amounts=tuple(taken[at]),
            own_discount=own[at],
            taxes=taxes_of(line.item, left[at], rules),
        )
        for at, line in enumerate(lines)
    )


def _take(
    discount: Discount,
    places: Sequence[int],
    lines: Sequence[Line],
    left: list[int],
    taken: list[list[LineDiscount]],
) -> None:
    covered = [at for at in places if left[at] > 0 and _covers(discount, lines[at].item)]
    weights = [left[at] for at in covered]
    off = amount_off(discount, sum(weights))
    if not off:
        return
    for at, part in zip(covered, allocate(off, weights), strict=True):
        left[at] -= part
        taken[at].append(LineDiscount(discount=discount.id, amount=part))


def _covers(discount: Discount, item: Item) -> bool:
    return item.discountable and discount.covers(item.product)


def amount_off(discount: Discount, amount: int) -> int:
    """What *discount* takes off *amount*, never more than there is."""
    coupon = discount.coupon
    if coupon.percent_off is not None:
        return rounded(Fraction(coupon.percent_off) * amount / 100, Rounding.HALF_UP)
    return min(coupon.amount_off or 0, amount)


def taxes_of(item: Item, taxable: int, rules: Rules) -> tuple[LineTax, ...]:
    """The taxes of an amount that discounts have left."""
    if item.given_taxes:
        return tuple(
            LineTax(
                rate=given.rate.id,
                amount=given.amount,
                taxable_amount=given.taxable_amount,
                inclusive=given.rate.inclusive,
                reason=given.reason or _reason(given.rate, "none"),
            )
            for given in item.given_taxes
        )
    rates = item.tax_rates or rules.tax_rates
    due = [] if rules.tax_exempt != "none" else rates
    within = _within(taxable, [rate.percentage for rate in due if rate.inclusive])
    base = taxable - sum(within)
    parts = iter(within)
    taxes = []
    for rate in rates:
        if rules.tax_exempt != "none":
            amount = 0
        elif rate.inclusive:
            amount = next(parts)
        else:
            amount = rounded(Fraction(rate.percentage) * base / 100, Rounding.HALF_UP)
        taxes.append(_tax(rate, amount, base, rules.tax_exempt))
    return tuple(taxes)


def _within(taxable: int, percentages: Sequence[Decimal]) -> list[int]:
    """The inclusive taxes within an amount: their sum is rounded once and split in proportion to the rates."""
    together = sum(map(Fraction, percentages), Fraction(0))
    if not together:
        return [0] * len(percentages)
    whole = rounded(taxable * together / (100 + together), Rounding.HALF_UP)
    return allocate(whole, [int(percentage * 10**12) for percentage in percentages])


def _tax(rate: TaxRate, amount: int, base: int, tax_exempt: str) -> LineTax:
    return LineTax(
        rate=rate.id,
        amount=amount,
        taxable_amount=base,
        inclusive=rate.inclusive,
        reason=_reason(rate, tax_exempt),
    )


def _reason(rate: TaxRate, tax_exempt: str) -> TaxReason:
    if tax_exempt == "exempt":
        return TaxReason.EXEMPT
    if tax_exempt == "reverse":
        return TaxReason.REVERSE
    return TaxReason.STANDARD if rate.percentage else TaxReason.ZERO


def summed(lines: Sequence[Line]) -> Totals:
    """What the lines come to."""
    discounts: dict[str, int] = {}
    taxes: dict[tuple[str, bool, str], tuple[int, int]] = {}
    for line in lines:
        for discount in line.discount_amounts:
            discounts[discount.discount] = discounts.get(discount.discount, 0) + discount.amount
        for tax in line.taxes:
            key = tax.rate, tax.inclusive, tax.reason
            amount, base = taxes.get(key, (0, 0))
            taxes[key] = amount + tax.amount, base + tax.taxable_amount
    subtotal = sum(line.item.amount - line.own_discount for line in lines)
    inclusive = sum(line.inclusive_tax for line in lines)
    total = sum(line.total for line in lines)
    return Totals(
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal - inclusive,
        discounts=tuple(LineDiscount(discount=key, amount=amount) for key, amount in discounts.items()),
        taxes=tuple(
            TaxTotal(rate=key[0], inclusive=key[1], reason=key[2], amount=amount, taxable_amount=base)
            for key, (amount, base) in taxes.items()
        ),
        total_excluding_tax=total - sum(line.exclusive_tax for line in lines) - inclusive,
        total=total,
    )
