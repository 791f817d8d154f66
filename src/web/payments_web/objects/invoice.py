"""The invoice as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Any, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.invoices import BilledTo, Invoice, InvoiceState
from payments_core.billing.totals import Totals
from payments_core.platform.metadata import NOTHING
from payments_web.objects.api_error import ApiErrorObject
from payments_web.objects.charge import ShippingObject
from payments_web.objects.common import AddressObject, CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.customer import CustomFieldObject
from payments_web.objects.invoice_line_item import InvoiceLineItemObject, LineTaxObject
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable, Includable
from payments_web.objects.tax_rate import TaxRateObject


@attrs.frozen(kw_only=True, slots=False)
class InvoiceAutomaticTaxObject:
    """`automatic_tax` of invoice objects."""

    disabled_reason: str | None = None
    enabled: bool = False
    liability: Hash | None = None
    provider: str | None = None
    status: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceCustomerTaxIdObject:
    """`customer_tax_id` of invoice objects."""

    type: str
    value: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceIssuerObject:
    """`issuer` of invoice objects."""

    account: Annotated[str | None, Expandable("account")] = None
    type: str = "self"


@attrs.frozen(kw_only=True, slots=False)
class InvoiceParentSubscriptionDetailsObject:
    """`parent_subscription_details` of invoice objects."""

    metadata: MetadataText | None = None
    subscription: Annotated[str, Expandable("subscription")]
    subscription_proration_date: Seconds | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class InvoiceParentObject:
    """`parent` of invoice objects."""

    quote_details: Hash | None = None
    subscription_details: InvoiceParentSubscriptionDetailsObject | None = None
    type: str = "subscription_details"


@attrs.frozen(kw_only=True, slots=False)
class InvoicePaymentSettingsObject:
    """`payment_settings` of invoice objects."""

    default_mandate: str | None = None
    payment_method_options: Hash | None = None
    payment_method_types: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceStatusTransitionsObject:
    """`status_transitions` of invoice objects."""

    finalized_at: Seconds | None = None
    marked_uncollectible_at: Seconds | None = None
    paid_at: Seconds | None = None
    voided_at: Seconds | None = None


@attrs.frozen(kw_only=True, slots=False)
class InvoiceTotalDiscountAmountObject:
    """`total_discount_amount` of invoice objects."""

    amount: Minor
    discount: Annotated[str, Expandable("discount")]


@attrs.frozen(kw_only=True, slots=False)
class ConfirmationSecretObject:
    """What a payer's browser confirms the payment with."""

    client_secret: str
    type: str = "payment_intent"


@attrs.frozen(kw_only=True, slots=False)
class InvoiceObject:
    """What a customer owes, line by line, and what became of it."""

    id: str
    object: Literal["invoice"] = "invoice"
    account_country: str | None = None
    account_name: str | None = None
    account_tax_ids: tuple[Annotated[str, Expandable("tax_id")], ...] | None = None
    amount_due: Minor
    amount_overpaid: Minor = 0
    amount_paid: Minor = 0
    amount_paid_off_stripe: Minor | UnsetType = UNSET
    amount_remaining: Minor
    amount_shipping: Minor = 0
    application: Annotated[str | None, Expandable("application")] = None
    attempt_count: int = 0
    attempted: bool = False
    auto_advance: bool = False
    automatic_tax: InvoiceAutomaticTaxObject = InvoiceAutomaticTaxObject()
    automatically_finalizes_at: Seconds | None = None
    billing_reason: str | None = None
    collection_method: str = "charge_automatically"
    confirmation_secret: Annotated[
        ConfirmationSecretObject | UnsetType, Expandable("confirmation_secret")
    ] = UNSET
    created: Seconds
    currency: CurrencyText
    custom_fields: tuple[CustomFieldObject, ...] | None = None
    customer: Annotated[str | None, Expandable("customer")] = None
    customer_account: str | None = None
    customer_address: AddressObject | None = None
    customer_email: str | None = None
    customer_name: str | None = None
    customer_phone: str | None = None
    customer_shipping: ShippingObject | None = None
    customer_tax_exempt: str = "none"
    customer_tax_ids: tuple[InvoiceCustomerTaxIdObject, ...] = ()
    default_payment_method: Annotated[str | None, Expandable("payment_method")] = None
    default_source: Annotated[str | None, Expandable("account", "bank_account", "card")] = None
    default_tax_rates: tuple[TaxRateObject, ...] = ()
    description: str | None = None
    discounts: tuple[Annotated[str, Expandable("discount")], ...] = ()
    due_date: Seconds | None = None
    effective_at: Seconds | None = None
    ending_balance: Minor | None = None
    footer: str | None = None
    from_invoice: Hash | None = None
    hosted_invoice_url: str | None = None
    invoice_pdf: str | None = None
    issuer: InvoiceIssuerObject = InvoiceIssuerObject()
    last_finalization_error: ApiErrorObject | None = None
    latest_revision: Annotated[str | None, Expandable("invoice")] = None
    lines: ListObject
    livemode: bool
    metadata: MetadataText = NOTHING
    next_payment_attempt: Seconds | None = None
    number: str | None = None
    on_behalf_of: Annotated[str | None, Expandable("account")] = None
    parent: InvoiceParentObject | None = None
    payment_settings: InvoicePaymentSettingsObject = InvoicePaymentSettingsObject()
    payments: Annotated[
        ListObject | UnsetType, Includable("invoice_payment", "invoice", "/v1/invoice_payments?invoice={id}")
    ] = UNSET
    period_end: Seconds
    period_start: Seconds
    post_payment_credit_notes_amount: Minor = 0
    pre_payment_credit_notes_amount: Minor = 0
    receipt_number: str | None = None
    rendering: Hash | None = None
    shipping_cost: Hash | None = None
    shipping_details: ShippingObject | None = None
    starting_balance: Minor = 0
    statement_descriptor: str | None = None
    status: str = "draft"
    status_details: Hash | UnsetType = UNSET
    status_transitions: InvoiceStatusTransitionsObject = InvoiceStatusTransitionsObject()
    subtotal: Minor
    subtotal_excluding_tax: Minor | None = None
    test_clock: Annotated[str | None, Expandable("test_helpers.test_clock")] = None
    threshold_reason: Hash | UnsetType = UNSET
    total: Minor
    total_discount_amounts: tuple[InvoiceTotalDiscountAmountObject, ...] = ()
    total_excluding_tax: Minor | None = None
    total_pretax_credit_amounts: tuple[Hash, ...] = ()
    total_taxes: tuple[LineTaxObject, ...] = ()
    webhooks_delivered_at: Seconds | None = None

    @classmethod
    def of(cls, invoice: Invoice, livemode: bool) -> Self:
        """Show an invoice."""
        fields = tuple(CustomFieldObject(name=name, value=value) for name, value in invoice.custom_fields)
        return cls(
            **payer_of(invoice.billed_to),
            **totals_of(invoice.totals),
            id=invoice.id,
            hosted_invoice_url=invoice.hosted_url,
            invoice_pdf=f"{invoice.hosted_url}/pdf" if invoice.hosted_url else None,
            account_country=invoice.account_country,
            account_name=invoice.account_name,
            amount_due=invoice.amount_due,
            amount_overpaid=invoice.amount_overpaid,
            amount_paid=invoice.amount_paid,
            amount_paid_off_stripe=invoice.amount_paid if invoice.paid_out_of_band else UNSET,
            amount_remaining=invoice.amount_remaining,
            attempt_count=invoice.attempt_count,
            attempted=invoice.attempted,
            auto_advance=invoice.auto_advance,
            automatically_finalizes_at=invoice.automatically_finalizes_at,
            billing_reason=invoice.billing_reason,
            collection_method=invoice.collection_method,
            confirmation_secret=ConfirmationSecretObject(client_secret=invoice.confirmation_secret)
            if invoice.confirmation_secret
            else UNSET,
            created=invoice.created,
            currency=invoice.currency,
            custom_fields=fields or None,
            customer=invoice.customer,
            default_payment_method=invoice.default_payment_method,
            default_source=invoice.default_source,
            default_tax_rates=tuple(TaxRateObject.of(rate, livemode) for rate in invoice.default_tax_rates),
            description=invoice.description,
            discounts=tuple(discount.id for discount in invoice.discounts),
            due_date=invoice.due_date,
            effective_at=invoice.effective_at,
            ending_balance=invoice.ending_balance,
            footer=invoice.footer,
            last_finalization_error=finalization_error_of(invoice),
            lines=lines_of(invoice, livemode),
            livemode=livemode,
            metadata=invoice.metadata,
            next_payment_attempt=invoice.next_payment_attempt,
            number=invoice.number,
            on_behalf_of=invoice.on_behalf_of,
            parent=parent_of(invoice),
            payment_settings=InvoicePaymentSettingsObject(
                payment_method_types=invoice.payment_method_types or None
            ),
            period_end=invoice.period.end,
            period_start=invoice.period.start,
            post_payment_credit_notes_amount=invoice.post_payment_credit_notes,
            pre_payment_credit_notes_amount=invoice.pre_payment_credit_notes,
            shipping_details=ShippingObject.of(invoice.shipping_details)
            if invoice.shipping_details
            else None,
            starting_balance=invoice.starting_balance,
            statement_descriptor=invoice.statement_descriptor,
            status=invoice.status,
            status_transitions=InvoiceStatusTransitionsObject(**attrs.asdict(invoice.times)),
            test_clock=invoice.test_clock,
            webhooks_delivered_at=None if invoice.status is InvoiceState.DRAFT else invoice.created,
        )


def totals_of(totals: Totals) -> dict[str, Any]:
    """What the lines come to."""
    return {
        "subtotal": totals.subtotal,
        "subtotal_excluding_tax": totals.subtotal_excluding_tax,
        "total": totals.total,
        "total_discount_amounts": tuple(
            InvoiceTotalDiscountAmountObject(amount=one.amount, discount=one.discount)
            for one in totals.discounts
        ),
        "total_excluding_tax": totals.total_excluding_tax,
        "total_taxes": tuple(map(LineTaxObject.of, totals.taxes)),
    }


def payer_of(billed: BilledTo) -> dict[str, Any]:
    """The customer as they were when the invoice was finalized."""
    return {
        "customer_address": AddressObject.of(billed.address) if billed.address else None,
        "customer_email": billed.email,
        "customer_name": billed.name,
        "customer_phone": billed.phone,
        "customer_shipping": ShippingObject.of(billed.shipping) if billed.shipping else None,
        "customer_tax_exempt": billed.tax_exempt,
    }


SHOWN_LINES = 10
"""How many lines an invoice shows; the rest is listed at the `url`."""


def lines_of(invoice: Invoice, livemode: bool) -> ListObject:
    """The first lines of an invoice."""
    return ListObject(
        data=[InvoiceLineItemObject.of(line, livemode) for line in invoice.lines[:SHOWN_LINES]],
        has_more=len(invoice.lines) > SHOWN_LINES,
        url=f"/v1/invoices/{invoice.id}/lines",
    )


def parent_of(invoice: Invoice) -> InvoiceParentObject | None:
    """The subscription that made the invoice."""
    if invoice.subscription is None:
        return None
    details = InvoiceParentSubscriptionDetailsObject(
        metadata=invoice.subscription_metadata, subscription=invoice.subscription
    )
    return InvoiceParentObject(subscription_details=details)


def finalization_error_of(invoice: Invoice) -> ApiErrorObject | None:
    """Why the invoice could not be finalized by itself."""
    error = invoice.finalization_error
    if error is None:
        return None
    return ApiErrorObject(code=error.code or UNSET, message=error.message, type="invalid_request_error")
