"""The checkout session as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlencode

import attrs
from msgspec import UNSET, UnsetType

from payments_core.checkout.sessions import CheckoutSession, Look, SessionState, ShippingOption
from payments_core.payments.charges import Shipping
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.payment_methods import BillingDetails
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

    @classmethod
    def of(cls, texts: Metadata) -> Self:
        """Show the merchant's own words."""
        return cls(**{place: {"message": message} for place, message in texts.items()})


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

    @classmethod
    def of(cls, details: BillingDetails) -> Self:
        """Show who pays."""
        address = details.address
        told = any(attrs.astuple(address))
        return cls(
            address=AddressObject.of(address) if told else None,
            email=details.email,
            name=details.name,
            phone=details.phone,
        )


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
class CheckoutSessionDiscountObject:
    """`discounts` of checkout session objects."""

    coupon: Annotated[str | None, Expandable("coupon")] = None
    promotion_code: Annotated[str | None, Expandable("promotion_code")] = None


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
    discounts: tuple[CheckoutSessionDiscountObject, ...] = ()
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
    payment_mode: str | UnsetType = UNSET
    """An extension of this server, there where it was given."""
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
    shipping_info: str | UnsetType = UNSET
    """Likewise."""
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

    @classmethod
    def of(cls, session: CheckoutSession, livemode: bool, base_url: str | None = None) -> Self:
        """Show a checkout session; its page has an address while it is open, and *base_url* is known."""
        is_open = session.status is SessionState.OPEN
        return cls(
            id=session.id,
            allow_promotion_codes=session.allow_promotion_codes,
            amount_subtotal=session.amount_subtotal,
            amount_total=session.amount_total,
            billing_address_collection=session.billing_address_collection,
            branding_settings=_look(session.look) if session.look else UNSET,
            cancel_url=session.cancel_url,
            client_reference_id=session.client_reference_id,
            collected_information=_collected(session.shipping),
            created=session.created,
            currency=session.currency,
            custom_text=CheckoutSessionCustomTextObject.of(session.custom_text),
            customer=session.customer,
            customer_creation=session.customer_creation,
            customer_details=CheckoutSessionCustomerDetailsObject.of(session.details)
            if session.details
            else None,
            customer_email=session.customer_email,
            discounts=_discounts(session),
            expires_at=session.expires_at,
            livemode=livemode,
            locale=session.locale,
            metadata=session.metadata,
            mode=session.mode,
            # The bill's own, as everywhere: it is found by way of the invoice.
            payment_intent=None if session.mode == "subscription" else session.payment_intent,
            subscription=session.subscription,
            invoice=session.invoice,
            payment_method_options=CheckoutSessionPaymentMethodOptionsObject(
                card=_card(session.card_options)
            ),
            payment_method_collection=_collection(session),
            payment_mode=session.payment_mode or UNSET,
            payment_status=session.payment_status,
            phone_number_collection=CheckoutSessionPhoneNumberCollectionObject(enabled=session.asks_phone),
            setup_intent=session.setup_intent,
            shipping_address_collection={"allowed_countries": session.shipping_countries}
            if session.shipping_countries
            else None,
            shipping_cost=_cost(session.shipping_option),
            shipping_info=session.shipping_info or UNSET,
            shipping_options=tuple(
                {"shipping_amount": option.amount, "shipping_rate": option.id}
                for option in session.shipping_options
            ),
            status=session.status,
            submit_type=session.submit_type,
            success_url=session.success_url,
            total_details=_totals(session),
            ui_mode=session.ui_mode,
            url=page_url(session, base_url) if is_open and base_url else None,
        )


_CARD_OPTIONS: Final = frozenset(
    field.name for field in attrs.fields(CheckoutSessionPaymentMethodOptionsCardObject)
)


def page_url(session: CheckoutSession, base_url: str) -> str:
    """Where the session's page is."""
    return f"{base_url}/c/pay/{session.id}?{urlencode({'account': session.account_id})}"


def _card(options: Metadata) -> CheckoutSessionPaymentMethodOptionsCardObject:
    shown: dict[str, Any] = {name: value for name, value in options.items() if name in _CARD_OPTIONS}
    return CheckoutSessionPaymentMethodOptionsCardObject(**shown)


def _collected(shipping: Shipping | None) -> CheckoutSessionCollectedInformationObject | None:
    if shipping is None:
        return None
    address = AddressObject.of(shipping.address)
    return CheckoutSessionCollectedInformationObject(
        shipping_details={"address": address, "name": shipping.name}
    )


def _cost(option: ShippingOption | None) -> Hash | None:
    if option is None:
        return None
    return {
        "amount_subtotal": option.amount,
        "amount_tax": 0,
        "amount_total": option.amount,
        "shipping_rate": option.id,
        "taxes": (),
    }


def _collection(session: CheckoutSession) -> str:
    return session.payment_method_collection or (
        "always" if session.mode == "subscription" else "if_required"
    )


def _totals(session: CheckoutSession) -> CheckoutSessionTotalDetailsObject | None:
    if session.amount_total is None:
        return None
    option = session.shipping_option
    return CheckoutSessionTotalDetailsObject(
        amount_discount=session.amount_discount,
        amount_shipping=option.amount if option else 0,
        amount_tax=session.amount_tax,
    )


def _discounts(session: CheckoutSession) -> tuple[CheckoutSessionDiscountObject, ...]:
    offer = session.offer
    if offer is None:
        return ()
    return (CheckoutSessionDiscountObject(coupon=offer.coupon.id, promotion_code=offer.promotion_code),)


def _look(look: Look) -> Hash:
    return {
        "background_color": look.background_color or "#ffffff",
        "border_style": "rounded",
        "button_color": look.button_color or "#1a56db",
        "display_name": look.display_name or "",
        "font_family": "default",
        "icon": None,
        "logo": {"type": "url", "url": look.logo} if look.logo else None,
    }
