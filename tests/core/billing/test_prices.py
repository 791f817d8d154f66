"""What a quantity costs: per unit, in packages, in tiers; computed exactly and rounded once."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_core.billing.months import months_later
from payments_core.billing.prices import Price, PriceId, Tier, TiersMode, TransformQuantity
from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId


def price(**more: Any) -> Price:
    return Price(
        account_id=AccountId("acct_1"),
        id=PriceId("price_1"),
        created=Timestamp(0),
        currency=CurrencyCode("usd"),
        product="prod_1",
        **more,
    )


TIERS = (
    Tier(up_to=10, unit_amount=Decimal(100)),
    Tier(up_to=20, unit_amount=Decimal(80), flat_amount=Decimal(5)),
    Tier(up_to=None, unit_amount=Decimal(50)),
)


def test_a_unit_may_cost_less_than_the_smallest_coin() -> None:
    assert price(unit_amount=Decimal("0.05")).amount_for(1010) == 51


@pytest.mark.parametrize(
    ("quantity", "amount"), [(0, 0), (1, 100), (10, 1000), (11, 1085), (20, 1805), (25, 2055)]
)
def test_graduated_tiers_price_the_units_within_them(quantity: int, amount: int) -> None:
    assert price(tiers=TIERS, tiers_mode=TiersMode.GRADUATED).amount_for(quantity) == amount


@pytest.mark.parametrize(("quantity", "amount"), [(1, 100), (10, 1000), (11, 885), (20, 1605), (21, 1050)])
def test_in_volume_tiers_the_last_unit_prices_them_all(quantity: int, amount: int) -> None:
    assert price(tiers=TIERS, tiers_mode=TiersMode.VOLUME).amount_for(quantity) == amount


@pytest.mark.parametrize(("rounds", "amount"), [("up", 300), ("down", 200)])
def test_units_are_sold_in_packages(rounds: str, amount: int) -> None:
    packed = price(unit_amount=Decimal(100), transform_quantity=TransformQuantity(divide_by=10, round=rounds))

    assert packed.amount_for(25) == amount


@given(st.integers(0, 10_000))
def test_more_units_never_cost_less_in_graduated_tiers(quantity: int) -> None:
    tiered = price(tiers=TIERS, tiers_mode=TiersMode.GRADUATED)

    assert tiered.amount_for(quantity) <= tiered.amount_for(quantity + 1)


def test_a_month_after_the_last_of_january_is_the_last_of_february() -> None:
    january = Timestamp(1_769_860_800)  # 2026-01-31 12:00

    assert months_later(january, 1) == Timestamp(1_772_280_000)  # 2026-02-28 12:00
    assert months_later(months_later(january, 1), 1, day=31) == Timestamp(1_774_958_400)  # 2026-03-31 12:00
