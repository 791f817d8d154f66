"""The invoice as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.api_error import ApiErrorObject
from payments_web.objects.charge import ShippingObject
from payments_web.objects.common import AddressObject, CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.customer import CustomFieldObject
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
class InvoiceTotalTaxObject:
    """`total_tax` of invoice objects."""

    amount: Minor
    tax_behavior: str = "exclusive"
    tax_rate_details: Hash | None = None
    taxability_reason: str = "not_available"
    taxable_amount: Minor | None = None
    type: str = "tax_rate_details"


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
    confirmation_secret: Hash | UnsetType = UNSET
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
    shipping_details: Hash | None = None
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
    total_taxes: tuple[InvoiceTotalTaxObject, ...] = ()
    webhooks_delivered_at: Seconds | None = None
