"""The mailers, through the same door as anybody's."""

from collections.abc import Mapping
from pathlib import Path

from payments_adapters.mail.outbox import OutboxMailer
from payments_core.hookspecs import hookimpl
from payments_core.ports import Mailer


@hookimpl(trylast=True)
def payments_mailer(settings: Mapping[str, str]) -> Mailer | None:
    """SMTP where `smtp_url` is set (with `smtp_ca`, a PEM file), else files in the folder `outbox` under `data`."""
    url = settings.get("smtp_url")
    if url:
        try:
            from payments_adapters.mail.smtp import SmtpMailer
        except ModuleNotFoundError:
            raise ValueError("smtp_url is set: install payments-core[email].") from None
        return SmtpMailer.of(url, authorities=settings.get("smtp_ca"))
    data = settings.get("data")
    return OutboxMailer(Path(data) / "outbox") if data else None
