"""SMTP: one conversation for each letter, with TLS and a password where the address says so."""

import ssl
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
import attrs

from payments_adapters.mail.composing import compose
from payments_core.platform.letters import Handover, Letter, Mailed

TIMEOUT_S = 30.0
PORTS = {"smtp": 25, "smtps": 465}


@attrs.frozen(kw_only=True)
class SmtpMailer:
    """Hands letters to a mail server."""

    host: str
    port: int
    user: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    tls: bool = False
    """TLS from the first byte; otherwise it is begun when the server offers it."""
    must_encrypt: bool = False
    context: ssl.SSLContext | None = attrs.field(default=None, repr=False)
    timeout_s: float = TIMEOUT_S

    @classmethod
    def of(cls, url: str, *, authorities: str | None = None) -> Self:
        """From `smtp://user:password@host:port` or `smtps://…`. Raises `ValueError` for anything else.

        A password is sent over an encrypted line only.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("smtp_url looks like smtp://host:25 or smtps://user:password@host.")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "smtps",
            must_encrypt=bool(parts.username),
            context=ssl.create_default_context(cafile=authorities) if authorities else None,
        )

    async def send(self, letter: Letter) -> Mailed:
        """Hand over once. Who cannot be reached, or says 4xx, is asked again later; 5xx is for good."""
        try:
            message = compose(letter)
        except (ValueError, IndexError) as mistake:
            return Mailed(handover=Handover.REFUSED, error=f"This cannot be sent: {mistake}")
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=self.tls,
                start_tls=False if self.tls else (True if self.must_encrypt else None),
                tls_context=self.context,
                timeout=self.timeout_s,
            )
        except aiosmtplib.SMTPAuthenticationError as refusal:
            # The operator's mistake, not the letter's: it waits until that is repaired.
            return Mailed(handover=Handover.LATER, error=str(refusal))
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            codes = [one.code for one in refusal.recipients]
            return Mailed(handover=_by_code(max(codes, default=0)), error=str(refusal))
        except aiosmtplib.SMTPResponseException as refusal:
            return Mailed(handover=_by_code(refusal.code), error=f"{refusal.code} {refusal.message}")
        except (aiosmtplib.SMTPException, OSError, ValueError) as trouble:
            return Mailed(handover=Handover.LATER, error=f"{type(trouble).__name__}: {trouble}")
        return Mailed(handover=Handover.TAKEN)


def _by_code(code: int) -> Handover:
    return Handover.REFUSED if 500 <= code < 600 else Handover.LATER
