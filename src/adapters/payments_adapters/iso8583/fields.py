"""The data elements of ISO 8583:1987 and :1993, as data.

What an element is called, what it may hold and how long it is. Not how it is written on a wire
(`specification.py`), and not what its values mean (`meaning.py`).

The formats are the standard's own notation: `n6` is six digits, `n..19` up to 19 with a two-digit length,
`ans...999` up to 999 with a three-digit one. One liberty: the length of a `b` is counted in bytes.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from string import ascii_letters, digits

import attrs

FORMAT = re.compile(r"(?P<content>x\+n|ans|an|a|n|b|z)(?P<dots>\.{0,3})(?P<length>[1-9][0-9]*)")


class Content(StrEnum):
    """Which characters an element may hold."""

    N = "n"
    A = "a"
    AN = "an"
    ANS = "ans"
    B = "b"
    Z = "z"
    """Tracks 2 and 3: the sixteen characters from `0` to `?`, and the `D` that many write for `=`."""
    X_N = "x+n"
    """A signed amount: `C` or `D`, then digits."""


PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))

# Space counts as alphanumeric, because fixed elements are padded with it.
ALPHABET: Mapping[Content, str] = {
    Content.N: digits,
    Content.A: ascii_letters + " ",
    Content.AN: ascii_letters + digits + " ",
    Content.ANS: PRINTABLE,
    Content.B: digits + "ABCDEFabcdef",
    Content.Z: digits + ":;<=>?D",
    Content.X_N: digits + "CD",
}


class Privacy(StrEnum):
    """Who may see an element's value."""

    OPEN = "open"
    SECRET = "secret"
    PAN = "pan"
    """Shown as its first six and last four digits at most."""
    EMV = "emv"
    """Chip data: tag by tag, card data masked."""
    PRIVATE = "private"
    """For private use. Hidden unless a network profile says what is inside: networks put the CVC there."""


@attrs.frozen
class Field:
    """One data element. A *prefix* of 0 means that its length is fixed."""

    content: Content
    prefix: int
    length: int
    name: str
    privacy: Privacy = Privacy.OPEN

    @classmethod
    def of(cls, notation: str, name: str, privacy: Privacy = Privacy.OPEN) -> "Field":
        """Read the standard's notation, as `n..19`."""
        match = FORMAT.fullmatch(notation)
        if match is None or match["dots"] == ".":
            raise ValueError(f"{notation!r} is no format of ISO 8583")
        content, length = Content(match["content"]), int(match["length"])
        sign = 1 if content is Content.X_N else 0
        return cls(content, len(match["dots"]), length + sign, name, privacy)

    def length_in_bytes(self, is_raw: bool) -> int:
        """Return the most bytes that binary data takes, as it is or in hexadecimal; its prefix must hold them."""
        units = self.length if is_raw else self.length * 2
        return min(units, 10**self.prefix - 1) if self.prefix else units


def _table(rows: str) -> Mapping[int, Field]:
    """Read rows of `number | format | name | privacy`. A number may be a range."""
    table: dict[int, Field] = {}
    for row in rows.strip().splitlines():
        numbers, notation, name, *privacy = (part.strip() for part in row.split("|"))
        first, _, last = numbers.partition("-")
        for number in range(int(first), int(last or first) + 1):
            table[number] = Field.of(notation, name, Privacy(privacy[0]) if privacy else Privacy.OPEN)
    return table


FIELDS_1987 = _table(
    """
    2       | n..19     | Primary account number | pan
    3       | n6        | Processing code
    4       | n12       | Amount, transaction
    5       | n12       | Amount, settlement
    6       | n12       | Amount, cardholder billing
    7       | n10       | Transmission date and time
    8       | n8        | Amount, cardholder billing fee
    9       | n8        | Conversion rate, settlement
    10      | n8        | Conversion rate, cardholder billing
    11      | n6        | Systems trace audit number
    12      | n6        | Time, local transaction
    13      | n4        | Date, local transaction
    14      | n4        | Date, expiration | secret
    15      | n4        | Date, settlement
    16      | n4        | Date, conversion
    17      | n4        | Date, capture
    18      | n4        | Merchant type
    19      | n3        | Acquiring institution country code
    20      | n3        | Primary account number country code
    21      | n3        | Forwarding institution country code
    22      | n3        | Point of service entry mode
    23      | n3        | Card sequence number | secret
    24      | n3        | Network international identifier
    25      | n2        | Point of service condition code
    26      | n2        | Point of service PIN capture code
    27      | n1        | Authorization identification response length
    28      | x+n8      | Amount, transaction fee
    29      | x+n8      | Amount, settlement fee
    30      | x+n8      | Amount, transaction processing fee
    31      | x+n8      | Amount, settlement processing fee
    32      | n..11     | Acquiring institution identification code
    33      | n..11     | Forwarding institution identification code
    34      | ans..28   | Primary account number, extended | secret
    35      | z..37     | Track 2 data | secret
    36      | z...104   | Track 3 data | secret
    37      | an12      | Retrieval reference number
    38      | an6       | Authorization identification response
    39      | an2       | Response code
    40      | an3       | Service restriction code
    41      | ans8      | Card acceptor terminal identification
    42      | ans15     | Card acceptor identification code
    43      | ans40     | Card acceptor name and location
    44      | ans..25   | Additional response data
    45      | ans..76   | Track 1 data | secret
    46      | ans...999 | Additional data, ISO | private
    47      | ans...999 | Additional data, national | private
    48      | ans...999 | Additional data, private | private
    49      | an3       | Currency code, transaction
    50      | an3       | Currency code, settlement
    51      | an3       | Currency code, cardholder billing
    52      | b8        | Personal identification number data | secret
    53      | n16       | Security related control information | secret
    54      | an...120  | Additional amounts
    55      | b...255   | Integrated circuit card data | emv
    56      | ans...999 | Reserved, ISO | private
    57-59   | ans...999 | Reserved, national | private
    60-63   | ans...999 | Reserved, private | private
    64      | b8        | Message authentication code
    66      | n1        | Settlement code
    67      | n2        | Extended payment code
    68      | n3        | Receiving institution country code
    69      | n3        | Settlement institution country code
    70      | n3        | Network management information code
    71      | n4        | Message number
    72      | n4        | Message number, last
    73      | n6        | Date, action
    74      | n10       | Credits, number
    75      | n10       | Credits, reversal number
    76      | n10       | Debits, number
    77      | n10       | Debits, reversal number
    78      | n10       | Transfers, number
    79      | n10       | Transfers, reversal number
    80      | n10       | Inquiries, number
    81      | n10       | Authorizations, number
    82      | n12       | Credits, processing fee amount
    83      | n12       | Credits, transaction fee amount
    84      | n12       | Debits, processing fee amount
    85      | n12       | Debits, transaction fee amount
    86      | n16       | Credits, amount
    87      | n16       | Credits, reversal amount
    88      | n16       | Debits, amount
    89      | n16       | Debits, reversal amount
    90      | n42       | Original data elements
    91      | an1       | File update code
    92      | an2       | File security code
    93      | n5        | Response indicator
    94      | an7       | Service indicator
    95      | an42      | Replacement amounts
    96      | b8        | Message security code | secret
    97      | x+n16     | Amount, net settlement
    98      | ans25     | Payee
    99      | n..11     | Settlement institution identification code
    100     | n..11     | Receiving institution identification code
    101     | ans..17   | File name
    102     | ans..28   | Account identification 1 | secret
    103     | ans..28   | Account identification 2 | secret
    104     | ans...100 | Transaction description
    105-111 | ans...999 | Reserved, ISO | private
    112-119 | ans...999 | Reserved, national | private
    120-127 | ans...999 | Reserved, private | private
    128     | b8        | Message authentication code
    """
)

FIELDS_1993 = _table(
    """
    2       | n..19     | Primary account number | pan
    3       | n6        | Processing code
    4       | n12       | Amount, transaction
    5       | n12       | Amount, reconciliation
    6       | n12       | Amount, cardholder billing
    7       | n10       | Date and time, transmission
    8       | n8        | Amount, cardholder billing fee
    9       | n8        | Conversion rate, reconciliation
    10      | n8        | Conversion rate, cardholder billing
    11      | n6        | Systems trace audit number
    12      | n12       | Date and time, local transaction
    13      | n4        | Date, effective
    14      | n4        | Date, expiration | secret
    15      | n6        | Date, settlement
    16      | n4        | Date, conversion
    17      | n4        | Date, capture
    18      | n4        | Merchant type
    19      | n3        | Country code, acquiring institution
    20      | n3        | Country code, primary account number
    21      | n3        | Country code, forwarding institution
    22      | an12      | Point of service data code
    23      | n3        | Card sequence number | secret
    24      | n3        | Function code
    25      | n4        | Message reason code
    26      | n4        | Card acceptor business code
    27      | n1        | Approval code length
    28      | n6        | Date, reconciliation
    29      | n3        | Reconciliation indicator
    30      | n24       | Amounts, original
    31      | ans..99   | Acquirer reference data
    32      | n..11     | Acquiring institution identification code
    33      | n..11     | Forwarding institution identification code
    34      | ans..28   | Primary account number, extended | secret
    35      | z..37     | Track 2 data | secret
    36      | z...104   | Track 3 data | secret
    37      | an12      | Retrieval reference number
    38      | an6       | Approval code
    39      | n3        | Action code
    40      | n3        | Service code
    41      | ans8      | Card acceptor terminal identification
    42      | ans15     | Card acceptor identification code
    43      | ans..99   | Card acceptor name and location
    44      | ans..99   | Additional response data
    45      | ans..76   | Track 1 data | secret
    46      | ans...204 | Amounts, fees
    47      | ans...999 | Additional data, national | private
    48      | ans...999 | Additional data, private | private
    49      | an3       | Currency code, transaction
    50      | an3       | Currency code, reconciliation
    51      | an3       | Currency code, cardholder billing
    52      | b8        | Personal identification number data | secret
    53      | b..48     | Security related control information | secret
    54      | ans...120 | Amounts, additional
    55      | b...255   | Integrated circuit card system related data | emv
    56      | n..35     | Original data elements
    57      | n3        | Authorization life cycle code
    58      | n..11     | Authorizing agent institution identification code
    59      | ans...999 | Transport data | private
    60-61   | ans...999 | Reserved, national | private
    62-63   | ans...999 | Reserved, private | private
    64      | b8        | Message authentication code
    66      | ans...204 | Amounts, original fees
    67      | n2        | Extended payment data
    68      | n3        | Country code, receiving institution
    69      | n3        | Country code, settlement institution
    70      | n3        | Country code, authorizing agent institution
    71      | n8        | Message number
    72      | ans...999 | Data record | private
    73      | n6        | Date, action
    74      | n10       | Credits, number
    75      | n10       | Credits, reversal number
    76      | n10       | Debits, number
    77      | n10       | Debits, reversal number
    78      | n10       | Transfers, number
    79      | n10       | Transfers, reversal number
    80      | n10       | Inquiries, number
    81      | n10       | Authorizations, number
    82      | n10       | Inquiries, reversal number
    83      | n10       | Payments, number
    84      | n10       | Payments, reversal number
    85      | n10       | Fee collections, number
    86      | n16       | Credits, amount
    87      | n16       | Credits, reversal amount
    88      | n16       | Debits, amount
    89      | n16       | Debits, reversal amount
    90      | n10       | Authorizations, reversal number
    91      | n3        | Country code, transaction destination institution
    92      | n3        | Country code, transaction originator institution
    93      | n..11     | Transaction destination institution identification code
    94      | n..11     | Transaction originator institution identification code
    95      | ans..99   | Card issuer reference data
    96      | b...999   | Key management data | secret
    97      | x+n16     | Amount, net reconciliation
    98      | ans25     | Payee
    99      | an..11    | Settlement institution identification code
    100     | n..11     | Receiving institution identification code
    101     | ans..17   | File name
    102     | ans..28   | Account identification 1 | secret
    103     | ans..28   | Account identification 2 | secret
    104     | ans...100 | Transaction description
    105     | n16       | Credits, chargeback amount
    106     | n16       | Debits, chargeback amount
    107     | n10       | Credits, chargeback number
    108     | n10       | Debits, chargeback number
    109     | ans..84   | Credits, fee amounts
    110     | ans..84   | Debits, fee amounts
    111-115 | ans...999 | Reserved, ISO | private
    116-122 | ans...999 | Reserved, national | private
    123-127 | ans...999 | Reserved, private | private
    128     | b8        | Message authentication code
    """
)

# What no repr may show, whichever specification the message belongs to.
GUARDED: frozenset[int] = frozenset(
    number
    for table in (FIELDS_1987, FIELDS_1993)
    for number, field in table.items()
    if field.privacy is not Privacy.OPEN
)
