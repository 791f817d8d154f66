"""Verification: prove the books from the rows alone, as they stream by, and say in sentences what is not as it must be.

An `Audit` takes what it is shown of one account and keeps sums, a filter and the seal at hand, never the books themselves.
Who reads the rows is `operations.auditing`. Nothing here repairs anything.
"""

import bisect
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.ledger.entries import Balance, Entry, EntryId
from payments_core.ledger.sealing import BEGINNING, MARK, Chain, Seal, differences
from payments_core.money.amounts import display
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId

SHOWN_MAX: Final = 50
"""Findings that are kept for each account; more are counted."""
_OF_THE_MERCHANT: Final = (LedgerAccount.MERCHANT_PENDING, LedgerAccount.MERCHANT_AVAILABLE)
_STANDS_ON: Final[Mapping[BalanceState, LedgerAccount]] = {
    BalanceState.PENDING: LedgerAccount.MERCHANT_PENDING,
    BalanceState.AVAILABLE: LedgerAccount.MERCHANT_AVAILABLE,
}
Place = tuple[LedgerAccount, CurrencyCode, str]


@attrs.frozen
class Finding:
    """One thing that is wrong, as a sentence that names it."""

    account_id: AccountId
    sentence: str

    def __str__(self) -> str:
        return f"{self.account_id}: {self.sentence}"


@attrs.frozen(kw_only=True)
class Verdict:
    """What verification found."""

    accounts: int = 0
    entries: int = 0
    transactions: int = 0
    seals: int = 0
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    """Strange, and no error: an entry that became durable late and was sealed later."""
    unnamed: int = 0
    """Findings beyond those that are named."""

    @property
    def is_sound(self) -> bool:
        """Say whether everything fits."""
        return not self.findings and not self.unnamed

    def plus(self, other: "Verdict") -> "Verdict":
        """Both together."""
        return Verdict(
            accounts=self.accounts + other.accounts,
            entries=self.entries + other.entries,
            transactions=self.transactions + other.transactions,
            seals=self.seals + other.seals,
            findings=self.findings + other.findings,
            notes=self.notes + other.notes,
            unnamed=self.unnamed + other.unnamed,
        )


@attrs.frozen(kw_only=True)
class Window:
    """What an automatic payout is made of: all that became available after one second and up to another."""

    payout: str
    amount: int
    currency: CurrencyCode
    after: int
    upto: int

    def is_of(self, transaction: BalanceTransaction) -> bool:
        """Say whether it is the payout's own line, which is listed with its contents."""
        return transaction.type == "payout" and transaction.source == self.payout


@attrs.define(eq=False)
class Seen:
    """A filter of fixed size: what it has not seen is certainly new; what it has seen is looked at again."""

    _bits: bytearray = attrs.field(factory=lambda: bytearray(1 << 21), init=False)

    def add(self, text: str) -> bool:
        """Say whether *text* may have been added before, and add it."""
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        places = [int.from_bytes(digest[at : at + 4], "big") % (len(self._bits) * 8) for at in (0, 4, 8, 12)]
        seen = all(self._bits[place >> 3] >> (place & 7) & 1 for place in places)
        for place in places:
            self._bits[place >> 3] |= 1 << (place & 7)
        return seen


@attrs.define(eq=False)
class Audit:
    """The examination of one account. Show it seals' late entries, then all entries in order, transactions, balances."""

    account_id: AccountId
    entries: int = 0
    transactions: int = 0
    doubtful: set[tuple[str, str]] = attrs.field(factory=set)
    """(kind, source) that may be there twice: only another look at the entries tells."""
    _findings: list[Finding] = attrs.field(factory=list)
    _unnamed: int = 0
    _sums: dict[Place, int] = attrs.field(factory=lambda: defaultdict(int))
    _nets: dict[tuple[BalanceState, CurrencyCode], int] = attrs.field(factory=lambda: defaultdict(int))
    _seen: Seen = attrs.field(factory=Seen)
    _windows: dict[CurrencyCode, list[Window]] = attrs.field(factory=lambda: defaultdict(list))
    """By currency, the earliest first."""
    _ends: dict[CurrencyCode, list[int]] = attrs.field(factory=dict)
    _contents: dict[str, int] = attrs.field(factory=lambda: defaultdict(int))
    """What is in each window, by payout."""
    _booked: int = 0
    """Sum of digests of the transactions that entries name; the same sum comes from the transactions themselves."""
    _listed: int = 0

    def find(self, sentence: str) -> None:
        """Note that something is wrong."""
        if len(self._findings) < SHOWN_MAX:
            self._findings.append(Finding(self.account_id, sentence))
        else:
            self._unnamed += 1

    def take_entry(self, entry: Entry) -> None:
        """Check an entry for itself, and count its postings."""
        self.entries += 1
        if entry.imbalance:
            off = display(abs(entry.imbalance), entry.currency)
            side = "debit" if entry.imbalance > 0 else "credit"
            self.find(f"entry {named(entry)} does not balance: there is {off} too much on the {side} side.")
        for posting in entry.postings:
            self._sums[posting.account, entry.currency, posting.sub] += posting.amount
        if self._seen.add(f"{entry.kind}\0{entry.source}"):
            self.doubtful.add((entry.kind, entry.source))

    def take_booked(self, entries: Sequence[Entry], transactions: Mapping[str, BalanceTransaction]) -> None:
        """Hold entries against the balance transactions that they name, found by id."""
        for entry in entries:
            moved = merchant_moved(entry)
            if not moved or not entry.source.startswith("txn_"):
                continue
            self._booked += _number(entry.source)
            transaction = transactions.get(entry.source)
            if transaction is None:
                self.find(
                    f"entry {named(entry)} moved the merchant's balance by {display(moved, entry.currency)}, "
                    "but there is no such balance transaction."
                )
            elif transaction.net != moved or transaction.currency != entry.currency:
                net = display(transaction.net, transaction.currency)
                self.find(
                    f"balance transaction {transaction.id} says {net}, but entry {entry.id} moved the merchant's balance "
                    f"by {display(moved, entry.currency)}."
                )

    def take_windows(self, windows: Iterable[Window]) -> None:
        """Note what automatic payouts are made of, before the balance transactions are shown."""
        for window in sorted(windows, key=lambda one: one.upto):
            earlier = self._windows[window.currency]
            if earlier and earlier[-1].upto > window.after:
                self.find(f"payouts {earlier[-1].payout} and {window.payout} are made of the same money.")
            earlier.append(window)
        self._ends = {
            currency: [window.upto for window in windows] for currency, windows in self._windows.items()
        }

    def take_transaction(self, transaction: BalanceTransaction) -> None:
        """Count a balance transaction."""
        self.transactions += 1
        since, ends = transaction.available_since, self._ends.get(transaction.currency)
        if since is not None and ends is not None:
            place = bisect.bisect_left(ends, since)
            window = self._windows[transaction.currency][place] if place < len(ends) else None
            if window is not None and since > window.after and not window.is_of(transaction):
                self._contents[window.payout] += transaction.net
        self._nets[transaction.status, transaction.currency] += transaction.net
        if transaction.net:
            self._listed += _number(transaction.id)

    @property
    def misses_entries(self) -> bool:
        """Say whether entries and balance transactions do not name the same movements: another look tells which."""
        return self._booked != self._listed

    def take_balances(self, balances: Iterable[Balance]) -> None:
        """Hold the cached balances against the sums of the postings, and these against the transactions."""
        kept: dict[Place, int] = defaultdict(int)
        for balance in balances:
            kept[balance.account, balance.currency, balance.sub] += balance.amount
        for place in sorted(kept.keys() | self._sums.keys()):
            if kept[place] != self._sums[place]:
                account, currency, sub = place
                self.find(
                    f"the balance of {account}{f'/{sub}' if sub else ''} says {display(kept[place], currency)}, "
                    f"but its postings sum to {display(self._sums[place], currency)}."
                )
        self._take_sums()
        self._take_payouts()

    def _take_payouts(self) -> None:
        for window in (window for windows in self._windows.values() for window in windows):
            comes_to = self._contents[window.payout]
            if comes_to != window.amount:
                self.find(
                    f"payout {window.payout} is {display(window.amount, window.currency)}, "
                    f"but what it is made of comes to {display(comes_to, window.currency)}."
                )

    def _take_sums(self) -> None:
        currencies = {currency for _, currency, _ in self._sums} | {currency for _, currency in self._nets}
        for currency in sorted(currencies):
            for state, account in _STANDS_ON.items():
                net = self._nets[state, currency]
                stands = -sum(
                    amount for place, amount in self._sums.items() if place[:2] == (account, currency)
                )
                if net != stands:
                    self.find(
                        f"balance transactions that are {state} sum to {display(net, currency)}, "
                        f"but {account} holds {display(stands, currency)}."
                    )

    def verdict(self, seals: int, notes: Sequence[Finding]) -> Verdict:
        """What was found of this account."""
        return Verdict(
            accounts=1,
            entries=self.entries,
            transactions=self.transactions,
            seals=seals,
            findings=tuple(self._findings),
            notes=tuple(notes),
            unnamed=self._unnamed,
        )


@attrs.define(eq=False)
class SealCheck:
    """Goes through an account's seals while the entries stream by."""

    late_ids: frozenset[EntryId] = frozenset()
    seals: int = 0
    notes: list[Finding] = attrs.field(factory=list)
    _previous: str = BEGINNING
    _window: list[Entry] = attrs.field(factory=list)
    _late: dict[EntryId, Entry] = attrs.field(factory=dict)

    def take_entry(self, entry: Entry) -> None:
        """An entry of the window at hand."""
        if entry.id in self.late_ids:
            self._late[entry.id] = entry
        else:
            self._window.append(entry)

    def close(self, seal: Seal, audit: Audit) -> None:
        """All entries up to the seal's last one were shown: do they give its digest?"""
        self.seals += 1
        find = audit.find
        if seal.sequence != self.seals:
            find(f"seal {self.seals} is gone: the next one is seal {seal.sequence}.")
            self.seals = seal.sequence
        elif seal.previous != self._previous:
            find(f"seal {seal.sequence} does not go on from the seal before it.")
        late = [self._late[entry_id] for entry_id in seal.late if entry_id in self._late]
        for entry in late:
            sentence = f"entry {named(entry)} became durable late: seal {seal.sequence} has it."
            self.notes.append(Finding(audit.account_id, sentence))
        found = [*late, *self._window]
        if Chain.after(seal.previous).add_all(found).digest != seal.digest:
            _explain(seal, found, audit)
        self._previous = seal.digest
        self._window.clear()


def _explain(seal: Seal, found: list[Entry], audit: Audit) -> None:
    """Say which entries are not as the seal knows them."""
    where = f"seal {seal.sequence} (entries up to {seal.upto})"
    gone, extra = differences(seal.marks, found)
    if len(seal.marks) != seal.count * MARK or not (gone or extra):
        audit.find(f"{where} does not fit its own digest: the seal was altered.")
    for entry in extra:
        why = (
            "it was altered after it was sealed" if gone else "it fell behind the seal, or was added by hand"
        )
        audit.find(f"entry {named(entry)} is not as {where} knows it: {why}.")
    if len(gone) > len(extra):
        audit.find(
            f"{len(gone) - len(extra)} of the {seal.count} entries under {where} are gone: "
            f"number {', '.join(str(place + 1) for place in gone[:10])} in order."
        )


def merchant_moved(entry: Entry) -> int:
    """What an entry changed the merchant's balance by, pending and available together."""
    return -sum(posting.amount for posting in entry.postings if posting.account in _OF_THE_MERCHANT)


def named(entry: Entry) -> str:
    """How sentences name an entry."""
    return f"{entry.id} ({entry.kind} of {entry.source})"


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
