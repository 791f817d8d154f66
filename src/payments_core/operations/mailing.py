"""Mailing: queue what is to be told by e-mail, in the commit of what happened, and hand it over when its time has come.

Functions that are called `mail_…` decide and stage; none commits. `send_mails` is the worker's. How a mail reads is in `letters`.
"""

import logging
from typing import Final

from payments_core import clock
from payments_core.billing.invoices import Invoice
from payments_core.errors import Conflict, PaymentsError
from payments_core.operations.letters import letter_of
from payments_core.operations.onboarding import find_account
from payments_core.operations.work import Caller, Work
from payments_core.payments.charges import Charge, ChargeState
from payments_core.platform.accounts import Account
from payments_core.platform.letters import Handover, Mailed
from payments_core.platform.mails import MAIL, Mail, MailEvent, MailId, MailKind
from payments_core.ports import Mailer, Ports

LOG: Final = logging.getLogger("payments.mail")
CHUNK: Final = 50
RECEIPTS: Final = "receipts.enabled"
"""The account's setting that lets receipts be mailed for everything that is paid."""


def sends_receipts(account: Account) -> bool:
    """Whether the merchant wants receipts to be mailed by themselves."""
    return account.settings.get(RECEIPTS, "").lower() in ("1", "true", "yes", "on")


def mail(work: Work, kind: MailKind, recipient: str | None, about: str) -> None:
    """Stage a mail; without anybody to send it to there is none."""
    if not recipient:
        return
    work.put(
        Mail(
            account_id=work.account_id,
            id=MailId(work.new_id("mail")),
            created=work.now,
            kind=kind,
            recipient=recipient,
            about=about,
            due_at=work.wall,
        )
    )


def mail_invoice(work: Work, invoice: Invoice) -> None:
    """Stage that the bill is sent to its customer."""
    mail(work, MailKind.INVOICE, invoice.billed_to.email, invoice.id)


def mail_reminder(work: Work, invoice: Invoice) -> None:
    """Stage that a customer who was sent the bill is reminded of it."""
    if invoice.sent_at is not None:
        mail(work, MailKind.REMINDER, invoice.billed_to.email, invoice.id)


def mail_invoice_receipt(work: Work, invoice: Invoice) -> None:
    """Stage the receipt of a paid bill: for whoever was sent the bill, and for all where the merchant wants that."""
    if invoice.amount_due > 0 and (invoice.sent_at is not None or sends_receipts(work.account)):
        mail(work, MailKind.INVOICE_RECEIPT, invoice.billed_to.email, invoice.id)


async def mail_charge_receipt(work: Work, charge: Charge) -> None:
    """Stage the receipt of a charge that names somebody to send it to. A follower: also called by recovery."""
    if charge.receipt_email is None or charge.invoice is not None:
        return
    if charge.status is ChargeState.SUCCEEDED and charge.captured and sends_receipts(work.account):
        mail(work, MailKind.CHARGE_RECEIPT, charge.receipt_email, charge.id)


async def send_mails(ports: Ports) -> int:
    """Hand over the mails whose time has come; return how many were tried."""
    if ports.mailer is None:
        return 0
    tried = 0
    for due in await ports.store.due(Mail, clock.now(ports.clock), CHUNK):
        try:
            tried += await _send(ports, ports.mailer, due)
        except Conflict:
            continue  # another worker has it
        except PaymentsError:
            LOG.exception("mail %s of %s cannot be sent", due.id, due.account_id)
    return tried


async def _send(ports: Ports, mailer: Mailer, due: Mail) -> bool:
    work = Work(Caller(account=await find_account(ports, due.account_id)), ports)
    found = await work.get(Mail, due.id)
    if found.due_at is None or found.due_at > work.now or not MAIL.allows(found.state, MailEvent.CLAIM):
        return False
    claimed = found.claimed(work.now)
    work.put(claimed)
    # The claim is durable before anything is sent: of two workers one goes on, and a dead one's lease runs out.
    await work.commit()
    letter = await letter_of(work, claimed)
    if isinstance(letter, str):
        work.put(claimed.dropped(letter))
        await work.commit()
        return True
    mailed = await mailer.send(letter)
    work.put(_after(claimed, mailed, Work(work.caller, ports).now))
    await work.commit()
    return True


def _after(claimed: Mail, mailed: Mailed, now: clock.Timestamp) -> Mail:
    if mailed.handover is Handover.TAKEN:
        return claimed.accepted(now)
    why = (mailed.error or "no reason was given")[:500]
    LOG.warning("mail %s of %s was not taken: %s", claimed.id, claimed.account_id, why)
    return claimed.put_off(why, now) if mailed.handover is Handover.LATER else claimed.refused(why)
