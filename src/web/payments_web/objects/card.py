"""The card in its older shape: inside a token, as a customer's source, as the source of a charge."""

from typing import Annotated, Final, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.cards import DISPLAY_NAMES
from payments_core.tokenization.payment_methods import (
    BillingDetails,
    CardFacts,
    Check,
    PaymentMethod,
    SavedCard,
)
from payments_web.objects.common import MetadataText
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class CardNetworksObject:
    """Which network a card with two brands prefers."""

    preferred: str | None = None


NO_PREFERENCE: Final = CardNetworksObject()


@attrs.frozen(kw_only=True, slots=False)
class CardObject:
    """A card that somebody saved or handed over."""

    id: str
    object: Literal["card"] = "card"
    account: Annotated[str | UnsetType, Expandable("account")] = UNSET
    address_city: str | None = None
    address_country: str | None = None
    address_line1: str | None = None
    address_line1_check: Check | None = None
    address_line2: str | None = None
    address_state: str | None = None
    address_zip: str | None = None
    address_zip_check: Check | None = None
    allow_redisplay: str = "unspecified"
    available_payout_methods: tuple[str, ...] | UnsetType = UNSET
    brand: str
    country: str | None = None
    currency: str | UnsetType = UNSET
    customer: Annotated[str | UnsetType | None, Expandable("customer")] = UNSET
    cvc_check: Check | None = None
    default_for_currency: bool | UnsetType = UNSET
    description: str | UnsetType = UNSET
    dynamic_last4: str | None = None
    exp_month: int
    exp_year: int
    fingerprint: str
    funding: str
    iin: str | UnsetType = UNSET
    issuer: str | UnsetType = UNSET
    last4: str
    metadata: MetadataText = NOTHING
    name: str | None = None
    networks: CardNetworksObject = NO_PREFERENCE
    regulated_status: str | None = "unregulated"
    status: str | UnsetType = UNSET
    tokenization_method: str | None = None

    @classmethod
    def of(cls, method: PaymentMethod, livemode: bool) -> Self:
        """Show a customer's card in its older shape."""
        del livemode  # cards of this shape do not say
        return cls.shown(
            method.id,
            method.card,
            method.billing,
            method.customer,
            metadata=method.metadata,
            allow_redisplay=method.allow_redisplay,
        )

    @classmethod
    def shown(
        cls,
        card_id: str,
        card: CardFacts,
        billing: BillingDetails,
        customer: str | UnsetType | None = UNSET,
        *,
        metadata: Metadata = NOTHING,
        allow_redisplay: str = "unspecified",
    ) -> Self:
        """Show a card that is part of something else."""
        address = billing.address
        return cls(
            id=card_id,
            address_city=address.city,
            address_country=address.country,
            address_line1=address.line1,
            address_line1_check=card.address_line1_check,
            address_line2=address.line2,
            address_state=address.state,
            address_zip=address.postal_code,
            address_zip_check=card.address_postal_code_check,
            allow_redisplay=allow_redisplay,
            brand=DISPLAY_NAMES[card.brand],
            country=card.country,
            customer=customer,
            cvc_check=card.cvc_check,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            fingerprint=card.fingerprint,
            funding=card.funding,
            last4=card.last4,
            metadata=metadata,
            name=billing.name,
        )


def show_saved_card(card: SavedCard, livemode: bool) -> CardObject:
    """Show a customer's card as the sources API does."""
    return CardObject.of(card.method, livemode)
