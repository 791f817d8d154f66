"""The codec: what is written is read, pyiso8583 agrees, and garbage has one name."""

import iso8583
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments_adapters.iso8583 import MalformedMessage, Message, Specification, compile_codec
from payments_adapters.iso8583.fields import Content, Field
from payments_adapters.iso8583.specification import (
    ISO_1987_MIXED,
    SPECIFICATIONS,
)
from tests.adapters.iso8583.samples import PAN, a_message, messages

CODECS = {specification.name: compile_codec(specification) for specification in SPECIFICATIONS}
every_specification = pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda s: s.name)


def as_reference(message: Message) -> dict[str, str]:
    return {"t": message.mti, **{str(number): value for number, value in message.fields.items()}}


class TestWhatIsWrittenIsRead:
    @every_specification
    @given(data=st.data())
    def test_any_message(self, specification: Specification, data: st.DataObject) -> None:
        message = data.draw(messages(specification))

        assert CODECS[specification.name].unpack(CODECS[specification.name].pack(message)) == message

    @every_specification
    def test_each_element_alone_at_its_longest_and_shortest(self, specification: Specification) -> None:
        codec = CODECS[specification.name]
        for number, field in specification.fields.items():
            filler = {Content.B: "A5", Content.A: "x", Content.X_N: "0"}.get(field.content, "7")
            longest = filler * min(field.length, 499 if field.content is Content.B else 999)
            if field.content is Content.X_N:
                longest = "C" + longest[1:]
            for value in (longest, "") if field.prefix else (longest,):
                message = Message("0100", {number: value})
                assert codec.unpack(codec.pack(message)) == message


class TestPyiso8583Agrees:
    @every_specification
    @given(data=st.data())
    def test_on_every_byte_written(self, specification: Specification, data: st.DataObject) -> None:
        message = data.draw(messages(specification))
        theirs, _ = iso8583.encode(
            {
                key: value.replace("=", "D") if key in ("35", "36") else value
                for key, value in _hexed(message, specification).items()
            }
            if specification.encoding.packed_digits
            else as_reference(message),
            specification.as_pyiso8583(),
        )

        assert CODECS[specification.name].pack(message) == bytes(theirs)

    @every_specification
    def test_on_what_is_read(self, specification: Specification) -> None:
        message = a_message(version=specification.version)
        decoded, _ = iso8583.decode(CODECS[specification.name].pack(message), specification.as_pyiso8583())

        assert {key: value for key, value in decoded.items() if key != "p"} == as_reference(message)


def _hexed(message: Message, specification: Specification) -> dict[str, str]:
    """Return the message with its tracks in the hexadecimal digits that pyiso8583 wants."""
    tracks = {
        str(number): value.translate(str.maketrans(":;<=>?", "ABCDEF"))
        for number, value in message.fields.items()
        if specification.fields[number].content is Content.Z
    }
    return {**as_reference(message), **tracks}


class TestGarbage:
    @every_specification
    @given(data=st.binary(max_size=400))
    def test_of_any_kind_is_malformed_or_a_message(self, specification: Specification, data: bytes) -> None:
        codec = CODECS[specification.name]
        try:
            message = codec.unpack(data)
        except MalformedMessage:
            return

        assert codec.unpack(codec.pack(message)) == message

    @every_specification
    @given(data=st.data())
    def test_made_by_changing_a_good_message(self, specification: Specification, data: st.DataObject) -> None:
        codec = CODECS[specification.name]
        raw = bytearray(codec.pack(a_message(version=specification.version)))
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        try:
            message = codec.unpack(bytes(raw))
        except MalformedMessage:
            return

        assert codec.unpack(codec.pack(message)) == message

    @every_specification
    def test_that_is_a_message_cut_short_anywhere(self, specification: Specification) -> None:
        codec = CODECS[specification.name]
        raw = codec.pack(a_message(version=specification.version))
        for end in range(len(raw)):
            with pytest.raises(MalformedMessage):
                codec.unpack(raw[:end])

    def test_after_the_last_element(self) -> None:
        codec = CODECS["1987 ascii"]

        with pytest.raises(MalformedMessage, match="1 bytes after the last element"):
            codec.unpack(codec.pack(a_message()) + b"0")

    @pytest.mark.parametrize("length", [b"-1", b"+1", b"1_", b" 1", b"\xb2\xb3"])
    def test_in_a_length_that_only_int_would_take(self, length: bytes) -> None:
        with pytest.raises(MalformedMessage, match="de2: no length"):
            CODECS["1987 ascii"].unpack(b"01004000000000000000" + length + b"4")

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("1987 ascii", b"0100400000000000000020" + b"4" * 20),
            ("1987 binary", bytes.fromhex("0100 4000000000000000 20") + bytes(10)),
        ],
    )
    def test_that_is_longer_than_its_element(self, name: str, raw: bytes) -> None:
        with pytest.raises(MalformedMessage, match="de2: 20 long, 19 at most"):
            CODECS[name].unpack(raw)

    def test_in_an_element_that_is_not_there(self) -> None:
        with pytest.raises(MalformedMessage, match="de65: not in this specification"):
            CODECS["1987 ascii"].unpack(b"0100" + b"8" + b"0" * 15 + b"8" + b"0" * 15)

    def test_is_named_without_its_value(self) -> None:
        with pytest.raises(MalformedMessage) as refusal:
            CODECS["1987 ascii"].pack(Message("0100", {2: f"{PAN}x"}))

        assert PAN not in repr(refusal.value) + str(refusal.value)

    @pytest.mark.parametrize(
        ("number", "value"),
        [
            (2, "1" * 20),
            (3, "12345"),
            (3, "12345６"),
            (4, "00000000100x"),
            (28, "000000001"),
            (28, "C0000x001"),
            (43, "café".ljust(40)),
            (52, "0" * 15),
            (52, "zz" * 8),
            (52, " 0" * 8),
            (128, "00"),
            (1, "0" * 16),
            (129, "0"),
        ],
    )
    def test_is_not_written(self, number: int, value: str) -> None:
        for name in ("1987 ascii", "1987 mixed", "1987 binary", "1987 ebcdic"):
            with pytest.raises(MalformedMessage):
                CODECS[name].pack(Message("0100", {number: value}))


class TestPackedDigits:
    def test_an_odd_number_gets_a_zero_in_front(self) -> None:
        raw = CODECS["1987 binary"].pack(Message("0100", {2: "123"}))

        assert raw == bytes.fromhex("0100 4000000000000000 03 0123")

    def test_a_track_gets_an_f_behind_and_d_for_its_separator(self) -> None:
        raw = CODECS["1987 binary"].pack(Message("0100", {35: "42=31"}))

        assert raw == bytes.fromhex("0100 0000000020000000 05 42D31F")

    def test_a_wrong_filler_is_refused(self) -> None:
        with pytest.raises(MalformedMessage, match="filler"):
            CODECS["1987 binary"].unpack(bytes.fromhex("0100 4000000000000000 03 1123"))


class TestGoldenBytes:
    """Worked out by hand from the standard's tables."""

    def test_of_an_echo_in_characters(self) -> None:
        echo = Message("0800", {7: "0517120000", 11: "000001", 70: "301"})

        assert CODECS["1987 ascii"].pack(echo) == (b"0800822000000000000004000000000000000517120000000001301")

    def test_of_an_echo_in_bytes(self) -> None:
        echo = Message("0800", {7: "0517120000", 11: "000001", 70: "301"})

        assert CODECS["1987 binary"].pack(echo) == bytes.fromhex(
            "0800 8220000000000000 0400000000000000 0517120000 000001 0301"
        )

    def test_of_chip_data_in_both(self) -> None:
        chip = Message("0100", {55: "9F2608AABBCCDDEEFF0011"})

        assert CODECS["1987 ascii"].pack(chip) == b"010000000000000002000229F2608AABBCCDDEEFF0011"
        assert CODECS["1987 mixed"].pack(chip) == b"0100" + bytes.fromhex("0000000000000200") + (
            b"011" + bytes.fromhex("9F2608AABBCCDDEEFF0011")
        )


class TestASpecificationOfOnesOwn:
    def test_replaces_elements_by_the_standards_notation(self) -> None:
        mine = ISO_1987_MIXED.replacing({48: Field.of("b...300", "Additional data")}, name="mine")
        codec = compile_codec(mine)
        message = Message("0100", {48: "00FF"})

        assert codec.unpack(codec.pack(message)) == message

    @pytest.mark.parametrize("notation", ["n", "n.6", "q6", "n....6", "n0", "6"])
    def test_refuses_what_is_no_notation(self, notation: str) -> None:
        with pytest.raises(ValueError, match="no format of ISO 8583"):
            Field.of(notation, "Anything")
