"""Charging: ask a network for money, take what it promised, and book it. Used by charges, payment intents and invoices.

Functions here decide and stage; none commits and none sends.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

import attrs

from payments_core.clock import DAY, Timestamp
from payments_core.ledger import bookkeeping
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.balance_transactions import (
    BalanceState,
    BalanceTransaction,
    BalanceTransactionId,
    FeeDetail,
    Original,
)
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.cards import Payer, context_of, declined, reveal_for
from payments_core.operations.declaring import Ask, Message
from payments_core.operations.sharing import fee_for_platform, share
from payments_core.operations.tallying import note_decline, refuse_declined
from payments_core.operations.work import Work
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.attempts import Attempt, AttemptId, AttemptKind, Draft
from payments_core.payments.charges import Charge, ChargeId, Failure, Verdict
from payments_core.payments.declines import explain
from payments_core.payments.disputes import complaint_of
from payments_core.payments.holds import Hold, HoldId
from payments_core.payments.windows import window
from payments_core.ports import AuthorizationRequest
from payments_core.rules import PaymentContext, RiskVerdict
from payments_core.tokenization.cards import Expiry
from payments_core.values import evolve

FUNDING_DAYS: Final = 2
"""Calendar days from capture until the money is expected to be available."""
ANSWER_MARGIN_S: Final = 10
"""How long after its time-out a message may still be somebody's: after that recovery looks at it."""


@attrs.frozen(kw_only=True, slots=False)
class Wish:
    """What is to be charged, and everything the charge shows besides."""

    amount: int
    currency: CurrencyCode
    payer: Payer
    operation: str
    result: str | None = None
    """Id of the object that the caller gets; the charge itself by default."""
    capture_now: bool = True
    off_session: bool = False
    three_d_secure: Mapping[str, str] = attrs.field(factory=dict)
    details: Mapping[str, object] = attrs.field(factory=dict)
    """Further fields of the charge, by their names: description, metadata, payment_intent, …"""


async def request_charge(work: Work, wish: Wish) -> Ask:
    """Draft a pending charge with its hold, and return what to ask the network."""
    ports = work.ports
    work.account.refuse_payments()
    address = work.caller.client_ip if work.caller.publishable else None
    ports.declines.check(
        work.account_id, wish.payer.card.fingerprint, address, work.now, livemode=work.account.livemode
    )
    await refuse_declined(work, wish.payer.card.fingerprint)
    context = context_of(work, wish.payer, wish.amount, wish.currency, off_session=wish.off_session)
    route = ports.rules.route(context, tuple(ports.acquirers))
    charge_id, hold_id = ChargeId(work.new_id("ch")), HoldId(work.new_id("hold"))
    charge = Charge(
        account_id=work.account_id,
        id=charge_id,
        created=work.now,
        amount=wish.amount,
        currency=wish.currency,
        hold_id=hold_id,
        card=wish.payer.card,
        payment_method=wish.payer.method,
        billing=wish.payer.billing,
        customer=wish.payer.customer,
        capture_now=wish.capture_now,
        acquirer=route[0],
        three_d_secure=dict(wish.three_d_secure),
        **wish.details,  # type: ignore[arg-type]
    )
    hold = Hold(
        account_id=work.account_id,
        id=hold_id,
        created=work.now,
        charge_id=charge_id,
        card_id=wish.payer.card.id,
        acquirer=route[0],
        route=tuple(route[1:]),
        amount=wish.amount,
        currency=wish.currency,
        off_session=wish.off_session,
    )
    verdict = ports.rules.risk(context)
    ask = await ask_to_hold(work, charge, hold, wish.payer, wish.operation, wish.result or charge_id)
    return evolve(ask, message=Message(partial(_blocked, verdict), 1.0)) if verdict.block else ask


async def ask_to_hold(
    work: Work, charge: Charge, hold: Hold, payer: Payer, operation: str, result: str
) -> Ask:
    """What to ask of the hold's acquirer. The attempt keeps the drafts of charge and hold until somebody answers."""
    attempt = attempt_for(work, AttemptKind.AUTHORIZE, hold.id, hold.acquirer, hold.amount, hold.currency)
    draft = Draft(charge=charge, hold=evolve(hold, attempts=(*hold.attempts, attempt.id)))
    attempt = evolve(attempt, operation=operation, result=result, draft=draft)
    return Ask(attempt, await authorization_of(work, charge, hold, payer))


def payer_of(charge: Charge) -> Payer:
    """Who pays a charge that is there already."""
    return Payer(
        method=charge.payment_method, card=charge.paid_with, billing=charge.billing, customer=charge.customer
    )


async def authorization_of(work: Work, charge: Charge, hold: Hold, payer: Payer) -> Message:
    """The request for the promise. Under the hold's id it is the same request however often it is sent."""
    acquirer = work.ports.acquirers[hold.acquirer]
    pan, cvc = await reveal_for(work, payer)
    request = AuthorizationRequest(
        reference=hold.id,
        account_id=work.account_id,
        merchant=work.account.name,
        amount=hold.amount,
        currency=hold.currency,
        pan=pan,
        expiry=Expiry(month=charge.paid_with.exp_month, year=charge.paid_with.exp_year),
        cvc=cvc,
        address=charge.billing.address,
        capture_now=charge.capture_now,
        off_session=hold.off_session,
        three_d_secure=charge.three_d_secure,
    )
    return Message(partial(acquirer.authorize, request), acquirer.timeout_s)


def attempt_for(
    work: Work, kind: AttemptKind, subject: str, acquirer: str, amount: int, currency: str
) -> Attempt:
    """A message that this process is about to send."""
    timeout = work.ports.acquirers[acquirer].timeout_s
    return Attempt(
        account_id=work.account_id,
        id=AttemptId(work.new_id("att")),
        created=work.wall,
        kind=kind,
        acquirer=acquirer,
        subject=subject,
        amount=amount,
        currency=currency,
        operation="",
        result=subject,
        owner=work.ports.owner,
        due_at=Timestamp(work.wall + int(timeout) + ANSWER_MARGIN_S),
    )


async def settle_authorization(work: Work, charge: Charge, hold: Hold, answer: Answer) -> Charge:
    """Apply what the network said of a new charge: stage charge, hold, books and events."""
    ends = window(charge.paid_with.brand, hold.currency, work.account.country, off_session=hold.off_session)
    capture_before = Timestamp(work.now + ends)
    hold = hold.answered(answer, capture_before=capture_before)
    work.put(hold)
    if not answer.approved:
        charge = charge.failed(failure_of(answer), verdict_of(answer), answer)
        work.put(charge)
        address = work.caller.client_ip if work.caller.publishable else None
        work.ports.declines.declined(work.account_id, charge.paid_with.fingerprint, address, work.now)
        await note_decline(work, charge.paid_with.fingerprint)
        work.announce("charge.failed", charge)
        return charge
    before = None if charge.capture_now else capture_before
    charge = charge.approved(answer, capture_before=before, verdict=verdict_of(answer))
    if charge.capture_now:
        charge = await take(work, charge, hold, hold.amount)
    else:
        work.put(charge)
        work.book(bookkeeping.hold_placed(hold.id, hold.currency, hold.amount))
    work.announce("charge.succeeded", charge)
    return charge


async def take(
    work: Work,
    charge: Charge,
    hold: Hold,
    amount: int,
    *,
    final: bool = True,
    fee_context: PaymentContext | None = None,
) -> Charge:
    """Stage the capture of *amount*: hold, charge, balance transaction and entry, and what others get of it.

    A final one ends the promise.
    """
    final = final or amount == hold.remaining
    was_promised = not charge.capture_now
    at_once = charge.traits.get("funding") == "immediate"
    kept = fee_for_platform(work, charge)
    transaction = _transaction(work, charge, amount, kept, at_once=at_once)
    work.put(hold.capture(amount, final=final))
    if final:
        transaction = evolve(transaction, original=original_of(charge, final=True))
    work.put(transaction)
    if was_promised:
        ended = (hold.id, hold.currency, hold.remaining) if final else (transaction.id, hold.currency, amount)
        work.book(bookkeeping.hold_ended(*ended))
    into = bookkeeping.merchant_share(at_once)
    for_platform = kept.amount if kept else 0
    fee = transaction.fee - for_platform
    work.book(bookkeeping.captured(transaction.id, charge.currency, amount, fee, into, for_platform))
    charge = charge.capture(amount, transaction.id, final=final)
    work.put(charge)
    if charge.is_shared:
        charge = await share(work, charge, transaction)
    if "dispute" in charge.traits:
        complaint = complaint_of(charge, work.new_id("cmp"), work.now)
        if complaint is not None:
            work.put(complaint)
    return charge


def _transaction(
    work: Work, charge: Charge, amount: int, kept: FeeDetail | None, *, at_once: bool
) -> BalanceTransaction:
    context = context_of(
        work, Payer(method="", card=charge.paid_with, billing=charge.billing), amount, charge.currency
    )
    fee = work.ports.rules.fee(context, work.account.settings)
    detail = FeeDetail(
        amount=fee, currency=charge.currency, type="stripe_fee", description="Stripe processing fees"
    )
    details = ((detail,) if fee else ()) + ((kept,) if kept else ())
    return BalanceTransaction(
        account_id=work.account_id,
        id=BalanceTransactionId(work.new_id("txn")),
        created=work.now,
        type="charge",
        source=charge.id,
        amount=amount,
        fee=fee + (kept.amount if kept else 0),
        fee_details=details,
        currency=charge.currency,
        available_on=work.now if at_once else Timestamp(work.now + FUNDING_DAYS * DAY),
        status=BalanceState.AVAILABLE if at_once else BalanceState.PENDING,
        description=charge.description,
        reporting_category="charge",
        due_at=work.now,
    )


def original_of(charge: Charge, *, final: bool) -> Original:
    """What a network wants to hear of the promise behind a charge."""
    return Original(
        acquirer=charge.acquirer,
        hold_id=charge.hold_id,
        authorization_code=charge.authorization_code or "",
        network_reference=charge.network_reference or "",
        bin=charge.paid_with.bin,
        last4=charge.paid_with.last4,
        final=final,
    )


def share_of(transaction: BalanceTransaction) -> LedgerAccount:
    """The ledger account on which a transaction's money stands."""
    return bookkeeping.merchant_share(transaction.status is BalanceState.AVAILABLE)


def failure_of(answer: Answer) -> Failure:
    """What the payer may be told."""
    error = declined(answer)
    return Failure(code=error.code or "card_declined", message=error.message, decline_code=error.decline_code)


def verdict_of(answer: Answer) -> Verdict:
    """What the merchant may know of an answer."""
    level = answer.traits.get("risk", "normal")
    score = {"normal": 20, "elevated": 68, "highest": 92}.get(level)
    if answer.approved:
        return Verdict(
            network_status="approved_by_network",
            type="authorized",
            seller_message="Payment complete.",
            risk_level=level,
            risk_score=score,
        )
    if answer.traits.get("blocked"):
        return Verdict(
            network_status="not_sent_to_network",
            type="blocked",
            reason=answer.traits.get("blocked"),
            seller_message="The payment was blocked as too risky.",
            risk_level=level,
            risk_score=score,
        )
    if answer.outcome is Outcome.SILENCE:
        return Verdict(
            network_status="not_sent_to_network",
            type="invalid",
            seller_message="The network did not answer; whatever it may have promised is given back.",
        )
    decline = explain(answer.decline_code or "generic_decline")
    return Verdict(
        network_status="declined_by_network",
        type="issuer_declined",
        reason=answer.decline_code,
        seller_message=decline.seller_message,
        risk_level=level,
        risk_score=score,
        network_decline_code=answer.response_code,
    )


async def _blocked(verdict: RiskVerdict) -> Answer:
    traits = {"blocked": verdict.reason or "rule", "risk": verdict.level}
    return Answer(outcome=Outcome.DECLINED, decline_code="fraudulent", traits=traits)
