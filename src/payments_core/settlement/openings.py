"""Openings: connected accounts that their platform has been promised and whose own rows are still to be written.

No commit spans two accounts. The platform's commit leaves the opening beside its line of the list and the answer; whoever comes
first afterwards writes the account and strikes the opening off.
"""

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import Account, AccountId
from payments_core.settlement.external_accounts import BankAccount


@attrs.frozen(kw_only=True, slots=False)
class AccountOpening:
    """An account as it will be, with its first bank account: `account_id` is the platform, `id` the account."""

    account_id: AccountId
    id: AccountId
    created: Timestamp
    due_at: Timestamp
    account: Account
    actor: str
    """Who asked for it, for the audit log."""
    bank_account: BankAccount | None = None
    sealed: bytes | None = None
    """The envelope of the bank account's number."""
