"""Confirming: from an intent with a payer to a question to the network, by way of 3-D Secure where the bank wants it.

Used by payment intents and setup intents, by checkout sessions, and by invoices. Functions here decide and stage; none commits
and none sends.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import Declined, InvalidRequest
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.cards import Payer, payer_by_method
from payments_core.operations.charging import Wish, request_charge
from payments_core.operations.declaring import Ask
from payments_core.operations.intent_settling import declined_intent, fail_intent
from payments_core.operations.work import Work
from payments_core.payments.authentications import (
    PATIENCE_S,
    Authentication,
    AuthenticationEvent,
    AuthenticationId,
    AuthenticationState,
)
from payments_core.payments.declines import explain
from payments_core.payments.intent_errors import IntentError
from payments_core.payments.payment_intents import PaymentIntent, PaymentIntentEvent
from payments_core.payments.setup_intents import SetupIntent
from payments_core.platform.metadata import Metadata
from payments_core.rules import AuthenticationContext, AuthenticationVerdict, Proof
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_core.values import evolve

UNASKED: Final = AuthenticationVerdict(proof=Proof.NOT_SUPPORTED)


@attrs.frozen(kw_only=True)
class Terms:
    """How one confirmation is to go; nothing of it outlives the confirmation but its answer."""

    operation: str
    result: str | None = None
    """Id of the object that the operation answers with; the intent by default."""
    off_session: bool = False
    refuses_action: bool = False
    return_url: str | None = None
    by_sdk: bool = False
    by_payer: bool = False
    proof: Metadata | None = None
    """Facts of an authentication made elsewhere."""
    wanted: str | None = None
    """The merchant's wish for 3-D Secure, if the intent's own is not meant."""


async def confirm_payment(
    work: Work, intent: PaymentIntent, terms: Terms, payer: Payer | None = None
) -> PaymentIntent | Ask:
    """Pay *intent* with *payer*, or with the payment method it has; raise `Declined` for a refusal that needs no network."""
    intent, payer = await _with_payer(work, intent, payer)
    intent = evolve(intent, confirmed_by_payer=terms.by_payer)
    proof = terms.proof or intent.three_d_secure
    if proof:
        verdict = AuthenticationVerdict(proof=Proof.FRICTIONLESS, facts=proof)
    elif terms.off_session:
        verdict = UNASKED
    else:
        wanted = terms.wanted or intent.card_options.get("request_three_d_secure", "automatic")
        verdict = await ask_for_proof(work, payer, intent.amount, intent.currency, wanted)
    if verdict.proof is Proof.FAILED or (verdict.proof is Proof.CHALLENGE and terms.refuses_action):
        code = "generic_decline" if verdict.proof is Proof.FAILED else "authentication_not_handled"
        raise await _refused(work, intent, payer, code)
    if verdict.proof is Proof.CHALLENGE:
        return challenge_payment(work, intent, payer, terms, verdict.facts)
    return await charge_intent(work, intent, payer, terms, verdict.facts)


async def charge_intent(
    work: Work, intent: PaymentIntent, payer: Payer, terms: Terms, facts: Mapping[str, str]
) -> Ask:
    """Stage the charge of an intent that is free to be charged, and return what to ask the network."""
    intent = intent.submitted(off_session=terms.off_session)
    work.put(intent)
    method = await work.find(PaymentMethod, payer.method)
    if terms.off_session and method is not None and method.set_up:
        facts = {**facts, "set_up": "true"}
    if method is not None and intent.usage is None and method.is_free:
        # Taken before the network is asked: of many who pay with it at once, one gets it. A decline gives it back.
        work.put(evolve(method, used=True))
    return await request_charge(
        work,
        Wish(
            amount=intent.amount,
            currency=intent.currency,
            payer=payer,
            operation=terms.operation,
            result=terms.result or intent.id,
            capture_now=not intent.captures_later,
            off_session=terms.off_session,
            three_d_secure=facts,
            details={
                "payment_intent": intent.id,
                "invoice": intent.invoice,
                "description": intent.description,
                "metadata": intent.metadata,
                "receipt_email": intent.receipt_email,
                "shipping": intent.shipping,
                "statement_descriptor_suffix": intent.statement_descriptor_suffix,
                "transfer_group": intent.transfer_group,
                "on_behalf_of": intent.on_behalf_of,
                "application_fee_amount": intent.application_fee_amount,
                "transfer_data": intent.transfer_data,
            },
        ),
    )


def challenge_payment(
    work: Work, intent: PaymentIntent, payer: Payer, terms: Terms, facts: Mapping[str, str]
) -> PaymentIntent:
    """Stage that the payer must prove who they are first."""
    challenge = begin_challenge(work, intent, payer, terms, facts)
    challenge = evolve(challenge, amount=intent.amount, currency=intent.currency)
    work.put(challenge)
    intent = intent.challenged(challenge.action)
    work.put(intent)
    work.announce("payment_intent.requires_action", intent)
    return intent


def begin_challenge(
    work: Work, intent: PaymentIntent | SetupIntent, payer: Payer, terms: Terms, facts: Mapping[str, str]
) -> Authentication:
    """A challenge for the holder of the payer's card."""
    challenge_id = AuthenticationId(work.new_id("3ds"))
    return Authentication(
        account_id=work.account_id,
        id=challenge_id,
        created=work.now,
        intent=intent.id,
        intent_secret=intent.client_secret,
        client_secret=f"{challenge_id}_secret_{work.ports.ids.secret()}",
        merchant=work.account.name,
        brand=payer.card.brand,
        last4=payer.card.last4,
        return_url=terms.return_url,
        by_sdk=terms.by_sdk or terms.return_url is None,
        facts=dict(facts),
        due_at=Timestamp(work.wall + PATIENCE_S),
    )


async def abandon_challenge(work: Work, intent: PaymentIntent | SetupIntent) -> None:
    """Whatever challenge the intent was waiting for is of no use any more."""
    if intent.next_action is None:
        return
    challenge = await work.find(Authentication, intent.next_action.authentication)
    if challenge is not None and challenge.status is AuthenticationState.CHALLENGED:
        work.put(challenge.finished(AuthenticationEvent.ABANDON))


async def ask_for_proof(
    work: Work, payer: Payer, amount: int, currency: CurrencyCode, wanted: str
) -> AuthenticationVerdict:
    """What the bank wants of a cardholder who is there."""
    card = payer.card
    method = await work.find(PaymentMethod, payer.method)
    context = AuthenticationContext(
        account_id=work.account_id,
        amount=amount,
        currency=currency,
        brand=card.brand,
        bin=card.bin,
        last4=card.last4,
        customer=payer.customer,
        wanted=wanted,
        set_up=method is not None and method.set_up,
        client_ip=work.caller.client_ip,
    )
    return work.ports.rules.authenticate(context) or UNASKED


async def _with_payer(work: Work, intent: PaymentIntent, payer: Payer | None) -> tuple[PaymentIntent, Payer]:
    """The intent as one that can be confirmed, and who pays."""
    if payer is None:
        if intent.payment_method is None:
            intent.after(PaymentIntentEvent.CHOOSE)
            raise missing_method("PaymentIntent", intent.status)
        # Refuse in the words of the state before a used-up payment method is refused in its own.
        chosen = intent.after(PaymentIntentEvent.CHOOSE)
        payer = await payer_by_method(work, intent.payment_method, intent.customer, param="payment_method")
        if intent.next_action is None:
            return chosen, payer
    await abandon_challenge(work, intent)
    return intent.choose(payer.method, payer.customer), payer


def missing_method(kind: str, status: str) -> InvalidRequest:
    """What a confirmation without any payment method is told."""
    return InvalidRequest(
        f"You cannot confirm this {kind} because it's missing a payment method. You can either update the {kind} "
        f"with a payment method and then confirm it again, or confirm it again directly with a payment method. "
        f"(Its status is {status}.)",
        code="payment_intent_unexpected_state"
        if kind == "PaymentIntent"
        else "setup_intent_unexpected_state",
    )


async def _refused(work: Work, intent: PaymentIntent, payer: Payer, decline_code: str) -> Declined:
    decline = explain(decline_code)
    error = IntentError(
        message=decline.message,
        code=decline.code,
        decline_code=decline.shown,
        payment_method=await work.find(PaymentMethod, payer.method),
    )
    failed = intent.failed(error)
    fail_intent(work, intent, error)
    return declined_intent(failed)
