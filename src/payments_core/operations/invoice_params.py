"""Parameters of invoices, at first or later, and what they change on a draft."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

import attrs

from payments_core.billing.invoices import Collection, Invoice
from payments_core.billing.lines import GivenTax
from payments_core.billing.tax_rates import TaxRate, TaxRateId
from payments_core.clock import Timestamp
from payments_core.errors import AmountRefused, InvalidRequest, ParamInvalid
from payments_core.operations.billing_params import DiscountParams, FreeForm, at_most_one, unsupported
from payments_core.operations.billing_shares import with_amounts
from payments_core.operations.discounting import Where, give_all
from payments_core.operations.invoicing import line_of
from payments_core.operations.lining import blank
from payments_core.operations.params import ShippingParams, TransferParams, told
from payments_core.operations.tax_rates import rates_of
from payments_core.operations.work import Work
from payments_core.platform.metadata import merged
from payments_core.tokenization.payment_methods import PaymentMethod

NUMBER_MAX: Final = 26
CUSTOM_FIELDS_MAX: Final = 4


@attrs.frozen(kw_only=True)
class InvoiceFieldParams:
    """A line that is printed on the invoice."""

    name: str
    value: str


@attrs.frozen(kw_only=True)
class AutomaticTaxParams:
    """Tax calculation, which this system leaves to tax rates."""

    enabled: bool
    liability: FreeForm | None = None


@attrs.frozen(kw_only=True)
class PaymentSettingsParams:
    """What the invoice can be paid with."""

    default_mandate: str | Literal[""] | None = None
    payment_method_options: FreeForm | None = None
    payment_method_types: tuple[str, ...] | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class PlainAmounts:
    """An extension of this server: a bill of charges and a tax, without lines of one's own.

    `due_amount` is the sum of both; where it is given without the charges they are what is left beside the tax.
    """

    application_charges: int | None = None
    tax: int | None = None
    due_amount: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether any of them was given."""
        return (self.application_charges, self.tax, self.due_amount) != (None, None, None)


@attrs.frozen(kw_only=True)
class InvoiceParams(PlainAmounts):
    """What can be said of an invoice, at first or later."""

    account_tax_ids: tuple[str, ...] | Literal[""] | None = None
    application_fee_amount: int | None = None
    auto_advance: bool | None = None
    automatic_tax: AutomaticTaxParams | None = None
    automatically_finalizes_at: Timestamp | None = None
    collection_method: Collection | None = None
    custom_fields: tuple[InvoiceFieldParams, ...] | Literal[""] | None = None
    days_until_due: int | None = None
    default_payment_method: str | Literal[""] | None = None
    default_source: str | Literal[""] | None = None
    default_tax_rates: tuple[str, ...] | Literal[""] | None = None
    description: str | Literal[""] | None = None
    discounts: tuple[DiscountParams, ...] | Literal[""] | None = None
    due_date: Timestamp | None = None
    effective_at: Timestamp | Literal[""] | None = None
    footer: str | Literal[""] | None = None
    issuer: FreeForm | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    number: str | Literal[""] | None = None
    on_behalf_of: str | Literal[""] | None = None
    payment_settings: PaymentSettingsParams | None = None
    rendering: FreeForm | None = None
    shipping_cost: FreeForm | Literal[""] | None = None
    shipping_details: ShippingParams | Literal[""] | None = None
    statement_descriptor: str | None = None
    transfer_data: TransferParams | Literal[""] | None = None


def check(params: InvoiceParams, work: Work, collection: Collection) -> None:
    """Refuse what cannot be, and what this system cannot do."""
    unsupported(params, "shipping_cost")
    if params.automatic_tax is not None and params.automatic_tax.enabled:
        raise ParamInvalid(
            "This server does not calculate taxes: use tax rates.", param="automatic_tax[enabled]"
        )
    at_most_one(params, "days_until_due", "due_date")
    dated = params.days_until_due is not None or params.due_date is not None
    if dated and collection is not Collection.SEND_INVOICE:
        raise InvalidRequest(
            "You can only set a due date when collection_method is send_invoice.",
            param="due_date" if params.due_date is not None else "days_until_due",
        )
    if params.days_until_due is not None and not 0 <= params.days_until_due <= 3650:
        raise ParamInvalid("An invoice is due within ten years.", param="days_until_due")
    for name in ("due_date", "automatically_finalizes_at"):
        at = getattr(params, name)
        if at is not None and at <= work.now:
            raise ParamInvalid("This time must be in the future.", param=name)
    if params.custom_fields and len(params.custom_fields) > CUSTOM_FIELDS_MAX:
        raise ParamInvalid(
            f"An invoice has at most {CUSTOM_FIELDS_MAX} custom fields.", param="custom_fields"
        )
    if params.number and len(params.number) > NUMBER_MAX:
        raise ParamInvalid(f"A number has at most {NUMBER_MAX} characters.", param="number")


async def changed(work: Work, invoice: Invoice, params: InvoiceParams) -> Invoice:
    """The draft with what was sent changed, and priced anew."""
    discounts = invoice.discounts
    if params.discounts is not None:
        where = Where(currency=invoice.currency, customer=invoice.customer, invoice=invoice.id)
        discounts = await give_all(work, params.discounts or (), where)
    rates = invoice.default_tax_rates
    if params.default_tax_rates is not None:
        rates = await rates_of(work, params.default_tax_rates or (), param="default_tax_rates")
    shares = await with_amounts(
        work, invoice.shares, params.application_fee_amount, params.transfer_data, params.on_behalf_of
    )
    invoice = attrs.evolve(invoice, shares=shares)
    invoice = await _with_payer(work, _with_words(invoice, params), params)
    invoice = attrs.evolve(invoice, discounts=discounts, default_tax_rates=rates)
    if params.is_plain:
        return _with_plain(work, invoice, params)
    return invoice.repriced()


def _with_words(invoice: Invoice, params: InvoiceParams) -> Invoice:
    fields = invoice.custom_fields
    if params.custom_fields is not None:
        fields = tuple((field.name, field.value) for field in params.custom_fields or ())
    method = params.collection_method or invoice.collection_method
    types = params.payment_settings.payment_method_types if params.payment_settings else None
    sends = method is Collection.SEND_INVOICE
    shipping = params.shipping_details
    advance = invoice.auto_advance if params.auto_advance is None else params.auto_advance
    return attrs.evolve(
        invoice,
        auto_advance=advance,
        automatically_finalizes_at=params.automatically_finalizes_at or invoice.automatically_finalizes_at,
        collection_method=method,
        custom_fields=fields,
        days_until_due=(
            params.days_until_due if params.days_until_due is not None else invoice.days_until_due
        )
        if sends
        else None,
        due_date=(params.due_date or invoice.due_date) if sends else None,
        description=told(invoice.description, params.description),
        effective_at=told(invoice.effective_at, params.effective_at),
        footer=told(invoice.footer, params.footer),
        metadata=merged(invoice.metadata, params.metadata),
        number=told(invoice.number, params.number),
        on_behalf_of=told(invoice.on_behalf_of, params.on_behalf_of),
        payment_method_types=invoice.payment_method_types if types is None else types or (),
        shipping_details=told(
            invoice.shipping_details, shipping.value if isinstance(shipping, ShippingParams) else shipping
        ),
        statement_descriptor=params.statement_descriptor or invoice.statement_descriptor,
    )


async def _with_payer(work: Work, invoice: Invoice, params: InvoiceParams) -> Invoice:
    method = params.default_payment_method
    source = params.default_source
    await check_method(work, invoice, method, "default_payment_method")
    await check_method(work, invoice, source, "default_source")
    return attrs.evolve(
        invoice,
        default_payment_method=told(invoice.default_payment_method, method),
        default_source=told(invoice.default_source, source),
    )


async def check_method(work: Work, invoice: Invoice, method_id: str | None, param: str) -> None:
    """Refuse a payment method that is not the customer's."""
    if not method_id:
        return
    method = await work.get(PaymentMethod, method_id, param=param)
    if method.customer is None or method.customer != invoice.customer:
        raise InvalidRequest(
            f"The customer does not have a payment method with the ID {method_id}.",
            code="resource_missing",
            param=param,
        )


def _with_plain(work: Work, invoice: Invoice, params: PlainAmounts) -> Invoice:
    """The draft as one line of charges with one tax."""
    before = invoice.lines[0] if invoice.lines else None
    if before is not None and (len(invoice.lines) > 1 or before.invoice_item or before.item.price):
        raise InvalidRequest("This invoice has lines: change them instead.", param="application_charges")
    tax = params.tax if params.tax is not None else before.exclusive_tax if before else 0
    charges = params.application_charges
    if charges is None:
        known = before.item.amount if before else 0
        charges = known if params.due_amount is None else params.due_amount - tax
    if params.due_amount is not None and params.due_amount != charges + tax:
        raise AmountRefused("The due amount is the sum of charges and tax.", code=None, param="due_amount")
    if charges < 0 or tax < 0:
        raise AmountRefused("Charges and tax are not negative.", code=None, param="application_charges")
    item = attrs.evolve(
        blank(work, invoice.currency),
        amount=charges,
        description="Application charges",
        given_taxes=(_plain_tax(work, charges, tax),) if tax else (),
        period=invoice.period if before is None else before.item.period,
    )
    line = before.showing(item) if before else line_of(work, invoice, item)
    return invoice.with_lines((line,))


def _plain_tax(work: Work, charges: int, tax: int) -> GivenTax:
    rate = TaxRate(
        account_id=work.account_id,
        id=TaxRateId(work.new_id("txr")),
        created=work.now,
        display_name="Tax",
        percentage=Decimal(0),
        inclusive=False,
        active=False,
    )
    work.put(rate)
    return GivenTax(rate=rate, amount=tax, taxable_amount=charges)
