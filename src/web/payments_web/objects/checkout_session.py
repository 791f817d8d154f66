"""The checkout session as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import AddressObject, CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable, Includable


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionAdaptivePricingObject:
    """`adaptive_pricing` of checkout session objects."""

    enabled: bool = False


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionAutomaticTaxObject:
    """`automatic_tax` of checkout session objects."""

    enabled: bool = False
    liability: Hash | None = None
    provider: str | None = None
    status: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionCollectedInformationObject:
    """`collected_information` of checkout session objects."""

    business_name: str | UnsetType = UNSET
    individual_name: str | UnsetType = UNSET
    shipping_details: Hash | None = None


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionCustomTextObject:
    """`custom_text` of checkout session objects."""

    after_submit: Hash | None = None
    shipping_address: Hash | None = None
    submit: Hash | None = None
    terms_of_service_acceptance: Hash | None = None


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionCustomerDetailsObject:
    """`customer_details` of checkout session objects."""

    address: AddressObject | None = None
    business_name: str | UnsetType = UNSET
    email: str | None = None
    individual_name: str | UnsetType = UNSET
    name: str | None = None
    phone: str | None = None
    tax_exempt: str = "none"
    tax_ids: tuple[Hash, ...] = ()


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionInvoiceCreationInvoiceDataObject:
    """`invoice_creation_invoice_data` of checkout session objects."""

    account_tax_ids: tuple[Annotated[str, Expandable("tax_id_resource")], ...] | None = None
    custom_fields: tuple[Hash, ...] | None = None
    description: str | None = None
    footer: str | None = None
    issuer: Hash | None = None
    metadata: MetadataText | None = None
    rendering_options: Hash | None = None


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionInvoiceCreationObject:
    """`invoice_creation` of checkout session objects."""

    enabled: bool = False
    invoice_data: CheckoutSessionInvoiceCreationInvoiceDataObject = (
        CheckoutSessionInvoiceCreationInvoiceDataObject()
    )


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionPaymentMethodOptionsCardObject:
    """`payment_method_options_card` of checkout session objects."""

    capture_method: str | UnsetType = UNSET
    installments: Hash | UnsetType = UNSET
    request_extended_authorization: str | UnsetType = UNSET
    request_incremental_authorization: str | UnsetType = UNSET
    request_multicapture: str | UnsetType = UNSET
    request_overcapture: str | UnsetType = UNSET
    request_three_d_secure: str = "automatic"
    restrictions: Hash | UnsetType = UNSET
    setup_future_usage: str | UnsetType = UNSET
    statement_descriptor_suffix_kana: str | UnsetType = UNSET
    statement_descriptor_suffix_kanji: str | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionPaymentMethodOptionsObject:
    """`payment_method_options` of checkout session objects."""

    card: CheckoutSessionPaymentMethodOptionsCardObject = CheckoutSessionPaymentMethodOptionsCardObject()


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionPhoneNumberCollectionObject:
    """`phone_number_collection` of checkout session objects."""

    enabled: bool = False


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionTotalDetailsObject:
    """`total_details` of checkout session objects."""

    amount_discount: Minor = 0
    amount_shipping: Minor = 0
    amount_tax: Minor = 0
    breakdown: Hash | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSessionObject:
    """A page on which somebody pays."""

    id: str
    object: Literal["checkout.session"] = "checkout.session"
    adaptive_pricing: CheckoutSessionAdaptivePricingObject = CheckoutSessionAdaptivePricingObject()
    after_expiration: Hash | None = None
    allow_promotion_codes: bool | None = None
    allowed_payment_method_types: tuple[str, ...] | UnsetType = UNSET
    amount_subtotal: Minor | None = None
    amount_total: Minor | None = None
    automatic_tax: CheckoutSessionAutomaticTaxObject = CheckoutSessionAutomaticTaxObject()
    billing_address_collection: str | None = None
    branding_settings: Hash | UnsetType = UNSET
    cancel_url: str | None = None
    client_reference_id: str | None = None
    client_secret: str | None = None
    collected_information: CheckoutSessionCollectedInformationObject | None = None
    consent: Hash | None = None
    consent_collection: Hash | None = None
    created: Seconds
    currency: CurrencyText | None = None
    currency_conversion: Hash | None = None
    custom_fields: tuple[Hash, ...] = ()
    custom_text: CheckoutSessionCustomTextObject = CheckoutSessionCustomTextObject()
    customer: Annotated[str | None, Expandable("customer")] = None
    customer_account: str | None = None
    customer_creation: str | None = None
    customer_details: CheckoutSessionCustomerDetailsObject | None = None
    customer_email: str | None = None
    discounts: tuple[Hash, ...] = ()
    excluded_payment_method_types: tuple[str, ...] | UnsetType = UNSET
    expires_at: Seconds
    integration_identifier: str | UnsetType = UNSET
    invoice: Annotated[str | None, Expandable("invoice")] = None
    invoice_creation: CheckoutSessionInvoiceCreationObject | None = None
    line_items: Annotated[
        ListObject | UnsetType, Includable("item", "session", "/v1/checkout/sessions/{id}/line_items")
    ] = UNSET
    livemode: bool
    locale: str | None = None
    managed_payments: Hash | UnsetType = UNSET
    metadata: MetadataText = NOTHING
    mode: str
    name_collection: Hash | UnsetType = UNSET
    optional_items: tuple[Hash, ...] | UnsetType = UNSET
    origin_context: str | None = None
    payment_intent: Annotated[str | None, Expandable("payment_intent")] = None
    payment_link: Annotated[str | None, Expandable("payment_link")] = None
    payment_method_collection: str = "if_required"
    payment_method_configuration_details: Hash | None = None
    payment_method_options: CheckoutSessionPaymentMethodOptionsObject = (
        CheckoutSessionPaymentMethodOptionsObject()
    )
    payment_method_types: tuple[str, ...] = ("card",)
    payment_status: str = "unpaid"
    permissions: Hash | None = None
    phone_number_collection: CheckoutSessionPhoneNumberCollectionObject = (
        CheckoutSessionPhoneNumberCollectionObject()
    )
    presentment_details: Hash | UnsetType = UNSET
    recovered_from: str | None = None
    redirect_on_completion: str | UnsetType = UNSET
    return_url: str | UnsetType = UNSET
    saved_payment_method_options: Hash | None = None
    setup_intent: Annotated[str | None, Expandable("setup_intent")] = None
    shipping_address_collection: Hash | None = None
    shipping_cost: Hash | None = None
    shipping_options: tuple[Hash, ...] = ()
    status: str | None = None
    submit_type: str | None = None
    subscription: Annotated[str | None, Expandable("subscription")] = None
    success_url: str | None = None
    tax_id_collection: Hash | UnsetType = UNSET
    total_details: CheckoutSessionTotalDetailsObject | None = None
    ui_mode: str = "hosted_page"
    url: str | None = None
    wallet_options: Hash | None = None
