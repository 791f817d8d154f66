"""How accounts are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf
from payments_core.platform.accounts import Account

ACCOUNTS: Final = shelf(
    Account,
    "account",
    "acct",
    columns=(ref("platform", "acct"),),
)
