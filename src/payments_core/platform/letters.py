"""Letters: e-mails as they are written, and what becomes of handing them over. When they are sent is the mails' affair."""

from enum import StrEnum

import attrs

from payments_core.clock import Timestamp


@attrs.frozen(kw_only=True)
class Letter:
    """An e-mail as it is written: the same words as plain text and as HTML."""

    message_id: str
    """The same for every try, so that a mailbox that gets it twice can tell."""
    sender_name: str
    sender: str
    recipient: str
    reply_to: str | None = None
    subject: str
    text: str
    html: str
    date: Timestamp


class Handover(StrEnum):
    """What became of a letter."""

    TAKEN = "taken"
    LATER = "later"
    REFUSED = "refused"


@attrs.frozen(kw_only=True)
class Mailed:
    """How handing a letter over ended, and what was said."""

    handover: Handover
    error: str | None = None
