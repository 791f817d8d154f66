"""Transferring: move money between a platform's books and those of its connected accounts. Used by transfers, fees and charges.

Each function books one side, in the work of the account whose side it is, and leaves a crossing for the other. Functions here
decide and stage; none commits.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, NotFound
from payments_core.ledger import bookkeeping
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.balance_transactions import (
    BalanceState,
    BalanceTransaction,
    BalanceTransactionId,
    FeeDetail,
)
from payments_core.ledger.entries import Floor
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.opening import find_connected
from payments_core.operations.work import Work
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.ports import Query
from payments_core.settlement.application_fees import (
    ApplicationFee,
    ApplicationFeeId,
    FeeRefund,
    FeeRefundId,
    application_of,
    part_of,
)
from payments_core.settlement.crossings import Crossing, CrossingId, CrossingKind
from payments_core.settlement.transfers import Transfer, TransferId, TransferReversal

TOO_LITTLE: Final = (
    "You have insufficient available funds in your Stripe account. Try adding funds directly to your available balance "
    "by creating Charges with the test token tok_bypassPending."
)
_CATEGORIES: Final[Mapping[str, str]] = {
    "transfer": "transfer",
    "transfer_refund": "transfer_reversal",
    "payment": "charge",
    "payment_refund": "refund",
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
}


async def receiver(work: Work, account_id: str, *, param: str) -> Account:
    """The connected account that money may be sent to. Raises `NotFound` or `InvalidRequest`."""
    try:
        account = await find_connected(work.ports, work.account, account_id)
    except NotFound:
        raise NotFound("destination", account_id, param=param) from None
    if not account.can_receive:
        raise InvalidRequest(
            f"The account {account_id} is not able to receive transfers: its transfers capability is not active.",
            code="transfers_not_allowed",
            param=param,
        )
    return account


@attrs.frozen(kw_only=True)
class Footing:
    """Whether money is funded yet, and if not, together with which movement of this account it will be."""

    available_on: Timestamp
    pending: bool = False
    leader: BalanceTransaction | None = None
    """None also where the money is another account's, which sends word of it."""


def footing_of(work: Work, leader: BalanceTransaction | None) -> Footing:
    """Money that is made of *leader*'s, or of what is available anyway."""
    if leader is None or leader.status is BalanceState.AVAILABLE:
        return Footing(available_on=work.now)
    return Footing(available_on=leader.available_on, pending=True, leader=leader)


def demand(work: Work, currency: CurrencyCode) -> None:
    """Refuse the commit if less is available than goes."""
    work.require(Floor(account=LedgerAccount.MERCHANT_AVAILABLE, currency=currency, message=TOO_LITTLE))


async def move(
    work: Work,
    kind: str,
    amount: int,
    currency: CurrencyCode,
    footing: Footing,
    *,
    source: str,
    transaction: str | None = None,
    fee: FeeDetail | None = None,
    description: str | None = None,
) -> BalanceTransaction:
    """Stage one side of a movement between accounts: the balance transaction and its entry. Below zero the money goes.

    It becomes available together with the money that it is made of.
    """
    moved = BalanceTransaction(
        account_id=work.account_id,
        id=BalanceTransactionId(transaction or work.new_id("txn")),
        created=work.now,
        type=kind,
        source=source,
        amount=amount,
        fee=fee.amount if fee else 0,
        fee_details=(fee,) if fee else (),
        currency=currency,
        available_on=footing.available_on,
        status=BalanceState.PENDING if footing.pending else BalanceState.AVAILABLE,
        description=description,
        reporting_category=_CATEGORIES[kind],
    )
    work.put(moved)
    share = bookkeeping.merchant_share(not footing.pending)
    if moved.net > 0:
        work.book(bookkeeping.taken_over(moved.id, currency, moved.net, share))
    elif moved.net < 0:
        work.book(bookkeeping.handed_over(moved.id, currency, -moved.net, share))
    await tie(work, footing, work.account_id, moved.id)
    return moved


async def tie(work: Work, footing: Footing, account_id: AccountId, transaction: str) -> None:
    """Let a movement, of this account or another, become available together with the money that it is made of."""
    if footing.leader is not None:
        # Several may be tied in one work: the leader as it is staged now, not as it was.
        leader = await work.get(BalanceTransaction, footing.leader.id)
        work.put(leader.tied_to(account_id, BalanceTransactionId(transaction)))


async def release(work: Work, transaction: BalanceTransaction) -> int:
    """Make a pending movement available, and what is tied to it; return what of this account's became so.

    The caller books it. Other accounts are sent word.
    """
    if transaction.status is BalanceState.AVAILABLE:
        return 0
    work.put(transaction.became_available(work.now))
    total = transaction.net
    for bound in transaction.ties:
        if bound.account_id == work.account_id:
            total += await release(work, await work.get(BalanceTransaction, bound.transaction))
        else:
            word = crossing(
                work,
                CrossingKind.RELEASE,
                bound.account_id,
                0,
                transaction.currency,
                subject=transaction.id,
                transaction=bound.transaction,
            )
            work.owe(word)
    return total


@attrs.frozen(kw_only=True)
class Consignment:
    """What is to be sent to a connected account. `fee` of it stays with the platform."""

    destination: AccountId
    amount: int
    currency: CurrencyCode
    footing: Footing
    source: str | None = None
    fee: ApplicationFeeId | None = None
    fee_amount: int = 0
    transfer_group: str | None = None
    description: str | None = None
    metadata: Metadata = NOTHING


async def send_on(work: Work, sent: Consignment) -> Transfer:
    """Take the amount off the platform's balance, and owe it to the connected account."""
    transfer_id, payment = TransferId(work.new_id("tr")), work.new_id("py")
    moved = await move(
        work,
        "transfer",
        -sent.amount,
        sent.currency,
        sent.footing,
        source=transfer_id,
        description=sent.description,
    )
    transfer = Transfer(
        account_id=work.account_id,
        id=transfer_id,
        created=work.now,
        amount=sent.amount,
        currency=sent.currency,
        destination=sent.destination,
        destination_payment=payment,
        balance_transaction=moved.id,
        source_transaction=sent.source,
        transfer_group=sent.transfer_group,
        description=sent.description,
        metadata=sent.metadata,
    )
    work.put(transfer)
    theirs = work.new_id("txn")
    await tie(work, sent.footing, sent.destination, theirs)
    details = {"transfer_group": sent.transfer_group, "description": sent.description, "fee": sent.fee}
    work.owe(
        crossing(
            work,
            CrossingKind.PAYMENT,
            sent.destination,
            sent.amount,
            sent.currency,
            subject=transfer_id,
            transaction=theirs,
            shown_as=payment,
            fee=sent.fee_amount,
            footing=sent.footing,
            details={name: text for name, text in details.items() if text is not None},
        )
    )
    work.announce("transfer.created", transfer)
    return transfer


def crossing(
    work: Work,
    kind: CrossingKind,
    to: AccountId,
    amount: int,
    currency: CurrencyCode,
    *,
    subject: str,
    transaction: str = "",
    shown_as: str = "",
    fee: int = 0,
    footing: Footing | None = None,
    details: Metadata = NOTHING,
) -> Crossing:
    """What this work's account leaves for another's books to hear of."""
    footing = footing or footing_of(work, None)
    return Crossing(
        account_id=work.account_id,
        id=CrossingId(work.new_id("xs")),
        created=work.wall,
        to=to,
        kind=kind,
        transaction=transaction,
        amount=amount,
        currency=currency,
        subject=subject,
        shown_as=shown_as,
        fee=fee,
        pending=footing.pending,
        available_on=footing.available_on,
        details=details,
        due_at=work.wall,
    )


@attrs.frozen(kw_only=True)
class Earning:
    """A fee that a platform keeps of a payment in a connected account."""

    id: ApplicationFeeId
    amount: int
    currency: CurrencyCode
    payer: AccountId
    charge: str
    originating: str | None = None
    transaction: str | None = None


async def earn_fee(work: Work, earned: Earning, footing: Footing) -> ApplicationFee:
    """Book a fee on the platform's side."""
    moved = await move(
        work,
        "application_fee",
        earned.amount,
        earned.currency,
        footing,
        source=earned.id,
        transaction=earned.transaction,
    )
    fee = ApplicationFee(
        account_id=work.account_id,
        id=earned.id,
        created=work.now,
        amount=earned.amount,
        currency=earned.currency,
        payer=earned.payer,
        charge=earned.charge,
        balance_transaction=moved.id,
        originating_transaction=earned.originating,
    )
    work.put(fee)
    work.announce("application_fee.created", fee)
    return fee


def fee_detail(platform: AccountId, amount: int, currency: CurrencyCode) -> FeeDetail:
    """How a connected account sees the platform's fee on one of its payments."""
    return FeeDetail(
        amount=amount,
        currency=currency,
        type="application_fee",
        description="Application fee",
        application=application_of(platform),
    )


async def fee_on(work: Work, payment: str) -> ApplicationFee | None:
    """The fee that the platform kept of a connected account's payment."""
    page = await work.select_to_write(ApplicationFee, Query(equal={"charge": payment}, limit=1))
    return page.items[0] if page.items else None


async def refund_fee(
    work: Work,
    fee: ApplicationFee,
    amount: int,
    *,
    refund_id: str | None = None,
    metadata: Metadata = NOTHING,
    insists: bool = False,
) -> FeeRefund:
    """Give a part of a fee back: take it off the platform's balance, and owe it to the connected account.

    *insists*: only if it is there.
    """
    footing = await footing_like(work, fee.balance_transaction)
    found = FeeRefundId(refund_id or work.new_id("fr"))
    moved = await move(work, "application_fee_refund", -amount, fee.currency, footing, source=found)
    if insists and not footing.pending:
        demand(work, fee.currency)
    refund = FeeRefund(
        account_id=work.account_id,
        id=found,
        created=work.now,
        amount=amount,
        currency=fee.currency,
        fee=fee.id,
        balance_transaction=moved.id,
        metadata=metadata,
    )
    fee = fee.refund(refund)
    work.put(refund)
    work.put(fee)
    work.owe(
        crossing(
            work,
            CrossingKind.FEE_RETURN,
            fee.payer,
            amount,
            fee.currency,
            subject=refund.id,
            transaction=work.new_id("txn"),
            shown_as=fee.charge,
        )
    )
    work.announce("application_fee.refunded", fee)
    return refund


async def footing_like(work: Work, transaction: str) -> Footing:
    """Money that becomes available together with a movement."""
    return footing_of(work, await work.get(BalanceTransaction, transaction))


def demand_back(work: Work, transfer: Transfer, reversal: TransferReversal) -> Crossing:
    """What the connected account's books are to hear of a reversal."""
    return crossing(
        work,
        CrossingKind.REVERSAL,
        transfer.destination,
        reversal.amount,
        reversal.currency,
        subject=reversal.id,
        transaction=reversal.payer_transaction,
        shown_as=reversal.destination_payment_refund,
        details={"payment": transfer.destination_payment},
    )


async def reverse(work: Work, transfer: Transfer, reversal: TransferReversal) -> TransferReversal:
    """Book what came back of a transfer on the platform's side, and give the fee back in proportion if that is wished."""
    footing = await footing_like(work, transfer.balance_transaction)
    moved = await move(
        work, "transfer_refund", reversal.amount, transfer.currency, footing, source=reversal.id
    )
    reversal = reversal.paid(moved.id)
    transfer = transfer.reversed_by(reversal)
    work.put(reversal)
    work.put(transfer)
    work.announce("transfer.reversed", transfer)
    if reversal.refunds_fee:
        await refund_fee_with(work, transfer, reversal.amount)
    return reversal


async def refund_fee_with(work: Work, transfer: Transfer, amount: int) -> None:
    """Give the fee on a transfer's payment back, as much of it as *amount* is of the transfer."""
    fee = await fee_on(work, transfer.destination_payment)
    if fee is None:
        return
    all_back = transfer.reversible == 0
    part = fee.refundable if all_back else min(part_of(fee.amount, amount, transfer.amount), fee.refundable)
    if part:
        await refund_fee(work, fee, part)
