"""Bills: what an invoice shows its customer, in the amounts and dates of the reader. No HTML, no PDF."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import attrs
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from payments_core.billing.invoices import PAYABLE, Invoice, InvoiceState
from payments_core.billing.lines import Line
from payments_core.billing.tax_rates import TaxRate
from payments_core.clock import Timestamp
from payments_core.money.amounts import display
from payments_core.payments.charges import Charge
from payments_core.platform.accounts import Account
from payments_core.tokenization.payment_methods import Address

PAID: Final = "Amount paid"
DUE: Final = "Amount due"
STATUSES: Final = {
    InvoiceState.DRAFT: "Draft",
    InvoiceState.OPEN: "Open",
    InvoiceState.PAID: "Paid",
    InvoiceState.UNCOLLECTIBLE: "Open",
    InvoiceState.VOID: "Void",
}


@attrs.frozen(kw_only=True)
class Row:
    """A line of the bill."""

    description: str
    details: str | None = None
    quantity: str
    unit: str
    tax: str
    amount: str


@attrs.frozen
class Sum:
    """A line below the rows. Strong ones are what the reader looks for."""

    name: str
    amount: str
    strong: bool = False


@attrs.frozen(kw_only=True)
class Bill:
    """A bill, or the receipt of one, as its reader sees it."""

    title: str
    merchant: str
    number: str
    status: str
    headline: str
    """What is due, or what was paid, and when."""
    facts: Sequence[tuple[str, str]]
    """Number, dates and the merchant's own fields."""
    sender: Sequence[str]
    recipient: Sequence[str]
    rows: Sequence[Row]
    sums: Sequence[Sum]
    notes: Sequence[str] = ()
    footer: str | None = None
    moment: Timestamp
    """When it was made."""
    paper: str = "A4"
    stamp: str | None = None
    """A word across a bill that counts no more."""


@attrs.frozen
class Writing:
    """How the reader writes amounts, numbers and dates."""

    locale: Locale
    currency: str

    def amount(self, units: int) -> str:
        """An amount with its currency."""
        return display(units, self.currency, str(self.locale))

    def day(self, moment: Timestamp) -> str:
        """A date in full."""
        return str(format_date(datetime.fromtimestamp(moment, UTC).date(), "long", self.locale))

    def number(self, value: object) -> str:
        """A quantity or a percentage, without zeros that say nothing."""
        return str(format_decimal(value, "#,##0.############", self.locale))  # type: ignore[arg-type]


def bill_of(invoice: Invoice, account: Account, locale: Locale, *, now: Timestamp) -> Bill:
    """The bill as it stands."""
    writing = Writing(locale, invoice.currency)
    return _bill(invoice, account, writing, title="Invoice", headline=_headline(invoice, writing, now))


def receipt_of(invoice: Invoice, account: Account, locale: Locale, charge: Charge | None) -> Bill:
    """The receipt of a paid bill; with the charge that paid it, what card it was."""
    writing = Writing(locale, invoice.currency)
    paid_at = invoice.times.paid_at or invoice.created
    headline = f"{writing.amount(invoice.amount_paid)} paid on {writing.day(paid_at)}"
    bill = _bill(invoice, account, writing, title="Receipt", headline=headline)
    facts = [*bill.facts, ("Date paid", writing.day(paid_at))]
    if charge is not None:
        facts.append(("Paid with", f"{charge.paid_with.brand.title()} ending in {charge.paid_with.last4}"))
    sums = [one for one in bill.sums if one.name not in (PAID, DUE)]
    sums.append(Sum(PAID, writing.amount(invoice.amount_paid), strong=True))
    return attrs.evolve(bill, facts=facts, sums=sums, moment=paid_at)


def _bill(invoice: Invoice, account: Account, writing: Writing, *, title: str, headline: str) -> Bill:
    billed = invoice.billed_to
    return Bill(
        title=title,
        merchant=account.settings.get("branding.name") or invoice.account_name or account.name,
        number=invoice.number or invoice.id,
        status=STATUSES[invoice.status],
        headline=headline,
        facts=_facts(invoice, writing),
        sender=_nonempty(account.settings.get("branding.address", ""), account.email),
        recipient=_nonempty(billed.name, *address_lines(billed.address, writing.locale), billed.email),
        rows=[_row(invoice, line, writing) for line in invoice.lines],
        sums=_sums(invoice, writing),
        notes=_nonempty(invoice.description),
        footer=invoice.footer,
        moment=invoice.times.finalized_at or invoice.created,
        paper="Letter" if account.country in ("US", "CA", "MX", "PH") else "A4",
        stamp="VOID" if invoice.status is InvoiceState.VOID else None,
    )


def _headline(invoice: Invoice, writing: Writing, now: Timestamp) -> str:
    if invoice.status is InvoiceState.PAID:
        return f"{writing.amount(invoice.amount_paid)} paid" if invoice.amount_paid else "Nothing to pay"
    if invoice.status not in PAYABLE:
        return writing.amount(invoice.amount_due)
    left = writing.amount(invoice.amount_remaining)
    if invoice.due_date is None:
        return f"{left} due"
    word = "was due" if invoice.due_date < now else "due"
    return f"{left} {word} {writing.day(invoice.due_date)}"


def _facts(invoice: Invoice, writing: Writing) -> list[tuple[str, str]]:
    facts = [
        ("Invoice number", invoice.number or invoice.id),
        ("Date of issue", writing.day(invoice.effective_at or invoice.created)),
    ]
    if invoice.due_date is not None:
        facts.append(("Date due", writing.day(invoice.due_date)))
    return [*facts, *invoice.custom_fields]


def address_lines(address: Address | None, locale: Locale) -> list[str]:
    """An address, line by line."""
    if address is None:
        return []
    town = " ".join(part for part in (address.postal_code, address.city) if part)
    town = ", ".join(part for part in (town, address.state) if part)
    country = locale.territories.get(address.country, address.country) if address.country else None
    return _nonempty(address.line1, address.line2, town, country)


def _row(invoice: Invoice, line: Line, writing: Writing) -> Row:
    item = line.item
    unit = item.amount if item.quantity == 1 else None
    if item.unit_amount is not None and item.unit_amount == int(item.unit_amount):
        unit = int(item.unit_amount)
    rates = _rates(invoice, [line])
    taxes = [rates[tax.rate].percentage for tax in line.taxes if tax.rate in rates]
    details = []
    if item.period.end > item.period.start:
        details.append(f"{writing.day(item.period.start)} – {writing.day(item.period.end)}")
    if line.own_discount:
        details.append(f"Discount {writing.amount(-line.own_discount)}")
    return Row(
        description=item.description or "Item",
        details=" · ".join(details) or None,
        quantity=writing.number(item.quantity),
        unit="" if unit is None else writing.amount(unit),
        tax=" + ".join(f"{writing.number(percentage)}%" for percentage in taxes),
        amount=writing.amount(item.amount),
    )


def _sums(invoice: Invoice, writing: Writing) -> list[Sum]:
    totals = invoice.totals
    sums = [Sum("Subtotal", writing.amount(totals.subtotal))]
    sums += _discounts(invoice, writing)
    if totals.taxes:
        sums.append(Sum("Total excluding tax", writing.amount(totals.total_excluding_tax)))
    sums += _taxes(invoice, writing)
    sums.append(Sum("Total", writing.amount(totals.total)))
    if invoice.ending_balance is not None and invoice.starting_balance != invoice.ending_balance:
        applied = invoice.starting_balance - invoice.ending_balance
        sums.append(Sum("Applied balance", writing.amount(applied)))
    if invoice.pre_payment_credit_notes:
        sums.append(Sum("Credit notes", writing.amount(-invoice.pre_payment_credit_notes)))
    if invoice.amount_paid:
        sums.append(Sum(PAID, writing.amount(-invoice.amount_paid)))
    if invoice.post_payment_credit_notes:
        sums.append(Sum("Credited after payment", writing.amount(-invoice.post_payment_credit_notes)))
    return [*sums, Sum(DUE, writing.amount(invoice.amount_remaining), strong=True)]


def _discounts(invoice: Invoice, writing: Writing) -> list[Sum]:
    """The invoice's own discounts, named; those of single lines stand beside their lines."""
    sums = []
    for discount in invoice.discounts:
        amount = sum(one.amount for one in invoice.totals.discounts if one.discount == discount.id)
        coupon = discount.coupon
        name = coupon.name or "Discount"
        if coupon.percent_off is not None:
            name = f"{name} ({writing.number(coupon.percent_off)}% off)"
        if amount:
            sums.append(Sum(name, writing.amount(-amount)))
    return sums


def _taxes(invoice: Invoice, writing: Writing) -> list[Sum]:
    known = _rates(invoice, invoice.lines)
    sums = []
    for tax in invoice.totals.taxes:
        rate = known.get(tax.rate)
        name = f"{rate.display_name} {writing.number(rate.percentage)}%" if rate else "Tax"
        base = writing.amount(tax.taxable_amount)
        sums.append(Sum(f"{name} {'in' if tax.inclusive else 'on'} {base}", writing.amount(tax.amount)))
    return sums


def _rates(invoice: Invoice, lines: Sequence[Line]) -> dict[str, TaxRate]:
    """The tax rates that lines are taxed by, by id."""
    rates = [*invoice.default_tax_rates]
    for line in lines:
        rates += [*line.item.tax_rates, *(given.rate for given in line.item.given_taxes)]
    return {rate.id: rate for rate in rates}


def _nonempty(*texts: str | None) -> list[str]:
    return [text for text in texts if text]
