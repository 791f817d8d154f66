"""Setting up: verify a card with its bank for no money, and keep it for later charges.

Used by setup intents, by the end of their challenges and by checkout sessions. `verify` asks the network within the handler,
as nothing is promised and nothing can be lost.
"""

from collections.abc import Mapping

from payments_core.errors import Declined
from payments_core.operations.cards import Payer, payer_by_method, verify
from payments_core.operations.checkout_settling import settle_setup_session
from payments_core.operations.confirming import (
    Terms,
    abandon_challenge,
    ask_for_proof,
    begin_challenge,
    missing_method,
)
from payments_core.operations.intent_settling import declined_setup, keep_method
from payments_core.operations.subscription_following import note_card
from payments_core.operations.work import Work
from payments_core.payments.declines import explain
from payments_core.payments.intent_errors import IntentError
from payments_core.payments.setup_intents import SetupIntent, SetupIntentEvent
from payments_core.rules import Proof
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_core.values import evolve


async def confirm_setup(
    work: Work, intent: SetupIntent, terms: Terms, payer: Payer | None = None
) -> SetupIntent:
    """Make the payment method of *payer*, or the one the intent has, ready; raise `Declined` if its bank refuses."""
    if payer is None:
        intent.after(SetupIntentEvent.CHOOSE)
        if intent.payment_method is None:
            raise missing_method("SetupIntent", intent.status)
        payer = await payer_by_method(work, intent.payment_method, intent.customer, param="payment_method")
    await abandon_challenge(work, intent)
    intent = intent.choose(payer.method, payer.customer)
    proof = Proof.FRICTIONLESS
    if not terms.proof:
        wanted = terms.wanted or intent.card_options.get("request_three_d_secure", "automatic")
        verdict = await ask_for_proof(work, payer, 0, work.account.default_currency, wanted)
        proof = verdict.proof
        if proof is Proof.CHALLENGE:
            return _challenged(work, intent, payer, terms, verdict.facts)
    if proof is Proof.FAILED:
        decline = explain("generic_decline")
        refusal = Declined(decline.message, code=decline.code, decline_code=decline.shown)
        raise declined_setup(await fail_setup(work, intent, refusal), to_payer=terms.by_payer)
    return await finish_setup(work, intent, payer, to_payer=terms.by_payer)


def _challenged(
    work: Work, intent: SetupIntent, payer: Payer, terms: Terms, facts: Mapping[str, str]
) -> SetupIntent:
    challenge = begin_challenge(work, intent, payer, terms, facts)
    work.put(challenge)
    intent = intent.challenged(challenge.action)
    work.put(intent)
    work.announce("setup_intent.requires_action", intent)
    return intent


async def finish_setup(
    work: Work, intent: SetupIntent, payer: Payer, *, to_payer: bool = False
) -> SetupIntent:
    """Verify the card and keep it; raise `Declined` if its bank refuses."""
    try:
        facts = await verify(work, payer)
    except Declined as refusal:
        raise declined_setup(await fail_setup(work, intent, refusal), to_payer=to_payer) from None
    method = await work.get(PaymentMethod, payer.method, param="payment_method")
    work.put(evolve(method, card=facts))
    intent = intent.succeeded()
    work.put(intent)
    work.announce("setup_intent.succeeded", intent)
    await keep_method(work, method.id, intent.customer, intent.usage)
    await settle_setup_session(work, intent)
    await note_card(work, intent)
    return intent


async def fail_setup(work: Work, intent: SetupIntent, refusal: Declined) -> SetupIntent:
    """Stage that this attempt came to nothing."""
    method = await work.find(PaymentMethod, intent.payment_method) if intent.payment_method else None
    return refuse_setup(work, intent, IntentError.of(refusal, method))


def refuse_setup(work: Work, intent: SetupIntent, error: IntentError) -> SetupIntent:
    """Stage that this attempt came to nothing, and why."""
    intent = intent.failed(error)
    work.put(intent)
    work.announce("setup_intent.setup_failed", intent)
    return intent
