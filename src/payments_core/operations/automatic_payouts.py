"""Automatic payouts: on the days of its schedule, an account's available money goes to its bank by itself. A worker's job.

A payout takes all that became available up to a second, the cut-off: the balance of now, less what came after. Only that is
read, so that the length of the history does not matter. The account's schedule says how far it is paid out, and moves on in the
same commit: of several workers one wins, and a kill leaves either all or nothing.
"""

import logging
from collections.abc import Sequence
from typing import Final

from payments_core import clock
from payments_core.errors import BalanceInsufficient, Conflict, InvalidRequest, PaymentsError
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.money.currencies import CurrencyCode, payout_step
from payments_core.operations.balance import merchant_balance
from payments_core.operations.onboarding import find_account
from payments_core.operations.payouts import destination_for, movement, send
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports, Query
from payments_core.settlement.external_accounts import BankAccount
from payments_core.settlement.payouts import Payout, PayoutId
from payments_core.settlement.schedules import Interval, PayoutSchedule, business_day_after, kept_back

LOG: Final = logging.getLogger("payments.payouts")
CHUNK: Final = 100
READ_AT_ONCE: Final = 500


async def pay_automatically(ports: Ports) -> int:
    """Take the turn of every account whose time has come; return how many turns were taken."""
    turns = 0
    for schedule in await ports.store.due(PayoutSchedule, clock.now(ports.clock), CHUNK):
        try:
            turns += await take_turn(ports, schedule.account_id, schedule.id)
        except (Conflict, BalanceInsufficient):
            continue  # somebody else took it, or the balance moves: it is due again at once
        except PaymentsError:
            LOG.exception("no automatic payout for %s", schedule.account_id)
    return turns


async def take_turn(ports: Ports, account_id: AccountId, schedule_id: str) -> bool:
    """Make today's automatic payouts of one account: one commit with all of its currencies."""
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    schedule = await work.get(PayoutSchedule, schedule_id)
    if schedule.due_at > work.now:
        return False
    paid = await _pay_currencies(work, schedule)
    work.put(schedule.done(work.now, paid))
    await work.commit()
    return True


async def _pay_currencies(work: Work, schedule: PayoutSchedule) -> dict[CurrencyCode, int]:
    interval = Interval.of(work.account.settings)
    if not interval.pays_on(work.now) or not work.account.can_pay_out:
        return {}
    upto = interval.cut_off(work.now)
    balance = await merchant_balance(work)
    paid = {}
    for currency in sorted(balance.available):
        bank = await _destination(work, currency)
        if bank is not None and await _pay(work, schedule, currency, upto, bank):
            paid[currency] = upto
    return paid


async def _destination(work: Work, currency: CurrencyCode) -> BankAccount | None:
    """Where it goes. An account from which a payout came back gets no more until the merchant has looked at it."""
    try:
        bank = await destination_for(work, currency, None)
    except InvalidRequest:
        return None
    return None if bank.status == "errored" else bank


async def _pay(
    work: Work, schedule: PayoutSchedule, currency: CurrencyCode, upto: int, bank: BankAccount
) -> bool:
    counted, there = await _available_at(work, currency, upto)
    kept = kept_back(work.account.settings, currency)
    amount = min(counted, there) - kept
    amount -= amount % payout_step(currency)
    if amount <= 0:
        return False
    payout = Payout(
        account_id=work.account_id,
        id=PayoutId(work.new_id("po")),
        created=work.now,
        amount=amount,
        currency=currency,
        arrival_date=business_day_after(work.now),
        destination=bank.id,
        balance_transaction="",
        automatic=True,
        contents_after=schedule.paid_upto.get(currency, -1),
        contents_upto=upto,
        statement_descriptor=work.account.settings.get("payouts.statement_descriptor"),
        due_at=work.now,
    )
    if counted > amount:
        _keep(work, payout, counted - amount)
    payout = send(work, payout)
    work.announce("payout.reconciliation_completed", payout)
    return True


def _keep(work: Work, payout: Payout, amount: int) -> None:
    """What is not paid out is taken out of this payout's contents and put into the next one's."""
    hold = movement(
        work,
        payout.id,
        "payout_minimum_balance_hold",
        -amount,
        payout.currency,
        "MINIMUM BALANCE HOLD",
        available_on=payout.contents_upto,
    )
    work.book(bookkeeping.kept_back(hold.id, payout.currency, amount))
    release = movement(
        work,
        payout.id,
        "payout_minimum_balance_release",
        amount,
        payout.currency,
        "MINIMUM BALANCE RELEASE",
    )
    work.book(bookkeeping.given_free(release.id, payout.currency, amount))


async def _available_at(work: Work, currency: CurrencyCode, upto: int) -> tuple[int, int]:
    """What was available at the end of a second and is not paid out, and what is now. Raises `Conflict` while it moves."""
    before = await _later(work, currency, upto)
    there = (await merchant_balance(work)).available.get(currency, 0)
    if [line.id for line in await _later(work, currency, upto)] != [line.id for line in before]:
        raise Conflict("The balance moves just now.")
    return there - sum(line.net for line in before), there


async def _later(work: Work, currency: CurrencyCode, upto: int) -> Sequence[BalanceTransaction]:
    """All that became available after a second."""
    found: list[BalanceTransaction] = []
    after: str | None = None
    while True:
        page = await work.select(
            BalanceTransaction,
            Query(
                equal={"currency": currency, "status": BalanceState.AVAILABLE},
                within={"available_since": (upto + 1, None)},
                after=after,
                limit=READ_AT_ONCE,
            ),
        )
        found += page.items
        if not page.has_more:
            return found
        after = page.items[-1].id
