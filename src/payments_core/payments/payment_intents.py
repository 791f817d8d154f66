"""Payment intents: the whole of one payment, through all its attempts, from the wish to the money.

No network here, and no books: what a charge brought is told to the intent, and the table says what follows.
"""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.authentications import NextAction
from payments_core.payments.charges import Charge, Shipping, TransferData
from payments_core.payments.intent_errors import IntentError
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

PaymentIntentId = NewType("PaymentIntentId", str)

UNEXPECTED: Final = "payment_intent_unexpected_state"
INCREMENTS_MAX: Final = 10


class PaymentIntentState(StrEnum):
    """The status that clients see."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class PaymentIntentEvent(StrEnum):
    """What can happen to a payment intent."""

    CHOOSE = "choose"
    CHALLENGE = "challenge"
    HAND_BACK = "hand_back"
    SUBMIT = "submit"
    FAIL = "fail"
    PAY = "pay"
    HOLD = "hold"
    CAPTURE_PART = "capture_part"
    CAPTURE_REST = "capture_rest"
    INCREASE = "increase"
    EXPIRE = "expire"
    CANCEL = "cancel"


_State, _Event = PaymentIntentState, PaymentIntentEvent

PAYMENT_INTENT = Machine(
    name="payment_intent",
    initial=_State.REQUIRES_PAYMENT_METHOD,
    table={
        _State.REQUIRES_PAYMENT_METHOD: {
            _Event.CHOOSE: _State.REQUIRES_CONFIRMATION,
            _Event.CANCEL: _State.CANCELED,
        },
        _State.REQUIRES_CONFIRMATION: {
            _Event.CHOOSE: _State.REQUIRES_CONFIRMATION,
            _Event.CHALLENGE: _State.REQUIRES_ACTION,
            _Event.SUBMIT: _State.PROCESSING,
            _Event.FAIL: _State.REQUIRES_PAYMENT_METHOD,
            _Event.CANCEL: _State.CANCELED,
        },
        _State.REQUIRES_ACTION: {
            _Event.CHOOSE: _State.REQUIRES_CONFIRMATION,
            _Event.HAND_BACK: _State.REQUIRES_CONFIRMATION,
            _Event.SUBMIT: _State.PROCESSING,
            _Event.FAIL: _State.REQUIRES_PAYMENT_METHOD,
            _Event.CANCEL: _State.CANCELED,
        },
        # Money is being asked for: nobody but the network's answer moves the intent on.
        _State.PROCESSING: {
            _Event.PAY: _State.SUCCEEDED,
            _Event.HOLD: _State.REQUIRES_CAPTURE,
            _Event.FAIL: _State.REQUIRES_PAYMENT_METHOD,
        },
        _State.REQUIRES_CAPTURE: {
            _Event.CAPTURE_PART: _State.REQUIRES_CAPTURE,
            _Event.CAPTURE_REST: _State.SUCCEEDED,
            _Event.INCREASE: _State.REQUIRES_CAPTURE,
            _Event.EXPIRE: _State.CANCELED,
            _Event.CANCEL: _State.CANCELED,
        },
        _State.SUCCEEDED: {},
        _State.CANCELED: {},
    },
)

_REFUSALS: Final = {
    _Event.CHOOSE: ("confirmed or given another payment method", _Event.CHOOSE),
    _Event.SUBMIT: ("confirmed", _Event.CHOOSE),
    _Event.CHALLENGE: ("confirmed", _Event.CHOOSE),
    _Event.CAPTURE_PART: ("captured", _Event.CAPTURE_REST),
    _Event.CAPTURE_REST: ("captured", _Event.CAPTURE_REST),
    _Event.INCREASE: ("incremented", _Event.INCREASE),
    _Event.CANCEL: ("canceled", _Event.CANCEL),
}


@attrs.frozen(kw_only=True, slots=False)
class AutomaticMethods:
    """The installation chooses which kinds of payment method are offered."""

    enabled: bool = True
    allow_redirects: str = "always"


@attrs.frozen(kw_only=True, slots=False)
class Increment:
    """The last wish for a larger promise: open while the issuer thinks, then granted or refused."""

    amount: int
    open: bool = True
    error: IntentError | None = None
    description: str | None = None
    metadata: Metadata | None = None
    application_fee_amount: int | None = None
    transfer_amount: int | None = None


@attrs.frozen(kw_only=True, slots=False)
class PaymentIntent:
    """One payment. Amounts are minor units of `currency`."""

    account_id: AccountId
    id: PaymentIntentId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    client_secret: str
    status: PaymentIntentState = PAYMENT_INTENT.initial
    customer: str | None = None
    payment_method: str | None = None
    payment_method_types: tuple[str, ...] = ("card",)
    automatic_methods: AutomaticMethods | None = None
    capture_method: str = "automatic_async"
    confirmation_method: str = "automatic"
    setup_future_usage: str | None = None
    off_session: bool = False
    """The last confirmation was made without the payer."""
    card_options: Metadata = NOTHING
    """`payment_method_options[card]`, by name."""
    three_d_secure: Metadata = NOTHING
    """What an authentication has brought that no charge has used yet."""
    next_action: NextAction | None = None
    last_error: IntentError | None = None
    latest_charge: str | None = None
    amount_capturable: int = 0
    amount_received: int = 0
    increment: Increment | None = None
    increments: int = 0
    confirmed_by_payer: bool = False
    """The last confirmation came with a publishable key: its answer says only what a payer may know."""
    cancellation_reason: str | None = None
    canceled_at: Timestamp | None = None
    description: str | None = None
    receipt_email: str | None = None
    shipping: Shipping | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    application_fee_amount: int | None = None
    transfer_data: TransferData | None = None
    transfer_group: str | None = None
    on_behalf_of: str | None = None
    invoice: str | None = None
    checkout_session: str | None = None
    metadata: Metadata = NOTHING

    @property
    def captures_later(self) -> bool:
        """Whether the money is held first and taken by a capture."""
        return "manual" in (self.capture_method, self.card_options.get("capture_method"))

    @property
    def usage(self) -> str | None:
        """What the payment method is to be kept for, if at all."""
        told = self.card_options.get("setup_future_usage") or self.setup_future_usage
        return None if told == "none" else told

    def choose(self, method: str, customer: str | None) -> Self:
        """Say who pays; whatever was under way before is void."""
        return evolve(
            self.after(PaymentIntentEvent.CHOOSE),
            payment_method=method,
            customer=customer,
            next_action=None,
            three_d_secure=NOTHING,
        )

    def challenged(self, action: NextAction) -> Self:
        """The payer must prove who they are first."""
        return evolve(self.after(PaymentIntentEvent.CHALLENGE), next_action=action, last_error=None)

    def handed_back(self, facts: Metadata) -> Self:
        """The payer has proved it, and the merchant's server confirms again."""
        intent = self.after(PaymentIntentEvent.HAND_BACK)
        return evolve(intent, next_action=None, three_d_secure=facts)

    def submitted(self, *, off_session: bool) -> Self:
        """The network is asked for money."""
        return evolve(
            self.after(PaymentIntentEvent.SUBMIT),
            next_action=None,
            last_error=None,
            off_session=off_session,
            three_d_secure=NOTHING,
        )

    def failed(self, error: IntentError) -> Self:
        """This attempt came to nothing; another payment method may be tried."""
        return evolve(
            self.after(PaymentIntentEvent.FAIL),
            payment_method=None,
            next_action=None,
            three_d_secure=NOTHING,
            last_error=error,
            latest_charge=error.charge or self.latest_charge,
        )

    def paid(self, charge: Charge) -> Self:
        """The charge succeeded: the money is taken, or held until it is."""
        if charge.captured:
            intent = self.after(PaymentIntentEvent.PAY)
            return evolve(intent, latest_charge=charge.id, amount_received=charge.amount_captured)
        intent = self.after(PaymentIntentEvent.HOLD)
        return evolve(intent, latest_charge=charge.id, amount_capturable=charge.amount)

    def captured(self, charge: Charge) -> Self:
        """A capture took some or all of what was held."""
        more = charge.more_to_capture
        event = PaymentIntentEvent.CAPTURE_PART if more else PaymentIntentEvent.CAPTURE_REST
        return evolve(
            self.after(event),
            amount_received=charge.amount_captured,
            amount_capturable=charge.amount - charge.amount_captured if more else 0,
        )

    def increased(self, amount: int) -> Self:
        """The issuer promised more."""
        intent = self.after(PaymentIntentEvent.INCREASE)
        return evolve(intent, amount=amount, amount_capturable=amount)

    def canceled(self, reason: str | None, at: Timestamp) -> Self:
        """The merchant thought better of it."""
        return self._ended(PaymentIntentEvent.CANCEL, reason, at)

    def expired(self, at: Timestamp) -> Self:
        """The issuer's promise ran out before anything was taken."""
        return self._ended(PaymentIntentEvent.EXPIRE, "automatic", at)

    def public(self) -> Self:
        """What a payer may know: no notes, fees or transfers of the merchant, nothing of the customer's record."""
        return evolve(
            self,
            customer=None,
            latest_charge=None,
            application_fee_amount=None,
            transfer_data=None,
            transfer_group=None,
            on_behalf_of=None,
            metadata=NOTHING,
        )

    def after(self, event: PaymentIntentEvent) -> Self:
        """The intent after *event* as far as the table goes, or a refusal in words."""
        status = PAYMENT_INTENT.after(self.status, event, message=self._refusal(event), code=UNEXPECTED)
        return evolve(self, status=status)

    def _ended(self, event: PaymentIntentEvent, reason: str | None, at: Timestamp) -> Self:
        return evolve(
            self.after(event),
            cancellation_reason=reason,
            canceled_at=at,
            amount_capturable=0,
            next_action=None,
            three_d_secure=NOTHING,
        )

    def _refusal(self, event: PaymentIntentEvent) -> str | None:
        if event not in _REFUSALS:
            return None
        done, like = _REFUSALS[event]
        allowed = ", ".join(state for state in PaymentIntentState if PAYMENT_INTENT.allows(state, like))
        return (
            f"This PaymentIntent could not be {done} because it has a status of {self.status}. "
            f"Only a PaymentIntent with one of the following statuses may be {done}: {allowed}."
        )
