"""Card data: what is taken, what is refused, and that no number gets into text."""

import copy
import json
import logging
import pickle
import random
import time
import uuid
from datetime import date
from typing import Any, Final

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from payments_core.errors import CardRefused
from payments_core.tokenization.cards import (
    DISPLAY_NAMES,
    ISSUER_RANGES,
    Brand,
    Cvc,
    Expiry,
    Pan,
    brand_of,
    passes_luhn,
    redact,
)

VISA: Final = "4242424242424242"
TODAY: Final = date(2026, 11, 25)

BRANDS: Final = {
    VISA: Brand.VISA,
    "4000056655665556": Brand.VISA,
    "5555555555554444": Brand.MASTERCARD,
    "2223003122003222": Brand.MASTERCARD,
    "5105105105105100": Brand.MASTERCARD,
    "378282246310005": Brand.AMEX,
    "371449635398431": Brand.AMEX,
    "6011111111111117": Brand.DISCOVER,
    "6011000990139424": Brand.DISCOVER,
    "6011981111111113": Brand.DISCOVER,
    "6555900000604105": Brand.DISCOVER,
    "3056930009020004": Brand.DINERS,
    "36227206271667": Brand.DINERS,
    "3566002020360505": Brand.JCB,
    "6200000000000005": Brand.UNIONPAY,
    "6205500000000000004": Brand.UNIONPAY,
}


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """Numbers of every range and length, with the right check digit."""
    issuers = draw(st.sampled_from(ISSUER_RANGES))
    length = draw(st.sampled_from(issuers.lengths))
    prefix = str(draw(st.integers(int(issuers.low), int(issuers.high))))
    rest = length - 1 - len(prefix)
    body = prefix + draw(st.text("0123456789", min_size=rest, max_size=rest))
    # Ranges may lie within others, whose numbers have other lengths: the first match decides.
    assume(issuers is next(other for other in ISSUER_RANGES if other.holds(body)))
    return next(body + digit for digit in "0123456789" if passes_luhn(body + digit))


def timed(text: str) -> float:
    begun = time.perf_counter()
    redact(text)
    return time.perf_counter() - begun


class TestANumber:
    @pytest.mark.parametrize(
        "typed", [VISA, "4242 4242 4242 4242", "4242-4242-4242-4242", " 4242424242424242 "]
    )
    def test_may_be_typed_with_spaces_and_dashes(self, typed: str) -> None:
        assert Pan(typed).reveal() == VISA

    def test_has_a_first_and_a_last_part_that_may_be_used(self) -> None:
        pan = Pan("378282246310005")

        assert (pan.bin, pan.last4) == ("378282", "0005")

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "4242",
            "4" * 11,
            "4" * 20,
            "4242x42424242424",
            "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢",
            "4242.4242.4242.4242",
            VISA + "\n",
        ],
    )
    def test_is_12_to_19_digits(self, typed: str) -> None:
        with pytest.raises(CardRefused) as refused:
            Pan(typed)

        assert (refused.value.code, refused.value.param) == ("invalid_number", "number")

    def test_has_the_right_check_digit(self) -> None:
        with pytest.raises(CardRefused) as refused:
            Pan("4242424242424241")

        assert (refused.value.code, refused.value.param) == ("incorrect_number", "number")
        assert "4241" not in refused.value.message

    @given(card_numbers(), st.data())
    def test_is_refused_with_one_digit_wrong(self, number: str, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(number) - 1))
        wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))

        with pytest.raises(CardRefused):
            Pan(number[:place] + wrong + number[place + 1 :])

    def test_equals_the_same_number_and_nothing_else(self) -> None:
        assert Pan(VISA) == Pan("4242 4242 4242 4242")
        assert hash(Pan(VISA)) == hash(Pan("4242 4242 4242 4242"))
        assert Pan(VISA) != Pan("5555555555554444")
        assert Pan(VISA) != VISA


@attrs.frozen
class Holder:
    """Something that has a number among its fields."""

    number: Pan


class TestASecret:
    @pytest.mark.parametrize(
        "text",
        [
            repr(Pan(VISA)),
            str(Pan(VISA)),
            f"{Pan(VISA)}",
            f"{Pan(VISA):>40}",
            f"{Pan(VISA)!r}",
            "%s %r" % (Pan(VISA), Pan(VISA)),  # noqa: UP031 - this way into text is what is tested
            repr({"number": Pan(VISA)}),
            repr(Holder(Pan(VISA))),
            repr(attrs.asdict(Holder(Pan(VISA)))),
            repr(attrs.astuple(Holder(Pan(VISA)))),
        ],
    )
    def test_is_masked_on_every_way_into_text(self, text: str) -> None:
        assert "****4242" in text
        assert "424242" not in text

    def test_is_masked_in_a_log(self, caplog: pytest.LogCaptureFixture) -> None:
        logging.getLogger("cards").warning("charging %s", Pan(VISA))

        assert caplog.messages == ["charging ****4242"]

    @pytest.mark.parametrize("secret", [Pan(VISA), Cvc("123")])
    def test_is_never_pickled(self, secret: object) -> None:
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(secret)

    def test_has_no_json(self) -> None:
        with pytest.raises(TypeError):
            json.dumps(Pan(VISA))

    def test_has_no_dictionary_to_look_into(self) -> None:
        assert not hasattr(Pan(VISA), "__dict__")

    def test_may_be_copied_in_memory(self) -> None:
        pan = Pan(VISA)

        assert copy.copy(pan) is copy.deepcopy(pan) is pan


class TestASecurityCode:
    @pytest.mark.parametrize(
        ("code", "brand"),
        [("123", Brand.VISA), ("1234", Brand.AMEX), ("123", Brand.UNKNOWN), ("1234", Brand.UNKNOWN)],
    )
    def test_has_the_length_of_its_brand(self, code: str, brand: Brand) -> None:
        assert Cvc(code, brand).reveal() == code

    @pytest.mark.parametrize(
        ("code", "brand"),
        [
            ("99", Brand.VISA),
            ("1234", Brand.VISA),
            ("123", Brand.AMEX),
            ("12a", Brand.VISA),
            ("١٢٣", Brand.VISA),
            ("", Brand.VISA),
        ],
    )
    def test_of_another_length_is_refused(self, code: str, brand: Brand) -> None:
        with pytest.raises(CardRefused) as refused:
            Cvc(code, brand)

        assert (refused.value.code, refused.value.param) == ("invalid_cvc", "cvc")

    def test_shows_nothing(self) -> None:
        assert repr(Cvc("123")) == "Cvc(****)"

    def test_is_no_card_number(self) -> None:
        assert Cvc("123") != Pan(VISA)


class TestAnExpiry:
    @pytest.mark.parametrize(
        ("year", "meant"), [(30, 2030), (2030, 2030), (26, 2026), (2076, 2076), (76, 2076)]
    )
    def test_may_have_two_digits(self, year: int, meant: int) -> None:
        assert Expiry.given(12, year, today=TODAY) == Expiry(month=12, year=meant)

    @pytest.mark.parametrize(("month", "year"), [(0, 2030), (13, 2030), (-1, 2030), (10, 2026)])
    def test_in_no_month_or_a_past_one_is_refused(self, month: int, year: int) -> None:
        with pytest.raises(CardRefused) as refused:
            Expiry.given(month, year, today=TODAY)

        assert (refused.value.code, refused.value.param) == ("invalid_expiry_month", "exp_month")

    @pytest.mark.parametrize("year", [2025, 95, 2077, -1, 100, 10**9])
    def test_in_a_past_year_or_a_far_one_is_refused(self, year: int) -> None:
        with pytest.raises(CardRefused) as refused:
            Expiry.given(1, year, today=TODAY)

        assert (refused.value.code, refused.value.param) == ("invalid_expiry_year", "exp_year")

    def test_lasts_to_the_end_of_its_month(self) -> None:
        expiry = Expiry(month=11, year=2026)

        assert not expiry.is_past(2026, 11)
        assert expiry.is_past(2026, 12)
        assert expiry.is_past(2027, 1)
        assert not expiry.is_past(2025, 12)

    def test_this_month_is_taken(self) -> None:
        assert Expiry.given(11, 2026, today=TODAY).month == 11


class TestABrand:
    @pytest.mark.parametrize(("number", "brand"), BRANDS.items())
    def test_follows_from_the_number(self, number: str, brand: Brand) -> None:
        assert brand_of(Pan(number)) is brand

    @pytest.mark.parametrize(
        ("prefix", "brand"),
        [
            ("222099", Brand.UNKNOWN),
            ("222100", Brand.MASTERCARD),
            ("272099", Brand.MASTERCARD),
            ("272100", Brand.UNKNOWN),
            ("352799", Brand.UNKNOWN),
            ("352800", Brand.JCB),
            ("358999", Brand.JCB),
            ("359000", Brand.UNKNOWN),
            ("305999", Brand.DINERS),
            ("306000", Brand.UNKNOWN),
            ("309500", Brand.DINERS),
            ("643999", Brand.UNKNOWN),
            ("644000", Brand.DISCOVER),
            ("810000", Brand.UNIONPAY),
            ("500000", Brand.UNKNOWN),
            ("560000", Brand.UNKNOWN),
        ],
    )
    def test_begins_and_ends_where_its_ranges_do(self, prefix: str, brand: Brand) -> None:
        body = f"{prefix}000000000"
        number = next(body + digit for digit in "0123456789" if passes_luhn(body + digit))

        assert brand_of(Pan(number)) is brand

    def test_has_a_name_to_show(self) -> None:
        assert set(DISPLAY_NAMES) == set(Brand)
        assert Brand.MASTERCARD.display_name == "MasterCard"


class TestRedaction:
    @given(card_numbers())
    def test_leaves_the_last_four_digits(self, number: str) -> None:
        assert redact(f"card {number} was used") == f"card ****{number[-4:]} was used"

    @given(card_numbers(), st.sampled_from([" ", "-"]))
    def test_sees_through_groups(self, number: str, between: str) -> None:
        grouped = between.join(number[place : place + 4] for place in range(0, len(number), 4))

        assert redact(f"<{grouped}>") == f"<****{number[-4:]}>"

    @pytest.mark.parametrize(
        ("text", "masked"),
        [
            (f"number={VISA}&cvc=1", "number=****4242&cvc=1"),
            (f'{{"number":"{VISA}"}}', '{"number":"****4242"}'),
            (f"{VISA} 5555555555554444", "****4242 ****4444"),
            ("12 4242 4242 4242 4242", "12 ****4242"),
            ("on 2026-11-25 4242 4242 4242 4242 was used", "on 2026-11-25 ****4242 was used"),
            ("4242 4242 4242 4242 4242", "****4242 4242"),
            ("4242 4242 4242 4242 006", "****2006"),
            ("4242 4242 4242 4242 4th", "****4242 4th"),
            (f"a\\n{VISA}", "a\\n****4242"),
            (f"%B{VISA}^NAME^2612", "%B****4242^NAME^2612"),
            (f";{VISA}=2612101", ";****4242=2612101"),
        ],
    )
    def test_finds_numbers_among_others(self, text: str, masked: str) -> None:
        assert redact(text) == masked

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "nothing here",
            "4242424242424241",
            f"{VISA}0000",
            f"ch_a{VISA}",
            f"{VISA}a",
            "1764028800000",
            "+44 7700 900123",
            "2026-11-25T01:28:42.123456",
            str(2**128),
        ],
    )
    def test_leaves_other_numbers_alone(self, text: str) -> None:
        assert redact(text) == text

    def test_leaves_uuids_alone(self) -> None:
        chance = random.Random(4242)
        for _ in range(20_000):
            name = uuid.UUID(int=chance.getrandbits(128), version=4)
            for text in (str(name), name.hex, str(name).upper(), f"request {name} failed", name.urn):
                assert redact(text) == text

    @pytest.mark.parametrize("part", ["4", "4 ", "4242-", "12345678-", "4242424242424242 ", "a4"])
    def test_takes_a_time_that_grows_no_faster_than_the_text(self, part: str) -> None:
        short, long = (min(timed(part * times + "x") for _ in range(3)) for times in (1_000, 10_000))

        # Ten times the text; a hundred times would be its square.
        assert long < 40 * short

    @pytest.mark.parametrize("typed", [None, 4242424242424242])
    def test_is_for_text(self, typed: Any) -> None:
        with pytest.raises(TypeError):
            redact(typed)
