"""Previews: what a customer's next invoice would be. Nothing is staged that outlives the answer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import attrs

from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoices import LINES_MAX, Invoice, InvoiceId, after_balance
from payments_core.billing.lines import Item
from payments_core.billing.subscriptions import Subscription
from payments_core.errors import InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode, minimum_charge
from payments_core.operations.billing_params import (
    DiscountParams,
    FreeForm,
    PeriodParams,
    PriceDataParams,
    TaxBehavior,
    unsupported,
)
from payments_core.operations.cards import live_customer
from payments_core.operations.declaring import Command, operation
from payments_core.operations.discounting import Where, give_all
from payments_core.operations.invoice_params import AutomaticTaxParams
from payments_core.operations.invoicing import Terms, line_of, new_invoice
from payments_core.operations.lining import ItemParams, PricingParams, blank, described, unit_of
from payments_core.operations.subscription_previews import SubscriptionDetailsParams, first_bill, next_bill
from payments_core.operations.work import Work
from payments_core.ports import Ports, Query


@attrs.frozen(kw_only=True)
class PreviewItemParams:
    """Something that the invoice would have besides what waits already, or instead of it."""

    amount: int | None = None
    currency: CurrencyCode | None = None
    description: str | None = None
    discountable: bool | None = None
    discounts: tuple[DiscountParams, ...] | Literal[""] | None = None
    invoiceitem: str | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    period: PeriodParams | None = None
    price: str | None = None
    price_data: PriceDataParams | None = None
    quantity: int | None = None
    quantity_decimal: Decimal | None = None
    tax_behavior: TaxBehavior | None = None
    tax_code: str | Literal[""] | None = None
    tax_rates: tuple[str, ...] | Literal[""] | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None

    @property
    def plain(self) -> ItemParams:
        """What it says of an item."""
        return ItemParams(
            amount=self.amount,
            description=self.description,
            discountable=self.discountable,
            discounts=self.discounts,
            metadata=self.metadata,
            period=self.period,
            price_data=self.price_data,
            pricing=PricingParams(price=self.price) if self.price else None,
            quantity=self.quantity,
            quantity_decimal=self.quantity_decimal,
            tax_rates=self.tax_rates,
        )


@attrs.frozen(kw_only=True)
class CustomerDetailsParams:
    """What to assume of the customer."""

    address: FreeForm | Literal[""] | None = None
    shipping: FreeForm | Literal[""] | None = None
    tax: FreeForm | None = None
    tax_exempt: Literal["", "none", "exempt", "reverse"] | None = None
    tax_ids: tuple[FreeForm, ...] | None = None


@attrs.frozen(kw_only=True)
class CreatePreview(Command[Invoice]):
    """Whose next invoice, and what to assume."""

    automatic_tax: AutomaticTaxParams | None = None
    currency: CurrencyCode | None = None
    customer: str | None = None
    customer_account: str | None = None
    customer_details: CustomerDetailsParams | None = None
    discounts: tuple[DiscountParams, ...] | Literal[""] | None = None
    invoice_items: tuple[PreviewItemParams, ...] | None = None
    issuer: FreeForm | None = None
    on_behalf_of: str | Literal[""] | None = None
    preview_mode: Literal["next", "recurring"] | None = None
    schedule: str | None = None
    schedule_details: FreeForm | None = None
    subscription: str | None = None
    subscription_details: SubscriptionDetailsParams | None = None


@operation(
    "invoice.create_preview",
    post="/v1/invoices/create_preview",
    raises=(InvalidRequest, NotFound, ParamInvalid, ParamMissing),
)
async def create_preview(command: CreatePreview, work: Work, ports: Ports) -> Invoice:
    """Show the invoice that a customer would get now."""
    unsupported(
        command,
        "customer_account",
        "schedule",
        "schedule_details",
    )
    invoice = await previewed(work, command)
    # What was made on the way (prices, discounts) was for the picture only.
    work.discard()
    return invoice


async def previewed(work: Work, command: CreatePreview) -> Invoice:
    """The invoice as it would be; stages what has to be discarded."""
    subscription = await _subscription_of(work, command)
    named = subscription.customer if subscription else command.customer
    customer = await live_customer(work, named) if named else None
    details = command.customer_details
    if customer is None and details is None:
        raise ParamMissing("customer")
    known = customer.currency if customer else None
    currency = command.currency or known or work.account.default_currency
    if subscription is not None:
        currency = subscription.currency
        details_of_it = command.subscription_details or SubscriptionDetailsParams()
        invoice = await next_bill(work, subscription, details_of_it)
    elif command.subscription_details is not None:
        invoice = await first_bill(work, command.customer, command.subscription_details)
        currency = invoice.currency
    else:
        invoice = new_invoice(work, customer, currency, Terms(billing_reason="upcoming"))
    invoice = attrs.evolve(invoice, id=InvoiceId(f"upcoming_{invoice.id}"))
    if details is not None and details.tax_exempt is not None:
        billed = attrs.evolve(invoice.billed_to, tax_exempt=details.tax_exempt or "none")
        invoice = attrs.evolve(invoice, billed_to=billed)
    if command.discounts is not None:
        where = Where(currency=currency, customer=named, invoice=invoice.id)
        invoice = attrs.evolve(invoice, discounts=await give_all(work, command.discounts or (), where))
    invoice = await _with_items(work, invoice, command.invoice_items or ())
    if not invoice.lines:
        raise InvalidRequest("No upcoming invoices for customer", code="invoice_upcoming_none")
    if customer is None:
        return invoice
    starting = customer.balance
    ending = after_balance(invoice.total, starting, minimum_charge(currency))
    return attrs.evolve(invoice, starting_balance=starting, ending_balance=ending)


async def _with_items(work: Work, invoice: Invoice, params: tuple[PreviewItemParams, ...]) -> Invoice:
    lines = []
    instead = {one.invoiceitem: one for one in params if one.invoiceitem is not None}
    for found in await _pending(work, invoice):
        item = found.item
        if found.id in instead:
            item = await _described(work, invoice, instead.pop(found.id), found)
        lines.append(line_of(work, invoice, item, found.id))
    for missing in instead:
        raise NotFound("invoiceitem", missing, param="invoice_items[invoiceitem]")
    new = [await _described(work, invoice, one, None) for one in params if one.invoiceitem is None]
    lines.extend(line_of(work, invoice, item) for item in new)
    return invoice.with_lines((*invoice.lines, *lines))


async def _subscription_of(work: Work, command: CreatePreview) -> Subscription | None:
    if command.subscription is None:
        return None
    subscription = await work.get(Subscription, command.subscription, param="subscription")
    if command.customer not in (None, subscription.customer):
        raise InvalidRequest("The subscription is another customer's.", param="subscription")
    return subscription


async def _pending(work: Work, invoice: Invoice) -> list[InvoiceItem]:
    if invoice.customer is None:
        return []
    query = Query(equal={"customer": invoice.customer, "pending": True}, limit=LINES_MAX)
    page = await work.select(InvoiceItem, query)
    return [found for found in reversed(page.items) if found.item.currency == invoice.currency]


async def _described(
    work: Work, invoice: Invoice, params: PreviewItemParams, found: InvoiceItem | None
) -> Item:
    where = Where(currency=invoice.currency, customer=invoice.customer, invoice=invoice.id)
    return await described(
        work,
        found.item if found else blank(work, invoice.currency),
        params.plain,
        where,
        unit_amount=unit_of(params.unit_amount, params.unit_amount_decimal),
        tax_behavior=params.tax_behavior,
    )
