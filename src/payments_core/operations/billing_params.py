"""Parameters that billing operations share, and what this system cannot do and therefore refuses by name."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import AmountRefused, InvalidRequest, ParamInvalid
from payments_core.money.currencies import CurrencyCode

FreeForm = Mapping[str, Any]
"""A hash whose inside is not read."""

OWN_ID_MAX: Final = 200
_OWN_ID: Final = re.compile(r"[^\x00-\x20/?#%\x7f]+\Z")


@attrs.frozen(kw_only=True)
class PeriodParams:
    """From when to when."""

    start: Timestamp
    end: Timestamp


@attrs.frozen(kw_only=True)
class DiscountParams:
    """What is given off: exactly one of the three."""

    coupon: str | None = None
    discount: str | None = None
    promotion_code: str | None = None


@attrs.frozen(kw_only=True)
class TaxDetailsParams:
    """Hints for tax calculation, which this system leaves to tax rates."""

    performance_location: str | None = None
    tax_code: str | None = None


TaxBehavior = Literal["exclusive", "inclusive", "unspecified"]


@attrs.frozen(kw_only=True)
class ProductDataParams:
    """A product that is made with its price."""

    name: str
    id: str | None = None
    active: bool | None = None
    description: str | None = None
    images: tuple[str, ...] | None = None
    metadata: Mapping[str, str] | None = None
    statement_descriptor: str | None = None
    tax_code: str | None = None
    tax_details: TaxDetailsParams | None = None
    unit_label: str | None = None


@attrs.frozen(kw_only=True)
class PriceDataParams:
    """A one-time price that is made where it is used."""

    currency: CurrencyCode
    product: str | None = None
    product_data: ProductDataParams | None = None
    tax_behavior: TaxBehavior | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None


def own_id(text: str, param: str = "id") -> str:
    """The merchant's own word as an id, or a refusal."""
    if len(text) > OWN_ID_MAX or not _OWN_ID.match(text):
        raise ParamInvalid(f"An id has 1 to {OWN_ID_MAX} characters and no spaces or slashes.", param=param)
    return text


def unit_price(amount: int | None, exact: Decimal | None, *, param: str = "unit_amount") -> Decimal | None:
    """The price of a unit, from one of its two spellings."""
    if amount is not None and exact is not None:
        raise InvalidRequest(
            f"You may only specify one of these parameters: {param}, {param}_decimal.",
            code="parameters_exclusive",
            param=f"{param}_decimal",
        )
    value = Decimal(amount) if amount is not None else exact
    if value is not None and value < 0:
        raise AmountRefused(
            "This value must be greater than or equal to 0.", code="parameter_invalid_integer", param=param
        )
    return value


def unsupported(params: Any, *names: str) -> None:
    """Refuse parameters that would change what happens and that this system cannot honour."""
    for name in names:
        if getattr(params, name):
            raise ParamInvalid(f"This server does not support {name}.", param=name)


def at_most_one(params: Any, *names: str) -> None:
    """Refuse parameters that exclude one another."""
    given = [name for name in names if getattr(params, name) is not None]
    if len(given) > 1:
        raise InvalidRequest(
            f"You may only specify one of these parameters: {', '.join(given)}.",
            code="parameters_exclusive",
            param=given[1],
        )
