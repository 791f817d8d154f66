"""Lines of an invoice: list them, and add, change and remove them while it is a draft."""

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from payments_core.billing.customers import Customer
from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoices import Invoice
from payments_core.billing.lines import Line
from payments_core.errors import AmountRefused, InvalidRequest, NotFound, ParamInvalid
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.discounting import Where
from payments_core.operations.invoice_items import add_item, draft
from payments_core.operations.invoicing import keep, line_of
from payments_core.operations.lining import ItemParams, TaxAmountParams, blank, described
from payments_core.operations.work import Work
from payments_core.platform.metadata import merged
from payments_core.ports import Page, Ports

_REFUSALS = (AmountRefused, InvalidRequest, NotFound, ParamInvalid)


@attrs.frozen(kw_only=True)
class LineParams(ItemParams):
    """What a line has beside what invoice items have."""

    tax_amounts: tuple[TaxAmountParams, ...] | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class NewLineParams(LineParams):
    """A line to add: a pending invoice item, or something new."""

    invoice_item: str | None = None


@attrs.frozen(kw_only=True)
class ChangedLineParams(LineParams):
    """A line to change."""

    id: str


@attrs.frozen(kw_only=True)
class RemovedLineParams:
    """A line to remove; its invoice item is deleted, or waits for another invoice."""

    id: str
    behavior: Literal["delete", "unassign"]


@attrs.frozen(kw_only=True)
class ListInvoiceLines(Listing, Command[Page[Line]]):
    """The lines of which invoice."""

    id: str


@operation("line_item.list", get="/v1/invoices/{id}/lines", raises=(InvalidRequest, NotFound))
async def list_invoice_lines(command: ListInvoiceLines, work: Work, ports: Ports) -> Page[Line]:
    """List the lines of an invoice, in their order."""
    invoice = await work.get(Invoice, command.id)
    return part_of(invoice.lines, command)


def part_of(lines: Sequence[Line], listing: Listing) -> Page[Line]:
    """A part of a list that is at hand."""
    listing.query()
    ids: list[str] = [line.id for line in lines]
    if listing.ending_before is not None:
        end = _place(ids, listing.ending_before, "ending_before")
        start = max(0, end - listing.limit)
        return Page(items=tuple(lines[start:end]), has_more=start > 0)
    start = 0
    if listing.starting_after is not None:
        start = _place(ids, listing.starting_after, "starting_after") + 1
    end = start + listing.limit
    return Page(items=tuple(lines[start:end]), has_more=end < len(lines))


def _place(ids: Sequence[str], wanted: str, param: str) -> int:
    if wanted not in ids:
        raise NotFound("line item", wanted, param=param)
    return ids.index(wanted)


@attrs.frozen(kw_only=True)
class AddInvoiceLines(Command[Invoice]):
    """Lines to add to a draft."""

    id: str
    lines: tuple[NewLineParams, ...]
    invoice_metadata: Mapping[str, str] | Literal[""] | None = None


@operation("invoice.add_lines", post="/v1/invoices/{id}/add_lines", raises=_REFUSALS)
async def add_invoice_lines(command: AddInvoiceLines, work: Work, ports: Ports) -> Invoice:
    """Add lines to a draft, all or none."""
    invoice = await draft(work, command.id)
    for params in command.lines:
        invoice = await _with_line(work, invoice, params)
    return _kept(work, invoice, command.invoice_metadata)


async def _with_line(work: Work, invoice: Invoice, params: NewLineParams) -> Invoice:
    if params.invoice_item is not None:
        found = await work.get(InvoiceItem, params.invoice_item, param="lines[invoice_item]")
        if not found.pending or found.customer != invoice.customer:
            raise InvalidRequest(
                "The invoice item is on another invoice, or another customer's.", param="lines[invoice_item]"
            )
        if found.item.currency != invoice.currency:
            raise InvalidRequest("The invoice item is in another currency.", param="lines[invoice_item]")
        found = attrs.evolve(found, invoice=invoice.id)
        work.put(found)
        item = found.item
    else:
        where = Where(currency=invoice.currency, customer=invoice.customer, invoice=invoice.id)
        item = await described(
            work, blank(work, invoice.currency), params, where, tax_amounts=params.tax_amounts
        )
        if invoice.customer is None:
            return invoice.with_lines((*invoice.lines, line_of(work, invoice, item)))
        found = add_item(work, await work.get(Customer, invoice.customer), item)
        found = attrs.evolve(found, invoice=invoice.id)
        work.put(found)
    return invoice.with_lines((*invoice.lines, line_of(work, invoice, item, found.id)))


def _kept(work: Work, invoice: Invoice, metadata: Mapping[str, str] | Literal[""] | None) -> Invoice:
    invoice = attrs.evolve(invoice, metadata=merged(invoice.metadata, metadata))
    invoice = keep(work, invoice)
    work.announce("invoice.updated", invoice)
    return invoice


@attrs.frozen(kw_only=True)
class UpdateInvoiceLines(Command[Invoice]):
    """Lines of a draft to change."""

    id: str
    lines: tuple[ChangedLineParams, ...]
    invoice_metadata: Mapping[str, str] | Literal[""] | None = None


@operation("invoice.update_lines", post="/v1/invoices/{id}/update_lines", raises=_REFUSALS)
async def update_invoice_lines(command: UpdateInvoiceLines, work: Work, ports: Ports) -> Invoice:
    """Change lines of a draft, all or none."""
    invoice = await draft(work, command.id)
    for params in command.lines:
        invoice = await _with_changed(work, invoice, params.id, params)
    return _kept(work, invoice, command.invoice_metadata)


async def _with_changed(work: Work, invoice: Invoice, line_id: str, params: LineParams) -> Invoice:
    """Change a line and the invoice item behind it."""
    line = line_on(invoice, line_id)
    where = Where(currency=invoice.currency, customer=invoice.customer, invoice_item=line.invoice_item)
    item = await described(work, line.item, params, where, tax_amounts=params.tax_amounts)
    found = await work.find(InvoiceItem, line.invoice_item) if line.invoice_item else None
    if found is not None:
        work.put(attrs.evolve(found, item=item))
    changed = line.showing(item)
    return invoice.with_lines(tuple(changed if other.id == line.id else other for other in invoice.lines))


def line_on(invoice: Invoice, line_id: str, *, param: str = "lines") -> Line:
    """The line of this id, or a refusal."""
    for line in invoice.lines:
        if line.id == line_id:
            return line
    raise NotFound("line item", line_id, param=param)


@attrs.frozen(kw_only=True)
class RemoveInvoiceLines(Command[Invoice]):
    """Lines of a draft to remove."""

    id: str
    lines: tuple[RemovedLineParams, ...]
    invoice_metadata: Mapping[str, str] | Literal[""] | None = None


@operation("invoice.remove_lines", post="/v1/invoices/{id}/remove_lines", raises=_REFUSALS)
async def remove_invoice_lines(command: RemoveInvoiceLines, work: Work, ports: Ports) -> Invoice:
    """Remove lines from a draft, all or none."""
    invoice = await draft(work, command.id)
    for params in command.lines:
        line = line_on(invoice, params.id)
        found = await work.find(InvoiceItem, line.invoice_item) if line.invoice_item else None
        if found is not None and params.behavior == "delete":
            work.drop(found)
            work.announce("invoiceitem.deleted", found)
        elif found is not None:
            work.put(attrs.evolve(found, invoice=None))
        invoice = invoice.with_lines(tuple(other for other in invoice.lines if other.id != line.id))
    return _kept(work, invoice, command.invoice_metadata)


@attrs.frozen(kw_only=True)
class UpdateInvoiceLine(LineParams, Command[Line]):
    """One line of a draft to change."""

    id: str
    line: str


@operation("line_item.update", post="/v1/invoices/{id}/lines/{line}", raises=_REFUSALS)
async def update_invoice_line(command: UpdateInvoiceLine, work: Work, ports: Ports) -> Line:
    """Change one line of a draft."""
    invoice = await _with_changed(work, await draft(work, command.id), command.line, command)
    invoice = _kept(work, invoice, None)
    return line_on(invoice, command.line)
