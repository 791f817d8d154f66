"""A connector library for card networks that speak ISO 8583, from the bytes up to the words of payments.

From the wire upwards, each file knowing only those before it:

    fields → specification → codec      elements as data, their encodings, bytes to `Message` and back
    tlv, profiles, responses            chip data; what one network has of its own; what a decline means
    framing, mac, keys                  where a message ends, and who sent it
    kinds → meaning                     amounts, cards, traces, outcomes to messages and back
    link → pending → session            one line with many requests under way
    host                                the other end, for tests and simulation

`docs/iso8583.md` shows how they are used together. It needs the extra `iso8583`.
"""

from payments_adapters.iso8583.codec import Codec, compile_codec
from payments_adapters.iso8583.errors import FrameRefused, Iso8583Error, MalformedMessage, NotSent
from payments_adapters.iso8583.framing import FrameReader, Framing
from payments_adapters.iso8583.host import Fate, Host, Misbehaviour
from payments_adapters.iso8583.keys import AesExchange, TripleDesExchange
from payments_adapters.iso8583.kinds import Kind, NetworkCode
from payments_adapters.iso8583.mac import AesCmac, Mac, RetailMac
from payments_adapters.iso8583.meaning import (
    Acceptor,
    Answer,
    Card,
    CardRequest,
    EntryMode,
    Original,
    Processing,
    Totals,
    Trace,
    answer,
    read,
    read_answer,
    read_totals,
    write,
    write_totals,
)
from payments_adapters.iso8583.message import Message, describe
from payments_adapters.iso8583.notices import Happening, Notice, Silence, SilenceReason
from payments_adapters.iso8583.profiles import NetworkProfile, Place, Subelements
from payments_adapters.iso8583.responses import Advice, Outcome, Response, response_of
from payments_adapters.iso8583.session import Endpoint, Session, Timings
from payments_adapters.iso8583.specification import Encoding, Specification
from payments_adapters.iso8583.tlv import pack_tlv, unpack_tlv
from payments_adapters.iso8583.traces import TraceCounter

__all__ = [
    "Acceptor",
    "Advice",
    "AesCmac",
    "AesExchange",
    "Answer",
    "Card",
    "CardRequest",
    "Codec",
    "Encoding",
    "Endpoint",
    "EntryMode",
    "Fate",
    "FrameReader",
    "FrameRefused",
    "Framing",
    "Happening",
    "Host",
    "Iso8583Error",
    "Kind",
    "Mac",
    "MalformedMessage",
    "Message",
    "Misbehaviour",
    "NetworkCode",
    "NetworkProfile",
    "NotSent",
    "Notice",
    "Original",
    "Outcome",
    "Place",
    "Processing",
    "Response",
    "RetailMac",
    "Session",
    "Silence",
    "SilenceReason",
    "Specification",
    "Subelements",
    "Timings",
    "Totals",
    "Trace",
    "TraceCounter",
    "TripleDesExchange",
    "answer",
    "compile_codec",
    "describe",
    "pack_tlv",
    "read",
    "read_answer",
    "read_totals",
    "response_of",
    "unpack_tlv",
    "write",
    "write_totals",
]
