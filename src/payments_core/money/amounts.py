"""Amounts, between whole API units (`int` beside a currency code, inside the nouns) and `Money` (at the library's edge).

This is where an amount is read, judged against the rules of its currency, and shown to people. What an object still
allows (the rest of a hold, what is not yet refunded) is the object's business.
"""

import re
from decimal import Decimal
from fractions import Fraction

from moneyed import Money
from moneyed.l10n import format_money

from payments_core.errors import AmountRefused
from payments_core.money.currencies import (
    currency,
    currency_code,
    exponent,
    maximum_charge,
    minimum_charge,
    payout_step,
    step,
)

# Far more than all the money there is; what does not fit is no amount, and slow to compute with.
DIGITS_MAX = 30


def minor(amount: Money) -> int:
    """*amount* in API units; an amount finer than the currency is refused, never rounded."""
    code = currency_code(amount.currency.code)
    value: Decimal = amount.amount
    if not value.is_finite() or not _is_ordinary(value):
        raise AmountRefused("This is not an amount of money.", param="amount")
    units: Fraction = Fraction(value) * 10 ** exponent(code)
    if units.denominator != 1:
        raise AmountRefused(f"{value} {code} is finer than {code} can express.", param="amount")
    return units.numerator


def money(units: int, code: str) -> Money:
    """The `Money` that *units* of *code* in the API are."""
    _integer(units, "amount")
    # Built from its digits, so that no decimal context can round it.
    digits = tuple(map(int, str(abs(units))))
    return Money(Decimal((int(units < 0), digits, -exponent(code))), currency(code))


def charged(amount: int, code: str, *, param: str = "amount") -> int:
    """*amount* itself, if that much can be charged in this currency; else a refusal that says why."""
    _positive(amount, param)
    if amount > maximum_charge(code):
        most = display(maximum_charge(code), code)
        raise AmountRefused(f"Amount must be no more than {most}.", code="amount_too_large", param=param)
    _multiple(amount, code, step(code), param)
    if amount < minimum_charge(code):
        least = display(minimum_charge(code), code)
        raise AmountRefused(f"Amount must be at least {least} {code}", code="amount_too_small", param=param)
    return amount


def payable_out(amount: int, code: str, *, param: str = "amount") -> int:
    """*amount* itself, if a bank can be sent that much in this currency; else a refusal that says why."""
    _positive(amount, param)
    _multiple(amount, code, payout_step(code), param)
    return amount


def refuse_beyond(amount: int, left: int, code: str, *, kind: str, of: str) -> None:
    """Raise `AmountRefused` if *amount* cannot be taken off what is *left*; *kind* and *of* are what people call the two."""
    if amount <= 0:
        raise AmountRefused("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise AmountRefused(
            f"{kind} amount ({display(amount, code)}) is greater than {of} ({display(left, code)})",
            code=None,
            param="amount",
        )


def display(units: int, code: str, locale: str = "en") -> str:
    """An amount as people of *locale* write it: `$20.00`, `¥500`, `20,00 €`. It shows all there is and rounds nothing."""
    # The formatter's own idea of decimals follows what cash registers show: right for currencies without a sub-unit,
    # wrong for some with two decimals (RSD, IDR), where the pattern of the locale, which has two, is taken instead.
    plain_two = exponent(code) == 2 and step(code) == 1
    written: str = format_money(
        money(units, code), locale=locale, currency_digits=not plain_two, decimal_quantization=False
    )
    # Unicode's rule for a symbol of letters, which the formatter leaves out: a space keeps it from the digits.
    return re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", written)


def is_whole(value: object) -> bool:
    """Whether *value* is an integer; True is one to Python, and no amount."""
    return isinstance(value, int) and not isinstance(value, bool)


def _integer(value: object, param: str) -> None:
    if not is_whole(value):
        shown = str(value)[:40]
        raise AmountRefused(f"Invalid integer: {shown}", code="parameter_invalid_integer", param=param)


def _positive(amount: int, param: str) -> None:
    _integer(amount, param)
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise AmountRefused(message, code="parameter_invalid_integer", param=param)


def _multiple(amount: int, code: str, of: int, param: str) -> None:
    if amount % of:
        message = f"Invalid amount: in {code} it must be a multiple of {of}."
        raise AmountRefused(message, code="invalid_charge_amount", param=param)


def _is_ordinary(value: Decimal) -> bool:
    power = value.as_tuple().exponent
    return isinstance(power, int) and power >= -DIGITS_MAX and value.adjusted() <= DIGITS_MAX
