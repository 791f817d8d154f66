"""BER-TLV as EMV uses it in element 55: tags of one to four bytes, definite lengths.

Reads and writes one level, in order, keeping repeats. It does not open templates and does not know what a
value means; the table of names is for people who read a masked listing.
"""

from collections.abc import Iterable, Mapping
from typing import NoReturn

from payments_adapters.iso8583.errors import MalformedMessage

MOST_TAG_BYTES = 4
MOST_LENGTH_BYTES = 2

TAG_NAMES: Mapping[str, str] = {
    "4F": "Application identifier, card",
    "50": "Application label",
    "56": "Track 1 data",
    "57": "Track 2 equivalent data",
    "5A": "Application primary account number",
    "5F20": "Cardholder name",
    "5F24": "Application expiration date",
    "5F2A": "Transaction currency code",
    "5F34": "Primary account number sequence number",
    "71": "Issuer script template 1",
    "72": "Issuer script template 2",
    "82": "Application interchange profile",
    "84": "Dedicated file name",
    "89": "Authorization code",
    "8A": "Authorization response code",
    "91": "Issuer authentication data",
    "95": "Terminal verification results",
    "99": "Transaction PIN data",
    "9A": "Transaction date",
    "9B": "Transaction status information",
    "9C": "Transaction type",
    "9F02": "Amount, authorized",
    "9F03": "Amount, other",
    "9F06": "Application identifier, terminal",
    "9F09": "Application version number",
    "9F0B": "Cardholder name, extended",
    "9F10": "Issuer application data",
    "9F1A": "Terminal country code",
    "9F1E": "Interface device serial number",
    "9F1F": "Track 1 discretionary data",
    "9F20": "Track 2 discretionary data",
    "9F26": "Application cryptogram",
    "9F27": "Cryptogram information data",
    "9F33": "Terminal capabilities",
    "9F34": "Cardholder verification method results",
    "9F35": "Terminal type",
    "9F36": "Application transaction counter",
    "9F37": "Unpredictable number",
    "9F41": "Transaction sequence counter",
    "9F53": "Transaction category code",
    "9F6B": "Track 2 data, contactless",
    "9F6E": "Form factor indicator",
}

SECRET_TAGS: frozenset[str] = frozenset(
    {"56", "57", "5A", "5F20", "5F24", "5F34", "99", "9F0B", "9F1F", "9F20", "9F6B"}
)


def pack_tlv(tags: Iterable[tuple[str, bytes]]) -> bytes:
    """Write tags in the order given, each length in its shortest form."""
    return b"".join(_tag_bytes(tag) + _length_bytes(tag, len(value)) + value for tag, value in tags)


def unpack_tlv(data: bytes) -> tuple[tuple[str, bytes], ...]:
    """Read all tags, or refuse. Zero bytes between tags are padding, as EMV allows."""
    found: list[tuple[str, bytes]] = []
    at = 0
    while at < len(data):
        if data[at] == 0:
            at += 1
            continue
        end = _tag_end(data, at)
        tag = data[at:end].hex().upper()
        length, at = _length(data, end, tag)
        if at + length > len(data):
            _refuse(tag, f"{length} bytes are announced, {len(data) - at} are left")
        found.append((tag, data[at : at + length]))
        at += length
    return tuple(found)


def _tag_end(data: bytes, at: int) -> int:
    end = at + 1
    if data[at] & 0x1F == 0x1F:  # the number goes on, while the high bit is set
        while end < len(data) and data[end] & 0x80 and end - at < MOST_TAG_BYTES:
            end += 1
        end += 1
    if end > len(data) or end - at > MOST_TAG_BYTES:
        _refuse(data[at : at + MOST_TAG_BYTES].hex().upper(), "the tag does not end")
    return end


def _length(data: bytes, at: int, tag: str) -> tuple[int, int]:
    if at >= len(data):
        _refuse(tag, "no length")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    if not 1 <= size <= MOST_LENGTH_BYTES:
        _refuse(tag, "an indefinite or oversized length")
    if at + 1 + size > len(data):
        _refuse(tag, "the length does not end")
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def _tag_bytes(tag: str) -> bytes:
    try:
        data = bytes.fromhex(tag)
    except ValueError:
        _refuse("tag", "not hexadecimal")
    if not data or data[0] == 0 or _tag_end(data, 0) != len(data):
        _refuse(tag, "no BER tag")
    return data


def _length_bytes(tag: str, length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    if length > 0xFFFF:
        _refuse(tag, f"{length} bytes are too many")
    return bytes((0x81, length)) if length <= 0xFF else bytes((0x82, *length.to_bytes(2, "big")))


def _refuse(tag: str, reason: str) -> NoReturn:
    # A tag read from garbage could itself be a piece of a card number; four hexadecimal digits cannot harm.
    raise MalformedMessage(f"de55.{tag[:8]}", reason)
