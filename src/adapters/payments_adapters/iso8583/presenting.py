"""Presentments on the line: each captured transaction as a financial advice, and what network and issuer say of it.

The opposite verbs of both ends stand together, as in `conversation.py`. A batch is many advices under way at once; an advice
may be said again, and its reference makes it the same one.
"""

from typing import Final
from urllib.parse import parse_qsl, urlencode

import attrs

from payments_adapters.iso8583.conversation import (
    Terms,
    acceptor,
    currency_of,
    digits,
    from_iso,
    numeric,
    retrieval_reference,
    to_iso,
    with_private,
)
from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.kinds import Kind
from payments_adapters.iso8583.meaning import DIALECTS, Card, CardRequest, Processing, Trace, answer, write
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.profiles import NetworkProfile
from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId
from payments_core.settlement.clearing import ClearingKind, ClearingRecord, ClearingResult

REFUSED: Final = {0: "05", 1: "100"}
"""The response code beside a reason that the codes have no word for."""


def write_presentment(record: ClearingRecord, trace: Trace, profile: NetworkProfile, terms: Terms) -> Message:
    """Say that a captured transaction is to be paid."""
    dialect = DIALECTS[profile.specification.version]
    said = CardRequest(
        kind=Kind.FINANCIAL_ADVICE,
        amount=to_iso(record.amount, record.currency),
        currency=numeric(record.currency),
        card=Card(pan=""),
        acceptor=acceptor(record.account_id, terms, record.merchant),
        trace=attrs.evolve(trace, reference=retrieval_reference(record.account_id, record.original)),
        processing=Processing.PURCHASE if record.kind is ClearingKind.SALE else Processing.REFUND,
        acquirer=terms.acquirer,
        approval_code=record.authorization_code,
    )
    facts = {
        "kind": record.kind.value,
        "bin": record.bin,
        "last4": record.last4,
        "captured": record.captured,
        "final": int(record.final),
    }
    private = {
        "account": record.account_id,
        "reference": record.reference,
        "original": record.original,
        "network_reference": record.network_reference,
        "facts": urlencode(facts),
    }
    return with_private(profile, write(said, dialect), private)


def read_presentment(message: Message, profile: NetworkProfile) -> ClearingRecord:
    """The captured transaction that a message presents."""
    private = profile.private(message)
    currency = currency_of(message.get(49))
    try:
        facts = dict(parse_qsl(private["facts"], strict_parsing=True))
        return ClearingRecord(
            reference=private["reference"],
            kind=ClearingKind(facts["kind"]),
            account_id=AccountId(private["account"]),
            merchant=message.get(43)[:25].rstrip(),
            original=private["original"],
            authorization_code=message.get(38).strip(),
            network_reference=private.get("network_reference", ""),
            bin=facts["bin"],
            last4=facts.get("last4", ""),
            amount=from_iso(digits(message, 4), currency),
            currency=currency,
            captured=Timestamp(int(facts["captured"])),
            final=facts["final"] == "1",
        )
    except (KeyError, ValueError):
        raise MalformedMessage("facts", "no presentment") from None


def write_result(request: Message, result: ClearingResult, profile: NetworkProfile) -> Message:
    """Say what is made of a presentment."""
    code = None if result.accepted else REFUSED[profile.specification.version]
    private = {
        "reason": result.reason or "",
        "facts": urlencode({"amount": result.amount, "repeated": int(result.repeated)}),
    }
    return with_private(profile, answer(request, code), private)


def read_result(reply: Message, record: ClearingRecord, profile: NetworkProfile) -> ClearingResult:
    """What was made of *record*. A refusal always has a reason; money is never assumed."""
    private = profile.private(reply)
    facts = dict(parse_qsl(private.get("facts", "")))
    accepted = profile.responses[reply[39]].is_approval if reply.get(39) in profile.responses else False
    amount = facts.get("amount", "")
    return ClearingResult(
        reference=record.reference,
        amount=int(amount) if amount.isascii() and amount.isdigit() else record.amount,
        reason=None if accepted else private.get("reason") or f"response_{reply.get(39)}",
        repeated=facts.get("repeated") == "1",
    )
