"""What one network has of its own: its wire, its private elements, its response codes, how answers are matched.

A profile is data; a new network is a new value, not a new class. The four here follow the plain standard.
"""

from collections.abc import Mapping
from typing import NoReturn

import attrs

from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.framing import Framing
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.responses import RESPONSES_1987, RESPONSES_1993, Response
from payments_adapters.iso8583.specification import (
    ISO_1987_ASCII,
    ISO_1987_BINARY,
    ISO_1993_ASCII,
    ISO_1993_BINARY,
    Specification,
)


@attrs.frozen(kw_only=True)
class Subelements:
    """A private element that holds a row of tag, length and value, tags and lengths in digits."""

    tag_digits: int = 2
    length_digits: int = 2

    def pack(self, values: Mapping[str, str]) -> str:
        """Write the subelements in order of their tags."""
        return "".join(self._pack_one(tag, values[tag]) for tag in sorted(values))

    def unpack(self, text: str) -> dict[str, str]:
        """Read all subelements, or refuse."""
        values: dict[str, str] = {}
        at = 0
        while at < len(text):
            start = at + self.tag_digits + self.length_digits
            tag, length = text[at : at + self.tag_digits], text[at + self.tag_digits : start]
            if start > len(text) or not (tag + length).isascii() or not (tag + length).isdigit():
                _refuse("no tag and length")
            at = start + int(length)
            if at > len(text) or tag in values:
                _refuse(f"subelement {tag} is repeated or does not end")
            values[tag] = text[start:at]
        return values

    def _pack_one(self, tag: str, value: str) -> str:
        if len(tag) != self.tag_digits or not tag.isdigit() or len(value) >= 10**self.length_digits:
            _refuse(f"subelement {tag[: self.tag_digits]} cannot be written")
        return f"{tag}{len(value):0{self.length_digits}d}{value}"


@attrs.frozen(kw_only=True)
class Place:
    """Where a private value is: a subelement of an element, or all of it where no tag is named."""

    element: int
    tag: str = ""


PLACES: Mapping[str, Place] = {
    "key_block": Place(element=48, tag="11"),
    "electronic_commerce": Place(element=48, tag="42"),
    "cardholder_authentication": Place(element=48, tag="43"),
    "address_check": Place(element=48, tag="83"),
    "cvc_check": Place(element=48, tag="87"),
    "cvc": Place(element=48, tag="92"),
    "network_reference": Place(element=63),
}


@attrs.frozen(kw_only=True, eq=False)
class NetworkProfile:
    """One network."""

    name: str
    specification: Specification
    framing: Framing = Framing()
    match_on: tuple[int, ...] = (7, 11)
    """The elements that an answer repeats, and that with its class make it the answer to one request."""
    subelements: Mapping[int, Subelements] = attrs.field(factory=lambda: {48: Subelements()})
    places: Mapping[str, Place] = attrs.field(factory=lambda: PLACES)
    responses: Mapping[str, Response] = attrs.field(factory=lambda: RESPONSES_1987)

    def with_private(self, message: Message, values: Mapping[str, str]) -> Message:
        """Put private values, by their names, where this network wants them."""
        changes: dict[int, str] = {}
        rows: dict[int, dict[str, str]] = {}
        for name, value in values.items():
            place = self.places[name]
            if place.tag:
                row = rows.setdefault(place.element, self._row(message, place.element))
                row[place.tag] = value
            else:
                changes[place.element] = value
        changes |= {element: self.subelements[element].pack(row) for element, row in rows.items()}
        return message.having(changes)

    def private(self, message: Message) -> dict[str, str]:
        """Return the private values of *message* that this network has a name for."""
        values: dict[str, str] = {}
        for name, place in self.places.items():
            if place.element not in message:
                continue
            row = self._row(message, place.element) if place.tag else {"": message[place.element]}
            if place.tag in row:
                values[name] = row[place.tag]
        return values

    def _row(self, message: Message, element: int) -> dict[str, str]:
        return self.subelements[element].unpack(message.get(element))


PLAIN_1987_ASCII = NetworkProfile(name="plain 1987 ascii", specification=ISO_1987_ASCII)
PLAIN_1987_BINARY = NetworkProfile(name="plain 1987 binary", specification=ISO_1987_BINARY)
PLAIN_1993_ASCII = NetworkProfile(
    name="plain 1993 ascii", specification=ISO_1993_ASCII, responses=RESPONSES_1993
)
PLAIN_1993_BINARY = NetworkProfile(
    name="plain 1993 binary", specification=ISO_1993_BINARY, responses=RESPONSES_1993
)


def _refuse(reason: str) -> NoReturn:
    raise MalformedMessage("private element", reason)
