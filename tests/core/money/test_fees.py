"""Fees: a percentage and a fixed part, exact to the unit."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_core.errors import AmountRefused, ParamInvalid
from payments_core.money import STANDARD_FEE, FeePlan, step
from payments_core.money.currencies import CODES


class TestTheStandardFee:
    @pytest.mark.parametrize(
        ("amount", "code", "fee"),
        [
            (2000, "usd", 88),
            (50, "usd", 31),
            (1000, "eur", 59),
            (10_000, "jpy", 320),
            (10_000, "sek", 470),
            (10_000, "kwd", 590),
            (100_000, "isk", 5_900),
        ],
    )
    def test_is_2_9_percent_and_a_fixed_part(self, amount: int, code: str, fee: int) -> None:
        assert STANDARD_FEE.fee(amount, code) == fee

    @given(st.integers(0, 10**12), st.sampled_from(sorted(CODES)))
    def test_is_never_more_than_the_amount(self, amount: int, code: str) -> None:
        assert 0 <= STANDARD_FEE.fee(amount, code) <= amount

    @given(st.integers(1, 10**8), st.sampled_from(sorted(CODES)))
    def test_leaves_the_merchant_what_the_currency_can_express(self, steps: int, code: str) -> None:
        amount = steps * step(code)

        assert (amount - STANDARD_FEE.fee(amount, code)) % step(code) == 0


class TestAPlan:
    def test_rounds_half_a_unit_up(self) -> None:
        assert FeePlan(percent=Decimal("0.5"), fixed={"usd": 0}).fee(100, "usd") == 1

    def test_takes_its_fixed_part_from_the_currency(self) -> None:
        plan = FeePlan(percent=Decimal(0), fixed={"USD": 5})

        assert (plan.fee(1000, "usd"), plan.fee(1000, "eur")) == (5, 30)

    @pytest.mark.parametrize("percent", [2.9, True, None])
    def test_refuses_a_percentage_that_is_not_exact(self, percent: Any) -> None:
        with pytest.raises(TypeError):
            FeePlan(percent=percent)

    @pytest.mark.parametrize("percent", ["-1", "101", "NaN"])
    def test_refuses_a_percentage_that_is_none(self, percent: str) -> None:
        with pytest.raises(ValueError):
            FeePlan(percent=Decimal(percent))

    @pytest.mark.parametrize("units", [-1, 0.3, True])
    def test_refuses_a_fixed_part_that_is_not_whole(self, units: Any) -> None:
        with pytest.raises(ValueError):
            FeePlan(fixed={"usd": units})

    def test_refuses_a_currency_nobody_knows(self) -> None:
        with pytest.raises(ParamInvalid):
            FeePlan(fixed={"xyz": 1})

    @pytest.mark.parametrize("amount", [-1, 10.0, True])
    def test_takes_nothing_from_what_is_no_amount(self, amount: Any) -> None:
        with pytest.raises(AmountRefused):
            STANDARD_FEE.fee(amount, "usd")

    def test_cannot_be_changed_through_what_it_was_made_of(self) -> None:
        fixed = {"usd": 5}
        plan = FeePlan(fixed=fixed)
        fixed["usd"] = 500

        assert plan.fixed_part("usd") == 5
        assert hash(plan) == hash(FeePlan(fixed=fixed))
