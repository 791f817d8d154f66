"""What the gateway and a host say to each other: the core's requests and answers as messages, and back.

Both ends of a line are made from this page, as in `meaning.py`. What the standard has no element for stands in named private
places (element 48), so that a network that keeps them elsewhere is another profile and not other code.

How a message is found again, by whoever crashed: the retrieval reference (element 37) follows from the merchant's account and
the request's own reference, so nobody has to remember it; the references themselves travel in private places. A follow-up
carries its own reference and its original's.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode

import attrs
from moneyed import CURRENCIES

from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.kinds import Kind, kind_of
from payments_adapters.iso8583.meaning import (
    DIALECTS,
    Acceptor,
    Card,
    CardRequest,
    EntryMode,
    Original,
    Processing,
    Trace,
    answer,
    plain,
    read,
    read_answer,
    write,
)
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.profiles import PLACES, NetworkProfile, Place, Subelements
from payments_adapters.iso8583.responses import RESPONSES_1993, Outcome
from payments_core.money.currencies import exponent
from payments_core.payments.answers import Answer
from payments_core.payments.answers import Outcome as Said
from payments_core.payments.declines import explain
from payments_core.platform.accounts import AccountId
from payments_core.ports import AuthorizationRequest, FollowUp
from payments_core.tokenization.cards import Cvc, Expiry, Pan
from payments_core.tokenization.payment_methods import Address, Check

OURS: Final[Mapping[str, Place]] = {
    **PLACES,
    "function": Place(element=48, tag="24"),
    "authentication": Place(element=48, tag="45"),
    "account": Place(element=48, tag="60"),
    "reference": Place(element=48, tag="61"),
    "original": Place(element=48, tag="62"),
    "postal_code": Place(element=48, tag="80"),
    "address_line1": Place(element=48, tag="81"),
    "reason": Place(element=48, tag="84"),
    "facts": Place(element=48, tag="95"),
}
"""Where private values are, unless a network's own profile says otherwise."""

SUBELEMENTS: Final = {48: Subelements(length_digits=3)}

REFERENCE_LENGTH: Final = 12
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# What of a cardholder's authentication a network is told.
AUTHENTICATION: Final = (
    "result",
    "version",
    "transaction_id",
    "electronic_commerce_indicator",
    "cryptogram",
    "set_up",
)
LONGEST_ADDRESS: Final = 40
LONGEST_POSTAL_CODE: Final = 10
CHECKS: Final = {Check.PASS: "M", Check.FAIL: "N", Check.UNAVAILABLE: "U", Check.UNCHECKED: "P"}
NOT_GIVEN: Final = "-"
NOT_FOUND: Final = ("25", "914")
NOT_SUPPORTED: Final = ("40", "115")
ANY_DECLINE_1993: Final = "100"


class Verb(StrEnum):
    """What is asked, in the words of the core's port."""

    AUTHORIZE = "authorize"
    INCREMENT = "increment"
    REVERSE = "reverse"
    REFUND = "refund"
    INQUIRE = "inquire"


FUNCTIONS: Final = {Verb.INCREMENT: "104", Verb.INQUIRE: "108"}
"""Function codes as the version of 1993 has them, for what one message type is not enough to tell apart."""
KINDS: Final = {
    Verb.INCREMENT: Kind.AUTHORIZATION,
    Verb.INQUIRE: Kind.AUTHORIZATION,
    Verb.REVERSE: Kind.REVERSAL_ADVICE,
    Verb.REFUND: Kind.FINANCIAL,
}


@attrs.frozen(kw_only=True)
class Terms:
    """What a network knows this acquirer and its terminals by."""

    acquirer: str = ""
    terminal: str = "GATEWAY1"
    category: str = "5999"


def conversant(profile: NetworkProfile) -> NetworkProfile:
    """Give *profile* our private places."""
    return attrs.evolve(profile, places=OURS, subelements=SUBELEMENTS)


def retrieval_reference(account_id: str, reference: str) -> str:
    """Element 37 of the message with this *reference*: the same for the same message, without anybody's memory."""
    value = int.from_bytes(hashlib.sha256(f"{account_id} {reference}".encode()).digest(), "big")
    digits = []
    for _ in range(REFERENCE_LENGTH):
        value, digit = divmod(value, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


def write_authorization(
    request: AuthorizationRequest, trace: Trace, profile: NetworkProfile, terms: Terms
) -> Message:
    """Say that money, or for an amount of nothing only the card, is to be vouched for."""
    said = CardRequest(
        kind=Kind.AUTHORIZATION,
        amount=to_iso(request.amount, request.currency),
        currency=numeric(request.currency),
        card=Card(
            pan=request.pan.reveal(), expiry=f"{request.expiry.year % 100:02d}{request.expiry.month:02d}"
        ),
        acceptor=acceptor(request.account_id, terms, request.merchant),
        trace=attrs.evolve(trace, reference=retrieval_reference(request.account_id, request.reference)),
        processing=Processing.PURCHASE if request.amount else Processing.ACCOUNT_VERIFICATION,
        entry_mode=EntryMode.ON_FILE if request.off_session else EntryMode.ELECTRONIC_COMMERCE,
        acquirer=terms.acquirer,
    )
    known = {name: request.three_d_secure[name] for name in AUTHENTICATION if name in request.three_d_secure}
    private = {
        "account": request.account_id,
        "reference": request.reference,
        "cvc": request.cvc.reveal() if request.cvc else "",
        "postal_code": plain(request.address.postal_code or "")[:LONGEST_POSTAL_CODE],
        "address_line1": plain(request.address.line1 or "")[:LONGEST_ADDRESS],
        "authentication": urlencode(known),
    }
    return with_private(profile, write(said, DIALECTS[profile.specification.version]), private)


def write_follow_up(
    verb: Verb,
    message: FollowUp,
    trace: Trace,
    profile: NetworkProfile,
    terms: Terms,
    original: Trace | None = None,
) -> Message:
    """Say what is to become of an earlier message. *original* is its trace, where it is still known.

    The amount is what the message is about: the new total of an increment, what is let go by a reversal, what goes back.
    """
    kind, dialect = KINDS[verb], DIALECTS[profile.specification.version]
    said = CardRequest(
        kind=kind,
        amount=to_iso(message.amount, message.currency),
        currency=numeric(message.currency),
        card=Card(pan=""),
        acceptor=acceptor(message.account_id, terms),
        trace=attrs.evolve(trace, reference=retrieval_reference(message.account_id, message.original)),
        processing=Processing.REFUND if verb is Verb.REFUND else Processing.PURCHASE,
        acquirer=terms.acquirer,
        original=None if original is None else _original(original, dialect.version, terms),
    )
    private = {
        "account": message.account_id,
        "reference": message.reference,
        "original": message.original,
        "function": FUNCTIONS.get(verb, ""),
        "network_reference": message.network_reference or "",
    }
    return with_private(profile, write(said, dialect), private)


def read_said(
    message: Message, profile: NetworkProfile, year: int
) -> tuple[Verb, AuthorizationRequest | FollowUp]:
    """What a message asks, as the core would ask it."""
    private = profile.private(message)
    verb = _verb(message, private)
    account_id, reference = (
        AccountId(_needed(private, "account")),
        _needed(private, "reference"),
    )
    if verb is not Verb.AUTHORIZE:
        currency = currency_of(message.get(49))
        return verb, FollowUp(
            reference=reference,
            original=_needed(private, "original"),
            network_reference=private.get("network_reference"),
            account_id=account_id,
            amount=from_iso(digits(message, 4), currency),
            currency=currency,
        )
    said = read(message, year)
    pan, currency = Pan(said.card.pan), currency_of(said.currency)
    return verb, AuthorizationRequest(
        reference=reference,
        account_id=account_id,
        merchant=said.acceptor.name,
        amount=from_iso(said.amount, currency),
        currency=currency,
        pan=pan,
        expiry=_expiry(said.card.expiry),
        cvc=Cvc(private["cvc"]) if private.get("cvc") else None,
        address=Address(line1=private.get("address_line1"), postal_code=private.get("postal_code")),
        off_session=said.entry_mode is EntryMode.ON_FILE,
        three_d_secure=dict(parse_qsl(private.get("authentication", ""))),
    )


def write_reply(request: Message, said: Answer, profile: NetworkProfile) -> Message:
    """Say what an issuer of ours decided."""
    code = said.response_code or ("00" if said.approved else "05")
    if profile.specification.version:
        code = _code_of_1993(request, said, code)
    reply = answer(request, code, said.authorization_code or "")
    line1, postal = (_letter(said, f"address_{name}_check") for name in ("line1", "postal_code"))
    private = {
        "network_reference": said.network_reference or "",
        "reason": said.decline_code or "",
        "cvc_check": _letter(said, "cvc_check").strip(NOT_GIVEN),
        "address_check": "" if line1 == postal == NOT_GIVEN else line1 + postal,
        "facts": urlencode(said.traits),
    }
    return with_private(profile, reply, private)


def read_reply(reply: Message, profile: NetworkProfile) -> Answer:
    """What a host answered, in the core's words. Whoever gets a part of the money only must ask `is_partial` first."""
    heard, private = read_answer(reply, profile.responses), profile.private(reply)
    approved, reason = heard.response.is_approval, private.get("reason")
    return Answer(
        outcome=Said.APPROVED if approved else Said.DECLINED,
        response_code=_code_of_1987(heard.response.code),
        authorization_code=heard.approval_code or None,
        network_reference=private.get("network_reference") or heard.reference or None,
        decline_code=None if approved else reason or heard.response.decline_code,
        retry_elsewhere=explain(reason).soft if reason else heard.response.may_try_elsewhere,
        checks=_checks(private),
        traits=dict(parse_qsl(private.get("facts", ""))),
    )


def is_partial(reply: Message, profile: NetworkProfile) -> bool:
    """Whether less than what was asked for was promised."""
    return read_answer(reply, profile.responses).outcome is Outcome.PARTIALLY_APPROVED


def _verb(message: Message, private: Mapping[str, str]) -> Verb:
    functions = {code: verb for verb, code in FUNCTIONS.items()}
    match kind_of(message.mti):
        case Kind.AUTHORIZATION:
            return functions.get(private.get("function", ""), Verb.AUTHORIZE)
        case Kind.REVERSAL | Kind.REVERSAL_ADVICE:
            return Verb.REVERSE
        case Kind.FINANCIAL if message.get(3)[:2] == Processing.REFUND:
            return Verb.REFUND
        case _:
            raise MalformedMessage("mti", "not something that a gateway says")


def with_private(profile: NetworkProfile, message: Message, private: Mapping[str, str]) -> Message:
    """Put private values where the profile wants them; empty ones are left out."""
    return profile.with_private(message, {name: value for name, value in private.items() if value})


def acceptor(account_id: str, terms: Terms, name: str = "") -> Acceptor:
    """The merchant, by a number that follows from the account."""
    return Acceptor(
        terminal_id=terms.terminal,
        merchant_id=retrieval_reference("acceptor", account_id),
        category=terms.category,
        name=name,
    )


def _original(trace: Trace, version: int, terms: Terms) -> Original:
    mti = Kind.AUTHORIZATION.mti(version)
    return Original(mti=mti, stan=trace.stan, sent_at=trace.sent_at, acquirer=terms.acquirer)


def numeric(currency: str) -> str:
    """The numeric code of ISO 4217."""
    return str(CURRENCIES[currency.upper()].numeric)


_BY_NUMBER: Final = {str(known.numeric): code.lower() for code, known in CURRENCIES.items() if known.numeric}


def currency_of(number: str) -> str:
    """The opposite of `numeric`."""
    if number not in _BY_NUMBER:
        raise MalformedMessage("de49", "a currency we do not know")
    return _BY_NUMBER[number]


def _digits_more(currency: str) -> int:
    """How many decimals ISO 4217 has beyond what the API has: not none for the API's special cases."""
    return len(str(CURRENCIES[currency.upper()].sub_unit)) - 1 - exponent(currency)


def to_iso(amount: int, currency: str) -> int:
    """API units in the smallest unit that ISO 4217 knows, as element 4 wants them."""
    more = _digits_more(currency)
    whole, rest = divmod(amount * int(10 ** max(more, 0)), int(10 ** max(-more, 0)))
    if rest:
        raise MalformedMessage("de4", "a fraction of the smallest unit of this currency")
    return whole


def from_iso(amount: int, currency: str) -> int:
    """The opposite of `to_iso`."""
    more = _digits_more(currency)
    return amount * int(10 ** max(-more, 0)) // int(10 ** max(more, 0))


def _expiry(text: str) -> Expiry:
    if len(text) != 4 or not (text.isascii() and text.isdigit()) or not 1 <= int(text[2:]) <= 12:
        raise MalformedMessage("de14", "no year and month")
    return Expiry(month=int(text[2:]), year=2000 + int(text[:2]))


def digits(message: Message, number: int) -> int:
    """The number in an element."""
    text = message.get(number)
    if not (text.isascii() and text.isdigit()):
        raise MalformedMessage(f"de{number}", "not digits")
    return int(text)


def _needed(private: Mapping[str, str], name: str) -> str:
    if not private.get(name):
        raise MalformedMessage(name, "missing")
    return private[name]


def _letter(said: Answer, check: str) -> str:
    return CHECKS[said.checks[check]] if check in said.checks else NOT_GIVEN


def _checks(private: Mapping[str, str]) -> dict[str, Check]:
    words = {letter: check for check, letter in CHECKS.items()}
    address = f"{private.get('address_check', ''):{NOT_GIVEN}<2}"
    letters = {
        "cvc_check": private.get("cvc_check", NOT_GIVEN),
        "address_line1_check": address[0],
        "address_postal_code_check": address[1],
    }
    return {name: words[letter] for name, letter in letters.items() if letter in words}


def _code_of_1993(request: Message, said: Answer, code: str) -> str:
    if said.approved:
        return DIALECTS[1].success(request.mti)
    for ours, theirs in (NOT_FOUND, NOT_SUPPORTED):
        if code == ours:
            return theirs
    same = (known.code for known in RESPONSES_1993.values() if known.decline_code == said.decline_code)
    return next(same, ANY_DECLINE_1993)


def _code_of_1987(code: str) -> str:
    """The code, where the core goes by its meaning; every other one as the network said it."""
    return next((ours for ours, theirs in (NOT_FOUND, NOT_SUPPORTED) if code == theirs), code)
