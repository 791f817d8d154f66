"""A message: its type and its data elements as text, with card data out of sight.

Not bytes (`codec.py`) and not meaning (`meaning.py`). Binary elements are upper-case hexadecimal text.
"""

from collections.abc import Iterator, Mapping
from typing import Self

import attrs

from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.fields import GUARDED, Field, Privacy
from payments_adapters.iso8583.specification import ISO_1987_ASCII, Specification
from payments_adapters.iso8583.tlv import SECRET_TAGS, TAG_NAMES, unpack_tlv

PAN = 2


@attrs.frozen(repr=False, init=False)
class Message:
    """A message type such as `0100`, and what is in it by element number."""

    mti: str
    fields: Mapping[int, str]

    # By hand, because a message is made for each one received and attrs' converter costs as much as three fields.
    def __init__(self, mti: str, fields: Mapping[int, str]) -> None:
        object.__setattr__(self, "mti", mti)
        object.__setattr__(self, "fields", fields)

    def __getitem__(self, number: int) -> str:
        return self.fields[number]

    def __contains__(self, number: object) -> bool:
        return number in self.fields

    def __hash__(self) -> int:
        return hash((self.mti, frozenset(self.fields.items())))

    def get(self, number: int, default: str = "") -> str:
        """Return the element, or *default* where it is absent."""
        return self.fields.get(number, default)

    def having(self, changes: Mapping[int, str]) -> Self:
        """Return the message with some elements added or replaced."""
        return type(self)(self.mti, {**self.fields, **changes})

    def without(self, *numbers: int) -> Self:
        """Return the message lacking some elements."""
        return type(self)(self.mti, {n: value for n, value in self.fields.items() if n not in numbers})

    @property
    def is_request(self) -> bool:
        """Whether somebody owes an answer: requests, advices and their repeats."""
        return self.mti[2:3] in ("0", "2")

    def __repr__(self) -> str:
        shown = " ".join(
            f"{number}={_guarded(number, self.fields[number])}" for number in sorted(self.fields)
        )
        return f"<Message {self.mti} {shown}>"


def masked_pan(pan: str) -> str:
    """Return at most the first six and last four digits, and none of a number too short to hide anything."""
    return f"{pan[:6]}{'*' * (len(pan) - 10)}{pan[-4:]}" if len(pan) >= 13 else "*" * len(pan)


def masked(field: Field, value: str) -> str:
    """Return what may be shown of an element."""
    if field.privacy is Privacy.OPEN:
        return value
    return masked_pan(value) if field.privacy is Privacy.PAN else f"*** ({len(value)})"


def describe(message: Message, specification: Specification = ISO_1987_ASCII) -> str:
    """Return a listing for people, one element a line, card data masked."""
    lines = [f"{message.mti}  {specification.name}"]
    for number in sorted(message.fields):
        field, value = specification.fields.get(number), message.fields[number]
        if field is None:
            lines.append(f"{number:>4}  not in this specification  *** ({len(value)})")
            continue
        lines.append(f"{number:>4}  {field.name:<44}  {masked(field, value)}")
        if field.privacy is Privacy.EMV:
            lines.extend(_tags(value))
    return "\n".join(lines)


def _tags(value: str) -> Iterator[str]:
    try:
        tags = unpack_tlv(bytes.fromhex(value))
    except (MalformedMessage, ValueError):
        yield "      (no readable tags)"
        return
    for tag, content in tags:
        shown = (
            content.hex().upper() if tag in TAG_NAMES and tag not in SECRET_TAGS else f"*** ({len(content)})"
        )
        yield f"      {tag:<6}{TAG_NAMES.get(tag, 'unknown tag'):<42}  {shown}"


def _guarded(number: int, value: str) -> str:
    if number not in GUARDED:
        return value
    return masked_pan(value) if number == PAN else "***"
