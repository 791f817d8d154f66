"""How transfers, application fees and what is on its way between accounts are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf, text
from payments_core.settlement.application_fees import ApplicationFee, FeeRefund
from payments_core.settlement.crossings import Crossing
from payments_core.settlement.transfers import Transfer, TransferReversal

TRANSFERS: Final = shelf(
    Transfer,
    "transfer",
    "tr",
    columns=(
        ref("destination", "acct"),
        ref("destination_payment", "py"),
        text("transfer_group", indexed=True),
    ),
)
TRANSFER_REVERSALS: Final = shelf(
    TransferReversal,
    "transfer_reversal",
    "trr",
    columns=(ref("transfer", "tr"), ref("destination_payment_refund", "pyr"), text("status")),
)
APPLICATION_FEES: Final = shelf(
    ApplicationFee, "application_fee", "fee", columns=(ref("charge", "ch", "py"),)
)
FEE_REFUNDS: Final = shelf(FeeRefund, "fee_refund", "fr", columns=(ref("fee", "fee"),))
CROSSINGS: Final = shelf(Crossing, "crossing", "xs")
