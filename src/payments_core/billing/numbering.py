"""Numbers of invoices: a prefix and a count without gaps, each customer's own or one for the whole account."""

from typing import Final, Self

import attrs

from payments_core.platform.accounts import Account, AccountId

SETTING: Final = "invoices.numbering"
ACCOUNT: Final = "account"
"""Value of the setting for one sequence for all customers."""
SEQUENCE_ID: Final = "invoices"


@attrs.frozen(kw_only=True)
class NumberSequence:
    """Where an account's own count stands. Whoever takes a number writes the next one in the same commit."""

    account_id: AccountId
    id: str = SEQUENCE_ID
    next: int = 1

    def taken(self) -> Self:
        """One number further."""
        return attrs.evolve(self, next=self.next + 1)


def is_account_wide(account: Account) -> bool:
    """Say whether all customers share one sequence."""
    return account.settings.get(SETTING) == ACCOUNT


def prefix_of(account: Account) -> str:
    """The prefix of the account's own sequence."""
    return account.settings.get("invoices.prefix") or account.id[-8:].upper()


def number(prefix: str, count: int) -> str:
    """As printed on an invoice."""
    return f"{prefix}-{count:04d}"
