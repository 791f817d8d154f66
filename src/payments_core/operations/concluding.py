"""Concluding: what follows from a network's answer. Called by perform, and by recovery after a crash: the same code.

Each conclusion reads again, because somebody else may have been faster, and does nothing to an attempt that was answered.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from payments_core.clock import Timestamp
from payments_core.operations.charging import ask_to_hold, payer_of, settle_authorization
from payments_core.operations.checkout_settling import settle_session
from payments_core.operations.declaring import Ask
from payments_core.operations.incrementing import settle_increment
from payments_core.operations.intent_settling import settle_intent
from payments_core.operations.invoice_paying import settle_invoice
from payments_core.operations.mailing import mail_charge_receipt
from payments_core.operations.refunding import settle_refund
from payments_core.operations.reversing import settle_reversal
from payments_core.operations.work import Work
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.attempts import Attempt, AttemptKind, AttemptState
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold, HoldState
from payments_core.payments.refunds import Refund
from payments_core.values import evolve

Follower = Callable[[Work, Charge], Awaitable[None]]

FOLLOWERS: Final[tuple[Follower, ...]] = (settle_intent, settle_invoice, settle_session, mail_charge_receipt)
"""What else changes when a charge has succeeded or failed: the intent it is for, the invoice it pays, and so on."""

PATIENCE_S: Final = (0, 2, 5, 15, 60, 300, 900, 3600)
"""How long recovery waits after each further silence."""


async def conclude(work: Work, attempt: Attempt, answer: Answer, *, to_reversal: bool = False) -> Ask | None:
    """Stage what follows from *answer*, or return the next thing to ask.

    *to_reversal*: an authorization in doubt was reversed, and this is the answer to that.
    """
    attempt = await work.get(type(attempt), attempt.id)
    if attempt.state is AttemptState.ANSWERED:
        return None
    if attempt.kind is AttemptKind.AUTHORIZE and attempt.state is AttemptState.IN_DOUBT:
        # The caller was told that it failed. A yes that comes only now does not change that: the reversal has still to be sent,
        # and its answer alone, or a no, says that nothing is held.
        if to_reversal or answer.outcome is Outcome.DECLINED:
            await _reversed(work, attempt, answer)
        return None
    return await _CONCLUSIONS[attempt.kind](work, attempt, answer)


async def _authorized(work: Work, attempt: Attempt, answer: Answer) -> Ask | None:
    assert attempt.draft is not None, "until an authorization is answered, its attempt has the drafts"
    charge, hold = attempt.draft.charge, attempt.draft.hold
    note_answer(work, attempt, answer)
    if answer.outcome is Outcome.DECLINED and answer.retry_elsewhere and hold.route:
        hold = hold.rerouted()
        charge = evolve(charge, acquirer=hold.acquirer)
        payer = payer_of(charge)
        return await ask_to_hold(work, charge, hold, payer, attempt.operation, attempt.result)
    charge = await settle_authorization(work, charge, hold, answer)
    for follow in FOLLOWERS:
        await follow(work, charge)
    return None


async def _refunded(work: Work, attempt: Attempt, answer: Answer) -> None:
    refund = await work.get(Refund, attempt.subject)
    note_answer(work, attempt, answer)
    await settle_refund(work, refund, answer)


async def _reversed(work: Work, attempt: Attempt, answer: Answer) -> None:
    hold = await work.get(Hold, attempt.subject)
    note_answer(work, attempt, answer)
    if answer.outcome is not Outcome.SILENCE and hold.state is HoldState.IN_DOUBT:
        work.put(hold.release())


async def _incremented(work: Work, attempt: Attempt, answer: Answer) -> None:
    told = attempt.state is AttemptState.IN_DOUBT
    note_answer(work, attempt, answer)
    await settle_increment(work, attempt, answer, told=told)


def note_answer(work: Work, attempt: Attempt, answer: Answer) -> None:
    """Close the attempt, or leave it to recovery when nobody answered."""
    if answer.outcome is Outcome.SILENCE:
        wait = PATIENCE_S[min(attempt.tries, len(PATIENCE_S) - 1)]
        work.put(attempt.unanswered(Timestamp(work.wall + wait)))
    else:
        work.put(attempt.answered(answer))


async def _taken_back(work: Work, attempt: Attempt, answer: Answer) -> None:
    note_answer(work, attempt, answer)
    await settle_reversal(work, attempt.subject, answer)


_CONCLUSIONS: Final[Mapping[AttemptKind, Callable[[Work, Attempt, Answer], Awaitable[Ask | None]]]] = {
    AttemptKind.AUTHORIZE: _authorized,
    AttemptKind.INCREMENT: _incremented,
    AttemptKind.REVERSE: _reversed,
    AttemptKind.REFUND: _refunded,
    AttemptKind.TAKE_BACK: _taken_back,
}
