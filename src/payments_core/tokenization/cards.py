"""Card data as the payer gives it: number, security code, expiry, brand; and hiding it in free text.

The secrets have types whose every way into text is masked; only `reveal()` gives them away, and only the vault and the
network connectors call it. Nothing here knows whether a card exists, nor seals it.
"""

import hmac
import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final, NoReturn, Self, final

import attrs

from payments_core.errors import CardRefused


class Brand(StrEnum):
    """The network whose name is on the card."""

    VISA = "visa"
    MASTERCARD = "mastercard"
    AMEX = "amex"
    DISCOVER = "discover"
    DINERS = "diners"
    JCB = "jcb"
    UNIONPAY = "unionpay"
    UNKNOWN = "unknown"

    @property
    def display_name(self) -> str:
        """The brand as a card object shows it."""
        return DISPLAY_NAMES[self]


DISPLAY_NAMES: Final = {
    Brand.VISA: "Visa",
    Brand.MASTERCARD: "MasterCard",
    Brand.AMEX: "American Express",
    Brand.DISCOVER: "Discover",
    Brand.DINERS: "Diners Club",
    Brand.JCB: "JCB",
    Brand.UNIONPAY: "UnionPay",
    Brand.UNKNOWN: "Unknown",
}


@attrs.frozen
class IssuerRange:
    """Card numbers that begin with *low* to *high*, how long they are, and whose they are."""

    low: str
    high: str
    brand: Brand
    lengths: range | tuple[int, ...]

    def holds(self, number: str) -> bool:
        """Whether *number* begins with a prefix in this range."""
        return self.low <= number[: len(self.low)] <= self.high


# The first match decides. Numbers in 65 include BCcard's, and those in 622 Discover's of China: the former are shown as
# Discover, whose network carries them, the latter as UnionPay, whose name is on them.
ISSUER_RANGES: Final = (
    IssuerRange("34", "34", Brand.AMEX, (15,)),
    IssuerRange("37", "37", Brand.AMEX, (15,)),
    IssuerRange("300", "305", Brand.DINERS, range(14, 20)),
    IssuerRange("3095", "3095", Brand.DINERS, range(14, 20)),
    IssuerRange("36", "36", Brand.DINERS, range(14, 20)),
    IssuerRange("38", "39", Brand.DINERS, range(14, 20)),
    IssuerRange("3528", "3589", Brand.JCB, range(16, 20)),
    IssuerRange("4", "4", Brand.VISA, (13, 16, 19)),
    IssuerRange("51", "55", Brand.MASTERCARD, (16,)),
    IssuerRange("2221", "2720", Brand.MASTERCARD, (16,)),
    IssuerRange("6011", "6011", Brand.DISCOVER, range(16, 20)),
    IssuerRange("644", "649", Brand.DISCOVER, range(16, 20)),
    IssuerRange("65", "65", Brand.DISCOVER, range(16, 20)),
    IssuerRange("62", "62", Brand.UNIONPAY, range(16, 20)),
    IssuerRange("81", "81", Brand.UNIONPAY, range(16, 20)),
    # Cards of networks we have no name for, Maestro among them, begin like this.
    IssuerRange("50", "50", Brand.UNKNOWN, range(12, 20)),
    IssuerRange("56", "69", Brand.UNKNOWN, range(12, 20)),
)


DIGITS_MAX: Final = 19


class Secret:
    """Digits that no log, traceback, message or pickle shows. Two of them are compared in constant time."""

    __slots__ = ("__digits",)

    def __init__(self, digits: str) -> None:
        self.__digits = digits

    def reveal(self) -> str:
        """The digits themselves. For the vault and the network connectors alone."""
        return self.__digits

    def masked(self) -> str:
        """What may be shown."""
        return "****"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.masked()})"

    def __str__(self) -> str:
        return self.masked()

    def __format__(self, spec: str) -> str:
        return format(self.masked(), spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret) or type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(self.__digits, other.__digits)

    def __hash__(self) -> int:
        return hash((type(self), self.__digits))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is never pickled")


@final
class Pan(Secret):
    """A card number: 12 to 19 digits whose check digit is right. Spaces and dashes are left out."""

    __slots__ = ()

    def __init__(self, number: str) -> None:
        digits = number.replace(" ", "").replace("-", "")
        if not re.fullmatch("[0-9]{12,19}", digits):
            raise CardRefused(
                "The card number is not a valid credit card number.", code="invalid_number", param="number"
            )
        if not passes_luhn(digits):
            raise CardRefused("Your card number is incorrect.", code="incorrect_number", param="number")
        super().__init__(digits)

    @property
    def last4(self) -> str:
        """The last four digits, which may be shown."""
        return self.reveal()[-4:]

    @property
    def bin(self) -> str:
        """The first six digits, which name the issuer."""
        return self.reveal()[:6]

    def masked(self) -> str:
        """Stars and the last four digits."""
        return f"****{self.last4}"


@final
class Cvc(Secret):
    """The code on the card: three digits, four for American Express. It lives for one authorization and is never kept."""

    __slots__ = ()

    def __init__(self, code: str, brand: Brand = Brand.UNKNOWN) -> None:
        length = {Brand.AMEX: "4", Brand.UNKNOWN: "3,4"}.get(brand, "3")
        if not re.fullmatch(f"[0-9]{{{length}}}", code):
            raise CardRefused("Your card's security code is invalid.", code="invalid_cvc", param="cvc")
        super().__init__(code)


YEARS_AHEAD_MAX: Final = 50


@attrs.frozen(kw_only=True, order=True)
class Expiry:
    """The last month in which a card is good."""

    year: int = attrs.field()
    month: int = attrs.field()

    @classmethod
    def given(cls, month: int, year: int, *, today: date) -> Self:
        """The expiry a payer typed. 30 means 2030; what is past, or too far ahead to be true, is refused."""
        expiry = cls(month=month, year=year + 2000 if 0 <= year < 100 else year)
        if not today.year <= expiry.year <= today.year + YEARS_AHEAD_MAX:
            raise _invalid_year()
        if expiry.is_past(today.year, today.month):
            raise _invalid_month()
        return expiry

    @month.validator
    def _is_a_month(self, _: object, month: int) -> None:
        if not 1 <= month <= 12:
            raise _invalid_month()

    @year.validator
    def _is_a_year(self, _: object, year: int) -> None:
        if not 1000 <= year <= 9999:
            raise _invalid_year()

    def is_past(self, year: int, month: int) -> bool:
        """Whether the card was good until before that month."""
        return (self.year, self.month) < (year, month)


@attrs.frozen(kw_only=True)
class CardInput:
    """A card as somebody typed it. Lives in memory only."""

    number: Pan
    expiry: Expiry
    cvc: Cvc | None = None


def _invalid_month() -> CardRefused:
    return CardRefused(
        "Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month"
    )


def _invalid_year() -> CardRefused:
    return CardRefused(
        "Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year"
    )


def brand_of(pan: Pan) -> Brand:
    """The brand of the range that the number is in."""
    return _brand_of_bin(pan.bin)


@lru_cache(1024)
def _brand_of_bin(digits: str) -> Brand:
    return next((issuers.brand for issuers in ISSUER_RANGES if issuers.holds(digits)), Brand.UNKNOWN)


_DOUBLED: Final = str.maketrans("0123456789", "0246813579")  # 5 doubled is 10, whose digits add up to 1


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    weighted = digits[-1::-2] + digits[-2::-2].translate(_DOUBLED)
    return sum(map(int, weighted)) % 10 == 0


# A UUID is recognized first, so that its digits are never taken for a card. Digits may stand in groups; letters next to
# them mean that they are part of something else, except for an escape such as \n in quoted text, and the %B in front of
# the number on a magnetic stripe.
_CANDIDATES: Final = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
    r"|(?:(?<![0-9A-Za-z])|(?<=\\[nrt])|(?<=%B))(?P<digits>[0-9](?:[ -]?[0-9]){11,})(?![0-9A-Za-z])"
)
_TWELVE_DIGITS: Final = re.compile("[0-9](?:[ -]?[0-9]){11}")
_GROUP: Final = re.compile("[0-9]+")


def redact(text: str) -> str:
    """*text* with every card number in it masked but for its last four digits."""
    # Most texts hold no twelve digits in a row, and that is seen five times as fast.
    return text if _TWELVE_DIGITS.search(text) is None else _CANDIDATES.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    whole = found.group()
    if found["digits"] is None:
        return whole
    kept, shown = 0, []
    for start, end in _card_numbers(whole):
        number = "".join(_GROUP.findall(whole[start:end]))
        shown += [whole[kept:start], "****", number[-4:]]
        kept = end
    return "".join([*shown, whole[kept:]])


def _card_numbers(grouped: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand in groups of digits. Other numbers may stand before and after them."""
    groups = list(_GROUP.finditer(grouped))
    first = 0
    while first < len(groups):
        last = _last_of_card(groups, first)
        if last is not None:
            yield groups[first].start(), groups[last].end()
            first = last
        first += 1


def _last_of_card(groups: list[re.Match[str]], first: int) -> int | None:
    """The last group of the longest card number that begins with group *first*."""
    digits, ends = "", {}
    for index in range(first, len(groups)):
        digits += groups[index].group()
        if len(digits) > DIGITS_MAX:
            break
        ends[len(digits)] = index
    issuers = next((issuers for issuers in ISSUER_RANGES if issuers.holds(digits)), None)
    if issuers is None:
        return None
    lengths = [length for length in issuers.lengths if length in ends and passes_luhn(digits[:length])]
    return ends[max(lengths)] if lengths else None
