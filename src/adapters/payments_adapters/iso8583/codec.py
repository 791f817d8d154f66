"""From a message to bytes and back: a specification, compiled once into one small function per element.

No sockets, no framing, no meaning. It reads and writes exactly what pyiso8583 does with
`Specification.as_pyiso8583()`, which the tests hold it against, in a fraction of the time; and it is
stricter, because a network is not to be trusted: every character is checked against its element's alphabet,
a length is digits and nothing else (`int` would take `-1` and `1_0`), and only `MalformedMessage` comes out.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NoReturn

import attrs

from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.fields import ALPHABET, Content, Field
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.specification import Encoding, Specification

Pack = Callable[[str], bytes]
Unpack = Callable[[bytes, int], tuple[str, int]]

TO_NIBBLES = str.maketrans(":;<=>?", "ABCDEF")
FROM_NIBBLES = str.maketrans("abcdef", ":;<=>?")
KNOWN_SHAPES = 256
"""How many different bitmaps are remembered with what they stand for."""


@attrs.frozen(eq=False)
class Codec:
    """Packs and unpacks the messages of one specification."""

    specification: Specification
    _packs: Mapping[int, Pack]
    _shape: Callable[[int], tuple[tuple[int, Unpack], ...]]
    _pack_mti: Pack
    _unpack_mti: Unpack

    def pack(self, message: Message) -> bytes:
        """Write *message*, or refuse with the path of the element that is wrong."""
        fields, packs = message.fields, self._packs
        parts = [self._pack_mti(message.mti), b""]
        bits = 0
        for number in sorted(fields):
            pack = packs.get(number)
            if pack is None:
                raise MalformedMessage(f"de{number}", "not in this specification")
            parts.append(pack(fields[number]))
            bits |= 1 << (128 - number)
        if bits & 0xFFFF_FFFF_FFFF_FFFF:
            bitmap = (bits | 1 << 127).to_bytes(16, "big")
        else:
            bitmap = (bits >> 64).to_bytes(8, "big")
        wire = self.specification.encoding
        parts[1] = bitmap if wire.raw_bitmap else bitmap.hex().upper().encode(wire.text)
        return b"".join(parts)

    def unpack(self, data: bytes) -> Message:
        """Read all of *data* as one message, or refuse."""
        mti, at = self._unpack_mti(data, 0)
        bits, at = self._bitmap(data, at)
        fields: dict[int, str] = {}
        for number, unpack in self._shape(bits):
            fields[number], at = unpack(data, at)
        if at != len(data):
            raise MalformedMessage("message", f"{len(data) - at} bytes after the last element")
        return Message(mti, fields)

    def _bitmap(self, data: bytes, at: int) -> tuple[int, int]:
        """Return both bitmaps as one number whose highest bit is element 1."""
        size = 8 if self.specification.encoding.raw_bitmap else 16
        first = self._half(data[at : at + size], size)
        at += size
        if not first >> 63:
            return first << 64, at
        return first << 64 | self._half(data[at : at + size], size), at + size

    def _half(self, data: bytes, size: int) -> int:
        if len(data) != size:
            raise MalformedMessage("bitmap", f"{len(data)} bytes, not {size}")
        if size == 8:
            return int.from_bytes(data, "big")
        text = data.decode(self.specification.encoding.text, "replace")
        if not _is_hex(text):
            raise MalformedMessage("bitmap", "not hexadecimal")
        return int(text, 16)


def compile_codec(specification: Specification) -> Codec:
    """Make the codec of *specification*."""
    packs: dict[int, Pack] = {}
    unpacks: dict[int, Unpack] = {}
    for number, field in specification.fields.items():
        packs[number], unpacks[number] = _pair(f"de{number}", field, specification.encoding)

    @lru_cache(KNOWN_SHAPES)
    def shape(bits: int) -> tuple[tuple[int, Unpack], ...]:
        numbers = [number for number in range(2, 129) if bits >> (128 - number) & 1]
        for number in numbers:
            if number not in unpacks:
                raise MalformedMessage(f"de{number}", "not in this specification")
        return tuple((number, unpacks[number]) for number in numbers)

    pack_mti, unpack_mti = _pair("mti", Field.of("n4", "Message type"), specification.encoding)
    return Codec(specification, packs, shape, pack_mti, unpack_mti)


def _pair(path: str, field: Field, wire: Encoding) -> tuple[Pack, Unpack]:
    """Return how *field* is written and read."""
    if field.content is Content.B:
        pack, unpack = _raw(path) if wire.raw_bytes else _hex_text(path, wire)
        longest = field.length_in_bytes(wire.raw_bytes)
        return _sized(path, field, wire, pack, unpack, longest=longest, in_wire_bytes=True)
    if wire.packed_digits and field.content in (Content.N, Content.Z):
        pack, unpack = _nibbles(path, field)
        return _sized(path, field, wire, pack, unpack, longest=field.length, in_wire_bytes=False)
    if field.prefix == 0:
        return _fixed_text(path, field, wire)
    pack, unpack = _text(path, field, wire)
    return _sized(path, field, wire, pack, unpack, longest=field.length, in_wire_bytes=True)


# A body is read from exactly its own bytes; the second argument is its length in the units of the prefix.
ReadBody = Callable[[bytes, int], str]


def _sized(
    path: str,
    field: Field,
    wire: Encoding,
    pack_body: Pack,
    read_body: ReadBody,
    *,
    longest: int,
    in_wire_bytes: bool,
) -> tuple[Pack, Unpack]:
    """Put the length in front of a body, or hold a fixed one to its length."""
    if field.prefix == 0:
        return _fixed(path, pack_body, read_body, longest, in_wire_bytes)
    write_length, read_length, width = _lengths(path, field.prefix, wire)

    def pack(value: str) -> bytes:
        body = pack_body(value)
        length = len(body) if in_wire_bytes else len(value)
        if length > longest:
            _refuse(path, f"{length} long, {longest} at most")
        return write_length[length] + body

    def unpack(data: bytes, at: int) -> tuple[str, int]:
        start = at + width
        length = read_length(data[at:start])
        if length > longest:
            _refuse(path, f"{length} long, {longest} at most")
        end = start + (length if in_wire_bytes else (length + 1) // 2)
        body = data[start:end]
        if start + len(body) != end:
            _refuse(path, "the message ends inside")
        return read_body(body, length), end

    return pack, unpack


def _fixed(
    path: str, pack_body: Pack, read_body: ReadBody, length: int, in_wire_bytes: bool
) -> tuple[Pack, Unpack]:
    size = length if in_wire_bytes else (length + 1) // 2

    def pack(value: str) -> bytes:
        body = pack_body(value)
        if (len(body) if in_wire_bytes else len(value)) != length:
            _refuse(path, f"must be {length} long")
        return body

    def unpack(data: bytes, at: int) -> tuple[str, int]:
        end = at + size
        body = data[at:end]
        if len(body) != size:
            _refuse(path, "the message ends inside")
        return read_body(body, length), end

    return pack, unpack


def _fixed_text(path: str, field: Field, wire: Encoding) -> tuple[Pack, Unpack]:
    """The most frequent kind, written out for speed."""
    size, codec, is_signed = field.length, wire.text, field.content is Content.X_N
    allowed = ALPHABET[field.content].encode(codec)

    def check(body: bytes) -> None:
        if body.translate(None, allowed) or (is_signed and not _is_signed(body.decode(codec))):
            _refuse(path, f"not {field.content}")

    def pack(value: str) -> bytes:
        body = value.encode(codec, "replace")
        # "?" stands for what cannot be encoded, and would pass as a special character.
        if body.translate(None, allowed) or is_signed or not value.isascii():
            check(body if value.isascii() else b"\x00")
        if len(body) != size:
            _refuse(path, f"must be {size} long")
        return body

    def unpack(data: bytes, at: int) -> tuple[str, int]:
        end = at + size
        body = data[at:end]
        if len(body) != size:
            _refuse(path, "the message ends inside")
        if body.translate(None, allowed) or is_signed:
            check(body)
        return body.decode(codec), end

    return pack, unpack


def _text(path: str, field: Field, wire: Encoding) -> tuple[Pack, ReadBody]:
    codec, allowed = wire.text, ALPHABET[field.content].encode(wire.text)

    def pack(value: str) -> bytes:
        body = value.encode(codec, "replace")
        if not value.isascii() or body.translate(None, allowed):
            _refuse(path, f"not {field.content}")
        return body

    def read(body: bytes, length: int) -> str:
        if body.translate(None, allowed):
            _refuse(path, f"not {field.content}")
        return body.decode(codec)

    return pack, read


def _raw(path: str) -> tuple[Pack, ReadBody]:
    def pack(value: str) -> bytes:
        if value and (not _is_hex(value) or len(value) % 2):
            _refuse(path, "not hexadecimal")
        return bytes.fromhex(value)

    def read(body: bytes, length: int) -> str:
        return body.hex().upper()

    return pack, read


def _hex_text(path: str, wire: Encoding) -> tuple[Pack, ReadBody]:
    def pack(value: str) -> bytes:
        if value and (not _is_hex(value) or len(value) % 2):
            _refuse(path, "not hexadecimal")
        return value.upper().encode(wire.text)

    def read(body: bytes, length: int) -> str:
        text = body.decode(wire.text, "replace")
        if text and (not _is_hex(text) or len(text) % 2):
            _refuse(path, "not hexadecimal")
        return text.upper()

    return pack, read


def _nibbles(path: str, field: Field) -> tuple[Pack, ReadBody]:
    """Digits two to a byte. An odd number of them gets a 0 in front; a track gets an F behind."""
    is_track = field.content is Content.Z

    def pack(value: str) -> bytes:
        if not value.isascii() or value.strip(ALPHABET[field.content]):
            _refuse(path, f"not {field.content}")
        digits = value.translate(TO_NIBBLES) if is_track else value
        if len(digits) % 2:
            digits = f"{digits}F" if is_track else f"0{digits}"
        return bytes.fromhex(digits)

    def read(body: bytes, length: int) -> str:
        digits = body.hex()
        if length % 2:
            if digits[-1:] != "f" if is_track else digits[:1] != "0":
                _refuse(path, "an odd length without its filler")
            digits = digits[:-1] if is_track else digits[1:]
        if is_track:
            return digits.translate(FROM_NIBBLES)
        if digits and not digits.isdigit():
            _refuse(path, f"not {field.content}")
        return digits

    return pack, read


def _lengths(path: str, digits: int, wire: Encoding) -> tuple[tuple[bytes, ...], Callable[[bytes], int], int]:
    """Return all lengths as written, how one is read, and how many bytes it takes."""
    written, known = _length_tables(digits, wire.packed_lengths, wire.text)

    def read(data: bytes) -> int:
        length = known.get(data)
        if length is None:
            _refuse(path, "no length")
        return length

    return written, read, len(written[0])


@lru_cache(32)
def _length_tables(digits: int, is_packed: bool, text: str) -> tuple[tuple[bytes, ...], Mapping[bytes, int]]:
    width = (digits + 1) // 2 * 2 if is_packed else digits
    characters = (f"{length:0{width}d}" for length in range(10**digits))
    written = tuple(bytes.fromhex(each) if is_packed else each.encode(text) for each in characters)
    return written, {data: length for length, data in enumerate(written)}


def _is_hex(text: str) -> bool:
    return text.isascii() and text.isalnum() and not text.strip(ALPHABET[Content.B])


def _is_signed(text: str) -> bool:
    return text[:1] in ("C", "D") and text[1:].isdigit()


def _refuse(path: str, reason: str) -> NoReturn:
    raise MalformedMessage(path, reason)
