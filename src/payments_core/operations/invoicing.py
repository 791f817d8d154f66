"""Invoicing: make bills, finalize them, take them back. Used by invoices, subscriptions and jobs; `invoice_paying` gets the money.

Functions here decide and stage; none commits and none sends.
"""

from typing import Final

import attrs

from payments_core.billing.customer_balance import MovementType
from payments_core.billing.customers import Customer
from payments_core.billing.discounts import Discount
from payments_core.billing.invoices import (
    BilledTo,
    Collection,
    Invoice,
    InvoiceId,
    after_balance,
)
from payments_core.billing.lines import Item, Line, LineId, Period
from payments_core.billing.numbering import SEQUENCE_ID, NumberSequence, is_account_wide, number, prefix_of
from payments_core.clock import HOUR, Timestamp
from payments_core.errors import AmountRefused, InvalidRequest
from payments_core.money.currencies import CurrencyCode, minimum_charge
from payments_core.operations.cards import live_customer
from payments_core.operations.customer_balance import Movement, billed_in, move
from payments_core.operations.discounting import inherited, without_used_up
from payments_core.operations.invoice_pages import page_url
from payments_core.operations.invoice_paying import announce_paid, expect_payment, withdraw
from payments_core.operations.work import Work

FINALIZES_AFTER_S: Final = HOUR
"""How long a draft that advances by itself can still be edited."""


@attrs.frozen(kw_only=True)
class Terms:
    """How a new invoice will be collected."""

    collection_method: Collection = Collection.CHARGE_AUTOMATICALLY
    auto_advance: bool = False
    billing_reason: str = "manual"
    days_until_due: int | None = None
    due_date: Timestamp | None = None
    period: Period | None = None
    discounts: tuple[Discount, ...] | None = None
    """None takes the customer's own discount."""
    subscription: str | None = None


def new_invoice(work: Work, customer: Customer | None, currency: CurrencyCode, terms: Terms) -> Invoice:
    """A draft without lines. Stages only that the customer is billed in this currency from now on; put the draft with `keep`."""
    if customer is not None and customer.currency is None:
        customer = billed_in(customer, currency)
        work.put(customer)
    elif customer is not None:
        billed_in(customer, currency)
    finalizes = Timestamp(work.now + FINALIZES_AFTER_S) if terms.auto_advance else None
    discounts = inherited(customer, currency, work.now) if terms.discounts is None else terms.discounts
    return Invoice(
        account_id=work.account_id,
        id=InvoiceId(work.new_id("in")),
        created=work.now,
        currency=currency,
        period=terms.period or Period(start=work.now, end=work.now),
        customer=customer.id if customer else None,
        billed_to=billed_to(customer),
        account_name=work.account.name,
        account_country=work.account.country,
        collection_method=terms.collection_method,
        auto_advance=terms.auto_advance,
        automatically_finalizes_at=finalizes,
        billing_reason=terms.billing_reason,
        days_until_due=terms.days_until_due,
        due_date=terms.due_date,
        discounts=discounts,
        footer=customer.invoice_settings.footer if customer else None,
        custom_fields=customer.invoice_settings.custom_fields if customer else (),
        starting_balance=customer.balance if customer else 0,
        subscription=terms.subscription,
        test_clock=customer.test_clock if customer else None,
    )


def billed_to(customer: Customer | None) -> BilledTo:
    """The customer as an invoice shows them."""
    if customer is None:
        return BilledTo()
    return BilledTo(
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        address=customer.address,
        shipping=customer.shipping,
        tax_exempt=customer.tax_exempt,
    )


def line_of(work: Work, invoice: Invoice, item: Item, invoice_item: str | None = None) -> Line:
    """A new line; its discounts and taxes are computed when it is put on the invoice."""
    return Line(
        account_id=work.account_id,
        id=LineId(work.new_id("il")),
        invoice=invoice.id,
        item=item,
        invoice_item=invoice_item,
    )


def keep(work: Work, invoice: Invoice) -> Invoice:
    """Stage the invoice, due for the jobs when it has to be."""
    invoice = invoice.planned()
    work.put(invoice)
    return invoice


async def finalize(work: Work, invoice: Invoice) -> Invoice:
    """Stage the bill: numbered, the customer's balance applied, and paid at once where nothing is left to pay."""
    invoice.refuse_edit()
    if not invoice.lines:
        raise InvalidRequest(
            "Nothing to invoice: the invoice has no lines.", code="invoice_no_customer_line_items"
        )
    customer = await live_customer(work, invoice.customer) if invoice.customer else None
    if customer is not None:
        invoice = attrs.evolve(invoice, billed_to=billed_to(customer)).repriced()
    starting, ending = _balances(invoice, customer)
    printed, customer = await _take_number(work, invoice, customer)
    if customer is not None:
        customer = without_used_up(work, customer, invoice)
        work.put(customer)
        if ending != starting:
            customer = _use_balance(work, customer, invoice, starting, ending)
    invoice = invoice.finalized(printed, work.now, starting=starting, ending=ending)
    invoice = attrs.evolve(invoice, hosted_url=page_url(work, invoice))
    if invoice.amount_remaining:
        invoice = expect_payment(work, invoice)
    work.announce("invoice.finalized", invoice)
    if invoice.amount_remaining == 0:
        invoice = invoice.paid(0, work.now)
        await announce_paid(work, invoice)
    work.put(invoice)
    return invoice


def _balances(invoice: Invoice, customer: Customer | None) -> tuple[int, int]:
    """The customer's balance before and after."""
    if customer is not None and customer.currency in (None, invoice.currency):
        minimum = minimum_charge(invoice.currency)
        return customer.balance, after_balance(invoice.total, customer.balance, minimum)
    if invoice.total < 0:
        raise AmountRefused("A bill to nobody in particular cannot be negative.", param="lines")
    return 0, 0


async def _take_number(
    work: Work, invoice: Invoice, customer: Customer | None
) -> tuple[str | None, Customer | None]:
    """The next number, taken in the same commit that uses it: no two alike, and no gaps."""
    if invoice.number is not None:
        return None, customer
    if customer is None or is_account_wide(work.account):
        sequence = await work.find(NumberSequence, SEQUENCE_ID) or NumberSequence(account_id=work.account_id)
        work.put(sequence.taken())
        return number(prefix_of(work.account), sequence.next), customer
    count = customer.next_invoice_sequence
    prefix = customer.invoice_prefix or customer.id[-8:].upper()
    return number(prefix, count), attrs.evolve(customer, next_invoice_sequence=count + 1)


def _use_balance(work: Work, customer: Customer, invoice: Invoice, starting: int, ending: int) -> Customer:
    left = invoice.total + starting
    kind = MovementType.INVOICE_TOO_SMALL if left > 0 and ending else MovementType.APPLIED_TO_INVOICE
    movement = Movement(amount=ending - starting, currency=invoice.currency, type=kind, invoice=invoice.id)
    customer, _ = move(work, customer, movement)
    work.announce("customer.updated", customer)
    return customer


async def void(work: Work, invoice: Invoice) -> Invoice:
    """Stage that the bill was a mistake; credit that it used is the customer's again."""
    voided = invoice.voided(work.now)
    await withdraw(work, invoice, "void_invoice")
    invoice = voided
    moved = 0 if invoice.ending_balance is None else invoice.starting_balance - invoice.ending_balance
    if moved and invoice.customer is not None:
        customer = await work.get(Customer, invoice.customer)
        movement = Movement(
            amount=moved,
            currency=invoice.currency,
            type=MovementType.UNAPPLIED_FROM_INVOICE,
            invoice=invoice.id,
        )
        customer, _ = move(work, customer, movement)
        work.announce("customer.updated", customer)
    work.put(invoice)
    work.announce("invoice.updated", invoice)
    work.announce("invoice.voided", invoice)
    return invoice
