"""Crediting: what a credit note comes to, what of it lowers the bill, and where the rest goes. Decides and stages."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

import attrs

from payments_core.billing.credit_notes import CreditNote, CreditNoteId, CreditNoteLine, NoteRefund
from payments_core.billing.customer_balance import MovementType
from payments_core.billing.customers import Customer
from payments_core.billing.invoice_payments import InvoicePayment, PaymentState
from payments_core.billing.invoices import Invoice, InvoiceState
from payments_core.billing.lines import Item, Line, LineDiscount, LineTax, TaxReason
from payments_core.billing.tax_rates import TaxRate
from payments_core.billing.totals import Rules, TaxTotal, taxes_of
from payments_core.clock import Timestamp
from payments_core.errors import AmountRefused, InvalidRequest, ParamInvalid, ParamMissing
from payments_core.money.allocation import Rounding, rounded
from payments_core.operations.billing_params import at_most_one, unit_price
from payments_core.operations.customer_balance import Movement, move
from payments_core.operations.declaring import Ask
from payments_core.operations.invoice_lines import line_on
from payments_core.operations.invoice_paying import reprice
from payments_core.operations.refunding import request_refund
from payments_core.operations.subscription_following import note_paid
from payments_core.operations.tax_rates import rates_of
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund, RefundId
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Query

ISSUABLE = frozenset({InvoiceState.OPEN, InvoiceState.PAID, InvoiceState.UNCOLLECTIBLE})
"""States of invoices that can be lowered: drafts are edited instead, and void ones bill nothing."""


class TaxWish(Protocol):
    """A tax of a line, as the merchant has computed it."""

    @property
    def amount(self) -> int: ...
    @property
    def tax_rate(self) -> str: ...
    @property
    def taxable_amount(self) -> int: ...


class LineWish(Protocol):
    """A line of a credit note as it is asked for."""

    @property
    def type(self) -> str: ...
    @property
    def amount(self) -> int | None: ...
    @property
    def description(self) -> str | None: ...
    @property
    def invoice_line_item(self) -> str | None: ...
    @property
    def metadata(self) -> Mapping[str, str] | None: ...
    @property
    def quantity(self) -> int | None: ...
    @property
    def tax_amounts(self) -> Sequence[TaxWish] | str | None: ...
    @property
    def tax_rates(self) -> Sequence[str] | str | None: ...
    @property
    def unit_amount(self) -> int | None: ...
    @property
    def unit_amount_decimal(self) -> Decimal | None: ...


class RefundWish(Protocol):
    """A refund that was made already."""

    @property
    def amount_refunded(self) -> int | None: ...
    @property
    def refund(self) -> str | None: ...


@attrs.frozen(kw_only=True)
class NoteWish:
    """What an invoice is to be lowered by, and where that goes."""

    amount: int | None = None
    lines: Sequence[LineWish] | None = None
    credit_amount: int | None = None
    refund_amount: int | None = None
    out_of_band_amount: int | None = None
    refunds: Sequence[RefundWish] | None = None
    effective_at: Timestamp | None = None
    memo: str | None = None
    reason: str | None = None
    metadata: Mapping[str, str] | None = None


async def plan_note(work: Work, invoice: Invoice, wish: NoteWish) -> CreditNote:
    """The credit note, or a refusal. Stages nothing."""
    if invoice.status not in ISSUABLE:
        raise InvalidRequest(
            f"A credit note cannot be issued for an invoice that is {invoice.status}.",
            code="status_transition_invalid",
            param="invoice",
        )
    note_id = CreditNoteId(work.new_id("cn"))
    lines = await _lines(work, invoice, note_id, wish)
    total = sum(line.total for line in lines)
    credited = invoice.pre_payment_credit_notes + invoice.post_payment_credit_notes
    if total <= 0:
        raise AmountRefused("A credit note is of more than nothing.", code=None, param="amount")
    if total > invoice.total - credited:
        raise AmountRefused(
            "A credit note cannot be of more than what the invoice still comes to: "
            f"{invoice.total - credited} in minor units.",
            code=None,
            param="amount",
        )
    before = min(total, invoice.amount_remaining) if invoice.status is not InvoiceState.PAID else 0
    refunds = await _made_refunds(work, invoice, wish)
    _check_split(wish, total - before, refunds)
    taxes = _tax_totals(lines)
    return CreditNote(
        account_id=work.account_id,
        id=note_id,
        created=work.now,
        invoice=invoice.id,
        customer=invoice.customer,
        currency=invoice.currency,
        number=f"{invoice.number}-CN-{invoice.credit_notes + 1:02d}",
        lines=lines,
        subtotal=sum(line.amount for line in lines),
        discounts=_discount_totals(lines),
        taxes=taxes,
        total=total,
        total_excluding_tax=total - sum(tax.amount for tax in taxes),
        pre_payment_amount=before,
        post_payment_amount=total - before,
        credit_amount=wish.credit_amount or 0,
        refund_amount=wish.refund_amount or 0,
        out_of_band_amount=wish.out_of_band_amount,
        refunds=refunds,
        reason=wish.reason,
        memo=wish.memo or None,
        effective_at=wish.effective_at or work.now,
        metadata=merged(NOTHING, wish.metadata),
    )


def _check_split(wish: NoteWish, after_payment: int, refunds: Sequence[NoteRefund]) -> None:
    """All that was paid already must go somewhere, and nothing else can."""
    parts = [wish.credit_amount or 0, wish.refund_amount or 0, wish.out_of_band_amount or 0]
    if min(parts) < 0:
        raise AmountRefused("Amounts are not negative.", code="parameter_invalid_integer")
    given = sum(parts) + sum(refund.amount for refund in refunds)
    if given != after_payment:
        raise AmountRefused(
            "The sum of credit amount, refund amount and out of band amount must equal the part of the credit note "
            f"that was paid already: {after_payment}, not {given}.",
            code=None,
            param="refund_amount" if wish.refund_amount else "credit_amount",
        )


async def _made_refunds(work: Work, invoice: Invoice, wish: NoteWish) -> tuple[NoteRefund, ...]:
    """The refunds that were made already, of charges for this invoice."""
    found = []
    for one in wish.refunds or ():
        if one.refund is None:
            raise ParamMissing("refunds[refund]")
        refund = await work.get(Refund, one.refund, param="refunds[refund]")
        charge = await work.get(Charge, refund.charge)
        if charge.invoice != invoice.id:
            raise ParamInvalid("The refund is not of a payment of this invoice.", param="refunds[refund]")
        amount = refund.amount if one.amount_refunded is None else one.amount_refunded
        if not 0 < amount <= refund.amount:
            raise AmountRefused(
                "The refund is of less than that.", code=None, param="refunds[amount_refunded]"
            )
        found.append(NoteRefund(refund=refund.id, amount=amount))
    return tuple(found)


async def _lines(
    work: Work, invoice: Invoice, note_id: CreditNoteId, wish: NoteWish
) -> tuple[CreditNoteLine, ...]:
    at_most_one(wish, "amount", "lines")
    if wish.lines:
        return tuple([await _line(work, invoice, note_id, one) for one in wish.lines])
    if wish.amount is None:
        raise ParamMissing("amount", "Must pass amount or lines.")
    return (
        CreditNoteLine(
            account_id=work.account_id,
            id=work.new_id("cnli"),
            credit_note=note_id,
            amount=wish.amount,
            description=f"Credit for invoice {invoice.number}",
            quantity=1,
            unit_amount=Decimal(wish.amount),
        ),
    )


async def _line(work: Work, invoice: Invoice, note_id: CreditNoteId, wish: LineWish) -> CreditNoteLine:
    rates = await rates_of(work, wish.tax_rates or (), param="lines[tax_rates]") if wish.tax_rates else ()
    if wish.type == "invoice_line_item":
        if wish.invoice_line_item is None:
            raise ParamMissing("lines[invoice_line_item]")
        billed = line_on(invoice, wish.invoice_line_item, param="lines[invoice_line_item]")
        line = _part_of(work, note_id, billed, wish)
    else:
        line = _custom(work, note_id, wish)
        billed = None
    if wish.tax_amounts:
        line = attrs.evolve(line, taxes=await _given(work, wish.tax_amounts))
    elif rates:
        item = Item(amount=line.amount, currency=invoice.currency, period=invoice.period, tax_rates=rates)
        taxes = taxes_of(item, line.amount - line.discount, Rules(tax_exempt=invoice.billed_to.tax_exempt))
        line = attrs.evolve(line, taxes=taxes, tax_rates=rates)
    elif billed is not None:
        line = attrs.evolve(line, tax_rates=billed.item.tax_rates or invoice.default_tax_rates)
    return line


def _part_of(work: Work, note_id: CreditNoteId, billed: Line, wish: LineWish) -> CreditNoteLine:
    """A part of a line: its discounts and taxes are given back in the same proportion."""
    item = billed.item
    whole = item.amount
    if wish.amount is not None:
        part = Fraction(wish.amount, whole) if whole else Fraction(0)
    elif wish.quantity is not None:
        part = Fraction(wish.quantity) / Fraction(item.quantity) if item.quantity else Fraction(0)
    else:
        part = Fraction(1)
    if not 0 < part <= 1:
        raise AmountRefused(
            "A line cannot be credited by more than itself.", code=None, param="lines[amount]"
        )
    return CreditNoteLine(
        account_id=work.account_id,
        id=work.new_id("cnli"),
        credit_note=note_id,
        amount=_share(part, whole),
        description=wish.description or item.description,
        invoice_line=billed.id,
        quantity=wish.quantity,
        unit_amount=item.unit_amount if wish.quantity is not None else None,
        discount_amounts=tuple(
            LineDiscount(discount=one.discount, amount=_share(part, one.amount))
            for one in billed.discount_amounts
        ),
        taxes=tuple(
            attrs.evolve(
                one, amount=_share(part, one.amount), taxable_amount=_share(part, one.taxable_amount)
            )
            for one in billed.taxes
        ),
        metadata=merged(NOTHING, wish.metadata),
    )


def _share(part: Fraction, whole: int) -> int:
    return rounded(part * whole, Rounding.HALF_UP)


def _custom(work: Work, note_id: CreditNoteId, wish: LineWish) -> CreditNoteLine:
    unit = unit_price(wish.unit_amount, wish.unit_amount_decimal)
    if unit is None:
        raise ParamMissing("lines[unit_amount]")
    if not wish.description:
        raise ParamMissing("lines[description]")
    quantity = 1 if wish.quantity is None else wish.quantity
    return CreditNoteLine(
        account_id=work.account_id,
        id=work.new_id("cnli"),
        credit_note=note_id,
        amount=rounded(Fraction(unit) * quantity, Rounding.HALF_UP),
        description=wish.description,
        quantity=quantity,
        unit_amount=unit,
        metadata=merged(NOTHING, wish.metadata),
    )


async def _given(work: Work, wishes: Sequence[TaxWish] | str) -> tuple[LineTax, ...]:
    taxes = []
    for wish in wishes:
        assert not isinstance(wish, str)
        rate = await work.get(TaxRate, wish.tax_rate, param="lines[tax_amounts][tax_rate]")
        taxes.append(
            LineTax(
                rate=rate.id,
                amount=wish.amount,
                taxable_amount=wish.taxable_amount,
                inclusive=rate.inclusive,
                reason=TaxReason.STANDARD if rate.percentage else TaxReason.ZERO,
            )
        )
    return tuple(taxes)


def _discount_totals(lines: Sequence[CreditNoteLine]) -> tuple[LineDiscount, ...]:
    sums: dict[str, int] = {}
    for line in lines:
        for one in line.discount_amounts:
            sums[one.discount] = sums.get(one.discount, 0) + one.amount
    return tuple(LineDiscount(discount=key, amount=amount) for key, amount in sums.items())


def _tax_totals(lines: Sequence[CreditNoteLine]) -> tuple[TaxTotal, ...]:
    sums: dict[tuple[str, bool, str], tuple[int, int]] = {}
    for line in lines:
        for tax in line.taxes:
            key = tax.rate, tax.inclusive, tax.reason
            amount, base = sums.get(key, (0, 0))
            sums[key] = amount + tax.amount, base + tax.taxable_amount
    return tuple(
        TaxTotal(rate=key[0], inclusive=key[1], reason=key[2], amount=amount, taxable_amount=base)
        for key, (amount, base) in sums.items()
    )


async def refund_of(work: Work, invoice: Invoice, note: CreditNote) -> tuple[Ask, CreditNote] | None:
    """Stage the refund that pays a part of the note out, and return what to ask the network."""
    if not note.refund_amount:
        return None
    charge = await _refundable(work, invoice, note.refund_amount)
    refund = Refund(
        account_id=work.account_id,
        id=RefundId(work.new_id("re")),
        created=work.now,
        amount=note.refund_amount,
        currency=charge.currency,
        charge=charge.id,
        payment_intent=charge.payment_intent,
        reason=note.reason if note.reason in ("duplicate", "fraudulent") else None,
    )
    ask = await request_refund(work, charge, refund, "credit_note.create")
    ask = attrs.evolve(ask, attempt=attrs.evolve(ask.attempt, result=note.id))
    made = NoteRefund(refund=refund.id, amount=refund.amount)
    return ask, attrs.evolve(note, refunds=(*note.refunds, made))


async def _refundable(work: Work, invoice: Invoice, amount: int) -> Charge:
    """A charge for this invoice of which so much can go back."""
    query = Query(equal={"invoice": invoice.id, "status": PaymentState.PAID}, limit=100)
    for payment in (await work.select(InvoicePayment, query)).items:
        charge = await work.find(Charge, payment.charge) if payment.charge else None
        if charge is not None and charge.refundable >= amount and not charge.disputed:
            charge.refuse_refund(amount)
            return charge
    raise InvalidRequest(
        "No single payment of this invoice can be refunded by that much.",
        code="charge_not_refundable",
        param="refund_amount",
    )


async def issue(work: Work, invoice: Invoice, note: CreditNote) -> CreditNote:
    """Stage the note and what follows: a smaller bill, and credit for the customer."""
    if note.credit_amount:
        if note.customer is None:
            raise ParamInvalid("There is no customer to credit.", param="credit_amount")
        customer = await work.get(Customer, note.customer)
        movement = Movement(
            amount=-note.credit_amount,
            currency=note.currency,
            type=MovementType.CREDIT_NOTE,
            invoice=invoice.id,
            credit_note=note.id,
        )
        customer, transaction = move(work, customer, movement)
        work.announce("customer.updated", customer)
        note = attrs.evolve(note, customer_balance_transaction=transaction.id)
    was = invoice.status
    invoice = invoice.credited(note.pre_payment_amount, note.post_payment_amount, work.now)
    if note.pre_payment_amount:
        await reprice(work, invoice)
    work.put(note)
    work.put(invoice)
    work.announce("credit_note.created", note)
    work.announce("invoice.updated", invoice)
    if invoice.status is InvoiceState.PAID and was is not InvoiceState.PAID:
        work.announce("invoice.paid", invoice)
        await note_paid(work, invoice)
    return note
