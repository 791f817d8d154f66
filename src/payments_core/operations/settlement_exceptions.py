"""What to do about records that the network did not pay: present them anew, or let the merchant bear them.

Every exception ends in one of the two; until then its amount stands in suspense, where the trial balance shows it.
"""

from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import (
    BalanceState,
    BalanceTransaction,
    BalanceTransactionId,
)
from payments_core.operations.audit_log import record
from payments_core.operations.crossing import deliver_owed
from payments_core.operations.onboarding import find_account
from payments_core.operations.transferring import release
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports
from payments_core.settlement.batches import SettlementException


async def represent(ports: Ports, account_id: AccountId, exception_id: str) -> SettlementException:
    """Put a rejected record into the next batch, under a new reference."""
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    found = await work.get(SettlementException, exception_id)
    transaction = await work.get(BalanceTransaction, found.transaction)
    closed = found.represent(work.now)
    work.put(closed)
    work.put(transaction.to_represent(work.now))
    work.book(bookkeeping.represented(found.id, found.currency, found.amount))
    await record(work, "settlement_exception.represented", found.id)
    await work.commit()
    return closed


async def write_off(ports: Ports, account_id: AccountId, exception_id: str) -> BalanceTransaction:
    """Take the rejected amount from the merchant's balance (or give it, for a credit); return the adjustment."""
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    found = await work.get(SettlementException, exception_id)
    transaction = await work.get(BalanceTransaction, found.transaction)
    work.put(found.write_off(work.now))
    released = bookkeeping.settled(found.id, found.currency, 0, await release(work, transaction))
    if released is not None:
        work.book(released)
    adjustment = BalanceTransaction(
        account_id=work.account_id,
        id=BalanceTransactionId(work.new_id("txn")),
        created=work.now,
        type="adjustment",
        source=transaction.source,
        amount=-found.amount,
        currency=found.currency,
        available_on=work.now,
        status=BalanceState.AVAILABLE,
        description=f"NOT PAID BY THE NETWORK: {found.reason.replace('_', ' ')}",
        reporting_category="other_adjustment",
    )
    work.put(adjustment)
    work.book(bookkeeping.written_off(adjustment.id, found.currency, found.amount))
    await record(work, "settlement_exception.written_off", found.id)
    await work.commit()
    await deliver_owed(work)
    return adjustment
