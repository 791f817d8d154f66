"""The trial balance: every ledger account with what stands on it, debits against credits, by currency.

Sums only; which rows are read is `operations.auditing`'s business.
"""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

import attrs

from payments_core.clock import Timestamp
from payments_core.ledger.accounts import GROWS_ON, MEMORANDUM, LedgerAccount, Side
from payments_core.ledger.entries import Balance, Entry
from payments_core.money.currencies import CurrencyCode


class Axis(StrEnum):
    """Which of its two dates places an entry in time."""

    RECORDED = "recorded"
    EFFECTIVE = "effective"

    def date_of(self, entry: Entry) -> Timestamp:
        """The entry's date on this axis."""
        return entry.recorded if self is Axis.RECORDED else entry.effective


@attrs.frozen(kw_only=True)
class Line:
    """One ledger account in one currency: its balance on one side, and nothing on the other."""

    account: LedgerAccount
    currency: CurrencyCode
    amount: int
    """Debits positive."""

    @property
    def debit(self) -> int:
        """What stands on the debit side."""
        return max(self.amount, 0)

    @property
    def credit(self) -> int:
        """What stands on the credit side."""
        return max(-self.amount, 0)

    @property
    def is_memorandum(self) -> bool:
        """Say whether it is nobody's money."""
        return self.account in MEMORANDUM


@attrs.frozen(kw_only=True)
class TrialBalance:
    """All lines, in the order of currency and chart."""

    lines: tuple[Line, ...]

    @property
    def is_even(self) -> bool:
        """Say whether debits equal credits in every currency."""
        return not any(self.difference(currency) for currency in self.currencies)

    @property
    def currencies(self) -> tuple[CurrencyCode, ...]:
        """The currencies there are."""
        return tuple(dict.fromkeys(line.currency for line in self.lines))

    def difference(self, currency: CurrencyCode) -> int:
        """Debits less credits."""
        return sum(line.amount for line in self.lines if line.currency == currency)

    def balance(self, account: LedgerAccount, currency: CurrencyCode) -> int:
        """What stands on a ledger account, on the side on which it grows."""
        stands = sum(
            line.amount for line in self.lines if (line.account, line.currency) == (account, currency)
        )
        return stands if GROWS_ON[account] is Side.DEBIT else -stands


@attrs.define(eq=False)
class Sums:
    """Adds up what it is shown."""

    _amounts: dict[tuple[CurrencyCode, LedgerAccount], int] = attrs.field(
        factory=lambda: defaultdict(int), init=False
    )

    def take_balances(self, balances: Iterable[Balance]) -> None:
        """Add cached balances."""
        for balance in balances:
            self._amounts[balance.currency, balance.account] += balance.amount

    def take_entry(self, entry: Entry) -> None:
        """Add an entry's postings."""
        for posting in entry.postings:
            self._amounts[entry.currency, posting.account] += posting.amount

    def trial_balance(self) -> TrialBalance:
        """The sums, in order."""
        chart = list(LedgerAccount)
        places = sorted(self._amounts, key=lambda place: (place[0], chart.index(place[1])))
        return TrialBalance(
            lines=tuple(
                Line(account=account, currency=currency, amount=self._amounts[currency, account])
                for currency, account in places
            )
        )
