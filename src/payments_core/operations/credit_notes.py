"""Credit notes: create, preview, update, retrieve, list, void; and their lines."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import attrs

from payments_core.billing.credit_notes import CreditNote, CreditNoteLine
from payments_core.billing.invoices import Invoice, InvoiceState
from payments_core.clock import Timestamp
from payments_core.errors import (
    AmountRefused,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    ParamMissing,
    TransitionRefused,
)
from payments_core.operations.billing_params import FreeForm, unsupported
from payments_core.operations.crediting import NoteWish, issue, plan_note, refund_of
from payments_core.operations.declaring import LIMIT_DEFAULT, Ask, Command, Listing, operation
from payments_core.operations.invoice_paying import reprice
from payments_core.operations.work import Work
from payments_core.platform.metadata import merged
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class NoteTaxParams:
    """A tax of a line, as the merchant has computed it."""

    amount: int
    tax_rate: str
    taxable_amount: int


@attrs.frozen(kw_only=True)
class NoteLineParams:
    """A part of a line of the invoice, or an amount of its own."""

    type: Literal["custom_line_item", "invoice_line_item"]
    amount: int | None = None
    description: str | None = None
    invoice_line_item: str | None = None
    metadata: Mapping[str, str] | None = None
    quantity: int | None = None
    tax_amounts: tuple[NoteTaxParams, ...] | Literal[""] | None = None
    tax_rates: tuple[str, ...] | Literal[""] | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None


@attrs.frozen(kw_only=True)
class NoteRefundParams:
    """A refund that was made already."""

    amount_refunded: int | None = None
    payment_record_refund: FreeForm | None = None
    refund: str | None = None
    type: Literal["payment_record_refund", "refund"] | None = None


Reason = Literal["duplicate", "fraudulent", "order_change", "product_unsatisfactory"]


@attrs.frozen(kw_only=True)
class CreditNoteParams:
    """What an invoice is to be lowered by, and where that goes."""

    invoice: str
    amount: int | None = None
    credit_amount: int | None = None
    effective_at: Timestamp | None = None
    email_type: Literal["credit_note", "none"] | None = None
    lines: tuple[NoteLineParams, ...] | None = None
    memo: str | None = None
    metadata: Mapping[str, str] | None = None
    out_of_band_amount: int | None = None
    reason: Reason | None = None
    refund_amount: int | None = None
    refunds: tuple[NoteRefundParams, ...] | None = None
    shipping_cost: FreeForm | None = None


async def _planned(work: Work, params: CreditNoteParams) -> tuple[Invoice, CreditNote]:
    unsupported(params, "shipping_cost")
    invoice = await work.get(Invoice, params.invoice, param="invoice")
    wish = NoteWish(
        amount=params.amount,
        lines=params.lines,
        credit_amount=params.credit_amount,
        refund_amount=params.refund_amount,
        out_of_band_amount=params.out_of_band_amount,
        refunds=params.refunds,
        effective_at=params.effective_at,
        memo=params.memo,
        reason=params.reason,
        metadata=params.metadata,
    )
    return invoice, await plan_note(work, invoice, wish)


_REFUSALS = (AmountRefused, InvalidRequest, NotFound, ParamInvalid, ParamMissing)


@attrs.frozen(kw_only=True)
class CreateCreditNote(CreditNoteParams, Command[CreditNote]):
    """Lower an invoice."""


async def note_outcome(work: Work, ports: Ports, note_id: str) -> CreditNote:
    """The credit note, whatever became of its refund."""
    return await work.get(CreditNote, note_id)


@operation("credit_note.create", post="/v1/credit_notes", raises=_REFUSALS, outcome=note_outcome)
async def create_credit_note(command: CreateCreditNote, work: Work, ports: Ports) -> CreditNote | Ask:
    """Issue a credit note: less is due, or something is refunded, credited, or paid back elsewhere."""
    invoice, note = await _planned(work, command)
    asked = await refund_of(work, invoice, note)
    if asked is None:
        return await issue(work, invoice, note)
    ask, note = asked
    await issue(work, invoice, note)
    return ask


@attrs.frozen(kw_only=True)
class PreviewCreditNote(CreditNoteParams, Command[CreditNote]):
    """What a credit note would be."""


@operation("credit_note.preview", get="/v1/credit_notes/preview", raises=_REFUSALS)
async def preview_credit_note(command: PreviewCreditNote, work: Work, ports: Ports) -> CreditNote:
    """Show a credit note without issuing it."""
    return (await _planned(work, command))[1]


@attrs.frozen(kw_only=True)
class PreviewCreditNoteLines(CreditNoteParams, Command[Page[CreditNoteLine]]):
    """The lines that a credit note would have, the first ones of them."""

    limit: int = LIMIT_DEFAULT
    starting_after: str | None = None
    ending_before: str | None = None


@operation("credit_note_line_item.preview", get="/v1/credit_notes/preview/lines", raises=_REFUSALS)
async def preview_credit_note_lines(
    command: PreviewCreditNoteLines, work: Work, ports: Ports
) -> Page[CreditNoteLine]:
    """List the lines of a credit note that was not issued."""
    note = (await _planned(work, command))[1]
    Listing(limit=command.limit).query()
    return Page(items=note.lines[: command.limit], has_more=len(note.lines) > command.limit)


@attrs.frozen(kw_only=True)
class ListCreditNoteLines(Listing, Command[Page[CreditNoteLine]]):
    """The lines of which credit note."""

    id: str


@operation("credit_note_line_item.list", get="/v1/credit_notes/{id}/lines", raises=(InvalidRequest, NotFound))
async def list_credit_note_lines(
    command: ListCreditNoteLines, work: Work, ports: Ports
) -> Page[CreditNoteLine]:
    """List the lines of a credit note, in their order."""
    command.query()
    note = await work.get(CreditNote, command.id)
    ids = [line.id for line in note.lines]
    start = ids.index(command.starting_after) + 1 if command.starting_after in ids else 0
    end = start + command.limit
    return Page(items=note.lines[start:end], has_more=end < len(ids))


@attrs.frozen(kw_only=True)
class UpdateCreditNote(Command[CreditNote]):
    """Only words can be changed."""

    id: str
    memo: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("credit_note.update", post="/v1/credit_notes/{id}", raises=(NotFound,))
async def update_credit_note(command: UpdateCreditNote, work: Work, ports: Ports) -> CreditNote:
    """Change a credit note's memo and metadata."""
    note = await work.get(CreditNote, command.id)
    note = attrs.evolve(
        note,
        memo=note.memo if command.memo is None else command.memo or None,
        metadata=merged(note.metadata, command.metadata),
    )
    work.put(note)
    work.announce("credit_note.updated", note)
    return note


@attrs.frozen(kw_only=True)
class RetrieveCreditNote(Command[CreditNote]):
    """Which credit note."""

    id: str


@operation("credit_note.retrieve", get="/v1/credit_notes/{id}", raises=(NotFound,))
async def retrieve_credit_note(command: RetrieveCreditNote, work: Work, ports: Ports) -> CreditNote:
    """Return a credit note."""
    return await work.get(CreditNote, command.id)


@attrs.frozen(kw_only=True)
class ListCreditNotes(Listing, Command[Page[CreditNote]]):
    """Which credit notes."""

    customer: str | None = None
    customer_account: str | None = None
    invoice: str | None = None


@operation("credit_note.list", get="/v1/credit_notes", raises=(InvalidRequest,))
async def list_credit_notes(command: ListCreditNotes, work: Work, ports: Ports) -> Page[CreditNote]:
    """List credit notes, newest first."""
    return await work.select(CreditNote, command.query(customer=command.customer, invoice=command.invoice))


@attrs.frozen(kw_only=True)
class VoidCreditNote(Command[CreditNote]):
    """Which credit note."""

    id: str


@operation(
    "credit_note.void",
    post="/v1/credit_notes/{id}/void",
    raises=(InvalidRequest, NotFound, TransitionRefused),
)
async def void_credit_note(command: VoidCreditNote, work: Work, ports: Ports) -> CreditNote:
    """Take back a credit note of an invoice that is still open."""
    note = await work.get(CreditNote, command.id)
    invoice = await work.get(Invoice, note.invoice)
    note = note.voided(work.now)
    if invoice.status is not InvoiceState.OPEN or note.post_payment_amount:
        raise InvalidRequest(
            "You can only void credit notes of open invoices, and nothing that was given back already.",
            code="status_transition_invalid",
        )
    invoice = invoice.uncredited(note.pre_payment_amount)
    await reprice(work, invoice)
    work.put(invoice)
    work.put(note)
    work.announce("invoice.updated", invoice)
    work.announce("credit_note.voided", note)
    return note
