"""Letters: how the e-mails read, as plain text and as HTML, from what is true when they are sent. They are sent by `mailing`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Final

import attrs

from payments_core.billing.customers import Customer
from payments_core.billing.invoices import PAYABLE, Invoice
from payments_core.clock import Timestamp
from payments_core.money.amounts import display
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge
from payments_core.platform.letters import Letter
from payments_core.platform.mails import Mail, MailKind

SENDER_DEFAULT: Final = "billing@localhost"
Rows = Sequence[tuple[str, str]]


@attrs.frozen(kw_only=True)
class Words:
    """What a letter says, before it is set as text or HTML."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: Rows = ()
    link: tuple[str, str] | None = None
    """What a button says, and where it leads."""
    footer: tuple[str, ...] = ()


async def letter_of(work: Work, mail: Mail) -> Letter | str:
    """The letter, or why there is nothing to tell any more."""
    words = await _words(work, mail)
    if isinstance(words, str):
        return words
    sender = work.ports.settings.get("mail_from") or SENDER_DEFAULT
    return Letter(
        message_id=f"<{mail.id}@{sender.rpartition('@')[2]}>",
        sender_name=merchant_of(work),
        sender=sender,
        recipient=mail.recipient,
        reply_to=work.account.email,
        subject=words.subject,
        text=as_text(words),
        html=as_html(words),
        date=mail.created,
    )


def merchant_of(work: Work) -> str:
    """The name that customers know."""
    return work.account.settings.get("branding.name") or work.account.name


async def _words(work: Work, mail: Mail) -> Words | str:
    if mail.kind is MailKind.CHARGE_RECEIPT:
        charge = await work.find(Charge, mail.about)
        return "the charge is gone" if charge is None else _charge_receipt(work, charge)
    invoice = await work.find(Invoice, mail.about)
    if invoice is None:
        return "the invoice is gone"
    customer = await work.find(Customer, invoice.customer) if invoice.customer else None
    locale = _locale_of(customer)
    if mail.kind is MailKind.INVOICE_RECEIPT:
        return _invoice_receipt(work, invoice, locale)
    if mail.kind is MailKind.REMINDER and invoice.status not in PAYABLE:
        return f"the invoice is {invoice.status}"
    return _invoice(work, invoice, locale, reminds=mail.kind is MailKind.REMINDER)


def _locale_of(customer: Customer | None) -> str:
    """How the customer writes amounts."""
    told = customer.preferred_locales[0] if customer and customer.preferred_locales else "en"
    locale = told.replace("-", "_")
    try:
        display(0, "usd", locale)
    except Exception:  # noqa: BLE001 - whatever a customer's locale is wrong with, the letter is sent
        return "en"
    return locale


def _invoice(work: Work, invoice: Invoice, locale: str, *, reminds: bool) -> Words:
    merchant, number = merchant_of(work), invoice.number or invoice.id
    left = display(invoice.amount_remaining, invoice.currency, locale)
    greeting = f"Hello {invoice.billed_to.name}," if invoice.billed_to.name else "Hello,"
    due = f" by {day(invoice.due_date)}" if invoice.due_date else ""
    if reminds:
        subject = f"Reminder: invoice {number} from {merchant} is overdue"
        told = f"{left} for invoice {number} was due {day(invoice.due_date or work.now)}. If you have paid in the meantime, thank you."
    elif invoice.amount_remaining > 0:
        subject = f"Invoice {number} from {merchant}"
        told = f"Here is your invoice {number} from {merchant}. Please pay {left}{due}."
    else:
        subject = f"Invoice {number} from {merchant}"
        told = f"Here is your invoice {number} from {merchant}. Nothing is left to pay."
    notes = (invoice.description,) if invoice.description else ()
    says = "View and pay invoice" if invoice.amount_remaining > 0 else "View invoice"
    return Words(
        subject=subject,
        heading=f"{left} due" if invoice.amount_remaining > 0 else "Paid",
        paragraphs=(greeting, told, *notes),
        rows=(
            *_lines(invoice, locale),
            ("Total", _show(invoice, invoice.total, locale)),
            ("Amount due", left),
        ),
        link=(says, invoice.hosted_url) if invoice.hosted_url else None,
        footer=_footer(work, invoice),
    )


def _invoice_receipt(work: Work, invoice: Invoice, locale: str) -> Words:
    merchant, number = merchant_of(work), invoice.number or invoice.id
    paid = _show(invoice, invoice.amount_paid, locale)
    return Words(
        subject=f"Your receipt from {merchant} for invoice {number}",
        heading=f"{paid} paid",
        paragraphs=(f"Thank you. {merchant} has received your payment for invoice {number}.",),
        rows=(
            *_lines(invoice, locale),
            ("Total", _show(invoice, invoice.total, locale)),
            ("Amount paid", paid),
            ("Date paid", day(invoice.times.paid_at or work.now)),
        ),
        link=("View invoice and receipt", invoice.hosted_url) if invoice.hosted_url else None,
        footer=_footer(work, invoice),
    )


def _charge_receipt(work: Work, charge: Charge) -> Words:
    merchant = merchant_of(work)
    paid = display(charge.amount_captured, charge.currency)
    rows = [("Amount paid", paid), ("Date paid", day(charge.created))]
    rows.append(("Paid with", f"{charge.paid_with.brand.title()} ending in {charge.paid_with.last4}"))
    if charge.amount_refunded:
        rows.append(("Refunded", display(charge.amount_refunded, charge.currency)))
    notes = (charge.description,) if charge.description else ()
    return Words(
        subject=f"Your receipt from {merchant}",
        heading=f"{paid} paid",
        paragraphs=(f"Thank you for your payment to {merchant}.", *notes),
        rows=tuple(rows),
        footer=_contact(work),
    )


LINES_SHOWN: Final = 20


def _lines(invoice: Invoice, locale: str) -> Rows:
    shown = [
        (line.item.description or "Item", _show(invoice, line.item.amount, locale))
        for line in invoice.lines[:LINES_SHOWN]
    ]
    more = len(invoice.lines) - LINES_SHOWN
    return (*shown, (f"and {more} more", "")) if more > 0 else tuple(shown)


def _show(invoice: Invoice, amount: int, locale: str) -> str:
    return display(amount, invoice.currency, locale)


def _footer(work: Work, invoice: Invoice) -> tuple[str, ...]:
    return (*((invoice.footer,) if invoice.footer else ()), *_contact(work))


def _contact(work: Work) -> tuple[str, ...]:
    email = work.account.email
    return (f"Questions? Write to {email}.",) if email else ()


def day(moment: Timestamp) -> str:
    """A date as letters say it."""
    date = datetime.fromtimestamp(moment, UTC)
    return f"{date.day} {date:%B %Y}"


def as_text(words: Words) -> str:
    """The letter for whoever reads plain text."""
    width = max((len(name) for name, _ in words.rows), default=0)
    width = min(width, 48)
    rows = "\n".join(f"{name:<{width}}  {value}" for name, value in words.rows)
    link = f"{words.link[0]}:\n{words.link[1]}" if words.link else ""
    foot = "\n".join(words.footer)
    parts = [*words.paragraphs, rows, link, f"-- \n{foot}" if foot else ""]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_html(words: Words) -> str:
    """The letter for whoever reads HTML: styles on the elements, nothing loaded from anywhere."""
    rows = "".join(
        f'<tr><td style="padding:8px 16px 8px 0;border-top:1px solid #e3e8ee">{_html(name)}</td>'
        f'<td style="padding:8px 0;border-top:1px solid #e3e8ee;text-align:right;white-space:nowrap">{_html(value)}</td></tr>'
        for name, value in words.rows
    )
    link = ""
    if words.link:
        says, url = words.link
        link = (
            f'<p style="margin:24px 0"><a href="{_html(url)}" style="background:#0a5cd6;color:#ffffff;padding:12px 20px;'
            f'border-radius:6px;text-decoration:none;font-weight:600;display:inline-block">{_html(says)}</a></p>'
        )
    paragraphs = "".join(f'<p style="margin:0 0 12px">{_html(text)}</p>' for text in words.paragraphs)
    footer = "".join(
        f'<p style="margin:4px 0;color:#5b6675;font-size:13px">{_html(text)}</p>' for text in words.footer
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_html(words.subject)}</title></head>"
        '<body style="margin:0;padding:24px;background:#f4f6f8;color:#1a1f36;font:16px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">'
        '<div style="max-width:560px;margin:0 auto;background:#ffffff;border-radius:8px;padding:32px">'
        f'<h1 style="font-size:26px;margin:0 0 16px">{_html(words.heading)}</h1>{paragraphs}'
        f'<table role="presentation" style="width:100%;border-collapse:collapse;margin:16px 0">{rows}</table>{link}{footer}'
        "</div></body></html>"
    )


def _html(text: str) -> str:
    return escape(text, quote=True)
