"""Composing: from a letter to an Internet message (RFC 5322), as plain text and as HTML."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from payments_core.platform.letters import Letter


def compose(letter: Letter) -> EmailMessage:
    """The message. Raises `ValueError` for addresses that are none."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(datetime.fromtimestamp(letter.date, UTC))
    message["From"] = Address(display_name=_line(letter.sender_name), addr_spec=letter.sender)
    message["To"] = Address(addr_spec=letter.recipient)
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message["Subject"] = _line(letter.subject)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _line(text: str) -> str:
    """Text as one line: a merchant's name cannot begin another header."""
    return " ".join(text.split())
