"""Beats: a small thing that is written to see whether writing works. It says nothing and belongs to nobody."""

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId

NOBODY = AccountId("acct_nobody")


@attrs.frozen(kw_only=True, slots=False)
class Beat:
    """When the storage last took something from whoever asked."""

    account_id: AccountId = NOBODY
    id: str = "beat"
    at: Timestamp
