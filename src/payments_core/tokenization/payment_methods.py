"""Payment methods: a card as everybody but the vault sees it, and whose it is.

No card number here: `CardFacts.id` is the handle of the sealed one. A payment method whose id starts with `card_` was
made through the older sources API; it is the same noun.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.cards import Brand
from payments_core.values import evolve

CardId = NewType("CardId", str)
PaymentMethodId = NewType("PaymentMethodId", str)


class Check(StrEnum):
    """What the issuer said of a detail that the payer gave."""

    PASS = "pass"
    FAIL = "fail"
    UNAVAILABLE = "unavailable"
    UNCHECKED = "unchecked"


@attrs.frozen(kw_only=True, slots=False)
class Address:
    """A postal address; every part is optional."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class BillingDetails:
    """Who pays, as they say themselves."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: Address = Address()


@attrs.frozen(kw_only=True, slots=False)
class CardFacts:
    """What may be shown of a card."""

    id: CardId
    brand: Brand
    bin: str
    """The first six digits: what routing and bank tables go by. Never shown through the API."""
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str
    """The same number has the same fingerprint everywhere in one installation."""
    funding: str = "unknown"
    country: str | None = None
    cvc_check: Check | None = None
    address_line1_check: Check | None = None
    address_postal_code_check: Check | None = None

    def checked(self, checks: Mapping[str, Check]) -> Self:
        """Note what the issuer said of code and address."""
        changes: dict[str, Any] = dict(checks)
        return evolve(self, **changes) if changes else self


@attrs.frozen(kw_only=True, slots=False)
class SealedCard:
    """A card number under the vault's envelope. Only the vault can open it."""

    account_id: AccountId
    id: CardId
    created: Timestamp
    sealed: bytes


@attrs.frozen(kw_only=True, slots=False)
class PaymentMethod:
    """A card that can be charged, alone or attached to a customer."""

    account_id: AccountId
    id: PaymentMethodId
    created: Timestamp
    card: CardFacts
    billing: BillingDetails = BillingDetails()
    customer: str | None = None
    detached: bool = False
    used: bool = False
    """A payment method that was charged without being attached cannot be used again."""
    set_up: bool = False
    """Its holder has agreed to later charges without being there, and proved who they are where the bank asked."""
    allow_redisplay: str = "unspecified"
    metadata: Metadata = NOTHING

    @property
    def is_free(self) -> bool:
        """Nobody's yet, and good for a payment or a customer."""
        return self.customer is None and not (self.detached or self.used)

    def attach(self, customer: str) -> Self:
        """Give the method to *customer*. A detached method never comes back."""
        if self.customer == customer:
            return self
        if self.customer is not None:
            raise InvalidRequest(
                "The payment method you provided has already been attached to a customer.",
                code="payment_method_unexpected_state",
            )
        if self.detached or self.used:
            raise InvalidRequest(
                "This PaymentMethod was previously used without being attached to a Customer or was detached from a "
                "Customer, and may not be used again.",
                code="payment_method_unexpected_state",
            )
        return evolve(self, customer=customer)

    def detach(self) -> Self:
        """Take the method from its customer, for good."""
        if self.customer is None:
            raise InvalidRequest(
                "The payment method you provided is not attached to a customer so detachment is impossible.",
                code="payment_method_unexpected_state",
            )
        return evolve(self, customer=None, detached=True)


@attrs.frozen
class SavedCard:
    """A customer's card in the shape of the older sources API: the same noun, shown differently."""

    method: PaymentMethod

    @property
    def account_id(self) -> AccountId:
        """Whose it is."""
        return self.method.account_id

    @property
    def id(self) -> str:
        """The card's id."""
        return self.method.id
