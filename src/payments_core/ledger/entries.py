"""Entries: balanced sets of postings, written once and never changed.

A posting's amount is signed: debits are positive, credits negative. A booking that does not sum to zero is refused;
an entry as it is read may be false, and verification says so. An entry has a unique
(kind, source), so that one business event is booked once however often somebody tries.
"""

from typing import NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.ledger.accounts import LedgerAccount
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId

EntryId = NewType("EntryId", str)


@attrs.frozen(slots=False)
class Posting:
    """One line of an entry: debits positive, credits negative, in minor units of the entry's currency."""

    account: LedgerAccount
    amount: int
    sub: str = ""
    """A sub-account's name where one merchant has several, such as a cardholder's."""


@attrs.frozen(kw_only=True, slots=False)
class Entry:
    """A business event in the books, dated when it was recorded and when it takes effect."""

    account_id: AccountId
    id: EntryId
    recorded: Timestamp
    effective: Timestamp
    kind: str
    source: str
    """Id of what caused it. (kind, source) is unique within the merchant."""
    currency: CurrencyCode
    postings: tuple[Posting, ...]

    @property
    def imbalance(self) -> int:
        """Debits less credits: zero, unless somebody has altered what was booked."""
        return sum(posting.amount for posting in self.postings)


@attrs.frozen(kw_only=True)
class Floor:
    """A demand on the books: after this commit the account's balance, on its own side, is at least *minimum*."""

    account: LedgerAccount
    currency: CurrencyCode
    minimum: int = 0
    sub: str = ""
    message: str = "You have insufficient funds in your account for this."


@attrs.frozen(kw_only=True)
class Balance:
    """What stands on one ledger account, debits positive."""

    account: LedgerAccount
    currency: CurrencyCode
    amount: int
    sub: str = ""
