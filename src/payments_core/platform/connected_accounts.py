"""The platform's list of the accounts that it made. What an account is like stands with the account alone.

The line decides whether there is such an account: it is written with the answer to whoever asked for the account. The account's own
rows follow (`settlement.openings`).
"""

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId


@attrs.frozen(kw_only=True, slots=False)
class ConnectedAccount:
    """One line of the list: `account_id` is the platform, `id` the account that it made."""

    account_id: AccountId
    id: AccountId
    created: Timestamp
