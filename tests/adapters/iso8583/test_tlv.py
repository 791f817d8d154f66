"""Chip data: tags, lengths, values, and nothing between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.iso8583 import MalformedMessage, pack_tlv, unpack_tlv
from payments_adapters.iso8583.tlv import TAG_NAMES

tags = st.sampled_from(sorted(TAG_NAMES))


@given(st.lists(st.tuples(tags, st.binary(max_size=300)), max_size=8))
def test_what_is_written_is_read(pairs: list[tuple[str, bytes]]) -> None:
    assert unpack_tlv(pack_tlv(pairs)) == tuple(pairs)


@given(st.binary(max_size=200))
def test_garbage_is_malformed_or_tags(data: bytes) -> None:
    try:
        found = unpack_tlv(data)
    except MalformedMessage:
        return

    assert unpack_tlv(pack_tlv(found)) == found


def test_a_known_example() -> None:
    data = bytes.fromhex("9F02060000000010005F2A0209789A03310517")

    assert unpack_tlv(data) == (
        ("9F02", bytes.fromhex("000000001000")),
        ("5F2A", bytes.fromhex("0978")),
        ("9A", bytes.fromhex("310517")),
    )


def test_zeros_between_tags_are_padding() -> None:
    assert unpack_tlv(bytes.fromhex("00009A0131000000")) == (("9A", b"1"),)


@pytest.mark.parametrize("length", [0, 127, 128, 255, 256, 65_535])
def test_lengths_are_as_short_as_they_can_be(length: int) -> None:
    raw = pack_tlv([("9A", bytes(length))])

    assert len(raw) - length == (2 if length < 128 else 3 if length < 256 else 4)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("9A", "no length"),
        ("9F", "the tag does not end"),
        ("9FFFFFFFFF01", "the tag does not end"),
        ("9A0331", "3 bytes are announced, 1 are left"),
        ("9A80", "indefinite"),
        ("9A83000001AA", "indefinite or oversized"),
        ("9A8201", "the length does not end"),
    ],
)
def test_what_does_not_end_is_refused(raw: str, reason: str) -> None:
    with pytest.raises(MalformedMessage, match=reason):
        unpack_tlv(bytes.fromhex(raw))


@pytest.mark.parametrize("tag", ["", "xy", "00", "9F", "9A01", "9FFFFFFF01"])
def test_what_is_no_tag_is_not_written(tag: str) -> None:
    with pytest.raises(MalformedMessage):
        pack_tlv([(tag, b"")])


def test_what_is_too_long_is_not_written() -> None:
    with pytest.raises(MalformedMessage, match="too many"):
        pack_tlv([("9A", bytes(65_536))])
