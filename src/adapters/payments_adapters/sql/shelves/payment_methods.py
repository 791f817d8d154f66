"""How payment methods, and the sealed numbers behind them, are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf, text
from payments_core.tokenization.payment_methods import PaymentMethod, SealedCard

PAYMENT_METHODS: Final = shelf(
    PaymentMethod,
    "payment_method",
    "pm",
    "card",
    "src",
    columns=(
        ref("customer", "cus"),
        text("fingerprint", path="card.fingerprint"),
    ),
)
SEALED_CARDS: Final = shelf(SealedCard, "sealed_card", "card")
