"""The charge as clients see it."""

from typing import Annotated, Final, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.payments.charges import Charge, ChargeState, Shipping, TransferData, Verdict
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.cards import Brand
from payments_web.objects.card import CardObject
from payments_web.objects.common import (
    AddressObject,
    BillingDetailsObject,
    CurrencyText,
    Hash,
    MetadataText,
    Minor,
    Seconds,
)
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable, Includable


@attrs.frozen(kw_only=True, slots=False)
class FraudDetailsObject:
    """What was reported about fraud: empty as a rule."""

    stripe_report: str | UnsetType = UNSET
    user_report: str | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class OutcomeObject:
    """Why the charge went as it did."""

    advice_code: str | None = None
    network_advice_code: str | None = None
    network_decline_code: str | None = None
    network_status: str | None = None
    reason: str | None = None
    risk_level: str | None = None
    risk_score: int | None = None
    rule: Annotated[str | UnsetType, Expandable("radar.rule")] = UNSET
    seller_message: str | None = None
    type: str

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Show a verdict."""
        return cls(
            network_decline_code=verdict.network_decline_code,
            network_status=verdict.network_status,
            reason=verdict.reason,
            risk_level=verdict.risk_level,
            risk_score=verdict.risk_score,
            seller_message=verdict.seller_message,
            type=verdict.type,
        )


@attrs.frozen(kw_only=True, slots=False)
class CardChecksObject:
    """What the issuer said of code and address."""

    address_line1_check: str | None = None
    address_postal_code_check: str | None = None
    cvc_check: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class FeatureObject:
    """Whether the network offers something for this payment."""

    status: str


@attrs.frozen(kw_only=True, slots=False)
class OvercaptureObject:
    """Whether more than the promise can be taken."""

    maximum_amount_capturable: Minor
    status: str


@attrs.frozen(kw_only=True, slots=False)
class NetworkTokenObject:
    """Whether a network token stood in for the number."""

    used: bool = False


@attrs.frozen(kw_only=True, slots=False)
class ThreeDSecureObject:
    """How the cardholder was authenticated."""

    authentication_flow: str | None = None
    electronic_commerce_indicator: str | None = None
    exemption_indicator: str | None = None
    exemption_indicator_applied: bool | UnsetType = UNSET
    result: str | None = None
    result_reason: str | None = None
    transaction_id: str | None = None
    version: str | None = None

    @classmethod
    def of(cls, facts: Metadata) -> Self:
        """Show what the authentication brought; facts of other names are for the network alone."""
        return cls(
            authentication_flow=facts.get("authentication_flow"),
            electronic_commerce_indicator=facts.get("electronic_commerce_indicator"),
            result=facts.get("result"),
            result_reason=facts.get("result_reason"),
            transaction_id=facts.get("transaction_id"),
            version=facts.get("version"),
        )


DISABLED: Final = FeatureObject(status="disabled")
UNAVAILABLE: Final = FeatureObject(status="unavailable")
AVAILABLE: Final = FeatureObject(status="available")
NO_NETWORK_TOKEN: Final = NetworkTokenObject()
NO_FRAUD: Final = FraudDetailsObject()


@attrs.frozen(kw_only=True, slots=False)
class ChargeCardObject:
    """The card as it was when it was charged."""

    amount_authorized: Minor | None = None
    authorization_code: str | None = None
    brand: Brand
    capture_before: Seconds | UnsetType = UNSET
    checks: CardChecksObject
    country: str | None = None
    description: str | UnsetType = UNSET
    electronic_commerce_indicator: str | None = None
    exp_month: int
    exp_year: int
    extended_authorization: FeatureObject = DISABLED
    fingerprint: str
    funding: str
    iin: str | UnsetType = UNSET
    incremental_authorization: FeatureObject = AVAILABLE
    installments: Hash | None = None
    issuer: str | UnsetType = UNSET
    last4: str
    mandate: Annotated[str | None, Expandable("mandate")] = None
    moto: bool | UnsetType = UNSET
    multicapture: FeatureObject = UNAVAILABLE
    network: str | None = None
    network_token: NetworkTokenObject = NO_NETWORK_TOKEN
    network_transaction_id: str | None = None
    overcapture: OvercaptureObject
    regulated_status: str | None = "unregulated"
    setup_credential_usage: str | None = None
    stored_credential_usage: str | None = None
    three_d_secure: ThreeDSecureObject | None = None
    transaction_link_id: str | None = None
    wallet: Hash | None = None

    @classmethod
    def of(cls, charge: Charge) -> Self:
        """Show the card of a charge."""
        card = charge.paid_with
        authorized = charge.status is ChargeState.SUCCEEDED
        return cls(
            amount_authorized=charge.amount if authorized else None,
            authorization_code=charge.authorization_code,
            brand=card.brand,
            capture_before=UNSET if charge.capture_before is None else charge.capture_before,
            checks=CardChecksObject(
                address_line1_check=card.address_line1_check,
                address_postal_code_check=card.address_postal_code_check,
                cvc_check=card.cvc_check,
            ),
            country=card.country,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            fingerprint=card.fingerprint,
            funding=card.funding,
            multicapture=AVAILABLE if charge.more_to_capture else UNAVAILABLE,
            incremental_authorization=AVAILABLE if authorized and not charge.captured else UNAVAILABLE,
            last4=card.last4,
            network=card.brand,
            network_transaction_id=charge.network_reference,
            overcapture=OvercaptureObject(maximum_amount_capturable=charge.amount, status="unavailable"),
            three_d_secure=ThreeDSecureObject.of(charge.three_d_secure)
            if "result" in charge.three_d_secure
            else None,
        )


@attrs.frozen(kw_only=True, slots=False)
class PaymentMethodDetailsObject:
    """The payment method as it was when it was charged."""

    card: ChargeCardObject | UnsetType = UNSET
    stripe_account: Hash | UnsetType = UNSET
    type: Literal["card", "stripe_account"] = "card"

    @classmethod
    def of(cls, charge: Charge) -> Self:
        """Show what was charged: a card, or another account's balance."""
        if charge.source_transfer is not None:
            return cls(stripe_account={}, type="stripe_account")
        return cls(card=ChargeCardObject.of(charge))


@attrs.frozen(kw_only=True, slots=False)
class ChargeTransferDataObject:
    """`transfer_data` of charge objects."""

    amount: Minor | None = None
    destination: Annotated[str, Expandable("account")]

    @classmethod
    def of(cls, data: TransferData) -> Self:
        """Show where the money goes on to."""
        return cls(amount=data.amount, destination=data.destination)


@attrs.frozen(kw_only=True, slots=False)
class ShippingObject:
    """Where goods go."""

    address: AddressObject
    carrier: str | None = None
    name: str | None = None
    phone: str | None = None
    tracking_number: str | None = None

    @classmethod
    def of(cls, shipping: Shipping) -> Self:
        """Show an addressee."""
        return cls(
            address=AddressObject.of(shipping.address),
            carrier=shipping.carrier,
            name=shipping.name,
            phone=shipping.phone,
            tracking_number=shipping.tracking_number,
        )


@attrs.frozen(kw_only=True, slots=False)
class ChargeObject:
    """One attempt to move money from a payer to the merchant."""

    id: str
    object: Literal["charge"] = "charge"
    amount: Minor
    amount_captured: Minor
    amount_refunded: Minor
    application: Annotated[str | None, Expandable("application")] = None
    application_fee: Annotated[str | None, Expandable("application_fee")] = None
    application_fee_amount: Minor | None = None
    authorization_code: str | UnsetType = UNSET
    balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    billing_details: BillingDetailsObject
    calculated_statement_descriptor: str | None = None
    captured: bool
    created: Seconds
    currency: CurrencyText
    customer: Annotated[str | None, Expandable("customer")] = None
    description: str | None = None
    disputed: bool
    failure_balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    failure_code: str | None = None
    failure_message: str | None = None
    fraud_details: FraudDetailsObject = NO_FRAUD
    level3: Hash | UnsetType = UNSET
    livemode: bool
    metadata: MetadataText = NOTHING
    on_behalf_of: Annotated[str | None, Expandable("account")] = None
    outcome: OutcomeObject | None = None
    paid: bool
    payment_intent: Annotated[str | None, Expandable("payment_intent")] = None
    payment_method: str | None = None
    payment_method_details: PaymentMethodDetailsObject
    presentment_details: Hash | UnsetType = UNSET
    radar_options: Hash = NOTHING
    receipt_email: str | None = None
    receipt_number: str | None = None
    receipt_url: str | None = None
    refunded: bool
    refunds: Annotated[ListObject | UnsetType, Includable("refund", "charge", "/v1/charges/{id}/refunds")] = (
        UNSET
    )
    review: Annotated[str | None, Expandable("review")] = None
    shipping: ShippingObject | None = None
    source: CardObject | None = None
    source_transfer: Annotated[str | None, Expandable("transfer")] = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    status: ChargeState
    transfer: Annotated[str | UnsetType, Expandable("transfer")] = UNSET
    transfer_data: ChargeTransferDataObject | None = None
    transfer_group: str | None = None

    @classmethod
    def of(cls, charge: Charge, livemode: bool, base_url: str | None = None) -> Self:
        """Show a charge; with *base_url*, where its receipt is."""
        paid = charge.status is ChargeState.SUCCEEDED
        failure = charge.failure
        return cls(
            id=charge.id,
            amount=charge.amount,
            amount_captured=charge.amount_captured,
            amount_refunded=charge.amount_refunded,
            application=charge.application,
            application_fee=charge.application_fee,
            application_fee_amount=charge.application_fee_amount,
            balance_transaction=charge.balance_transaction,
            billing_details=BillingDetailsObject.of(charge.billing),
            calculated_statement_descriptor=_on_statement(charge),
            captured=charge.captured,
            created=charge.created,
            currency=charge.currency,
            customer=charge.customer,
            description=charge.description,
            disputed=charge.disputed,
            failure_balance_transaction=charge.failure_balance_transaction,
            failure_code=failure.code if failure else None,
            failure_message=failure.message if failure else None,
            fraud_details=FraudDetailsObject(user_report=charge.fraud_report)
            if charge.fraud_report
            else NO_FRAUD,
            livemode=livemode,
            metadata=charge.metadata,
            on_behalf_of=charge.on_behalf_of,
            outcome=OutcomeObject.of(charge.verdict) if charge.verdict else None,
            paid=paid,
            payment_intent=charge.payment_intent,
            payment_method=charge.payment_method or None,
            payment_method_details=PaymentMethodDetailsObject.of(charge),
            receipt_email=charge.receipt_email,
            receipt_number=charge.receipt_number,
            receipt_url=f"{base_url}/receipts/{charge.id}?account={charge.account_id}"
            if base_url and paid and charge.source_transfer is None
            else None,
            refunded=charge.refunded,
            shipping=ShippingObject.of(charge.shipping) if charge.shipping else None,
            source=_source(charge),
            source_transfer=charge.source_transfer,
            statement_descriptor=charge.statement_descriptor,
            statement_descriptor_suffix=charge.statement_descriptor_suffix,
            status=charge.status,
            transfer=charge.transfer or UNSET,
            transfer_data=ChargeTransferDataObject.of(charge.transfer_data) if charge.transfer_data else None,
            transfer_group=charge.transfer_group,
        )


def _on_statement(charge: Charge) -> str | None:
    """What the cardholder reads on the statement, as far as the charge itself says."""
    prefix, suffix = charge.statement_descriptor, charge.statement_descriptor_suffix
    if prefix and suffix:
        return f"{prefix}* {suffix}"[:22]
    return prefix or suffix


def _source(charge: Charge) -> CardObject | None:
    """The card in its older shape, for charges that were made the older way."""
    if not charge.payment_method.startswith("card_"):
        return None
    return CardObject.shown(charge.payment_method, charge.paid_with, charge.billing, charge.customer)
