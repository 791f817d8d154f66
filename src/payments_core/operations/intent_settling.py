"""What becomes of an intent when something happened to its charge. Followers: they decide and stage, also after a crash.

No network here, and no confirmation: `confirming` asks for the money.
"""

from payments_core.errors import Declined
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge, ChargeState
from payments_core.payments.intent_errors import IntentError
from payments_core.payments.payment_intents import (
    PaymentIntent,
    PaymentIntentEvent,
    PaymentIntentState,
)
from payments_core.payments.setup_intents import SetupIntent
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_core.values import evolve


async def settle_intent(work: Work, charge: Charge) -> None:
    """A charge of a payment intent has succeeded or failed."""
    if charge.payment_intent is None:
        return
    intent = await work.get(PaymentIntent, charge.payment_intent)
    if intent.status is not PaymentIntentState.PROCESSING:
        return  # somebody was faster
    if charge.status is ChargeState.FAILED:
        method = await give_back_method(work, charge.payment_method)
        fail_intent(work, intent, _error_of(charge, method))
        return
    intent = intent.paid(charge)
    work.put(intent)
    held = intent.status is PaymentIntentState.REQUIRES_CAPTURE
    work.announce("payment_intent.amount_capturable_updated" if held else "payment_intent.succeeded", intent)
    await keep_method(work, charge.payment_method, intent.customer, intent.usage)


async def follow_capture(work: Work, charge: Charge) -> PaymentIntent | None:
    """A held charge was captured, in part or whole."""
    if charge.payment_intent is None:
        return None
    intent = (await work.get(PaymentIntent, charge.payment_intent)).captured(charge)
    work.put(intent)
    more = charge.more_to_capture
    work.announce("payment_intent.amount_capturable_updated" if more else "payment_intent.succeeded", intent)
    return intent


async def expire_intent(work: Work, charge: Charge) -> None:
    """The issuer's promise behind *charge* ran out, and the charge says so already."""
    if charge.payment_intent is None:
        return
    intent = await work.get(PaymentIntent, charge.payment_intent)
    if intent.status is not PaymentIntentState.REQUIRES_CAPTURE:
        return
    if charge.amount_captured:
        intent = evolve(intent.after(PaymentIntentEvent.CAPTURE_REST), amount_capturable=0)
        work.announce("payment_intent.succeeded", intent)
    else:
        intent = intent.expired(work.now)
        work.announce("payment_intent.canceled", intent)
    work.put(intent)


def fail_intent(work: Work, intent: PaymentIntent, error: IntentError) -> None:
    """Stage that this attempt came to nothing."""
    intent = intent.failed(error)
    work.put(intent)
    work.announce("payment_intent.payment_failed", intent)


async def keep_method(work: Work, method_id: str, customer: str | None, usage: str | None) -> None:
    """Attach the payment method if it is to be kept; one that is not has been used once and for all."""
    method = await work.find(PaymentMethod, method_id)
    if method is None:
        return
    free = method.is_free
    attaches = free and usage is not None and customer is not None
    kept = method
    if attaches and customer is not None:
        kept = kept.attach(customer)
    elif free and usage is None:
        kept = evolve(kept, used=True)
    if usage == "off_session":
        kept = evolve(kept, set_up=True)
    if kept is not method:
        work.put(kept)
    if attaches:
        work.announce("payment_method.attached", kept)


async def give_back_method(work: Work, method_id: str) -> PaymentMethod | None:
    """A payment method whose charge came to nothing, good for another attempt."""
    method = await work.find(PaymentMethod, method_id)
    if method is None or not method.used or method.customer is not None:
        return method
    method = evolve(method, used=False)
    work.put(method)
    return method


def declined_intent(intent: PaymentIntent) -> Declined:
    """The last error of an intent as its caller is told."""
    assert intent.last_error is not None, "an intent without an error was not declined"
    shown = intent.public() if intent.confirmed_by_payer else intent
    return _told(intent.last_error, intent.confirmed_by_payer).declined(payment_intent=shown)


def declined_setup(intent: SetupIntent, *, to_payer: bool) -> Declined:
    """The last error of a setup intent as its caller is told."""
    assert intent.last_error is not None, "an intent without an error was not declined"
    shown = intent.public() if to_payer else intent
    return _told(intent.last_error, to_payer).declined(setup_intent=shown)


def _told(error: IntentError, to_payer: bool) -> IntentError:
    return evolve(error, charge=None) if to_payer else error


def _error_of(charge: Charge, method: PaymentMethod | None) -> IntentError:
    failure = charge.failure
    assert failure is not None, "a failed charge says why"
    return IntentError(
        message=failure.message,
        code=failure.code,
        decline_code=failure.decline_code,
        network_decline_code=charge.verdict.network_decline_code if charge.verdict else None,
        charge=charge.id,
        payment_method=method,
    )
