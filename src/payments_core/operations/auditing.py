"""Auditing: read the books account by account, in bounded memory, and have them verified.

Reads only. Rows are read one kind after another while payments go on, so an account whose balances move meanwhile is read
again, and if it never rests its sums are left out and a note says so.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from payments_core.clock import Timestamp
from payments_core.ids import decode
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.ledger.entries import Balance, Entry, EntryId
from payments_core.ledger.sealing import Seal
from payments_core.ledger.trial_balance import Axis, Sums, TrialBalance
from payments_core.ledger.verification import (
    Audit,
    Finding,
    SealCheck,
    Verdict,
    Window,
    merchant_moved,
    named,
)
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.ports import Store
from payments_core.settlement.payouts import Payout

Progress = Callable[[int], None]
"""Told how many more rows were looked at."""

CHUNK: Final = 500
LONGEST_WORK_S: Final = 3_600
"""Entries lie in the order of their ids; what is recorded this much later has nothing older behind it."""
TRIES: Final = 5
NAMED_AT_ONCE: Final = 100_000
"""Ids held in memory while looking for transactions without an entry."""


async def verify(
    store: Store, account_id: AccountId | None = None, on_progress: Progress | None = None
) -> Verdict:
    """Verify the books of one account, or of all: entries, cached balances, balance transactions and seals."""
    progress = on_progress or _unheard
    if account_id is not None:
        return await _verify_account(store, account_id, progress)
    verdict = Verdict()
    async for found in store.accounts():
        verdict = verdict.plus(await _verify_account(store, found, progress))
    return verdict


async def _verify_account(store: Store, account_id: AccountId, progress: Progress) -> Verdict:
    audit, check = Audit(account_id), SealCheck()
    for _ in range(TRIES):
        before = _as_set(await store.balances(account_id))
        audit, check = Audit(account_id), SealCheck()
        await _read_entries(store, audit, check, progress)
        audit.take_windows([window async for window in _windows(store, account_id)])
        async for transaction in store.stream(BalanceTransaction, account_id):
            audit.take_transaction(transaction)
            progress(1)
        balances = await store.balances(account_id)
        if _as_set(balances) == before:
            audit.take_balances(balances)
            await _look_twice(store, audit, progress)
            break
    else:
        check.notes.append(Finding(account_id, "is too busy for its sums to be compared."))
    return audit.verdict(check.seals, check.notes)


async def _windows(store: Store, account_id: AccountId) -> AsyncIterator[Window]:
    """Of automatic payouts; a manual one is made of nothing in particular."""
    async for payout in store.stream(Payout, account_id):
        if payout.contents_after is not None and payout.contents_upto is not None:
            yield Window(
                payout=payout.id,
                amount=payout.amount,
                currency=payout.currency,
                after=payout.contents_after,
                upto=payout.contents_upto,
            )


async def _read_entries(store: Store, audit: Audit, check: SealCheck, progress: Progress) -> None:
    account_id = audit.account_id
    check.late_ids = frozenset([late async for seal in store.stream(Seal, account_id) for late in seal.late])
    seals = store.stream(Seal, account_id)
    seal = await anext(seals, None)
    async for chunk in chunks(store.entries(account_id)):
        for entry in chunk:
            while seal is not None and number(entry.id) > number(seal.upto):
                check.close(seal, audit)
                seal = await anext(seals, None)
            if seal is not None:
                check.take_entry(entry)
            audit.take_entry(entry)
        sources = [entry.source for entry in chunk if merchant_moved(entry)]
        audit.take_booked(chunk, await store.find_many(BalanceTransaction, account_id, sources))
        progress(len(chunk))
    while seal is not None:
        check.close(seal, audit)
        seal = await anext(seals, None)


async def _look_twice(store: Store, audit: Audit, progress: Progress) -> None:
    """Name what the first look could only tell to be there."""
    if audit.doubtful:
        await _name_doubled(store, audit)
    if audit.misses_entries:
        for bucket in range(-(-audit.transactions // NAMED_AT_ONCE)):
            await _name_unbooked(store, audit, bucket)


async def _name_doubled(store: Store, audit: Audit) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    async for entry in store.entries(audit.account_id):
        if (entry.kind, entry.source) in audit.doubtful:
            counted[entry.kind, entry.source] += 1
            if counted[entry.kind, entry.source] > 1:
                audit.find(f"entry {named(entry)} was booked before.")


async def _name_unbooked(store: Store, audit: Audit, bucket: int) -> None:
    first = bucket * NAMED_AT_ONCE
    nets: dict[str, BalanceTransaction] = {}
    at = 0
    async for transaction in store.stream(BalanceTransaction, audit.account_id):
        if first <= at < first + NAMED_AT_ONCE and transaction.net:
            nets[transaction.id] = transaction
        at += 1
    async for entry in store.entries(audit.account_id):
        if merchant_moved(entry):
            nets.pop(entry.source, None)
    for transaction in nets.values():
        audit.find(
            f"balance transaction {transaction.id} ({transaction.type} of {transaction.source}) has no entry."
        )


async def chunks(entries: AsyncIterator[Entry], size: int = CHUNK) -> AsyncIterator[list[Entry]]:
    """The entries, *size* at a time."""
    chunk: list[Entry] = []
    async for entry in entries:
        chunk.append(entry)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def number(entry_id: EntryId) -> int:
    """What entry ids are ordered by."""
    return decode(entry_id.rpartition("_")[2])


async def trial_balance(
    store: Store,
    account_id: AccountId | None = None,
    *,
    at: Timestamp | None = None,
    axis: Axis = Axis.RECORDED,
    on_progress: Progress | None = None,
) -> TrialBalance:
    """What stands on every ledger account of one merchant or of all, now or at the end of a second on either date axis.

    Now is read from the cached balances; any other time is summed from the entries.
    """
    sums = Sums()
    if at is None:
        accounts = _one(account_id) if account_id else store.accounts()
        async for found in accounts:
            sums.take_balances(await store.balances(found))
        return sums.trial_balance()
    async for chunk in chunks(store.entries(account_id)):
        for entry in chunk:
            if axis.date_of(entry) <= at:
                sums.take_entry(entry)
        (on_progress or _unheard)(len(chunk))
        if axis is Axis.RECORDED and chunk[-1].recorded > at + LONGEST_WORK_S:
            break
    return sums.trial_balance()


async def balance_at(
    store: Store,
    account_id: AccountId,
    account: LedgerAccount,
    currency: CurrencyCode,
    at: Timestamp,
    axis: Axis = Axis.RECORDED,
) -> int:
    """What stood on one ledger account at the end of a second, on the side on which it grows."""
    told = await trial_balance(store, account_id, at=at, axis=axis)
    return told.balance(account, currency)


async def _one(account_id: AccountId) -> AsyncIterator[AccountId]:
    yield account_id


def _as_set(balances: Sequence[Balance]) -> frozenset[Balance]:
    return frozenset(balance for balance in balances if balance.amount)


def _unheard(count: int) -> None:
    """Nobody wants to know."""
