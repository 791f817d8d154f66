"""Disputing: what opens, escalates and ends disputes, with the money that moves. Used by the API and by a worker's job.

The disputed amount and a fee are withdrawn at once, whatever stands on the balance; a win brings both back. Functions of the
first part decide and stage; the jobs below commit, one dispute at a time.
"""

import logging
from typing import Final

from payments_core import clock
from payments_core.errors import Conflict, PaymentsError
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import (
    BalanceState,
    BalanceTransaction,
    BalanceTransactionId,
    FeeDetail,
)
from payments_core.money.currencies import CurrencyCode, exponent
from payments_core.operations.onboarding import find_account
from payments_core.operations.work import Caller, Work
from payments_core.payments.charges import Charge
from payments_core.payments.disputes import (
    GROUNDS,
    Complaint,
    Dispute,
    DisputeEvent,
    DisputeId,
    DisputeState,
    due_by,
)
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.disputes")
CHUNK: Final = 100
FEE_MAJOR: Final = 15
"""What a dispute costs, in major units of its currency, unless the account's setting `pricing.dispute_fee` says otherwise."""


def dispute_fee(work: Work, currency: CurrencyCode) -> int:
    """The fee in minor units."""
    told = work.account.settings.get("pricing.dispute_fee", "")
    return int(told) if told.isdecimal() else FEE_MAJOR * int(10 ** exponent(currency))


def open_disputes(work: Work, charge: Charge, complaint: Complaint) -> None:
    """Stage the disputes of a complaint: nothing, where all of the money went back already."""
    ground = GROUNDS[complaint.ground]
    left = _left(charge)
    if charge.disputed:
        return
    for part in range(ground.parts):
        amount = left // ground.parts + (left % ground.parts if part == 0 else 0)
        if amount <= 0:
            return
        dispute = Dispute(
            account_id=work.account_id,
            id=DisputeId(work.new_id("dp")),
            created=work.now,
            amount=amount,
            currency=charge.currency,
            charge=charge.id,
            payment_intent=charge.payment_intent,
            reason=ground.reason,
            status=ground.state,
            brand=charge.paid_with.brand,
            case_type=ground.case_type,
            network_reason_code=ground.network_reason_code or None,
            eligible=ground.eligible,
            evidence_due_by=due_by(work.now),
            due_at=None if ground.state is DisputeState.PREVENTED else due_by(work.now),
        )
        charge = _open(work, charge, dispute)


def _left(charge: Charge) -> int:
    """What was taken and has not gone back."""
    return charge.refundable if charge.more_to_capture else charge.amount - charge.amount_refunded


def _open(work: Work, charge: Charge, dispute: Dispute) -> Charge:
    if dispute.is_inquiry:
        charge = evolve(charge, dispute=dispute.id)
    else:
        fee = 0 if dispute.status is DisputeState.PREVENTED else dispute_fee(work, dispute.currency)
        dispute = _withdraw(work, dispute, fee)
        charge = evolve(charge, dispute=dispute.id, disputed=True)
    work.put(charge)
    work.put(dispute)
    work.announce("charge.dispute.created", dispute)
    if dispute.movements:
        work.announce("charge.dispute.funds_withdrawn", dispute)
    if dispute.status is DisputeState.PREVENTED:
        work.book(bookkeeping.dispute_lost(dispute.id, dispute.currency, dispute.amount))
    return charge


def _withdraw(work: Work, dispute: Dispute, fee: int) -> Dispute:
    transaction = _movement(
        work, dispute, -dispute.amount, fee, f"Chargeback withdrawal for {dispute.charge}"
    )
    work.book(bookkeeping.disputed(transaction.id, dispute.currency, dispute.amount, fee))
    return evolve(dispute, fee=fee, movements=(*dispute.movements, transaction))


def _movement(work: Work, dispute: Dispute, amount: int, fee: int, description: str) -> BalanceTransaction:
    detail = FeeDetail(amount=fee, currency=dispute.currency, type="stripe_fee", description="Dispute fee")
    transaction = BalanceTransaction(
        account_id=work.account_id,
        id=BalanceTransactionId(work.new_id("txn")),
        created=work.now,
        type="adjustment",
        source=dispute.id,
        amount=amount,
        fee=fee,
        fee_details=(detail,) if fee else (),
        currency=dispute.currency,
        available_on=work.now,
        status=BalanceState.AVAILABLE,
        description=description,
        reporting_category="dispute" if amount < 0 else "dispute_reversal",
    )
    work.put(transaction)
    return transaction


async def happen(work: Work, dispute: Dispute, event: DisputeEvent) -> Dispute:
    """Stage what *event* means: the dispute's state, the money, the charge, the announcements."""
    after = dispute.after(event)
    if event is DisputeEvent.ESCALATE:
        return await _escalate(work, after)
    if after.status is DisputeState.WON:
        transaction = _movement(
            work, after, after.amount, -after.fee, f"Chargeback reversal for {after.charge}"
        )
        work.book(bookkeeping.dispute_won(transaction.id, after.currency, after.amount, after.fee))
        after = evolve(after, movements=(*after.movements, transaction))
        work.announce("charge.dispute.funds_reinstated", after)
    if after.status is DisputeState.LOST:
        work.book(bookkeeping.dispute_lost(after.id, after.currency, after.amount))
    work.put(after)
    work.announce("charge.dispute.closed" if not after.is_open else "charge.dispute.updated", after)
    return after


async def _escalate(work: Work, dispute: Dispute) -> Dispute:
    """An inquiry became a dispute: of what has not gone back meanwhile."""
    charge = await work.get(Charge, dispute.charge)
    amount = min(dispute.amount, _left(charge))
    if amount <= 0:
        closed = evolve(dispute, status=DisputeState.WARNING_CLOSED, due_at=None)
        work.put(closed)
        work.announce("charge.dispute.closed", closed)
        return closed
    ends = due_by(work.now)
    dispute = evolve(
        dispute, amount=amount, case_type="chargeback", evidence={}, evidence_due_by=ends, due_at=ends
    )
    dispute = _withdraw(work, dispute, dispute_fee(work, dispute.currency))
    work.put(evolve(charge, disputed=True))
    work.put(dispute)
    work.announce("charge.dispute.updated", dispute)
    work.announce("charge.dispute.funds_withdrawn", dispute)
    return dispute


async def hear_issuers(ports: Ports) -> int:
    """Open the disputes of issuers that are heard now; return how many were heard."""
    heard = 0
    for complaint in await ports.store.due(Complaint, clock.now(ports.clock), CHUNK):
        try:
            heard += await _hear(ports, complaint.account_id, complaint.id)
        except Conflict:
            continue  # the charge changed at this moment: it is due again
        except PaymentsError:
            LOG.exception("complaint about %s of %s was not heard", complaint.charge, complaint.account_id)
    return heard


async def _hear(ports: Ports, account_id: AccountId, complaint_id: str) -> bool:
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    complaint = await work.find(Complaint, complaint_id)
    if complaint is None:
        return False
    open_disputes(work, await work.get(Charge, complaint.charge), complaint)
    work.drop(complaint)
    await work.commit()
    return True


async def decide_disputes(ports: Ports) -> int:
    """End what issuers have decided, and what nobody answered in time; return how many disputes changed."""
    changed = 0
    for dispute in await ports.store.due(Dispute, clock.now(ports.clock), CHUNK):
        try:
            changed += await _decide(ports, dispute.account_id, dispute.id)
        except Conflict:
            continue  # evidence came at this moment
        except PaymentsError:
            LOG.exception("dispute %s of %s cannot be decided", dispute.id, dispute.account_id)
    return changed


async def _decide(ports: Ports, account_id: AccountId, dispute_id: str) -> bool:
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    dispute = await work.get(Dispute, dispute_id)
    if dispute.due_at is None or dispute.due_at > work.now:
        return False
    reviewed = dispute.status in (DisputeState.UNDER_REVIEW, DisputeState.WARNING_UNDER_REVIEW)
    verdict = dispute.verdict if reviewed else None
    if verdict is DisputeEvent.ESCALATE and not dispute.is_inquiry:
        verdict = None
    await happen(work, dispute, verdict or DisputeEvent.EXPIRE)
    await work.commit()
    return True
