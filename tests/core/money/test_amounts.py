"""Amounts: read exactly, judged by the rules of their currency, shown to people."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moneyed import Money

from payments_core.errors import AmountRefused
from payments_core.money import charged, display, exponent, minor, money, payable_out
from payments_core.money.currencies import CODES

NOT_AMOUNTS = [1.0, 100.5, True, False, "100", None, Decimal(100), float("nan")]

codes = st.sampled_from(sorted(CODES))
units = st.integers(min_value=-(10**18), max_value=10**18)


class TestUnits:
    @given(units, codes)
    def test_survive_the_way_to_money_and_back(self, amount: int, code: str) -> None:
        assert minor(money(amount, code)) == amount

    @pytest.mark.parametrize("code", sorted(CODES))
    def test_survive_in_every_currency(self, code: str) -> None:
        assert [minor(money(amount, code)) for amount in (-1, 0, 1, 123_456_789)] == [-1, 0, 1, 123_456_789]

    @pytest.mark.parametrize(
        ("amount", "code", "written"),
        [
            (2000, "usd", "20.00"),
            (500, "jpy", "500"),
            (1230, "kwd", "1.230"),
            (500, "isk", "5.00"),
            (-5, "eur", "-0.05"),
        ],
    )
    def test_are_worth_what_the_currency_says(self, amount: int, code: str, written: str) -> None:
        assert money(amount, code) == Money(written, code.upper())

    def test_do_not_round_what_no_decimal_context_holds(self) -> None:
        assert minor(money(10**29 + 1, "usd")) == 10**29 + 1

    @pytest.mark.parametrize("amount", ["0.005", "-0.001", "20.0000000001"])
    def test_do_not_lose_half_a_cent(self, amount: str) -> None:
        with pytest.raises(AmountRefused, match="finer than usd"):
            minor(Money(amount, "USD"))

    def test_do_not_lose_the_fifth_of_an_ariary(self) -> None:
        with pytest.raises(AmountRefused, match="finer than mga"):
            minor(Money("0.2", "MGA"))

    def test_may_be_written_long(self) -> None:
        assert minor(Money("20.000000", "USD")) == minor(Money("2E+1", "USD")) == 2000

    @pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1E+999999", "1E-999999", "1E+31"])
    def test_are_not_made_of_what_is_no_amount(self, amount: str) -> None:
        with pytest.raises(AmountRefused, match="not an amount"):
            minor(Money(amount, "USD"))

    @pytest.mark.parametrize("amount", NOT_AMOUNTS)
    def test_are_whole_numbers(self, amount: Any) -> None:
        with pytest.raises(AmountRefused) as refused:
            money(amount, "usd")

        assert refused.value.code == "parameter_invalid_integer"


class TestCharging:
    @given(st.integers(min_value=175, max_value=99_999_999))
    def test_takes_what_is_within_the_limits(self, amount: int) -> None:
        assert charged(amount, "usd") == amount

    @pytest.mark.parametrize(
        ("amount", "code", "reason", "message"),
        [
            (49, "usd", "amount_too_small", "Amount must be at least $0.50 usd"),
            (49, "jpy", "amount_too_small", "Amount must be at least ¥50 jpy"),
            (100_000_000, "usd", "amount_too_large", "Amount must be no more than $999,999.99."),
            (0, "usd", "parameter_invalid_integer", "This value must be greater than or equal to 1."),
            (-1, "usd", "parameter_invalid_integer", "This value must be greater than or equal to 1."),
            (550, "isk", "invalid_charge_amount", "Invalid amount: in isk it must be a multiple of 100."),
            (550, "ugx", "invalid_charge_amount", "Invalid amount: in ugx it must be a multiple of 100."),
            (5124, "kwd", "invalid_charge_amount", "Invalid amount: in kwd it must be a multiple of 10."),
        ],
    )
    def test_refuses_the_rest_and_says_why(self, amount: int, code: str, reason: str, message: str) -> None:
        with pytest.raises(AmountRefused) as refused:
            charged(amount, code)

        assert (refused.value.code, refused.value.message, refused.value.param) == (reason, message, "amount")

    @pytest.mark.parametrize("amount", NOT_AMOUNTS)
    def test_refuses_what_is_not_a_whole_number(self, amount: Any) -> None:
        with pytest.raises(AmountRefused, match="Invalid integer") as refused:
            charged(amount, "usd")

        assert refused.value.code == "parameter_invalid_integer"

    @pytest.mark.parametrize(
        ("amount", "code"), [(50, "usd"), (99_999_999, "usd"), (500, "isk"), (5120, "kwd"), (17501, "huf")]
    )
    def test_takes_the_limits_themselves(self, amount: int, code: str) -> None:
        assert charged(amount, code) == amount

    def test_names_the_parameter_it_was_given_for(self) -> None:
        with pytest.raises(AmountRefused) as refused:
            charged(1, "usd", param="line_items[0][price]")

        assert refused.value.param == "line_items[0][price]"


class TestPayingOut:
    @pytest.mark.parametrize(
        ("amount", "code"), [(1045, "huf"), (1050, "twd"), (50, "isk"), (1234, "omr"), (0, "usd")]
    )
    def test_refuses_what_a_bank_cannot_send(self, amount: int, code: str) -> None:
        with pytest.raises(AmountRefused):
            payable_out(amount, code)

    @pytest.mark.parametrize(("amount", "code"), [(1000, "huf"), (1100, "twd"), (1, "usd"), (1230, "omr")])
    def test_takes_what_it_can(self, amount: int, code: str) -> None:
        assert payable_out(amount, code) == amount

    @pytest.mark.parametrize("amount", NOT_AMOUNTS)
    def test_refuses_what_is_not_a_whole_number(self, amount: Any) -> None:
        with pytest.raises(AmountRefused):
            payable_out(amount, "usd")


class TestShowing:
    @pytest.mark.parametrize(
        ("amount", "code", "shown"),
        [
            (2000, "usd", "$20.00"),
            (500, "jpy", "¥500"),
            (-1500, "usd", "-$15.00"),
            (123_456_789, "eur", "€1,234,567.89"),
            (150, "rsd", "RSD\xa01.50"),
            (150, "idr", "IDR\xa01.50"),
            (1230, "kwd", "KWD\xa01.230"),
            (50_000, "isk", "ISK\xa0500"),
            (500, "mga", "MGA\xa0500"),
        ],
    )
    def test_writes_all_there_is(self, amount: int, code: str, shown: str) -> None:
        assert display(amount, code) == shown

    def test_follows_the_locale(self) -> None:
        assert display(2000, "eur", "de") == "20,00\xa0€"

    @given(st.integers(min_value=0, max_value=10**12), codes)
    def test_never_rounds(self, amount: int, code: str) -> None:
        written = re.search(r"[0-9,]*[0-9](\.[0-9]+)?", display(amount, code))

        assert written
        assert Decimal(written[0].replace(",", "")).scaleb(exponent(code)) == amount
