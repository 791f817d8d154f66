"""Recovery: finish what a dead process, a lost connection or a silent network left open.

An open attempt is never sent again as it was: recovery asks what became of it, and goes on from the answer through the same
conclusions as a live request. Whoever repeats the idempotency key afterwards gets the reply written here.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from payments_core import clock
from payments_core.clock import Timestamp
from payments_core.errors import Conflict, PaymentsError
from payments_core.operations.charging import authorization_of, payer_of
from payments_core.operations.concluding import conclude
from payments_core.operations.declaring import Ask, Message, Operation
from payments_core.operations.onboarding import find_account
from payments_core.operations.performing import heard_from, reply_to
from payments_core.operations.reversing import ask_to_give_back
from payments_core.operations.work import Caller, Work
from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.payments.attempts import Attempt, AttemptKind, AttemptState
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold
from payments_core.payments.refunds import Refund
from payments_core.platform.idempotency import Claim
from payments_core.ports import Acquirer, FollowUp, Ports
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.recovery")
NEVER_ARRIVED: Final = "25"
"""ISO 8583 response code: unable to locate record."""
CHUNK: Final = 200
YOUNG_S: Final = 300
"""How old a request may be to be sent after all; an older one is given up, because the payer has gone."""
FAR: Final = 86_400

Operations = Callable[[str], Operation | None]


async def recover(ports: Ports, operations: Operations) -> int:
    """Look at every open attempt that is due or whose process is gone; return how many were settled."""
    now = clock.now(ports.clock)
    settled = 0
    for attempt in await ports.store.due(Attempt, Timestamp(now + FAR), CHUNK):
        late = attempt.due_at is not None and attempt.due_at <= now
        if late or (attempt.state is AttemptState.SENT and ports.is_gone(attempt.owner)):
            try:
                settled += await _settle(ports, operations, attempt)
            except Exception:  # one that cannot be settled keeps no other waiting
                LOG.exception("attempt %s of %s cannot be settled", attempt.id, attempt.account_id)
    return settled


async def _settle(ports: Ports, operations: Operations, attempt: Attempt) -> bool:
    account = await find_account(ports, attempt.account_id)
    work = Work(Caller(account=account), ports)
    answer = await _ask_again(work, attempt)
    try:
        asked_to_reverse = attempt.state is AttemptState.IN_DOUBT
        result = await conclude(work, attempt, answer, to_reversal=asked_to_reverse)
        if isinstance(result, Ask):
            # The next acquirer of the route was not asked yet: its attempt is due at once.
            work.put(evolve(result.attempt, due_at=work.now, claim=attempt.claim))
        else:
            await _reply(work, operations(attempt.operation), attempt)
        await work.commit()
    except Conflict:
        return False  # somebody was faster, and the work is theirs
    return answer.outcome is not Outcome.SILENCE


async def _reply(work: Work, operation: Operation | None, attempt: Attempt) -> None:
    """Close the claim, so that a repetition of the key gets an answer."""
    claim = await work.find(Claim, attempt.claim) if attempt.claim else None
    if claim is None or claim.reply is not None or operation is None or operation.outcome is None:
        return
    try:
        result = await operation.outcome(work, work.ports, attempt.result)
    except PaymentsError as refusal:
        result = refusal
    work.caller = evolve(work.caller, expand=claim.expand)
    work.put(claim.replied(await reply_to(work, result)))


async def _ask_again(work: Work, attempt: Attempt) -> Answer:
    return await _QUESTIONS[attempt.kind](work, attempt)


async def _about_authorization(work: Work, attempt: Attempt) -> Answer:
    """Nobody was told yet: what the issuer did counts. Somebody was told that it failed: give back whatever there is."""
    if attempt.draft is None:
        return await _about_reversal(work, attempt)
    charge, hold = attempt.draft.charge, attempt.draft.hold
    message = _message(attempt, attempt.id, hold.id, hold.network_reference)
    answer = await _said(work, attempt, lambda acquirer: acquirer.inquire(message))
    if answer.response_code != NEVER_ARRIVED:
        return answer
    if work.now - attempt.created <= YOUNG_S:
        # Whoever asked may still be waiting, and the same reference is the same request: it is asked for in earnest.
        return await (await authorization_of(work, charge, hold, payer_of(charge))).answer()
    # It may still be on its way: what comes after its own reversal is refused.
    shut = await _said(work, attempt, lambda acquirer: acquirer.reverse(message))
    return SILENCE if shut.outcome is Outcome.SILENCE else evolve(answer, decline_code="processing_error")


async def _about_reversal(work: Work, attempt: Attempt) -> Answer:
    hold = await work.get(Hold, attempt.subject)
    message = _message(attempt, attempt.id, hold.id, hold.network_reference)
    return await _said(work, attempt, lambda acquirer: acquirer.reverse(message))


async def _about_increment(work: Work, attempt: Attempt) -> Answer:
    """A repeated reference is the same increment, so it may be sent until somebody answers."""
    hold = await work.get(Hold, attempt.subject)
    message = _message(attempt, attempt.id, hold.id, hold.network_reference)
    return await _said(work, attempt, lambda acquirer: acquirer.increment(message))


async def _about_refund(work: Work, attempt: Attempt) -> Answer:
    """A repeated reference is the same refund, so it may be sent until somebody answers."""
    refund = await work.get(Refund, attempt.subject)
    charge = await work.get(Charge, refund.charge)
    message = _message(attempt, refund.id, charge.hold_id, charge.network_reference)
    return await _said(
        work,
        attempt,
        lambda acquirer: (acquirer.reverse if attempt.reverses else acquirer.refund)(message),
    )


async def _said(work: Work, attempt: Attempt, say: Callable[[Acquirer], Awaitable[Answer]]) -> Answer:
    acquirer = work.ports.acquirers[attempt.acquirer]
    return await heard_from(work.ports, attempt, Message(partial(say, acquirer), acquirer.timeout_s))


def _message(attempt: Attempt, reference: str, original: str, network_reference: str | None) -> FollowUp:
    return FollowUp(
        reference=reference,
        original=original,
        network_reference=network_reference,
        account_id=attempt.account_id,
        amount=attempt.amount,
        currency=attempt.currency,
    )


_QUESTIONS: Final[dict[AttemptKind, Callable[[Work, Attempt], Awaitable[Answer]]]] = {
    AttemptKind.AUTHORIZE: _about_authorization,
    AttemptKind.INCREMENT: _about_increment,
    AttemptKind.REVERSE: _about_reversal,
    AttemptKind.REFUND: _about_refund,
    AttemptKind.TAKE_BACK: ask_to_give_back,
}
