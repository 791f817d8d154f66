"""Currencies: which there are, and what an API unit of each is worth."""

from typing import Final

import iso4217
import pytest

from payments_core.errors import ParamInvalid
from payments_core.money import currency, currency_code, exponent, maximum_charge, minimum_charge, step
from payments_core.money.currencies import CODES, MINIMUM_CHARGE, payout_step

ISO: Final = {money.code.lower(): money for money in iso4217.Currency}
API_DEPARTS_FROM_ISO: Final = {"mga": 0, "isk": 2, "ugx": 2}
FUNDS: Final = {"bov", "che", "chw", "clf", "cou", "mxv", "usn", "uyi", "uyw"}
UNITS_OF_ACCOUNT: Final = {"xba", "xbb", "xbc", "xbd", "xdr", "xsu", "xua"}
METALS_AND_TESTS: Final = {"xag", "xau", "xpd", "xpt", "xts", "xxx"}
NOT_MONEY_TO_PAY_WITH: Final = FUNDS | UNITS_OF_ACCOUNT | METALS_AND_TESTS
HISTORY_THAT_CLIENTS_SEND: Final = {"ang", "bgn", "std"}


class TestTheList:
    def test_is_what_iso_4217_lists_as_money(self) -> None:
        assert set(ISO) - NOT_MONEY_TO_PAY_WITH == CODES - HISTORY_THAT_CLIENTS_SEND

    @pytest.mark.parametrize("code", ["xad", "xcg", "zwg"])
    def test_knows_what_moneyed_does_not(self, code: str) -> None:
        assert currency(code).code == code.upper()
        assert currency(code).numeric == f"{ISO[code].number:03}"
        assert exponent(code) == 2

    @pytest.mark.parametrize("code", sorted(NOT_MONEY_TO_PAY_WITH | {"dem"}))
    def test_has_no_metals_funds_tests_or_history(self, code: str) -> None:
        with pytest.raises(ParamInvalid, match=f"Invalid currency: {code}"):
            currency_code(code)

    @pytest.mark.parametrize("text", ["USD", "usd", "Usd"])
    def test_takes_any_case(self, text: str) -> None:
        assert currency_code(text) == "usd"

    @pytest.mark.parametrize(
        "text", ["", "us", "usdd", "u s", " usd", "\N{KELVIN SIGN}es", "usd\n", "x" * 10_000]
    )
    def test_refuses_everything_else_in_a_short_message(self, text: str) -> None:
        with pytest.raises(ParamInvalid) as refused:
            currency_code(text)

        assert refused.value.param == "currency"
        assert len(refused.value.message) < 1_000


class TestDecimals:
    @pytest.mark.parametrize("code", sorted(CODES - HISTORY_THAT_CLIENTS_SEND))
    def test_are_those_of_iso_4217_but_for_the_apis_own(self, code: str) -> None:
        assert exponent(code) == API_DEPARTS_FROM_ISO.get(code, ISO[code].exponent)

    def test_sub_units_are_powers_of_ten(self) -> None:
        assert {currency(code).sub_unit for code in CODES} <= {1, 10, 100, 1000}

    def test_isk_and_ugx_always_end_in_00(self) -> None:
        assert (step("isk"), step("ugx")) == (100, 100)

    def test_three_decimals_end_in_0(self) -> None:
        assert {step(code) for code in ("bhd", "jod", "kwd", "omr", "tnd")} == {10}

    def test_huf_and_twd_are_paid_out_whole(self) -> None:
        assert (step("huf"), payout_step("huf")) == (1, 100)
        assert (step("twd"), payout_step("twd")) == (1, 100)


class TestLimits:
    def test_half_a_dollar_is_the_least(self) -> None:
        assert minimum_charge("usd") == 50

    def test_without_a_rate_the_least_is_the_smallest_amount(self) -> None:
        assert (minimum_charge("vnd"), minimum_charge("isk"), minimum_charge("kwd")) == (1, 100, 10)

    def test_eight_digits_is_the_most(self) -> None:
        assert maximum_charge("usd") == maximum_charge("jpy") == 99_999_999

    def test_rupiah_have_twelve(self) -> None:
        assert maximum_charge("idr") == 999_999_999_999

    def test_name_only_currencies_there_are(self) -> None:
        assert set(MINIMUM_CHARGE) <= CODES
