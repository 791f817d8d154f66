"""How the data elements are written on a wire: a table of fields, and an encoding.

Data only; `codec.py` compiles it. Not a network: its framing, MAC and private elements are in `profiles.py`.
"""

from collections.abc import Mapping
from typing import Any

import attrs

from payments_adapters.iso8583.fields import FIELDS_1987, FIELDS_1993, Content, Field

DIGIT_CONTENTS = (Content.N, Content.Z)


@attrs.frozen(kw_only=True)
class Encoding:
    """How characters, digits, lengths, bitmaps and bytes look on a wire."""

    name: str
    text: str = "ascii"
    """A Python codec; `cp500` is EBCDIC."""
    packed_digits: bool = False
    """Two digits in a byte (BCD), an odd one filled up; else each a character."""
    packed_lengths: bool = False
    """LLVAR lengths as one BCD byte and LLLVAR as two; else as characters."""
    raw_bytes: bool = False
    """Binary elements as they are; else as hexadecimal characters."""
    raw_bitmap: bool = False
    """Bitmaps as eight bytes; else as sixteen hexadecimal characters."""


ASCII = Encoding(name="ascii")
MIXED = Encoding(name="mixed", raw_bytes=True, raw_bitmap=True)
BINARY = Encoding(name="binary", packed_digits=True, packed_lengths=True, raw_bytes=True, raw_bitmap=True)
EBCDIC = Encoding(name="ebcdic", text="cp500", raw_bytes=True, raw_bitmap=True)


@attrs.frozen(kw_only=True, eq=False)
class Specification:
    """One version of the standard in one encoding. Equal only to itself."""

    name: str
    version: int
    """The first digit of its message types: 0 for 1987, 1 for 1993."""
    fields: Mapping[int, Field]
    encoding: Encoding

    def replacing(self, fields: Mapping[int, Field], name: str | None = None) -> "Specification":
        """Return the same specification with some elements as a network has them."""
        return attrs.evolve(self, name=name or self.name, fields={**self.fields, **fields})

    def is_packed(self, field: Field) -> bool:
        """Say whether *field* is written two digits to the byte."""
        return self.encoding.packed_digits and field.content in DIGIT_CONTENTS

    def as_pyiso8583(self) -> dict[str, dict[str, Any]]:
        """Return the specification as pyiso8583 wants it: the reference that our codec is held against."""
        wire = self.encoding
        head: dict[str, dict[str, Any]] = {
            "h": {"data_enc": wire.text, "len_enc": wire.text, "len_type": 0, "max_len": 0},
            "t": {"data_enc": "b" if wire.packed_digits else wire.text, "len_enc": wire.text, "len_type": 0},
        }
        head["t"]["max_len"] = 2 if wire.packed_digits else 4
        bitmap = {
            "data_enc": "b" if wire.raw_bitmap else wire.text,
            "len_enc": wire.text,
            "len_type": 0,
            "max_len": 8 if wire.raw_bitmap else 16,
        }
        rows = {str(number): self._pyiso8583_row(field) for number, field in self.fields.items()}
        return {**head, "p": bitmap, "1": bitmap, **rows}

    def _pyiso8583_row(self, field: Field) -> dict[str, Any]:
        wire = self.encoding
        is_raw = field.content is Content.B and wire.raw_bytes
        is_hex = field.content is Content.B and not wire.raw_bytes
        row: dict[str, Any] = {
            "data_enc": "b" if is_raw or self.is_packed(field) else wire.text,
            "len_enc": "bcd" if wire.packed_lengths else wire.text,
            "len_type": (field.prefix + 1) // 2 if wire.packed_lengths else field.prefix,
            "max_len": field.length_in_bytes(is_raw=False) if is_hex else field.length,
            "desc": field.name,
        }
        if self.is_packed(field):
            row["len_count"] = "nibbles"
            row["right_pad" if field.content is Content.Z else "left_pad"] = (
                "F" if field.content is Content.Z else "0"
            )
        return row


ISO_1987_ASCII = Specification(name="1987 ascii", version=0, fields=FIELDS_1987, encoding=ASCII)
ISO_1987_MIXED = Specification(name="1987 mixed", version=0, fields=FIELDS_1987, encoding=MIXED)
ISO_1987_BINARY = Specification(name="1987 binary", version=0, fields=FIELDS_1987, encoding=BINARY)
ISO_1987_EBCDIC = Specification(name="1987 ebcdic", version=0, fields=FIELDS_1987, encoding=EBCDIC)
ISO_1993_ASCII = Specification(name="1993 ascii", version=1, fields=FIELDS_1993, encoding=ASCII)
ISO_1993_MIXED = Specification(name="1993 mixed", version=1, fields=FIELDS_1993, encoding=MIXED)
ISO_1993_BINARY = Specification(name="1993 binary", version=1, fields=FIELDS_1993, encoding=BINARY)
ISO_1993_EBCDIC = Specification(name="1993 ebcdic", version=1, fields=FIELDS_1993, encoding=EBCDIC)

SPECIFICATIONS = (
    ISO_1987_ASCII,
    ISO_1987_MIXED,
    ISO_1987_BINARY,
    ISO_1987_EBCDIC,
    ISO_1993_ASCII,
    ISO_1993_MIXED,
    ISO_1993_BINARY,
    ISO_1993_EBCDIC,
)
