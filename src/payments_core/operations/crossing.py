"""Crossing: bring what one account's books owe another's to the other side, once.

Performing delivers what a request left as soon as it is committed; a worker's job delivers what a crash or a lost race left
behind. The balance transaction of the other side was named beforehand, so whoever comes second finds it there.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from payments_core import clock
from payments_core.errors import BalanceInsufficient, Conflict
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.operations.onboarding import find_account
from payments_core.operations.transferring import (
    Earning,
    Footing,
    demand,
    earn_fee,
    fee_detail,
    footing_like,
    move,
    refund_fee,
    release,
)
from payments_core.operations.work import Caller, Work
from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.payments.charges import CHARGE, Charge, ChargeEvent, ChargeId
from payments_core.payments.holds import HoldId
from payments_core.payments.refunds import REFUND, Refund, RefundEvent, RefundId
from payments_core.ports import Ports
from payments_core.settlement.application_fees import (
    ApplicationFee,
    ApplicationFeeId,
    FeeRefund,
    application_of,
)
from payments_core.settlement.crossings import Crossing, CrossingKind

LOG: Final = logging.getLogger("payments.crossings")
CHUNK: Final = 200
TURNS_MAX: Final = 20


async def deliver_crossings(ports: Ports) -> int:
    """Deliver what is owed between accounts; return how many things arrived. A worker's job."""
    arrived = 0
    for owed in await ports.store.due(Crossing, clock.now(ports.clock), CHUNK):
        arrived += await _deliver_safely(ports, owed)
    return arrived


async def deliver_owed(work: Work) -> None:
    """Deliver what *work* has committed and other accounts have yet to hear of. What fails is left to the job."""
    while work.crossings:
        await _deliver_safely(work.ports, work.crossings.pop())


async def _deliver_safely(ports: Ports, owed: Crossing) -> bool:
    try:
        return await deliver(ports, owed)
    except (
        Exception
    ):  # one that cannot be delivered keeps no other waiting, and no caller: the money has left
        LOG.exception("crossing %s of %s cannot be delivered", owed.id, owed.account_id)
        return False


async def deliver(ports: Ports, owed: Crossing) -> bool:
    """Bring one crossing to the other side and take it away; False if it has to wait for another one."""
    if not await arrive(ports, owed):
        return False
    home = Work(Caller(account=await find_account(ports, owed.account_id)), ports)
    left = await home.find(Crossing, owed.id)
    if left is not None:
        home.drop(left)
        try:
            await home.commit()
        except Conflict:
            LOG.debug("crossing %s was taken away by somebody else", owed.id)
    return True


async def arrive(ports: Ports, owed: Crossing, *, insists: bool = False) -> bool:
    """Book a crossing at the other side unless it was booked before; False if it is too early for it.

    *insists*: raise `BalanceInsufficient` rather than take what is not available there.
    """
    account = await find_account(ports, owed.to)
    for _ in range(TURNS_MAX):
        work = Work(Caller(account=account), ports)
        try:
            if not await _ARRIVALS[owed.kind](work, owed):
                return False
            if insists and await _is_available(work, owed):
                demand(work, owed.currency)
            await work.commit()
        except Conflict:
            continue
        await deliver_owed(work)
        return True
    raise Conflict(f"Too many others change {owed.to}.")


async def collect(ports: Ports, owed: Crossing) -> Answer:
    """Take *owed* from the other side if it is there. The answer is the same however often this is asked."""
    try:
        arrived = await arrive(ports, owed, insists=True)
        if not arrived and await _bring_first(ports, owed):
            arrived = await arrive(ports, owed, insists=True)
    except BalanceInsufficient:
        return Answer(outcome=Outcome.DECLINED, decline_code="insufficient_funds")
    except Conflict:
        return SILENCE
    return Answer(outcome=Outcome.APPROVED) if arrived else SILENCE


async def _bring_first(ports: Ports, owed: Crossing) -> bool:
    """Deliver the payment that is to be taken back, if a crash has kept it; say whether it was there to deliver."""
    waiting = await ports.store.due(Crossing, clock.now(ports.clock), CHUNK, owed.account_id)
    payment = owed.details["payment"]
    return any([await deliver(ports, one) for one in waiting if one.shown_as == payment])


async def _is_available(work: Work, owed: Crossing) -> bool:
    moved = await work.find(BalanceTransaction, owed.transaction)
    return moved is not None and moved.status is BalanceState.AVAILABLE


async def _payment(work: Work, owed: Crossing) -> bool:
    """A transfer's money: the connected account sees a payment, less the platform's fee."""
    if await _is_booked(work, owed):
        return True
    moved = await move(
        work,
        "payment",
        owed.amount,
        owed.currency,
        Footing(available_on=owed.available_on, pending=owed.pending),
        source=owed.shown_as,
        transaction=owed.transaction,
        fee=fee_detail(owed.account_id, owed.fee, owed.currency) if owed.fee else None,
        description=owed.details.get("description"),
    )
    payment = Charge(
        account_id=work.account_id,
        id=ChargeId(owed.shown_as),
        created=work.now,
        amount=owed.amount,
        currency=owed.currency,
        hold_id=HoldId(""),
        card=None,
        payment_method="",
        status=CHARGE.after(CHARGE.initial, ChargeEvent.APPROVE),
        captured=True,
        amount_captured=owed.amount,
        balance_transaction=moved.id,
        application=application_of(owed.account_id),
        application_fee=owed.details.get("fee"),
        application_fee_amount=owed.fee or None,
        source_transfer=owed.subject,
        transfer_group=owed.details.get("transfer_group"),
        description=owed.details.get("description"),
    )
    work.put(payment)
    work.announce("charge.succeeded", payment)
    return True


async def _reversal(work: Work, owed: Crossing) -> bool:
    """Transferred money goes back: the connected account sees a refund of its payment."""
    if await _is_booked(work, owed):
        return True
    payment = await work.find(Charge, owed.details["payment"])
    if payment is None:
        return False
    assert payment.balance_transaction is not None, "a payment has a balance transaction"
    footing = await footing_like(work, payment.balance_transaction)
    moved = await move(
        work,
        "payment_refund",
        -owed.amount,
        owed.currency,
        footing,
        source=owed.shown_as,
        transaction=owed.transaction,
        description="REFUND FOR PAYMENT",
    )
    payment = payment.refund(owed.amount)
    refund = Refund(
        account_id=work.account_id,
        id=RefundId(owed.shown_as),
        created=work.now,
        amount=owed.amount,
        currency=owed.currency,
        charge=payment.id,
        status=REFUND.after(REFUND.initial, RefundEvent.SUCCEED),
        balance_transaction=moved.id,
        source_transfer_reversal=owed.subject,
    )
    work.put(payment)
    work.put(refund)
    work.announce("refund.created", refund)
    work.announce("charge.refunded", payment)
    return True


async def _fee(work: Work, owed: Crossing) -> bool:
    """A connected account was charged: the platform has earned its fee."""
    if await _is_booked(work, owed):
        return True
    earned = Earning(
        id=ApplicationFeeId(owed.shown_as),
        amount=owed.amount,
        currency=owed.currency,
        payer=owed.account_id,
        charge=owed.subject,
        transaction=owed.transaction,
    )
    await earn_fee(work, earned, Footing(available_on=owed.available_on, pending=owed.pending))
    return True


async def _fee_return(work: Work, owed: Crossing) -> bool:
    """The platform gave a fee back: it is the connected account's."""
    if await _is_booked(work, owed):
        return True
    payment = await work.find(Charge, owed.shown_as)
    if payment is None:
        return False
    assert payment.balance_transaction is not None, "a payment has a balance transaction"
    footing = await footing_like(work, payment.balance_transaction)
    await move(
        work,
        "application_fee_refund",
        owed.amount,
        owed.currency,
        footing,
        source=payment.id,
        transaction=owed.transaction,
    )
    return True


async def _fee_claim(work: Work, owed: Crossing) -> bool:
    """A payment went back, and the fee with it: the platform gives what is left of it, up to the amount."""
    if await work.find(FeeRefund, owed.shown_as) is not None:
        return True
    fee = await work.find(ApplicationFee, owed.subject)
    if fee is None:
        return False
    amount = min(owed.amount, fee.refundable)
    if amount:
        await refund_fee(work, fee, amount, refund_id=owed.shown_as)
    return True


async def _release(work: Work, owed: Crossing) -> bool:
    """The money behind a movement was funded, in the account that it came from."""
    moved = await work.find(BalanceTransaction, owed.transaction)
    if moved is None:
        return False
    booking = bookkeeping.released(moved.id, moved.currency, await release(work, moved))
    if booking is not None:
        work.book(booking)
    return True


async def _is_booked(work: Work, owed: Crossing) -> bool:
    return await work.find(BalanceTransaction, owed.transaction) is not None


_ARRIVALS: Final[Mapping[CrossingKind, Callable[[Work, Crossing], Awaitable[bool]]]] = {
    CrossingKind.PAYMENT: _payment,
    CrossingKind.REVERSAL: _reversal,
    CrossingKind.FEE: _fee,
    CrossingKind.FEE_RETURN: _fee_return,
    CrossingKind.FEE_CLAIM: _fee_claim,
    CrossingKind.RELEASE: _release,
}
