"""Allocation: no unit is lost, and none invented."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_core.errors import AmountRefused
from payments_core.money import Rounding, allocate, share

amounts = st.integers(min_value=-(10**15), max_value=10**15)
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=20).filter(any)


class TestAllocating:
    @given(amounts, weights)
    def test_loses_no_unit(self, amount: int, parts: list[int]) -> None:
        assert sum(allocate(amount, parts)) == amount

    @given(amounts, weights)
    def test_gives_everybody_the_exact_share_or_the_unit_next_to_it(
        self, amount: int, parts: list[int]
    ) -> None:
        given_out = allocate(amount, parts)

        for part, weight in zip(given_out, parts, strict=True):
            assert abs(part - Fraction(amount * weight, sum(parts))) < 1

    @given(amounts, weights)
    def test_of_a_debt_is_the_opposite_of_that_of_a_sum(self, amount: int, parts: list[int]) -> None:
        assert allocate(-amount, parts) == [-part for part in allocate(amount, parts)]

    @pytest.mark.parametrize(
        ("amount", "parts", "split"),
        [
            (100, [1, 1, 1], [34, 33, 33]),
            (-100, [1, 1, 1], [-34, -33, -33]),
            (5, [3, 7], [2, 3]),
            (100, [0, 1], [0, 100]),
            (1, [1, 2], [0, 1]),
            (0, [1, 2], [0, 0]),
        ],
    )
    def test_gives_what_is_left_to_who_lost_most_and_then_to_the_first(
        self, amount: int, parts: list[int], split: list[int]
    ) -> None:
        assert allocate(amount, parts) == split

    @pytest.mark.parametrize("parts", [[], [0], [0, 0], [-1, 2], [1, 0.5], [True]])
    def test_refuses_weights_that_split_nothing(self, parts: Any) -> None:
        with pytest.raises(AmountRefused):
            allocate(100, parts)

    @pytest.mark.parametrize("amount", [1.0, True, "1"])
    def test_refuses_what_is_not_a_whole_number(self, amount: Any) -> None:
        with pytest.raises(AmountRefused):
            allocate(amount, [1])


class TestSharing:
    @given(amounts, st.integers(0, 1000), st.integers(1, 1000), st.sampled_from(Rounding))
    def test_is_within_half_a_unit(
        self, amount: int, numerator: int, denominator: int, rounding: Rounding
    ) -> None:
        exact = Fraction(amount * numerator, denominator)

        assert abs(share(amount, numerator, denominator, rounding) - exact) <= Fraction(1, 2)

    @pytest.mark.parametrize(
        ("amount", "half_even", "half_up"),
        [(1, 0, 1), (3, 2, 2), (5, 2, 3), (-1, 0, -1), (-3, -2, -2), (-5, -2, -3)],
    )
    def test_rounds_halves_as_it_is_told(self, amount: int, half_even: int, half_up: int) -> None:
        assert share(amount, 1, 2, Rounding.HALF_EVEN) == half_even
        assert share(amount, 1, 2, Rounding.HALF_UP) == half_up

    def test_is_exact_where_floats_are_not(self) -> None:
        assert share(10**18 + 1, 1, 1) == 10**18 + 1

    @pytest.mark.parametrize("arguments", [(1.0, 1, 2), (1, 0.5, 2), (1, 1, 2.0), (True, 1, 2), (1, 1, 0)])
    def test_refuses_floats_and_nothing(self, arguments: Any) -> None:
        with pytest.raises(AmountRefused):
            share(*arguments)
