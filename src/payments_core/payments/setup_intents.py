"""Setup intents: a payment method made ready for later charges, without taking money now."""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.payments.authentications import NextAction
from payments_core.payments.intent_errors import IntentError
from payments_core.payments.payment_intents import AutomaticMethods
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

SetupIntentId = NewType("SetupIntentId", str)

UNEXPECTED: Final = "setup_intent_unexpected_state"


class SetupIntentState(StrEnum):
    """The status that clients see."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class SetupIntentEvent(StrEnum):
    """What can happen to a setup intent."""

    CHOOSE = "choose"
    CHALLENGE = "challenge"
    SUCCEED = "succeed"
    FAIL = "fail"
    CANCEL = "cancel"


_State, _Event = SetupIntentState, SetupIntentEvent

# A card is verified while the caller waits, so there is no state of processing.
SETUP_INTENT = Machine(
    name="setup_intent",
    initial=_State.REQUIRES_PAYMENT_METHOD,
    table={
        _State.REQUIRES_PAYMENT_METHOD: {
            _Event.CHOOSE: _State.REQUIRES_CONFIRMATION,
            _Event.CANCEL: _State.CANCELED,
        },
        _State.REQUIRES_CONFIRMATION: {
            _Event.CHOOSE: _State.REQUIRES_CONFIRMATION,
            _Event.CHALLENGE: _State.REQUIRES_ACTION,
            _Event.SUCCEED: _State.SUCCEEDED,
            _Event.FAIL: _State.REQUIRES_PAYMENT_METHOD,
            _Event.CANCEL: _State.CANCELED,
        },
        _State.REQUIRES_ACTION: {
            _Event.CHOOSE: _State.REQUIRES_CONFIRMATION,
            _Event.SUCCEED: _State.SUCCEEDED,
            _Event.FAIL: _State.REQUIRES_PAYMENT_METHOD,
            _Event.CANCEL: _State.CANCELED,
        },
        _State.SUCCEEDED: {},
        _State.CANCELED: {},
    },
)

_REFUSALS: Final = {_Event.CHOOSE: "confirmed", _Event.CANCEL: "canceled"}


@attrs.frozen(kw_only=True, slots=False)
class SetupIntent:
    """The saving of one payment method, through all its attempts."""

    account_id: AccountId
    id: SetupIntentId
    created: Timestamp
    client_secret: str
    status: SetupIntentState = SETUP_INTENT.initial
    customer: str | None = None
    payment_method: str | None = None
    payment_method_types: tuple[str, ...] = ("card",)
    automatic_methods: AutomaticMethods | None = None
    usage: str = "off_session"
    card_options: Metadata = NOTHING
    """`payment_method_options[card]`, by name."""
    next_action: NextAction | None = None
    last_error: IntentError | None = None
    cancellation_reason: str | None = None
    description: str | None = None
    on_behalf_of: str | None = None
    flow_directions: tuple[str, ...] | None = None
    checkout_session: str | None = None
    subscription: str | None = None
    """Whose later bills the method is to pay."""
    metadata: Metadata = NOTHING

    def choose(self, method: str, customer: str | None) -> Self:
        """Say which payment method; whatever was under way before is void."""
        intent = self.after(SetupIntentEvent.CHOOSE)
        return evolve(intent, payment_method=method, customer=customer, next_action=None)

    def challenged(self, action: NextAction) -> Self:
        """The cardholder must prove who they are first."""
        return evolve(self.after(SetupIntentEvent.CHALLENGE), next_action=action, last_error=None)

    def succeeded(self) -> Self:
        """The payment method is ready for later charges."""
        return evolve(self.after(SetupIntentEvent.SUCCEED), next_action=None, last_error=None)

    def failed(self, error: IntentError) -> Self:
        """This attempt came to nothing; another payment method may be tried."""
        return evolve(
            self.after(SetupIntentEvent.FAIL), payment_method=None, next_action=None, last_error=error
        )

    def canceled(self, reason: str | None) -> Self:
        """The merchant thought better of it."""
        return evolve(self.after(SetupIntentEvent.CANCEL), cancellation_reason=reason, next_action=None)

    def public(self) -> Self:
        """What a payer may know: no notes of the merchant, nothing of the customer's record."""
        return evolve(self, customer=None, on_behalf_of=None, metadata=NOTHING)

    def after(self, event: SetupIntentEvent) -> Self:
        """The intent after *event* as far as the table goes, or a refusal in words."""
        status = SETUP_INTENT.after(self.status, event, message=self._refusal(event), code=UNEXPECTED)
        return evolve(self, status=status)

    def _refusal(self, event: SetupIntentEvent) -> str | None:
        if event not in _REFUSALS:
            return None
        done = _REFUSALS[event]
        allowed = ", ".join(state for state in SetupIntentState if SETUP_INTENT.allows(state, event))
        return (
            f"This SetupIntent could not be {done} because it has a status of {self.status}. "
            f"Only a SetupIntent with one of the following statuses may be {done}: {allowed}."
        )
