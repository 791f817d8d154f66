"""Paying out: hand payouts to a bank rail, learn what became of them, and make the automatic ones. A worker's jobs.

A payout is first claimed for a batch, then handed over under the batch's name, then marked: whoever goes on after a crash hands
the same batch over again, which the rail takes once. Several processes may work at once; the slower one loses a version check.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from payments_core import clock
from payments_core.clock import HOUR, Timestamp
from payments_core.errors import Conflict, InvalidRequest, NotFound, Unavailable
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.operations.onboarding import find_account
from payments_core.operations.payouts import movement
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import AccountId
from payments_core.ports import BankRail, Ports, ReportingRail
from payments_core.settlement.external_accounts import BankAccount, SealedAccountNumber
from payments_core.settlement.payouts import Payout, PayoutId, PayoutOrder, PayoutResult, PayoutState

LOG: Final = logging.getLogger("payments.payouts")
CHUNK: Final = 200
RAIL_WITHIN_S: Final = 60.0
ASK_AGAIN_S: Final = HOUR
CONFLICTS_MAX: Final = 5

Change = Callable[[Work, Payout], Payout | None]


async def advance_payouts(ports: Ports) -> int:
    """Go on with every payout whose time has come; return how many changed."""
    due = await ports.store.due(Payout, clock.now(ports.clock), CHUNK)
    if not due or not ports.bank_rails:
        return 0
    pending = [payout for payout in due if payout.status is PayoutState.PENDING]
    changed = await _hand_over(ports, pending)
    return changed + await _ask(ports, [p for p in due if p.status is PayoutState.IN_TRANSIT])


async def _hand_over(ports: Ports, pending: Sequence[Payout]) -> int:
    rail = next(iter(ports.bank_rails))
    batch = ports.ids.new("pb")
    batches: dict[tuple[str, str], list[Payout]] = defaultdict(list)
    for payout in pending:
        if payout.rail_batch is None:
            claimed = await _change(ports, payout, lambda work, found: _claim(found, rail, batch))
        else:
            claimed = payout
        if claimed is not None and claimed.rail_batch is not None:
            batches[claimed.rail or rail, claimed.rail_batch].append(claimed)
    changed = 0
    for (name, number), payouts in batches.items():
        taken = await _submit(ports, name, number, payouts)
        if taken is None:
            continue
        for payout in payouts:
            step = _in_transit if payout.id in taken else _unclaim
            changed += await _change(ports, payout, step) is not None
    return changed


async def _submit(
    ports: Ports, name: str, batch: str, payouts: Sequence[Payout]
) -> Collection[PayoutId] | None:
    rail = ports.bank_rails.get(name)
    if rail is None:
        LOG.error("the bank rail %s is gone, and its batch %s waits", name, batch)
        return None
    orders = await _orders(ports, payouts)
    try:
        async with asyncio.timeout(RAIL_WITHIN_S):
            return await rail.submit(batch, orders)
    except (TimeoutError, OSError, Unavailable):
        LOG.warning("batch %s was not taken by %s, it is handed over again", batch, name)
        return None


async def _ask(ports: Ports, waiting: Sequence[Payout]) -> int:
    by_rail: dict[str, list[Payout]] = defaultdict(list)
    for payout in waiting:
        by_rail[payout.rail or ""].append(payout)
    changed = 0
    for name, payouts in by_rail.items():
        told = await _results(ports.bank_rails.get(name), await _orders(ports, payouts))
        by_id = {result.payout: result for result in told}
        for payout in payouts:
            result = by_id.get(payout.id)
            step = _wait if result is None else _concluding(result)
            changed += await _change(ports, payout, step) is not None and result is not None
    return changed


async def _results(rail: BankRail | None, orders: Sequence[PayoutOrder]) -> Sequence[PayoutResult]:
    if rail is None:
        return ()
    try:
        async with asyncio.timeout(RAIL_WITHIN_S):
            return await rail.results(orders)
    except (TimeoutError, OSError, Unavailable):
        return ()


async def _orders(ports: Ports, payouts: Iterable[Payout]) -> list[PayoutOrder]:
    orders = []
    for payout in payouts:
        sealed = await ports.store.find(SealedAccountNumber, payout.account_id, payout.destination)
        shown = await ports.store.find(BankAccount, payout.account_id, payout.destination)
        if sealed is None:
            LOG.error("payout %s has lost its bank account", payout.id)
            continue
        account = await find_account(ports, payout.account_id)
        bank = shown[0] if shown else None
        orders.append(
            PayoutOrder(
                payout=payout.id,
                account_id=payout.account_id,
                amount=payout.amount,
                currency=payout.currency,
                merchant=account.name,
                statement_descriptor=payout.statement_descriptor,
                holder=(bank.account_holder_name if bank else None) or account.name,
                country=bank.country if bank else account.country,
                routing_number=bank.routing_number if bank else None,
                account_type=bank.account_type if bank else None,
                number=ports.vault.open_number(payout.account_id, payout.destination, sealed[0].sealed),
                arrival_date=payout.arrival_date,
                method=payout.method,
            )
        )
    return orders


def _claim(payout: Payout, rail: str, batch: str) -> Payout | None:
    waits = payout.status is PayoutState.PENDING and payout.rail_batch is None
    return payout.claimed(rail, batch) if waits else None


def _in_transit(work: Work, payout: Payout) -> Payout | None:
    if payout.status is not PayoutState.PENDING:
        return None
    submitted = payout.submitted()
    work.announce("payout.updated", submitted)
    return submitted


def _unclaim(work: Work, payout: Payout) -> Payout | None:
    if payout.status is not PayoutState.PENDING:
        return None
    LOG.warning("payout %s was not taken by %s, it waits", payout.id, payout.rail)
    return payout.unclaimed(Timestamp(work.now + ASK_AGAIN_S))


def _wait(work: Work, payout: Payout) -> Payout | None:
    waits = payout.status is PayoutState.IN_TRANSIT
    return payout.asked_again(Timestamp(work.now + ASK_AGAIN_S)) if waits else None


def _concluding(result: PayoutResult) -> Change:
    def step(work: Work, payout: Payout) -> Payout | None:
        return conclude_payout(work, payout, result)

    return step


def conclude_payout(work: Work, payout: Payout, result: PayoutResult) -> Payout | None:
    """Stage what a bank's word means for the books; None if it says nothing new."""
    if result.failure_code is None:
        if payout.status is not PayoutState.IN_TRANSIT:
            return None
        paid = payout.paid(result.trace)
        if payout.amount > 0:
            work.book(bookkeeping.paid_out(payout.id, payout.currency, payout.amount))
        work.announce("payout.paid", paid)
        return paid
    if payout.status in (PayoutState.FAILED, PayoutState.CANCELED):
        return None
    failed = payout.failed(result.failure_code, _give_back(work, payout).id)
    work.announce("payout.failed", failed)
    return failed


def _give_back(work: Work, payout: Payout) -> BalanceTransaction:
    back = payout.amount < 0
    transaction = movement(
        work, payout.id, "payout_failure", payout.amount, payout.currency, "PAYOUT FAILURE", pending=back
    )
    if back:
        work.book(bookkeeping.not_pulled_back(transaction.id, payout.currency, -payout.amount))
    else:
        late = payout.status is PayoutState.PAID
        work.book(
            bookkeeping.payout_returned(transaction.id, payout.currency, payout.amount, after_paid=late)
        )
    return transaction


async def _change(ports: Ports, payout: Payout, change: Change) -> Payout | None:
    """Apply *change* to the payout as it is now, in one commit. None if there was nothing to change."""
    account = await find_account(ports, payout.account_id)
    for _ in range(CONFLICTS_MAX):
        work = Work(Caller(account=account), ports)
        found = await work.get(Payout, payout.id)
        changed = change(work, found)
        if changed is None:
            return None
        work.put(changed)
        if changed.status is not found.status:
            await _follow(work, changed)
        try:
            await work.commit()
        except Conflict:
            continue
        return changed
    return None


async def _follow(work: Work, payout: Payout) -> None:
    """What else changes: the bank account of a failed payout, the money that a reversal brings."""
    if payout.amount > 0 and payout.status is PayoutState.FAILED:
        bank = await work.find(BankAccount, payout.destination)
        if bank is not None:
            work.put(bank.errored())
    if payout.amount < 0 and payout.status is PayoutState.PAID:
        transaction = await work.get(BalanceTransaction, payout.balance_transaction)
        work.put(transaction.became_available(work.now))
        work.book(bookkeeping.pulled_back(payout.id, payout.currency, -payout.amount))


async def import_results(ports: Ports, place: str) -> int:
    """Read a bank's file and conclude the payouts that it names. Read twice, it changes nothing."""
    rail: object = next(iter(ports.bank_rails.values()), None)
    if not isinstance(rail, ReportingRail):
        raise InvalidRequest("The bank rail of these settings reports in no files: set `bank_rail`.")
    changed = 0
    for result in rail.read(place):
        try:
            owner = result.account_id or await _owner_of(ports, result.payout)
            changed += await conclude_by_id(ports, owner, result)
        except NotFound:
            LOG.warning("%s names %s, which is not here", place, result.payout)
    return changed


async def conclude_by_id(ports: Ports, account_id: AccountId, result: PayoutResult) -> bool:
    """Conclude one payout of an account."""
    found = await ports.store.find(Payout, account_id, result.payout)
    if found is None:
        raise NotFound("payout", result.payout)
    return await _change(ports, found[0], _concluding(result)) is not None


async def _owner_of(ports: Ports, payout: PayoutId) -> AccountId:
    async for account_id in ports.store.accounts():
        if await ports.store.find(Payout, account_id, payout):
            return account_id
    raise NotFound("payout", payout)
