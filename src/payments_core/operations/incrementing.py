"""Incrementing: ask the issuer for a larger promise, and apply what it says. A refusal changes nothing.

Functions here decide and stage; none commits and none sends.
"""

from functools import partial

from payments_core.errors import Conflict
from payments_core.ledger import bookkeeping
from payments_core.operations.cards import declined
from payments_core.operations.charging import attempt_for
from payments_core.operations.declaring import Ask, Message
from payments_core.operations.work import Work
from payments_core.payments.answers import Answer
from payments_core.payments.attempts import Attempt, AttemptKind
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold, HoldState
from payments_core.payments.intent_errors import IntentError
from payments_core.payments.payment_intents import Increment, PaymentIntent
from payments_core.platform.metadata import merged
from payments_core.ports import FollowUp
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_core.values import evolve


async def request_increment(work: Work, intent: PaymentIntent, increment: Increment, operation: str) -> Ask:
    """Stage the wish for a larger promise, and return what to ask the network."""
    assert intent.latest_charge is not None, "a held intent has a charge"
    charge = await work.get(Charge, intent.latest_charge)
    hold = await work.get(Hold, charge.hold_id)
    work.put(evolve(intent, increment=increment, increments=intent.increments + 1))
    acquirer = work.ports.acquirers[charge.acquirer]
    attempt = attempt_for(
        work, AttemptKind.INCREMENT, hold.id, charge.acquirer, increment.amount, hold.currency
    )
    attempt = evolve(attempt, operation=operation, result=intent.id)
    message = FollowUp(
        reference=attempt.id,
        original=hold.id,
        network_reference=hold.network_reference,
        account_id=work.account_id,
        amount=increment.amount,
        currency=hold.currency,
    )
    return Ask(attempt, Message(partial(acquirer.increment, message), acquirer.timeout_s))


def refuse_while_incrementing(intent: PaymentIntent) -> None:
    """Wait for the answer to an increment before anything else is done with the promise."""
    if intent.increment is not None and intent.increment.open:
        raise Conflict("An increment of this PaymentIntent is on its way. Try again.")


async def settle_increment(work: Work, attempt: Attempt, answer: Answer, *, told: bool) -> None:
    """Apply what the network said. *told*: the caller was told of silence, so that a late yes is given back."""
    hold = await work.get(Hold, attempt.subject)
    charge = await work.get(Charge, hold.charge_id)
    more = attempt.amount - hold.amount
    granted = answer.approved and not told and more > 0 and hold.state is HoldState.HELD
    if granted:
        work.put(hold.increase(attempt.amount))
        charge = charge.increased(attempt.amount)
        work.put(charge)
        work.book(bookkeeping.hold_placed(attempt.id, hold.currency, more))
    elif answer.approved and more > 0:
        _give_back(work, hold, more)
    if not told:
        await _tell_intent(work, charge, attempt, answer, granted=granted)


def _give_back(work: Work, hold: Hold, amount: int) -> None:
    attempt = attempt_for(work, AttemptKind.REVERSE, hold.id, hold.acquirer, amount, hold.currency)
    work.put(evolve(attempt, due_at=work.now))


async def _tell_intent(
    work: Work, charge: Charge, attempt: Attempt, answer: Answer, *, granted: bool
) -> None:
    intent = await work.get(PaymentIntent, attempt.result)
    increment = intent.increment
    if increment is None or not increment.open:
        return
    if not granted:
        method = await work.find(PaymentMethod, charge.payment_method)
        error = IntentError.of(declined(answer), method)
        refused = evolve(increment, open=False, error=evolve(error, charge=charge.id))
        work.put(evolve(intent, increment=refused))
        return
    intent = evolve(
        intent.increased(attempt.amount),
        increment=evolve(increment, open=False),
        description=increment.description or intent.description,
        metadata=merged(intent.metadata, increment.metadata),
        application_fee_amount=intent.application_fee_amount
        if increment.application_fee_amount is None
        else increment.application_fee_amount,
        transfer_data=intent.transfer_data
        if increment.transfer_amount is None or intent.transfer_data is None
        else evolve(intent.transfer_data, amount=increment.transfer_amount),
    )
    work.put(intent)
    work.announce("payment_intent.amount_capturable_updated", intent)
