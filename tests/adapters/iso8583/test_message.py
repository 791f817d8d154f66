"""Card data is out of sight wherever a message can be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.iso8583 import Message, describe, pack_tlv
from payments_adapters.iso8583.message import masked_pan
from payments_adapters.iso8583.specification import ISO_1987_ASCII, ISO_1993_ASCII
from tests.adapters.iso8583.samples import PAN, a_message, a_request

SECRETS = {
    2: PAN,
    14: "3312",
    23: "007",
    35: f"{PAN}=33121010000000000001",
    36: f"{PAN}=3312",
    45: f"B{PAN}^DOE/JANE^3312",
    48: "9203741",
    52: "0123456789ABCDEF",
    55: pack_tlv([("5A", bytes.fromhex(PAN)), ("5F20", b"DOE/JANE"), ("9F26", b"\x01" * 8)]).hex().upper(),
    102: "PT50000201231234567890154",
}
TELLTALES = (PAN, PAN[4:12], "DOE", "444F45", "741", "0123456789ABCDEF", "PT50", "3312")


@pytest.mark.parametrize("show", [repr, str, describe, lambda m: describe(m, ISO_1993_ASCII)])
def test_no_secret_is_shown(show: object) -> None:
    assert callable(show)
    listing = show(Message("0100", SECRETS))

    assert not [telltale for telltale in TELLTALES if telltale in listing]


def test_a_listing_names_elements_and_shows_what_is_no_secret() -> None:
    listing = describe(a_message())

    assert "   2  Primary account number                        424242******4242" in listing
    assert "   4  Amount, transaction                           000000001000" in listing


def test_a_listing_opens_chip_data_tag_by_tag() -> None:
    listing = describe(Message("0100", {55: "9F2608AABBCCDDEEFF00115A084242424242424242"}))

    assert "9F26  Application cryptogram                      AABBCCDDEEFF0011" in listing
    assert "5A    Application primary account number          *** (8)" in listing


def test_a_listing_survives_chip_data_that_is_none() -> None:
    assert "(no readable tags)" in describe(Message("0100", {55: "9F"}))


def test_a_listing_hides_what_the_specification_does_not_know() -> None:
    assert "*** (3)" in describe(Message("0100", {65: "abc"}), ISO_1987_ASCII)


def test_a_request_does_not_show_its_card() -> None:
    assert PAN not in repr(a_request())
    assert "3312" not in repr(a_request())


@given(st.text("0123456789", max_size=19))
def test_a_masked_number_never_shows_more_than_ten_digits(pan: str) -> None:
    shown = masked_pan(pan)

    assert len(shown) == len(pan)
    assert sum(c.isdigit() for c in shown) <= min(10, max(0, len(pan) - 3))


def test_a_message_changes_by_copy() -> None:
    message = a_message()

    assert message.having({39: "00"}).without(39) == message
    assert 39 not in message
    assert hash(message) == hash(message.having({}))
