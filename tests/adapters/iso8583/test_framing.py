"""Framing: messages come out whole, whatever pieces they arrive in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.iso8583 import FrameReader, FrameRefused, Framing

FRAMINGS = (Framing(), Framing(ascii_digits=True), Framing(header=bytes.fromhex("6000030000")))


@given(
    framing=st.sampled_from(FRAMINGS),
    messages=st.lists(st.binary(min_size=1, max_size=60), max_size=6),
    cuts=st.lists(st.integers(1, 40), max_size=60),
)
def test_messages_survive_being_cut_anywhere(
    framing: Framing, messages: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(framing.frame(message) for message in messages)
    reader, at = FrameReader(framing), 0
    found: list[bytes] = []
    for cut in [*cuts, len(stream) or 1]:
        found += reader.feed(stream[at : at + cut])
        at += cut

    assert found == messages
    assert not reader.is_halfway


@given(framing=st.sampled_from(FRAMINGS), pieces=st.lists(st.binary(max_size=50), max_size=10))
def test_garbage_is_frames_or_refused_and_takes_bounded_room(framing: Framing, pieces: list[bytes]) -> None:
    reader = FrameReader(framing)
    try:
        for piece in pieces:
            for frame in reader.feed(piece):
                assert 0 < len(frame) <= framing.largest
    except FrameRefused:
        return

    assert len(reader._waiting) <= framing.largest + framing.width


def test_two_bytes_of_length() -> None:
    assert Framing().frame(b"0800") == b"\x00\x040800"


def test_four_digits_of_length() -> None:
    assert Framing(ascii_digits=True).frame(b"0800") == b"00040800"


def test_a_header_counts_and_is_skipped() -> None:
    framing = Framing(header=b"TPDU!")

    assert framing.frame(b"0800") == b"\x00\x09TPDU!0800"
    assert list(FrameReader(framing).feed(b"\x00\x09other0800")) == [b"0800"]


def test_half_a_message_is_noticed() -> None:
    reader = FrameReader(Framing())

    assert list(reader.feed(b"\x00\x0408")) == []
    assert reader.is_halfway


@pytest.mark.parametrize(
    ("framing", "data"),
    [
        (Framing(largest=100), b"\x00\x65"),
        (Framing(), b"\x00\x00"),
        (Framing(header=b"12345"), b"\x00\x05"),
        (Framing(ascii_digits=True), b"-001"),
        (Framing(ascii_digits=True), b"GET "),
        (Framing(ascii_digits=True), b"0000"),
    ],
)
def test_an_impossible_length_is_refused(framing: Framing, data: bytes) -> None:
    with pytest.raises(FrameRefused):
        list(FrameReader(framing).feed(data))


def test_a_message_that_is_too_long_is_not_framed() -> None:
    with pytest.raises(FrameRefused, match="101 bytes, 100 at most"):
        Framing(largest=100).frame(bytes(101))


def test_a_limit_beyond_the_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Framing(ascii_digits=True, largest=10_000)
