"""Invoices: create, update, retrieve, list, and delete drafts."""

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoices import LINES_MAX, Collection, Invoice, InvoiceState
from payments_core.billing.subscriptions import Subscription
from payments_core.clock import Timestamp
from payments_core.errors import AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import FreeForm, unsupported
from payments_core.operations.cards import live_customer
from payments_core.operations.declaring import Command, Deleted, Listing, TimeRange, bounds, operation
from payments_core.operations.invoice_params import InvoiceParams, changed, check, check_method
from payments_core.operations.invoicing import FINALIZES_AFTER_S, Terms, keep, line_of, new_invoice
from payments_core.operations.work import Work
from payments_core.platform.metadata import merged
from payments_core.ports import Page, Ports, Query

_REFUSALS = (AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing)


@attrs.frozen(kw_only=True)
class CreateInvoice(InvoiceParams, Command[Invoice]):
    """A draft for a customer. Without a customer it bills plain amounts, and is paid by whoever has a card or elsewhere."""

    customer: str | None = None
    customer_account: str | None = None
    currency: CurrencyCode | None = None
    pending_invoice_items_behavior: Literal["exclude", "include"] | None = None
    subscription: str | None = None
    from_invoice: FreeForm | None = None


@operation("invoice.create", post="/v1/invoices", raises=_REFUSALS)
async def create_invoice(command: CreateInvoice, work: Work, ports: Ports) -> Invoice:
    """Make a draft, with the customer's pending items if they are to be on it."""
    unsupported(command, "customer_account", "from_invoice")
    collection = command.collection_method or Collection.CHARGE_AUTOMATICALLY
    check(command, work, collection)
    if command.customer is None and not command.is_plain:
        raise ParamMissing("customer")
    customer = await live_customer(work, command.customer) if command.customer else None
    await _check_subscription(work, command)
    known = customer.currency if customer else None
    currency = command.currency or known or work.account.default_currency
    _check_due(command, collection)
    discounts = None if command.discounts is None else ()
    terms = Terms(
        collection_method=collection,
        auto_advance=bool(command.auto_advance),
        discounts=discounts,
        subscription=command.subscription,
    )
    invoice = new_invoice(work, customer, currency, terms)
    await _check_number(work, invoice, command)
    if command.pending_invoice_items_behavior == "include":
        invoice = await with_pending(work, invoice)
        if not invoice.lines:
            raise InvalidRequest(
                f"Nothing to invoice for customer {invoice.customer}", code="invoice_no_customer_line_items"
            )
    invoice = keep(work, await changed(work, invoice, command))
    work.announce("invoice.created", invoice)
    return invoice


async def _check_subscription(work: Work, command: CreateInvoice) -> None:
    if command.subscription is None:
        return
    subscription = await work.get(Subscription, command.subscription, param="subscription")
    if subscription.customer != command.customer:
        raise InvalidRequest("The subscription is another customer's.", param="subscription")


def _check_due(command: InvoiceParams, collection: Collection) -> None:
    dated = command.days_until_due is not None or command.due_date is not None
    if collection is Collection.SEND_INVOICE and not dated:
        raise ParamMissing(
            "days_until_due",
            "If `collection_method` is `send_invoice`, you must pass either `days_until_due` or `due_date`.",
        )


async def _check_number(work: Work, invoice: Invoice, params: InvoiceParams) -> None:
    if not params.number:
        return
    same = await work.select(Invoice, Query(equal={"number": params.number}, limit=2))
    if any(other.id != invoice.id for other in same.items):
        raise AlreadyExists(f"An invoice with the number {params.number} exists.", param="number")


async def with_pending(work: Work, invoice: Invoice) -> Invoice:
    """Put the customer's pending items of this currency on the draft, the oldest first; stages the items."""
    if invoice.customer is None:
        return invoice
    pending = Query(equal={"customer": invoice.customer, "pending": True}, limit=LINES_MAX)
    page = await work.select_to_write(InvoiceItem, pending)
    taken = [found for found in reversed(page.items) if found.item.currency == invoice.currency]
    for found in taken:
        work.put(attrs.evolve(found, invoice=invoice.id))
    lines = [line_of(work, invoice, found.item, found.id) for found in taken]
    return invoice.with_lines((*invoice.lines, *lines))


@attrs.frozen(kw_only=True)
class UpdateInvoice(InvoiceParams, Command[Invoice]):
    """Change a draft. Of a finalized invoice only words, the payer and the way of collecting can be changed."""

    id: str


_ALWAYS = frozenset(
    {
        "id",
        "auto_advance",
        "default_payment_method",
        "description",
        "due_date",
        "footer",
        "metadata",
        "payment_settings",
        "rendering",
    }
)


@operation("invoice.update", post="/v1/invoices/{id}", raises=_REFUSALS)
async def update_invoice(command: UpdateInvoice, work: Work, ports: Ports) -> Invoice:
    """Change an invoice."""
    invoice = await work.get(Invoice, command.id)
    check(command, work, command.collection_method or invoice.collection_method)
    if not invoice.is_draft:
        await check_method(work, invoice, command.default_payment_method, "default_payment_method")
        invoice = _finalized_changed(work, invoice, command)
    else:
        await _check_number(work, invoice, command)
        invoice = attrs.evolve(await changed(work, invoice, command), finalization_error=None)
        invoice = _advancing(invoice, work)
    invoice = keep(work, invoice)
    work.announce("invoice.updated", invoice)
    return invoice


def _advancing(invoice: Invoice, work: Work) -> Invoice:
    """A draft that was told to advance gets its hour."""
    if not invoice.auto_advance or invoice.automatically_finalizes_at is not None:
        return invoice
    return attrs.evolve(invoice, automatically_finalizes_at=Timestamp(work.now + FINALIZES_AFTER_S))


def _finalized_changed(work: Work, invoice: Invoice, command: UpdateInvoice) -> Invoice:
    given = {name: value for name, value in _set(command).items() if name not in _ALWAYS}
    if given:
        raise InvalidRequest(
            "Finalized invoices can't be updated in this way.",
            code="invoice_not_editable",
            param=next(iter(given)),
        )
    if invoice.status in (InvoiceState.PAID, InvoiceState.VOID):
        return attrs.evolve(invoice, metadata=merged(invoice.metadata, command.metadata))
    advance = invoice.auto_advance if command.auto_advance is None else command.auto_advance
    starts = advance and not invoice.auto_advance and invoice.collects
    return attrs.evolve(
        invoice,
        auto_advance=advance,
        next_payment_attempt=work.now if starts else invoice.next_payment_attempt,
        description=invoice.description if command.description is None else command.description or None,
        footer=invoice.footer if command.footer is None else command.footer or None,
        due_date=command.due_date or invoice.due_date,
        default_payment_method=invoice.default_payment_method
        if command.default_payment_method is None
        else command.default_payment_method or None,
        metadata=merged(invoice.metadata, command.metadata),
    )


def _set(command: Any) -> Mapping[str, Any]:
    return {
        field.name: value
        for field in attrs.fields(type(command))
        if (value := getattr(command, field.name)) is not None
    }


@attrs.frozen(kw_only=True)
class RetrieveInvoice(Command[Invoice]):
    """Which invoice."""

    id: str


@operation("invoice.retrieve", get="/v1/invoices/{id}", raises=(NotFound,))
async def retrieve_invoice(command: RetrieveInvoice, work: Work, ports: Ports) -> Invoice:
    """Return an invoice."""
    return await work.get(Invoice, command.id)


@attrs.frozen(kw_only=True)
class ListInvoices(Listing, Command[Page[Invoice]]):
    """Which invoices."""

    collection_method: Collection | None = None
    customer: str | None = None
    customer_account: str | None = None
    due_date: TimeRange | Timestamp | None = None
    status: InvoiceState | None = None
    subscription: str | None = None


@operation("invoice.list", get="/v1/invoices", raises=(InvalidRequest,))
async def list_invoices(command: ListInvoices, work: Work, ports: Ports) -> Page[Invoice]:
    """List invoices, newest first."""
    query = command.query(
        collection_method=command.collection_method,
        customer=command.customer,
        status=command.status,
        subscription=command.subscription,
    )
    if command.due_date is not None:
        query = attrs.evolve(query, within={**query.within, "due_date": bounds(command.due_date)})
    return await work.select(Invoice, query)


@attrs.frozen(kw_only=True)
class DeleteInvoice(Command[Deleted]):
    """Which draft."""

    id: str


@operation("invoice.delete", delete="/v1/invoices/{id}", raises=(InvalidRequest, NotFound))
async def delete_invoice(command: DeleteInvoice, work: Work, ports: Ports) -> Deleted:
    """Delete a draft; its invoice items are deleted with it."""
    invoice = await work.get(Invoice, command.id)
    if not invoice.is_draft:
        raise InvalidRequest(
            "You can only delete draft invoices. To cancel a finalized invoice, void it.",
            code="invoice_not_editable",
        )
    if invoice.subscription is not None:
        raise InvalidRequest("Drafts of subscriptions cannot be deleted.", code="invoice_not_editable")
    for line in invoice.lines:
        found = await work.find(InvoiceItem, line.invoice_item) if line.invoice_item else None
        if found is not None:
            work.drop(found)
            work.announce("invoiceitem.deleted", found)
    work.drop(invoice)
    work.announce("invoice.deleted", invoice)
    return Deleted(invoice.id, "invoice")
