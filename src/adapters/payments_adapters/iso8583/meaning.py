"""What messages say, in the words of payments: amounts, cards, traces, outcomes, totals.

Every verb has its opposite, so that both ends of a line are made from one page: `write` and `read`, `answer` and
`read_answer`. No bytes, no sockets, no clock. Both versions of the standard are here; where they differ, a `Dialect`
says so.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import attrs

from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.kinds import (
    NETWORK_FUNCTIONS_1993,
    Kind,
    NetworkCode,
    answer_mti,
    kind_of,
)
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.responses import Outcome, Response, response_of


class Processing(StrEnum):
    """The first two digits of element 3."""

    PURCHASE = "00"
    CASH = "01"
    REFUND = "20"
    BALANCE = "31"
    ACCOUNT_VERIFICATION = "39"


class EntryMode(StrEnum):
    """How the card number came to the merchant: the first two digits of element 22."""

    UNKNOWN = "00"
    MANUAL = "01"
    CHIP = "05"
    CONTACTLESS = "07"
    ON_FILE = "10"
    ELECTRONIC_COMMERCE = "81"
    STRIPE = "90"


@attrs.frozen(kw_only=True)
class Card:
    """The card as the network must see it. Nothing of it appears in a repr."""

    pan: str = attrs.field(repr=False)
    expiry: str = attrs.field(default="", repr=False)
    """Year and month, `YYMM`."""
    sequence: str = attrs.field(default="", repr=False)
    track2: str = attrs.field(default="", repr=False)
    chip: str = attrs.field(default="", repr=False)
    """Element 55 in hexadecimal."""


@attrs.frozen(kw_only=True)
class Acceptor:
    """The merchant and the terminal, as the network knows them."""

    terminal_id: str
    merchant_id: str
    category: str = ""
    name: str = ""
    city: str = ""
    country: str = ""
    """Two letters."""


@attrs.frozen(kw_only=True)
class Trace:
    """What tells one message from all others: the audit number, the reference, the moment."""

    stan: int
    reference: str
    sent_at: datetime
    """In UTC."""

    @property
    def transmission(self) -> str:
        """Element 7."""
        return self.sent_at.strftime("%m%d%H%M%S")


@attrs.frozen(kw_only=True)
class Original:
    """Which message a reversal or completion is about."""

    mti: str
    stan: int
    sent_at: datetime
    acquirer: str = ""


@attrs.frozen(kw_only=True)
class CardRequest:
    """Ask, or tell, the issuer about money of one card."""

    kind: Kind
    amount: int
    """In the minor unit of *currency*."""
    currency: str
    """The numeric code of ISO 4217, as `978`."""
    card: Card
    acceptor: Acceptor
    trace: Trace
    processing: Processing = Processing.PURCHASE
    entry_mode: EntryMode = EntryMode.ELECTRONIC_COMMERCE
    acquirer: str = ""
    """The institution that acquires, element 32."""
    approval_code: str = ""
    original: Original | None = None
    replacement: int | None = None
    """In a partial reversal, what is to remain of the original amount."""


@attrs.frozen(kw_only=True)
class Answer:
    """What came back."""

    response: Response
    stan: int
    reference: str
    approval_code: str = ""
    amount: int | None = None
    """In a partial approval, what was approved."""

    @property
    def outcome(self) -> Outcome:
        """What was decided."""
        return self.response.outcome


@attrs.frozen(kw_only=True)
class Totals:
    """What one side believes to have happened since the last reconciliation. Amounts in minor units."""

    currency: str
    credits: int = 0
    credit_amount: int = 0
    credit_reversals: int = 0
    credit_reversal_amount: int = 0
    debits: int = 0
    debit_amount: int = 0
    debit_reversals: int = 0
    debit_reversal_amount: int = 0

    @property
    def net(self) -> int:
        """What the acquirer is owed: more than nothing is a credit."""
        earned = self.debit_amount - self.debit_reversal_amount
        return earned - (self.credit_amount - self.credit_reversal_amount)


TOTALS: Mapping[str, tuple[int, int]] = {  # name → element and digits
    "credits": (74, 10),
    "credit_reversals": (75, 10),
    "debits": (76, 10),
    "debit_reversals": (77, 10),
    "credit_amount": (86, 16),
    "credit_reversal_amount": (87, 16),
    "debit_amount": (88, 16),
    "debit_reversal_amount": (89, 16),
}


@attrs.frozen(kw_only=True, eq=False)
class Dialect:
    """How one version of the standard puts what both can say."""

    version: int
    category: int
    """The element of the merchant category."""
    network: int
    """The element of the network management code."""
    network_codes: Mapping[NetworkCode, str]
    original: int
    """The element of the original data elements."""
    accepted: Mapping[str, str]
    """The response code of success, by message class; "" for the rest."""

    def success(self, mti: str) -> str:
        """Return the response code that accepts a message of this type."""
        return self.accepted.get(mti[1:2], self.accepted[""])

    def network_code(self, message: Message) -> NetworkCode | None:
        """Return what a network management message is about, if we know its code."""
        said = message.get(self.network)
        return next((code for code, written in self.network_codes.items() if written == said), None)


DIALECT_1987 = Dialect(
    version=0,
    category=18,
    network=70,
    network_codes={code: code.value for code in NetworkCode},
    original=90,
    accepted={"": "00"},
)
DIALECT_1993 = Dialect(
    version=1,
    category=26,
    network=24,
    network_codes=NETWORK_FUNCTIONS_1993,
    original=56,
    accepted={"": "000", "4": "400", "5": "500", "8": "800"},
)
DIALECTS = {dialect.version: dialect for dialect in (DIALECT_1987, DIALECT_1993)}

FUNCTIONS_1993: Mapping[Kind, str] = {
    Kind.AUTHORIZATION: "100",
    Kind.AUTHORIZATION_ADVICE: "100",
    Kind.FINANCIAL: "200",
    Kind.FINANCIAL_ADVICE: "201",  # previously approved authorization
    Kind.REVERSAL: "400",
    Kind.REVERSAL_ADVICE: "400",
    Kind.RECONCILIATION: "500",
}
PARTIAL_REVERSAL_1993 = "401"

# What an answer repeats from its request. Never the card's secrets.
REPEATED = (3, 4, 7, 11, 12, 13, 24, 32, 33, 37, 41, 42, 49, 50, 56, 66, 70, 90)


def dialect_of(mti: str) -> Dialect:
    """Return the dialect of a message type, or refuse a version nobody speaks."""
    dialect = DIALECTS.get(int(mti[0])) if mti[:1] in ("0", "1") else None
    if dialect is None:
        raise MalformedMessage("mti", "neither 1987 nor 1993")
    return dialect


def write(request: CardRequest, dialect: Dialect = DIALECT_1987) -> Message:
    """Return the message that says *request*."""
    moment = request.trace.sent_at
    card, acceptor = request.card, request.acceptor
    fields = {
        2: card.pan,
        3: f"{request.processing}0000",
        4: f"{request.amount:012d}",
        12: moment.strftime("%y%m%d%H%M%S" if dialect.version else "%H%M%S"),
        13: "" if dialect.version else moment.strftime("%m%d"),
        14: card.expiry,
        22: _entry_mode(request.entry_mode, dialect),
        23: card.sequence,
        24: _function(request) if dialect.version else "",
        25: "" if dialect.version else "59" if request.entry_mode is EntryMode.ELECTRONIC_COMMERCE else "00",
        32: request.acquirer,
        35: card.track2,
        38: f"{request.approval_code:<6}" if request.approval_code else "",
        41: f"{acceptor.terminal_id:<8}",
        42: f"{acceptor.merchant_id:<15}",
        43: _name_and_location(acceptor),
        49: request.currency,
        55: card.chip,
        dialect.category: acceptor.category,
        dialect.original: _original(request.original, dialect) if request.original else "",
        **_replacement(request, dialect),
    }
    present = {number: value for number, value in fields.items() if value}
    return Message(request.kind.mti(dialect.version), {**_trace(request.trace), **present})


def read(message: Message, year: int) -> CardRequest:
    """Return what a request says; its moments are of *year*, which the wire does not carry."""
    dialect, kind = dialect_of(message.mti), kind_of(message.mti)
    if kind is None or kind in (Kind.NETWORK, Kind.RECONCILIATION):
        raise MalformedMessage("mti", "not about a card")
    stated = message.get(dialect.original)
    return CardRequest(
        kind=kind,
        amount=_amount(message, dialect),
        currency=_required(message, 49),
        card=Card(
            pan=_required(message, 2),
            expiry=message.get(14),
            sequence=message.get(23),
            track2=message.get(35),
            chip=message.get(55),
        ),
        acceptor=_acceptor(message, dialect),
        trace=_read_trace(message, year),
        processing=_word(Processing, _required(message, 3)[:2], 3),
        entry_mode=_read_entry_mode(message, dialect),
        acquirer=message.get(32),
        approval_code=message.get(38).strip(),
        original=_read_original(stated, dialect, year) if stated else None,
        replacement=_read_replacement(message, dialect),
    )


def answer(
    request: Message, response: str | None = None, approval_code: str = "", amount: int | None = None
) -> Message:
    """Return the message that answers *request*; with success, where no *response* code is given."""
    dialect = dialect_of(request.mti)
    fields = {number: request[number] for number in REPEATED if number in request}
    fields[39] = response or dialect.success(request.mti)
    if approval_code:
        fields[38] = f"{approval_code:<6}"
    if amount is not None:
        # "57" is the original amount; the amount itself now says what was approved.
        fields[54] = f"0057{request.get(49, '000')}C{request.get(4, '0' * 12)}"
        fields[4] = f"{amount:012d}"
    return Message(answer_mti(request.mti), fields)


def read_answer(message: Message, responses: Mapping[str, Response]) -> Answer:
    """Return what an answer says."""
    response = response_of(_required(message, 39), responses)
    is_partial = response.outcome is Outcome.PARTIALLY_APPROVED
    return Answer(
        response=response,
        stan=_number(message, 11),
        reference=message.get(37).strip(),
        approval_code=message.get(38).strip(),
        amount=_number(message, 4) if is_partial else None,
    )


def network_message(code: NetworkCode, trace: Trace, dialect: Dialect = DIALECT_1987) -> Message:
    """Return the message that signs on or off, changes a key or asks whether anybody is there."""
    fields = {**_trace(trace), dialect.network: dialect.network_codes[code]}
    if dialect.version:
        fields[12] = trace.sent_at.strftime("%y%m%d%H%M%S")
    return Message(Kind.NETWORK.mti(dialect.version), fields)


def write_totals(totals: Totals, trace: Trace, dialect: Dialect = DIALECT_1987) -> Message:
    """Return the message that asks the other side to compare its totals with ours."""
    fields = {
        **_trace(trace),
        50: totals.currency,
        97: f"{'C' if totals.net >= 0 else 'D'}{abs(totals.net):016d}",
        **{number: f"{getattr(totals, name):0{size}d}" for name, (number, size) in TOTALS.items()},
    }
    if dialect.version:
        fields |= {12: trace.sent_at.strftime("%y%m%d%H%M%S"), 24: FUNCTIONS_1993[Kind.RECONCILIATION]}
    return Message(Kind.RECONCILIATION.mti(dialect.version), fields)


def read_totals(message: Message) -> Totals:
    """Return the totals that a message states."""
    numbers = {name: _number(message, number) for name, (number, _) in TOTALS.items()}
    totals = Totals(currency=_required(message, 50), **numbers)
    stated = _required(message, 97)
    if stated[:1] not in ("C", "D") or not (stated.isascii() and stated[1:].isdigit()):
        raise MalformedMessage("de97", "no signed amount")
    if (int(stated[1:]) if stated[:1] == "C" else -int(stated[1:])) != totals.net:
        raise MalformedMessage("de97", "the net amount is not the sum of the others")
    return totals


def _trace(trace: Trace) -> dict[int, str]:
    return {7: trace.transmission, 11: f"{trace.stan:06d}", 37: f"{trace.reference:<12}"}


def _read_trace(message: Message, year: int) -> Trace:
    return Trace(
        stan=_number(message, 11),
        reference=message.get(37).strip(),
        sent_at=_moment(f"{year:04d}{_required(message, 7)}", "de7"),
    )


def _moment(text: str, path: str) -> datetime:
    try:
        return datetime.strptime(f"{text}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise MalformedMessage(path, "no date and time") from None


def _function(request: CardRequest) -> str:
    return FUNCTIONS_1993[request.kind] if request.replacement is None else PARTIAL_REVERSAL_1993


def _entry_mode(mode: EntryMode, dialect: Dialect) -> str:
    if not dialect.version:
        return f"{mode}0"
    # The standard's twelve capabilities boil down to one of ours: how the card number came in, at place seven.
    return f"000000{ENTRY_1993[mode]}00000"


ENTRY_1993: Mapping[EntryMode, str] = {
    EntryMode.UNKNOWN: "0",
    EntryMode.MANUAL: "1",
    EntryMode.STRIPE: "2",
    EntryMode.CHIP: "5",
    EntryMode.ON_FILE: "7",
    EntryMode.CONTACTLESS: "8",
    EntryMode.ELECTRONIC_COMMERCE: "9",
}


def _read_entry_mode(message: Message, dialect: Dialect) -> EntryMode:
    text = message.get(22)
    if not dialect.version:
        return EntryMode(text[:2]) if text[:2] in list(EntryMode) else EntryMode.UNKNOWN
    return next((mode for mode, code in ENTRY_1993.items() if text[6:7] == code), EntryMode.UNKNOWN)


def _name_and_location(acceptor: Acceptor) -> str:
    if not acceptor.name:
        return ""
    name, city = plain(acceptor.name), plain(acceptor.city)
    return f"{name[:25]:<25}{city[:13]:<13}{acceptor.country[:2]:<2}"


def plain(text: str) -> str:
    """Return *text* in the printable ASCII that a network carries: accents fall off, the rest becomes a dot."""
    bare = (c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "." for c in bare)


def _acceptor(message: Message, dialect: Dialect) -> Acceptor:
    place = message.get(43)
    return Acceptor(
        terminal_id=message.get(41).rstrip(),
        merchant_id=message.get(42).rstrip(),
        category=message.get(dialect.category),
        name=place[:25].rstrip(),
        city=place[25:38].rstrip(),
        country=place[38:40].rstrip(),
    )


def _original(original: Original, dialect: Dialect) -> str:
    head = f"{original.mti}{original.stan:06d}"
    if dialect.version:
        acquirer = f"{len(original.acquirer):02d}{original.acquirer}" if original.acquirer else ""
        return f"{head}{original.sent_at:%y%m%d%H%M%S}{acquirer}"
    return f"{head}{original.sent_at:%m%d%H%M%S}{original.acquirer:0>11}{'0' * 11}"


def _read_original(text: str, dialect: Dialect, year: int) -> Original:
    path = f"de{dialect.original}"
    if len(text) < 22 or not (text.isascii() and text.isdigit()):
        raise MalformedMessage(path, "no original data elements")
    if dialect.version:
        moment, acquirer = _moment(f"20{text[10:22]}", path), text[24:]
    else:
        moment, acquirer = _moment(f"{year:04d}{text[10:20]}", path), text[20:31].lstrip("0")
    return Original(mti=text[:4], stan=int(text[4:10]), sent_at=moment, acquirer=acquirer)


def _replacement(request: CardRequest, dialect: Dialect) -> dict[int, str]:
    if request.replacement is None:
        return {}
    if dialect.version:  # here the amount is what remains, and the original one stands beside it
        return {4: f"{request.replacement:012d}", 30: f"{request.amount:012d}{'0' * 12}"}
    return {95: f"{request.replacement:012d}{'0' * 30}"}


def _amount(message: Message, dialect: Dialect) -> int:
    is_partial_reversal = dialect.version and message.get(24) == PARTIAL_REVERSAL_1993
    first = message.get(30)[:12]
    return int(first) if is_partial_reversal and first.isdigit() else _number(message, 4)


def _read_replacement(message: Message, dialect: Dialect) -> int | None:
    if dialect.version:
        return _number(message, 4) if message.get(24) == PARTIAL_REVERSAL_1993 else None
    return int(message[95][:12]) if message.get(95)[:12].isdigit() else None


def _word(words: type[Processing], text: str, number: int) -> Processing:
    try:
        return words(text)
    except ValueError:
        raise MalformedMessage(f"de{number}", "a code we do not know") from None


def _required(message: Message, number: int) -> str:
    value = message.get(number)
    if not value:
        raise MalformedMessage(f"de{number}", "missing")
    return value


def _number(message: Message, number: int) -> int:
    text = _required(message, number)
    if not text.isascii() or not text.isdigit():
        raise MalformedMessage(f"de{number}", "not digits")
    return int(text)
