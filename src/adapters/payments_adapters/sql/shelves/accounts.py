"""How accounts are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf
from payments_core.platform.accounts import Account
from payments_core.platform.connected_accounts import ConnectedAccount
from payments_core.settlement.openings import AccountOpening

ACCOUNTS: Final = shelf(
    Account,
    "account",
    "acct",
    columns=(ref("platform", "acct"),),
    often_read=True,
)

CONNECTED_ACCOUNTS: Final = shelf(ConnectedAccount, "connected_account", "acct")
ACCOUNT_OPENINGS: Final = shelf(AccountOpening, "account_opening", "acct")
