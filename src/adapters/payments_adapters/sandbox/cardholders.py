"""Cardholders: who may spend how much with which card, and what their bank is known to say.

Values only, read from the table of documented cards or made by hand. Nothing is decided here, and nothing is remembered.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

import attrs

from payments_adapters.sandbox.card_table import CARDHOLDERS
from payments_core.rules import BinFacts
from payments_core.tokenization.cards import Brand, CardInput, Cvc, Expiry, Pan
from payments_core.tokenization.payment_methods import Check

# What the answer to an authorization carries on to those who know these words.
ON_ANSWER: Final = ("risk", "blocked", "dispute", "funding")
TOKEN_EXPIRY: Final = Expiry(month=12, year=2040)


@attrs.frozen(kw_only=True)
class Cardholder:
    """Somebody with a card of the sandbox bank."""

    id: str
    """Brand, country and last four digits: what books and statements call them. Never the number."""
    number: Pan
    brand: Brand
    funding: str = "credit"
    country: str = "US"
    decline: str | None = None
    """The bank always says no, and this is why."""
    limit: int | None = None
    """What they may owe, in minor units of each currency; None is without limit."""
    verifies: bool = False
    """A verification of nothing succeeds although payments do not."""
    cvc: Check = Check.PASS
    line1: Check = Check.PASS
    postal_code: Check = Check.PASS
    three_d_secure: str = "not_enrolled"
    refund: str | None = None
    silent: str | None = None
    traits: Mapping[str, str] = attrs.field(factory=dict)
    """Risk, dispute and funding: passed on with the answer."""

    @property
    def is_limited(self) -> bool:
        """Whether the books keep count of what they spend."""
        return bool(self.limit)


@attrs.frozen
class Directory:
    """Everything the table of cards says, ready to be asked."""

    cardholders: tuple[Cardholder, ...]
    tokens: Mapping[str, CardInput]
    facts: Mapping[tuple[str, str], BinFacts]
    """By the first six to nine digits and the last four."""


@cache
def documented() -> Directory:
    """The documented test cards."""
    return read(CARDHOLDERS.splitlines())


def read(rows: Iterable[str]) -> Directory:
    """What *rows* of the form of `card_table.py` declare."""
    cardholders: list[Cardholder] = []
    tokens: dict[str, CardInput] = {}
    facts: dict[tuple[str, str], BinFacts] = {}
    for row in filter(str.strip, rows):
        number, brand, funding, country, names, words = (part.strip() for part in row.split("|"))
        cardholder = _cardholder(Pan(number), Brand(brand), funding, country, words.split())
        cardholders.append(cardholder)
        for name in names.split():
            tokens |= dict.fromkeys(_tokens(name), _card(cardholder))
        for length in range(6, 10):
            facts.setdefault((number[:length], number[-4:]), BinFacts(funding=funding, country=country))
    return Directory(tuple(cardholders), tokens, facts)


def _cardholder(number: Pan, brand: Brand, funding: str, country: str, words: list[str]) -> Cardholder:
    said = {name: value for name, _, value in (word.partition("=") for word in words)}
    limit = said.get("limit")
    return Cardholder(
        id=f"{brand}_{country.lower()}_{number.last4}",
        number=number,
        brand=brand,
        funding=funding,
        country=country,
        decline=said.get("decline"),
        limit=None if limit is None else int(limit),
        verifies="verifies" in said,
        cvc=Check(said.get("cvc", "pass")),
        line1=Check(said.get("line1", "pass")),
        postal_code=Check(said.get("zip", "pass")),
        three_d_secure=said.get("3ds", "not_enrolled"),
        refund=said.get("refund"),
        silent=said.get("silent"),
        traits={word: said[word] for word in ON_ANSWER if word in said},
    )


def _card(cardholder: Cardholder) -> CardInput:
    code = "1234" if cardholder.brand is Brand.AMEX else "123"
    return CardInput(number=cardholder.number, expiry=TOKEN_EXPIRY, cvc=Cvc(code, cardholder.brand))


def _tokens(name: str) -> list[str]:
    tokens = [f"tok_{name}", f"pm_card_{name}"]
    return [*tokens, f"pm_card_visa_{name}"] if name.startswith("charge") else tokens
