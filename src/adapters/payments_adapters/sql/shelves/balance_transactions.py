"""How balance transactions are kept."""

from typing import Final

from payments_adapters.sql.shelf import number, ref, shelf, text
from payments_core.ledger.balance_transactions import BalanceTransaction

BALANCE_TRANSACTIONS: Final = shelf(
    BalanceTransaction,
    "balance_transaction",
    "txn",
    columns=(
        text("type", fixed=True),
        text("source", indexed=True, fixed=True),
        ref("payout", "po"),
        text("currency", fixed=True),
        text("status"),
        number("available_on"),
        number("available_since", indexed=True),
    ),
)
