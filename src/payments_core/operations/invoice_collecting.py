"""What becomes of an invoice: finalize, pay, send, void, give up; and the payments of it."""

from typing import Literal

import attrs

from payments_core.billing.invoice_payments import InvoicePayment, PaymentState
from payments_core.billing.invoices import Invoice, InvoiceState
from payments_core.errors import (
    AmountRefused,
    CardRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamMissing,
    TransitionRefused,
)
from payments_core.operations.billing_params import at_most_one, unsupported
from payments_core.operations.declaring import Ask, Command, Listing, operation
from payments_core.operations.invoice_paying import (
    attach,
    begin_payment,
    pay_elsewhere,
    payer_of,
    payment_outcome,
)
from payments_core.operations.invoicing import finalize, keep, void
from payments_core.operations.mailing import mail_invoice
from payments_core.operations.work import Work
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.ports import Page, Ports

_REFUSALS = (AmountRefused, InvalidRequest, NotFound, TransitionRefused)


@attrs.frozen(kw_only=True)
class FinalizeInvoice(Command[Invoice]):
    """Which draft, and whether it is collected by itself."""

    id: str
    auto_advance: bool | None = None


@operation("invoice.finalize", post="/v1/invoices/{id}/finalize", raises=_REFUSALS)
async def finalize_invoice(command: FinalizeInvoice, work: Work, ports: Ports) -> Invoice:
    """Number a draft and make it due. One that advances by itself is collected by the worker."""
    invoice = await work.get(Invoice, command.id)
    if command.auto_advance is not None:
        invoice = attrs.evolve(invoice, auto_advance=command.auto_advance)
    return await finalize(work, invoice)


@attrs.frozen(kw_only=True)
class PayInvoice(Command[Invoice]):
    """Pay what is left of an invoice: with what is named, or with the default, or say that it was paid elsewhere."""

    id: str
    payment_method: str | None = None
    source: str | None = None
    paid_out_of_band: bool | None = None
    forgive: bool | None = None
    mandate: str | Literal[""] | None = None
    off_session: bool | None = None


@operation(
    "invoice.pay",
    post="/v1/invoices/{id}/pay",
    raises=(*_REFUSALS, CardRefused, Declined),
    outcome=payment_outcome,
)
async def pay_invoice(command: PayInvoice, work: Work, ports: Ports) -> Invoice | Ask:
    """Pay an invoice; a draft is finalized first."""
    at_most_one(command, "payment_method", "source")
    invoice = await work.get(Invoice, command.id)
    if invoice.is_draft:
        invoice = await finalize(work, invoice)
        if invoice.status is InvoiceState.PAID:
            return invoice
    invoice.refuse_payment()
    if command.paid_out_of_band:
        return await pay_elsewhere(work, invoice)
    payer = await payer_of(work, invoice, method=command.payment_method, source=command.source)
    off_session = command.off_session is not False
    return await begin_payment(work, invoice, payer, operation="invoice.pay", off_session=off_session)


@attrs.frozen(kw_only=True)
class AttachPayment(Command[Invoice]):
    """The payment intent that pays an invoice, or a part of it."""

    id: str
    payment_intent: str | None = None
    payment_record: str | None = None


@operation("invoice.attach_payment", post="/v1/invoices/{id}/attach_payment", raises=_REFUSALS)
async def attach_payment(command: AttachPayment, work: Work, ports: Ports) -> Invoice:
    """Let a payment intent pay an invoice; what is more than is due becomes the customer's credit."""
    unsupported(command, "payment_record")
    if command.payment_intent is None:
        raise ParamMissing("payment_intent")
    invoice = await work.get(Invoice, command.id)
    intent = await work.get(PaymentIntent, command.payment_intent, param="payment_intent")
    return await attach(work, invoice, intent)


@attrs.frozen(kw_only=True)
class SendInvoice(Command[Invoice]):
    """Which invoice."""

    id: str


@operation("invoice.send", post="/v1/invoices/{id}/send", raises=_REFUSALS)
async def send_invoice(command: SendInvoice, work: Work, ports: Ports) -> Invoice:
    """Send an invoice to its customer; a draft is finalized first."""
    invoice = await work.get(Invoice, command.id)
    if invoice.collects:
        raise InvalidRequest("You can only send an invoice whose collection_method is send_invoice.")
    if not invoice.billed_to.email:
        raise InvalidRequest(
            "The customer has no e-mail address to send the invoice to.", code="missing", param="customer"
        )
    if invoice.is_draft:
        invoice = await finalize(work, invoice)
    if invoice.status not in (InvoiceState.OPEN, InvoiceState.PAID):
        raise InvalidRequest(
            f"An invoice cannot be sent while {invoice.status}.", code="status_transition_invalid"
        )
    invoice = keep(work, attrs.evolve(invoice, sent_at=work.now))
    mail_invoice(work, invoice)
    work.announce("invoice.sent", invoice)
    return invoice


@attrs.frozen(kw_only=True)
class VoidInvoice(Command[Invoice]):
    """Which invoice."""

    id: str


@operation("invoice.void", post="/v1/invoices/{id}/void", raises=_REFUSALS)
async def void_invoice(command: VoidInvoice, work: Work, ports: Ports) -> Invoice:
    """Take a finalized invoice back for good."""
    return await void(work, await work.get(Invoice, command.id))


@attrs.frozen(kw_only=True)
class MarkInvoiceUncollectible(Command[Invoice]):
    """Which invoice."""

    id: str


@operation("invoice.mark_uncollectible", post="/v1/invoices/{id}/mark_uncollectible", raises=_REFUSALS)
async def mark_invoice_uncollectible(command: MarkInvoiceUncollectible, work: Work, ports: Ports) -> Invoice:
    """Give an open invoice up; it can still be paid."""
    invoice = (await work.get(Invoice, command.id)).given_up(work.now)
    work.put(invoice)
    work.announce("invoice.updated", invoice)
    work.announce("invoice.marked_uncollectible", invoice)
    return invoice


@attrs.frozen(kw_only=True)
class RetrieveInvoicePayment(Command[InvoicePayment]):
    """Which payment."""

    id: str


@operation("invoice_payment.retrieve", get="/v1/invoice_payments/{id}", raises=(NotFound,))
async def retrieve_invoice_payment(
    command: RetrieveInvoicePayment, work: Work, ports: Ports
) -> InvoicePayment:
    """Return one payment of an invoice."""
    return await work.get(InvoicePayment, command.id)


@attrs.frozen(kw_only=True)
class PaymentFilter:
    """What the payment was made by."""

    type: Literal["payment_intent", "payment_record"]
    payment_intent: str | None = None
    payment_record: str | None = None


@attrs.frozen(kw_only=True)
class ListInvoicePayments(Listing, Command[Page[InvoicePayment]]):
    """Which payments."""

    invoice: str | None = None
    payment: PaymentFilter | None = None
    status: PaymentState | None = None


@operation("invoice_payment.list", get="/v1/invoice_payments", raises=(InvalidRequest, ParamMissing))
async def list_invoice_payments(
    command: ListInvoicePayments, work: Work, ports: Ports
) -> Page[InvoicePayment]:
    """List payments of invoices, newest first."""
    payment = command.payment
    query = command.query(
        invoice=command.invoice,
        status=command.status,
        payment_intent=payment.payment_intent if payment else None,
        payment_record=payment.payment_record if payment else None,
    )
    return await work.select(InvoicePayment, query)
