"""The payment intent as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Any, Final, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.payments.charges import TransferData
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.platform.metadata import NOTHING, Metadata
from payments_web.objects.api_error import ApiErrorObject
from payments_web.objects.charge import ShippingObject
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.intents import AutomaticPaymentMethodsObject, NextActionObject
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class PaymentIntentAmountDetailsTipObject:
    """`amount_details_tip` of payment intent objects."""

    amount: Minor | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class PaymentIntentAmountDetailsObject:
    """`amount_details` of payment intent objects."""

    discount_amount: Minor | UnsetType = UNSET
    error: Hash | UnsetType = UNSET
    line_items: ListObject | UnsetType = UNSET
    shipping: Hash | UnsetType = UNSET
    tax: Hash | UnsetType = UNSET
    tip: PaymentIntentAmountDetailsTipObject = PaymentIntentAmountDetailsTipObject()


@attrs.frozen(kw_only=True, slots=False)
class PaymentIntentPaymentMethodOptionsCardObject:
    """`payment_method_options_card` of payment intent objects."""

    capture_method: str | UnsetType = UNSET
    installments: Hash | None = None
    mandate_options: Hash | None = None
    network: str | None = None
    request_extended_authorization: str | UnsetType = UNSET
    request_incremental_authorization: str | UnsetType = UNSET
    request_multicapture: str | UnsetType = UNSET
    request_overcapture: str | UnsetType = UNSET
    request_three_d_secure: str = "automatic"
    require_cvc_recollection: bool | UnsetType = UNSET
    setup_credential_usage: str | UnsetType = UNSET
    setup_future_usage: str | UnsetType = UNSET
    statement_descriptor_suffix_kana: str | UnsetType = UNSET
    statement_descriptor_suffix_kanji: str | UnsetType = UNSET
    stored_credential_usage: str | UnsetType = UNSET

    @classmethod
    def of(cls, options: Metadata) -> Self:
        """Show the options that were given."""
        return cls(**{name: _option(value) for name, value in options.items() if name in SHOWN_OPTIONS})


SHOWN_OPTIONS: Final = frozenset(
    field.name for field in attrs.fields(PaymentIntentPaymentMethodOptionsCardObject)
)


def _option(value: str) -> Any:
    return {"true": True, "false": False}.get(value, value)


@attrs.frozen(kw_only=True, slots=False)
class PaymentIntentPaymentMethodOptionsObject:
    """`payment_method_options` of payment intent objects."""

    card: PaymentIntentPaymentMethodOptionsCardObject = PaymentIntentPaymentMethodOptionsCardObject()


@attrs.frozen(kw_only=True, slots=False)
class PaymentIntentTransferDataObject:
    """`transfer_data` of payment intent objects."""

    amount: Minor | UnsetType = UNSET
    description: str | UnsetType = UNSET
    destination: Annotated[str, Expandable("account")]
    metadata: MetadataText | UnsetType = UNSET
    payment_data: Hash | UnsetType = UNSET

    @classmethod
    def of(cls, transfer: TransferData) -> Self:
        """Show where the money goes on to."""
        return cls(
            destination=transfer.destination, amount=UNSET if transfer.amount is None else transfer.amount
        )


@attrs.frozen(kw_only=True, slots=False)
class PaymentIntentObject:
    """The whole of one payment, through all its attempts."""

    id: str
    object: Literal["payment_intent"] = "payment_intent"
    allowed_payment_method_types: tuple[str, ...] | UnsetType = UNSET
    amount: Minor
    amount_capturable: Minor = 0
    amount_details: PaymentIntentAmountDetailsObject = PaymentIntentAmountDetailsObject()
    amount_received: Minor = 0
    application: Annotated[str | None, Expandable("application")] = None
    application_fee_amount: Minor | None = None
    automatic_payment_methods: AutomaticPaymentMethodsObject | None = None
    canceled_at: Seconds | None = None
    cancellation_reason: str | None = None
    capture_method: str = "automatic"
    client_secret: str | None = None
    confirmation_method: str = "automatic"
    created: Seconds
    currency: CurrencyText
    customer: Annotated[str | None, Expandable("customer")] = None
    customer_account: str | None = None
    description: str | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    hooks: Hash | UnsetType = UNSET
    last_payment_error: ApiErrorObject | None = None
    latest_charge: Annotated[str | None, Expandable("charge")] = None
    livemode: bool
    managed_payments: Hash | UnsetType = UNSET
    metadata: MetadataText = NOTHING
    next_action: NextActionObject | None = None
    on_behalf_of: Annotated[str | None, Expandable("account")] = None
    payment_details: Hash | UnsetType = UNSET
    payment_method: Annotated[str | None, Expandable("payment_method")] = None
    payment_method_configuration_details: Hash | None = None
    payment_method_options: PaymentIntentPaymentMethodOptionsObject = (
        PaymentIntentPaymentMethodOptionsObject()
    )
    payment_method_types: tuple[str, ...] = ("card",)
    payment_record: Annotated[str | UnsetType, Expandable("payment_record")] = UNSET
    presentment_details: Hash | UnsetType = UNSET
    processing: Hash | None = None
    receipt_email: str | None = None
    review: Annotated[str | None, Expandable("review")] = None
    setup_future_usage: str | None = None
    shipping: ShippingObject | None = None
    source: Annotated[str | None, Expandable("account", "bank_account", "card")] = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    status: str
    transfer_data: PaymentIntentTransferDataObject | None = None
    transfer_group: str | None = None

    @classmethod
    def of(cls, intent: PaymentIntent, livemode: bool, base_url: str | None = None) -> Self:
        """Show a payment intent; with *base_url*, links are absolute."""
        action, methods, transfer = intent.next_action, intent.automatic_methods, intent.transfer_data
        return cls(
            id=intent.id,
            amount=intent.amount,
            amount_capturable=intent.amount_capturable,
            amount_received=intent.amount_received,
            application_fee_amount=intent.application_fee_amount,
            automatic_payment_methods=AutomaticPaymentMethodsObject.of(methods) if methods else None,
            canceled_at=intent.canceled_at,
            cancellation_reason=intent.cancellation_reason,
            capture_method=intent.capture_method,
            client_secret=intent.client_secret,
            confirmation_method=intent.confirmation_method,
            created=intent.created,
            currency=intent.currency,
            customer=intent.customer,
            description=intent.description,
            last_payment_error=ApiErrorObject.of(intent.last_error, livemode) if intent.last_error else None,
            latest_charge=intent.latest_charge,
            livemode=livemode,
            metadata=intent.metadata,
            next_action=NextActionObject.of(action, base_url) if action else None,
            on_behalf_of=intent.on_behalf_of,
            payment_method=intent.payment_method,
            payment_method_options=PaymentIntentPaymentMethodOptionsObject(
                card=PaymentIntentPaymentMethodOptionsCardObject.of(intent.card_options)
            ),
            payment_method_types=intent.payment_method_types,
            receipt_email=intent.receipt_email,
            setup_future_usage=intent.setup_future_usage,
            shipping=ShippingObject.of(intent.shipping) if intent.shipping else None,
            statement_descriptor=intent.statement_descriptor,
            statement_descriptor_suffix=intent.statement_descriptor_suffix,
            status=intent.status,
            transfer_data=PaymentIntentTransferDataObject.of(transfer) if transfer else None,
            transfer_group=intent.transfer_group,
        )
