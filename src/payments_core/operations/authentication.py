"""3-D Secure challenges: how they end, and what becomes of the intent that waits.

The challenge page and test scripts come through the operations; `finish_authentication` is for whoever knows for certain what the
bank said. In live mode nobody's word but a connector's counts.
"""

import secrets
from typing import Final

import attrs

from payments_core import clock
from payments_core.errors import (
    Conflict,
    Declined,
    Forbidden,
    InvalidRequest,
    NotFound,
    ParamMissing,
    PaymentsError,
    TransitionRefused,
)
from payments_core.operations.cards import payer_by_method
from payments_core.operations.confirming import Terms, charge_intent
from payments_core.operations.declaring import Ask, Command, operation
from payments_core.operations.intent_settling import fail_intent
from payments_core.operations.onboarding import find_account
from payments_core.operations.setting_up import finish_setup, refuse_setup
from payments_core.operations.work import Caller, Work
from payments_core.payments.authentications import (
    Authentication,
    AuthenticationEvent,
    AuthenticationState,
)
from payments_core.payments.intent_errors import IntentError
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.setup_intents import SetupIntent
from payments_core.ports import Ports
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_core.values import evolve

CHUNK: Final = 100
COMPLETE: Final = "authentication.complete"
_FAILED: Final = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod "
    "to attempt to fulfill this {kind} again."
)


@attrs.frozen(kw_only=True)
class CompleteAuthentication(Command[Authentication]):
    """Say how a challenge ended; in test mode only."""

    id: str
    succeeded: bool
    client_secret: str | None = None


@attrs.frozen(kw_only=True)
class RetrieveAuthentication(Command[Authentication]):
    """Which challenge; with a publishable key, its secret too."""

    id: str
    client_secret: str | None = None


async def authentication_outcome(work: Work, ports: Ports, challenge_id: str) -> Authentication:
    """The challenge, with where its intent stands now."""
    challenge = await work.get(Authentication, challenge_id)
    if challenge.intent.startswith("pi_"):
        return evolve(challenge, intent_status=(await work.get(PaymentIntent, challenge.intent)).status)
    return evolve(challenge, intent_status=(await work.get(SetupIntent, challenge.intent)).status)


@operation(
    "authentication.retrieve",
    get="/v1/3ds/{id}",
    raises=(InvalidRequest, NotFound),
    publishable=True,
)
async def retrieve_authentication(
    command: RetrieveAuthentication, work: Work, ports: Ports
) -> Authentication:
    """Return a challenge."""
    await _known(work, command.id, command.client_secret)
    return await authentication_outcome(work, ports, command.id)


@operation(
    COMPLETE,
    post="/v1/3ds/{id}/complete",
    raises=(Forbidden, InvalidRequest, NotFound, TransitionRefused),
    publishable=True,
    outcome=authentication_outcome,
)
async def complete_authentication(
    command: CompleteAuthentication, work: Work, ports: Ports
) -> Authentication | Ask:
    """End a challenge of the sandbox, as its holder would."""
    if work.account.livemode:
        raise Forbidden("The end of a challenge is the bank's to tell: this is for test mode.")
    challenge = await _known(work, command.id, command.client_secret)
    ask = await finish_authentication(work, challenge.id, command.succeeded)
    return ask or await authentication_outcome(work, ports, challenge.id)


async def _known(work: Work, challenge_id: str, secret: str | None) -> Authentication:
    challenge = await work.get(Authentication, challenge_id)
    if secret is None and work.caller.publishable:
        raise ParamMissing("client_secret")
    if secret is not None and not secrets.compare_digest(challenge.client_secret.encode(), secret.encode()):
        raise NotFound("authentication", challenge_id)
    return challenge


async def finish_authentication(work: Work, challenge_id: str, succeeded: bool) -> Ask | None:
    """Stage the end of a challenge; return what to ask the network if the payment goes on at once."""
    event = AuthenticationEvent.PASS if succeeded else AuthenticationEvent.FAIL
    return await _end(work, await work.get(Authentication, challenge_id), event)


async def _end(work: Work, challenge: Authentication, event: AuthenticationEvent) -> Ask | None:
    work.put(challenge.finished(event))
    if challenge.intent.startswith("pi_"):
        return await _end_payment(work, challenge, event)
    await _end_setup(work, challenge, event)
    return None


async def _end_payment(work: Work, challenge: Authentication, event: AuthenticationEvent) -> Ask | None:
    intent = await work.get(PaymentIntent, challenge.intent)
    if not _waits_for(intent, challenge) or intent.payment_method is None:
        return None
    if event is not AuthenticationEvent.PASS:
        error = await _error(work, intent.payment_method, "PaymentIntent", "payment_intent")
        fail_intent(work, intent, error)
        return None
    if intent.confirmation_method == "manual":
        work.put(intent.handed_back(challenge.facts))
        return None
    try:
        payer = await payer_by_method(work, intent.payment_method, intent.customer, param="payment_method")
    except PaymentsError as refusal:  # the card was taken away while the challenge was open
        method = await work.find(PaymentMethod, intent.payment_method)
        error = IntentError(
            message=refusal.message, code=refusal.code or "card_declined", payment_method=method
        )
        fail_intent(work, intent, error)
        return None
    terms = Terms(operation=COMPLETE, result=challenge.id)
    return await charge_intent(work, intent, payer, terms, challenge.facts)


async def _end_setup(work: Work, challenge: Authentication, event: AuthenticationEvent) -> None:
    intent = await work.get(SetupIntent, challenge.intent)
    if not _waits_for(intent, challenge) or intent.payment_method is None:
        return
    if event is not AuthenticationEvent.PASS:
        error = await _error(work, intent.payment_method, "SetupIntent", "setup_intent")
        refuse_setup(work, intent, error)
        return
    try:
        payer = await payer_by_method(work, intent.payment_method, intent.customer, param="payment_method")
        await finish_setup(work, intent, payer)
    except Declined:
        return  # staged: the intent says so
    except InvalidRequest as refusal:
        method = await work.find(PaymentMethod, intent.payment_method)
        error = IntentError(
            message=refusal.message, code=refusal.code or "card_declined", payment_method=method
        )
        refuse_setup(work, intent, error)


def _waits_for(intent: PaymentIntent | SetupIntent, challenge: Authentication) -> bool:
    """Another confirmation, or the end of the intent, has made the challenge void."""
    return intent.next_action is not None and intent.next_action.authentication == challenge.id


async def _error(work: Work, method_id: str, kind: str, word: str) -> IntentError:
    return IntentError(
        message=_FAILED.format(kind=kind),
        code=f"{word}_authentication_failure",
        type="invalid_request_error",
        payment_method=await work.find(PaymentMethod, method_id),
    )


async def abandon_overdue(ports: Ports) -> int:
    """End the challenges that nobody answered in time; return how many."""
    ended = 0
    for challenge in await ports.store.due(Authentication, clock.now(ports.clock), CHUNK):
        work = Work(Caller(account=await find_account(ports, challenge.account_id)), ports)
        fresh = await work.get(Authentication, challenge.id)
        if fresh.status is not AuthenticationState.CHALLENGED:
            continue
        await _end(work, fresh, AuthenticationEvent.ABANDON)
        try:
            await work.commit()
        except Conflict:
            continue  # the cardholder was faster
        ended += 1
    return ended
