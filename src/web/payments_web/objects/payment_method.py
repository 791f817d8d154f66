"""The payment method as clients see it."""

from typing import Annotated, Final, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_core.tokenization.cards import Brand
from payments_core.tokenization.payment_methods import CardFacts, Check, PaymentMethod
from payments_web.objects.common import BillingDetailsObject, Hash, MetadataText, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class SavedCardChecksObject:
    """What the issuer said of code and address."""

    address_line1_check: Check | None = None
    address_postal_code_check: Check | None = None
    cvc_check: Check | None = None


@attrs.frozen(kw_only=True, slots=False)
class SavedCardNetworksObject:
    """The networks that can carry the card."""

    available: tuple[str, ...]
    preferred: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class ThreeDSecureUsageObject:
    """Whether the cardholder can be authenticated."""

    supported: bool = True


CAN_AUTHENTICATE: Final = ThreeDSecureUsageObject()


@attrs.frozen(kw_only=True, slots=False)
class SavedCardObject:
    """A card as a payment method shows it."""

    brand: Brand
    checks: SavedCardChecksObject
    country: str | None = None
    description: str | UnsetType = UNSET
    display_brand: str
    exp_month: int
    exp_year: int
    fingerprint: str
    funding: str
    generated_from: Hash | None = None
    iin: str | UnsetType = UNSET
    issuer: str | UnsetType = UNSET
    last4: str
    networks: SavedCardNetworksObject
    regulated_status: str | None = "unregulated"
    three_d_secure_usage: ThreeDSecureUsageObject = CAN_AUTHENTICATE
    wallet: Hash | None = None

    @classmethod
    def of(cls, card: CardFacts) -> Self:
        """Show what may be shown of a card."""
        return cls(
            brand=card.brand,
            checks=SavedCardChecksObject(
                address_line1_check=card.address_line1_check,
                address_postal_code_check=card.address_postal_code_check,
                cvc_check=card.cvc_check,
            ),
            country=card.country,
            display_brand="american_express" if card.brand is Brand.AMEX else card.brand.value,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            fingerprint=card.fingerprint,
            funding=card.funding,
            last4=card.last4,
            networks=SavedCardNetworksObject(available=(card.brand.value,)),
        )


@attrs.frozen(kw_only=True, slots=False)
class PaymentMethodObject:
    """A card that can be charged, alone or attached to a customer."""

    id: str
    object: Literal["payment_method"] = "payment_method"
    allow_redisplay: str = "unspecified"
    billing_details: BillingDetailsObject
    card: SavedCardObject
    created: Seconds
    customer: Annotated[str | None, Expandable("customer")] = None
    customer_account: str | None = None
    livemode: bool
    metadata: MetadataText = NOTHING
    radar_options: Hash = NOTHING
    type: Literal["card"] = "card"

    @classmethod
    def of(cls, method: PaymentMethod, livemode: bool) -> Self:
        """Show a payment method."""
        return cls(
            id=method.id,
            allow_redisplay=method.allow_redisplay,
            billing_details=BillingDetailsObject.of(method.billing),
            card=SavedCardObject.of(method.card),
            created=method.created,
            customer=method.customer,
            livemode=livemode,
            metadata=method.metadata,
        )
