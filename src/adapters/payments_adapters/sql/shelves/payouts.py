"""How payouts, their schedules, and the bank accounts they go to are kept."""

from typing import Final

from payments_adapters.sql.shelf import number, ref, shelf, text
from payments_core.settlement.external_accounts import BankAccount, BankToken, SealedAccountNumber
from payments_core.settlement.payouts import Payout
from payments_core.settlement.schedules import PayoutSchedule

PAYOUTS: Final = shelf(
    Payout,
    "payout",
    "po",
    columns=(ref("destination", "ba"), text("status"), number("arrival_date")),
)
PAYOUT_SCHEDULES: Final = shelf(PayoutSchedule, "payout_schedule", "schedule")
BANK_ACCOUNTS: Final = shelf(BankAccount, "bank_account", "ba", columns=(ref("account", "acct"),))
BANK_TOKENS: Final = shelf(BankToken, "bank_token", "btok")
SEALED_ACCOUNT_NUMBERS: Final = shelf(SealedAccountNumber, "sealed_account_number", "ba")
