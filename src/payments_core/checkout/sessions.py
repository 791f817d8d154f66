"""Checkout sessions: a page on which one customer pays once, or saves a card. No page here, and no payment.

The money is a payment intent's affair. It is made when the payer first confirms, and there is never a second one: whoever is
slower finds another version of the session.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Literal, NewType, Self

import attrs

from payments_core.billing.shares import Shares
from payments_core.checkout.line_items import LineItem
from payments_core.checkout.offers import Offer
from payments_core.clock import HOUR, Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.charges import Shipping, TransferData
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.payment_methods import BillingDetails
from payments_core.values import evolve

CheckoutSessionId = NewType("CheckoutSessionId", str)

LIFE_MIN_S: Final = HOUR // 2
LIFE_MAX_S: Final = 24 * HOUR
ATTEMPTS_MAX: Final = 25
"""How often a payer may try: nobody has so many cards, but who tests stolen ones does."""
PLACEHOLDER: Final = "{CHECKOUT_SESSION_ID}"
"""What stands for the session's id in the address that a payer is sent on to."""


class SessionState(StrEnum):
    """Where a session stands."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class SessionEvent(StrEnum):
    """What can happen to a session."""

    COMPLETE = "complete"
    EXPIRE = "expire"


class PaymentStatus(StrEnum):
    """Whether the money is there."""

    UNPAID = "unpaid"
    PAID = "paid"
    NO_PAYMENT_REQUIRED = "no_payment_required"


CHECKOUT_SESSION = Machine(
    name="checkout session",
    initial=SessionState.OPEN,
    table={
        SessionState.OPEN: {
            SessionEvent.COMPLETE: SessionState.COMPLETE,
            SessionEvent.EXPIRE: SessionState.EXPIRED,
        },
        SessionState.COMPLETE: {},
        SessionState.EXPIRED: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class ShippingOption:
    """One way of sending the goods, and what it costs."""

    id: str
    display_name: str
    amount: int
    estimate: str | None = None
    """How long it takes, in words."""


@attrs.frozen(kw_only=True, slots=False)
class IntentData:
    """What the merchant wants to stand on the intent that the page will make."""

    capture_method: str | None = None
    setup_future_usage: str | None = None
    description: str | None = None
    receipt_email: str | None = None
    statement_descriptor_suffix: str | None = None
    shipping: Shipping | None = None
    application_fee_amount: int | None = None
    transfer_data: TransferData | None = None
    transfer_group: str | None = None
    on_behalf_of: str | None = None
    shares: Shares = Shares()
    """Of the bills of the subscription that is begun."""
    trial_period_days: int | None = None
    """Of the subscription that is begun, before its first bill."""
    trial_end: Timestamp | None = None
    default_tax_rates: tuple[str, ...] = ()
    missing_payment_method: Literal["cancel", "create_invoice", "pause"] | None = None
    """What becomes of the subscription when its trial ends without a card."""
    metadata: Metadata = NOTHING

    @property
    def has_trial(self) -> bool:
        """Whether recurring prices are not due yet."""
        return self.trial_period_days is not None or self.trial_end is not None


@attrs.frozen(kw_only=True, slots=False)
class Look:
    """How this session's page differs from the merchant's other ones."""

    display_name: str | None = None
    button_color: str | None = None
    background_color: str | None = None
    logo: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class CheckoutSession:
    """One visit to the till. Amounts are minor units of `currency`, and None until there is something to sell."""

    account_id: AccountId
    id: CheckoutSessionId
    created: Timestamp
    expires_at: Timestamp
    client_secret: str
    """What the page proves with that it was opened by its address. The merchant's server does not need it."""
    mode: str
    ui_mode: str = "hosted_page"
    status: SessionState = CHECKOUT_SESSION.initial
    payment_status: PaymentStatus = PaymentStatus.UNPAID
    currency: CurrencyCode | None = None
    amount_subtotal: int | None = None
    amount_discount: int = 0
    amount_tax: int = 0
    amount_total: int | None = None
    offer: Offer | None = None
    customer: str | None = None
    customer_email: str | None = None
    customer_creation: str | None = None
    newcomer: str | None = None
    """The customer that was made of what the payer told; it is `customer` once the session is complete."""
    customer_update: Metadata = NOTHING
    details: BillingDetails | None = None
    """Who pays, as far as it is known."""
    shipping: Shipping | None = None
    shipping_countries: tuple[str, ...] = ()
    """Where goods may go; empty if no address is asked for."""
    shipping_options: tuple[ShippingOption, ...] = ()
    shipping_rate: str | None = None
    """Which of the options is chosen."""
    asks_phone: bool = False
    billing_address_collection: str | None = None
    payment_method_collection: str | None = None
    client_reference_id: str | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    locale: str | None = None
    submit_type: str | None = None
    allow_promotion_codes: bool | None = None
    custom_text: Metadata = NOTHING
    look: Look | None = None
    card_options: Metadata = NOTHING
    intent_data: IntentData = IntentData()
    payment_intent: str | None = None
    setup_intent: str | None = None
    subscription: str | None = None
    invoice: str | None = None
    """The first bill of the subscription."""
    payment_mode: str | None = None
    """Free text of older clients that say what they want to pay with before they say what for."""
    shipping_info: str | None = None
    """Free text of older clients about where goods go."""
    metadata: Metadata = NOTHING
    attempts: int = 0
    """How often somebody has tried to pay here."""
    due_at: Timestamp | None = None
    """When an open session expires."""

    @property
    def needs_card(self) -> bool:
        """Whether the payer has to bring a card."""
        if self.mode == "subscription" and self.payment_method_collection != "if_required":
            return True
        return self.amount_total != 0

    @property
    def is_ready(self) -> bool:
        """Whether there is anything to pay or to save."""
        return self.mode == "setup" or self.amount_total is not None

    @property
    def price(self) -> tuple[int, CurrencyCode]:
        """What a session that is ready costs."""
        assert self.amount_total is not None, "a session that is ready has a price"
        assert self.currency is not None, "a price has a currency"
        return self.amount_total, self.currency

    @property
    def shipping_option(self) -> ShippingOption | None:
        """The chosen way of sending the goods."""
        return next((option for option in self.shipping_options if option.id == self.shipping_rate), None)

    @property
    def payer_email(self) -> str | None:
        """The payer's address, as lists filter on it."""
        return self.details.email if self.details else None

    @property
    def return_address(self) -> str | None:
        """Where the payer goes when it is done."""
        return self.success_url.replace(PLACEHOLDER, self.id) if self.success_url else None

    def priced(self, currency: CurrencyCode, lines: Sequence[LineItem]) -> Self:
        """The session, now that *lines* are what it sells today; sending comes on top."""
        return evolve(
            self,
            currency=currency,
            amount_subtotal=sum(line.amount for line in lines),
            amount_discount=sum(line.discount for line in lines),
            amount_tax=sum(line.tax for line in lines),
            amount_total=sum(line.total for line in lines) + self._sending,
        )

    def sent_by(self, rate: str | None) -> Self:
        """The session with another way of sending."""
        chosen = evolve(self, shipping_rate=rate)
        if self.amount_total is None:
            return chosen
        return evolve(chosen, amount_total=self.amount_total - self._sending + chosen._sending)

    @property
    def _sending(self) -> int:
        return self.shipping_option.amount if self.shipping_option else 0

    def completed(self, payment_status: PaymentStatus) -> Self:
        """The payer has done all there was to do."""
        return evolve(
            self,
            status=self._after(SessionEvent.COMPLETE),
            payment_status=payment_status,
            customer=self.customer or self.newcomer,
            due_at=None,
        )

    def expired(self, at: Timestamp) -> Self:
        """Nobody can pay here any more."""
        return evolve(
            self, status=self._after(SessionEvent.EXPIRE), expires_at=min(at, self.expires_at), due_at=None
        )

    def public(self) -> Self:
        """What a payer may know: no notes of the merchant, nothing of the customer's record."""
        return evolve(
            self,
            customer=None,
            newcomer=None,
            subscription=None,
            invoice=None,
            client_reference_id=None,
            intent_data=IntentData(),
            payment_mode=None,
            shipping_info=None,
            metadata=NOTHING,
        )

    def _after(self, event: SessionEvent) -> SessionState:
        return CHECKOUT_SESSION.after(
            self.status,
            event,
            message=f"Only Checkout Sessions with a status of `open` can {event}. "
            f"This Checkout Session has a status of `{self.status}`.",
        )
