"""Refunding: give taken money back, or let an untaken promise go. Used by refunds, intents, disputes and invoices.

The merchant's balance pays when the refund is made; what the network says later settles it or brings the money back.
Functions here decide and stage; none commits and none sends.
"""

from functools import partial
from typing import Final

from payments_core.clock import Timestamp
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import (
    BalanceState,
    BalanceTransaction,
    BalanceTransactionId,
)
from payments_core.operations.charging import attempt_for, share_of
from payments_core.operations.declaring import Ask, Message
from payments_core.operations.sharing import share_refund
from payments_core.operations.work import Work
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.attempts import AttemptKind
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold
from payments_core.payments.refunds import Refund, RefundState
from payments_core.ports import FollowUp
from payments_core.values import evolve

LATER_WORD_S: Final = 3
"""How soon a simulated bank says what it says later."""


async def request_refund(work: Work, charge: Charge, refund: Refund, operation: str) -> Ask:
    """Stage a pending refund of a charge that agreed to it, and return what to ask the network."""
    kind = AttemptKind.REVERSE if refund.releases else AttemptKind.REFUND
    charge = charge.released() if refund.releases else charge.refund(refund.amount)
    work.put(charge)
    if refund.releases:
        hold = await work.get(Hold, charge.hold_id)
        work.put(hold.release())
        work.book(bookkeeping.hold_ended(hold.id, hold.currency, hold.remaining))
    else:
        refund = await _pay(work, charge, refund)
    work.put(refund)
    acquirer = work.ports.acquirers[charge.acquirer]
    message = FollowUp(
        reference=refund.id,
        original=charge.hold_id,
        network_reference=charge.network_reference,
        account_id=work.account_id,
        amount=refund.amount,
        currency=refund.currency,
    )
    send = acquirer.reverse if refund.releases else acquirer.refund
    # The conclusion is the refund's either way; how it is sent is the network's business.
    attempt = attempt_for(
        work, AttemptKind.REFUND, refund.id, charge.acquirer, refund.amount, refund.currency
    )
    attempt = evolve(attempt, operation=operation, result=refund.id, reverses=kind is AttemptKind.REVERSE)
    return Ask(attempt, Message(partial(send, message), acquirer.timeout_s))


async def _pay(work: Work, charge: Charge, refund: Refund) -> Refund:
    """Take the amount from where the charge's money stands."""
    assert charge.balance_transaction is not None, "a captured charge has a balance transaction"
    paid_in = await work.get(BalanceTransaction, charge.balance_transaction)
    transaction = _movement(work, refund, paid_in, "refund", -refund.amount)
    work.put(transaction)
    work.book(bookkeeping.refunded(transaction.id, refund.currency, refund.amount, share_of(paid_in)))
    return evolve(refund, balance_transaction=transaction.id)


async def settle_refund(work: Work, refund: Refund, answer: Answer) -> Refund:
    """Apply what the network said of a refund: stage refund, books and events."""
    charge = await work.get(Charge, refund.charge)
    created = refund.status is RefundState.PENDING and refund.due_at is None
    if answer.outcome is Outcome.DECLINED:
        refund = await return_refund(work, charge, refund, "declined")
    elif answer.traits.get("refund") == "pending":
        refund = evolve(refund, pending_reason="processing", due_at=_later(work))
        work.put(refund)
    elif answer.approved:
        later = _later(work) if answer.traits.get("refund") == "fails_later" else None
        refund = evolve(refund.succeeded(answer.network_reference), due_at=later)
        work.put(refund)
    else:
        return refund
    if created and refund.status is not RefundState.FAILED:
        refund = await share_refund(work, charge, refund)
    if created:
        work.announce("refund.created", refund)
        if refund.status is not RefundState.FAILED:
            work.announce("charge.refunded", charge)
    return refund


def _later(work: Work) -> Timestamp:
    return Timestamp(work.now + LATER_WORD_S)


async def return_refund(work: Work, charge: Charge, refund: Refund, reason: str) -> Refund:
    """The money did not reach the payer: the merchant has it back, and the charge can be refunded again."""
    failure = None
    if refund.balance_transaction is not None:
        paid_out = await work.get(BalanceTransaction, refund.balance_transaction)
        transaction = _movement(work, refund, paid_out, "refund_failure", refund.amount)
        work.put(transaction)
        into = share_of(paid_out)
        work.book(bookkeeping.refund_returned(transaction.id, refund.currency, refund.amount, into))
        work.put(charge.refund_failed(refund.amount))
        failure = transaction.id
    refund = refund.failed(reason, failure)
    work.put(refund)
    work.announce("refund.failed", refund)
    return refund


def _movement(
    work: Work, refund: Refund, like: BalanceTransaction, kind: str, amount: int
) -> BalanceTransaction:
    """A balance transaction that becomes available together with *like*."""
    available = like.status is BalanceState.AVAILABLE
    return BalanceTransaction(
        account_id=work.account_id,
        id=BalanceTransactionId(work.new_id("txn")),
        created=work.now,
        type=kind,
        source=refund.id,
        amount=amount,
        currency=refund.currency,
        available_on=work.now if available else like.available_on,
        status=like.status,
        description="REFUND FOR CHARGE" if kind == "refund" else "REFUND FAILURE",
        reporting_category=kind,
        due_at=work.now,
    )
