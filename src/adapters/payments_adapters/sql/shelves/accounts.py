"""How accounts are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf
from payments_core.platform.accounts import Account
from payments_core.platform.connected_accounts import ConnectedAccount

ACCOUNTS: Final = shelf(
    Account,
    "account",
    "acct",
    columns=(ref("platform", "acct"),),
    often_read=True,
)

CONNECTED_ACCOUNTS: Final = shelf(ConnectedAccount, "connected_account", "acct")
