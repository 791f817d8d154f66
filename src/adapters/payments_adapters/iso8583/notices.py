"""What can happen on a session besides an answer, by name, for whoever watches over it."""

from collections.abc import Callable
from enum import StrEnum

import attrs

from payments_adapters.iso8583.message import Message


class Happening(StrEnum):
    """One thing that a session tells its observer and counts."""

    CONNECTED = "connected"
    CONNECT_FAILED = "connect_failed"
    SIGNED_ON = "signed_on"
    SIGN_ON_REFUSED = "sign_on_refused"
    SIGNED_OFF = "signed_off"
    DISCONNECTED = "disconnected"
    FAILED_OVER = "failed_over"
    ECHO_MISSED = "echo_missed"
    KEY_CHANGED = "key_changed"
    KEY_REFUSED = "key_refused"
    ANSWERED = "answered"
    TIMED_OUT = "timed_out"
    LATE_ANSWER = "late_answer"
    """After we gave up. If it approves, somebody has to reverse it: the message is in the notice."""
    DUPLICATE_ANSWER = "duplicate_answer"
    UNMATCHED_ANSWER = "unmatched_answer"
    BROKEN_MAC = "broken_mac"
    """It is as if nothing had come: a forged answer must not end anybody's waiting."""
    MALFORMED = "malformed"
    HALF_WRITTEN = "half_written"
    """The connection ended inside a message."""
    REPEATED = "repeated"
    UNSOLICITED = "unsolicited"
    """A request from the host that a session has no answer to."""


@attrs.frozen(kw_only=True)
class Notice:
    """One happening. The message, where there is one, masks its card data."""

    happening: Happening
    endpoint: str
    message: Message | None = None
    detail: str = ""


Observer = Callable[[Notice], None]


class SilenceReason(StrEnum):
    """Why no answer came."""

    TIMED_OUT = "timed_out"
    CONNECTION_LOST = "connection_lost"


@attrs.frozen(kw_only=True)
class Silence:
    """No answer. Whether money moved is not known; the request may have been carried out."""

    request: Message
    reason: SilenceReason
