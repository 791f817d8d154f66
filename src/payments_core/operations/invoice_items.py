"""Invoice items: create, update, retrieve, list, delete. On a draft, the line follows its item in the same commit."""

from decimal import Decimal
from typing import Literal

import attrs

from payments_core.billing.customers import Customer
from payments_core.billing.invoice_items import InvoiceItem, InvoiceItemId
from payments_core.billing.invoices import Invoice
from payments_core.billing.lines import Item
from payments_core.errors import AmountRefused, InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import TaxBehavior, unsupported
from payments_core.operations.cards import live_customer
from payments_core.operations.customer_balance import billed_in
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.discounting import Where
from payments_core.operations.invoicing import keep, line_of
from payments_core.operations.lining import ItemParams, PricingParams, blank, described, unit_of
from payments_core.operations.work import Work
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class InvoiceItemParams(ItemParams):
    """What an invoice item has beside what lines have."""

    price: str | None = None
    """Older spelling of `pricing[price]`."""
    unit_amount: int | None = None
    """Older spelling of `unit_amount_decimal`."""
    unit_amount_decimal: Decimal | None = None
    tax_behavior: TaxBehavior | None = None
    tax_code: str | Literal[""] | None = None

    @property
    def plain(self) -> ItemParams:
        """The parameters in their newer spelling."""
        pricing = PricingParams(price=self.price) if self.price and not self.pricing else self.pricing
        return attrs.evolve(self, pricing=pricing)


@attrs.frozen(kw_only=True)
class CreateInvoiceItem(InvoiceItemParams, Command[InvoiceItem]):
    """Something to bill: on a draft, or with the customer's next invoice."""

    customer: str | None = None
    customer_account: str | None = None
    currency: CurrencyCode | None = None
    invoice: str | None = None
    subscription: str | None = None


_REFUSALS = (AmountRefused, InvalidRequest, NotFound, ParamInvalid, ParamMissing)


@operation("invoiceitem.create", post="/v1/invoiceitems", raises=_REFUSALS)
async def create_invoice_item(command: CreateInvoiceItem, work: Work, ports: Ports) -> InvoiceItem:
    """Add something to a customer's draft, or let it wait for their next invoice."""
    unsupported(command, "customer_account")
    invoice = await draft(work, command.invoice, param="invoice") if command.invoice else None
    customer = await _customer_of(work, command, invoice)
    currency = _currency_of(work, command, invoice, customer)
    if customer.currency is None:
        work.put(billed_in(customer, currency))
    else:
        billed_in(customer, currency)
    return await new_item(work, customer, currency, command, invoice, subscription=command.subscription)


async def new_item(
    work: Work,
    customer: Customer,
    currency: CurrencyCode,
    params: InvoiceItemParams,
    invoice: Invoice | None,
    *,
    subscription: str | None = None,
) -> InvoiceItem:
    """Stage an invoice item from what was said of it."""
    item_id = InvoiceItemId(work.new_id("ii"))
    where = Where(currency=currency, customer=customer.id, invoice_item=item_id)
    unit = unit_of(params.unit_amount, params.unit_amount_decimal)
    plain = params.plain
    if plain.amount is None and not plain.pricing and not plain.price_data and unit is None:
        raise ParamMissing("amount", "Must pass amount, pricing, price_data or unit_amount_decimal.")
    item = await described(
        work, blank(work, currency), plain, where, unit_amount=unit, tax_behavior=params.tax_behavior
    )
    item = attrs.evolve(item, subscription=subscription)
    return add_item(work, customer, item, invoice, item_id)


def add_item(
    work: Work,
    customer: Customer,
    item: Item,
    invoice: Invoice | None = None,
    item_id: InvoiceItemId | None = None,
) -> InvoiceItem:
    """Stage an invoice item: pending, or on a draft, where its line is put too."""
    found = InvoiceItem(
        account_id=work.account_id,
        id=item_id or InvoiceItemId(work.new_id("ii")),
        created=work.now,
        customer=customer.id,
        item=item,
        invoice=invoice.id if invoice else None,
        test_clock=customer.test_clock,
    )
    work.put(found)
    work.announce("invoiceitem.created", found)
    if invoice is not None:
        line = line_of(work, invoice, item, found.id)
        invoice = keep(work, invoice.with_lines((*invoice.lines, line)))
        work.announce("invoice.updated", invoice)
    return found


async def draft(work: Work, invoice_id: str, *, param: str = "id") -> Invoice:
    """The invoice, if it can be edited."""
    invoice = await work.get(Invoice, invoice_id, param=param)
    invoice.refuse_edit()
    return invoice


async def _customer_of(work: Work, command: CreateInvoiceItem, invoice: Invoice | None) -> Customer:
    named = command.customer or (invoice.customer if invoice else None)
    if named is None:
        raise ParamMissing("customer")
    if invoice is not None and invoice.customer != named:
        raise InvalidRequest("The invoice is another customer's.", param="invoice")
    return await live_customer(work, named)


def _currency_of(
    work: Work, command: CreateInvoiceItem, invoice: Invoice | None, customer: Customer
) -> CurrencyCode:
    known = invoice.currency if invoice else customer.currency
    said = command.currency or (command.price_data.currency if command.price_data else None)
    if invoice is not None and said not in (None, invoice.currency):
        raise InvalidRequest(
            f"The currency of invoice items ({said}) must match the invoice's ({invoice.currency}).",
            param="currency",
        )
    return said or known or work.account.default_currency


@attrs.frozen(kw_only=True)
class UpdateInvoiceItem(InvoiceItemParams, Command[InvoiceItem]):
    """Change an item that is on no finalized invoice."""

    id: str
    invoicing_rules: Literal[""] | None = None


@operation("invoiceitem.update", post="/v1/invoiceitems/{id}", raises=_REFUSALS)
async def update_invoice_item(command: UpdateInvoiceItem, work: Work, ports: Ports) -> InvoiceItem:
    """Change an invoice item, and its line if a draft shows it."""
    found = await work.get(InvoiceItem, command.id)
    invoice = await draft(work, found.invoice) if found.invoice else None
    unit = unit_of(command.unit_amount, command.unit_amount_decimal)
    where = Where(currency=found.item.currency, customer=found.customer, invoice_item=found.id)
    item = await described(
        work, found.item, command.plain, where, unit_amount=unit, tax_behavior=command.tax_behavior
    )
    found = attrs.evolve(found, item=item)
    work.put(found)
    if invoice is not None:
        show(work, invoice, found)
    return found


def show(work: Work, invoice: Invoice, found: InvoiceItem) -> Invoice:
    """Stage the draft with the line of a changed item."""
    lines = tuple(
        line.showing(found.item) if line.invoice_item == found.id else line for line in invoice.lines
    )
    invoice = keep(work, invoice.with_lines(lines))
    work.announce("invoice.updated", invoice)
    return invoice


@attrs.frozen(kw_only=True)
class RetrieveInvoiceItem(Command[InvoiceItem]):
    """Which invoice item."""

    id: str


@operation("invoiceitem.retrieve", get="/v1/invoiceitems/{id}", raises=(NotFound,))
async def retrieve_invoice_item(command: RetrieveInvoiceItem, work: Work, ports: Ports) -> InvoiceItem:
    """Return an invoice item."""
    return await work.get(InvoiceItem, command.id)


@attrs.frozen(kw_only=True)
class ListInvoiceItems(Listing, Command[Page[InvoiceItem]]):
    """Which invoice items."""

    customer: str | None = None
    customer_account: str | None = None
    invoice: str | None = None
    pending: bool | None = None


@operation("invoiceitem.list", get="/v1/invoiceitems", raises=(InvalidRequest,))
async def list_invoice_items(command: ListInvoiceItems, work: Work, ports: Ports) -> Page[InvoiceItem]:
    """List invoice items, newest first."""
    return await work.select(
        InvoiceItem,
        command.query(customer=command.customer, invoice=command.invoice, pending=command.pending),
    )


@attrs.frozen(kw_only=True)
class DeleteInvoiceItem(Command[Deleted]):
    """Which invoice item."""

    id: str


@operation("invoiceitem.delete", delete="/v1/invoiceitems/{id}", raises=(InvalidRequest, NotFound))
async def delete_invoice_item(command: DeleteInvoiceItem, work: Work, ports: Ports) -> Deleted:
    """Delete an invoice item, and its line if a draft shows it."""
    found = await work.get(InvoiceItem, command.id)
    if found.invoice is not None:
        invoice = await draft(work, found.invoice)
        lines = tuple(line for line in invoice.lines if line.invoice_item != found.id)
        invoice = keep(work, invoice.with_lines(lines))
        work.announce("invoice.updated", invoice)
    work.drop(found)
    work.announce("invoiceitem.deleted", found)
    return Deleted(found.id, "invoiceitem")
