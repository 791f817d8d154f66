"""How checkout sessions and their rows are kept."""

from typing import Final

from payments_adapters.sql.shelf import ref, shelf, text
from payments_core.checkout.line_items import LineItem
from payments_core.checkout.sessions import CheckoutSession

PREFIXES: Final = ("cs_test", "cs_live")

CHECKOUT_SESSIONS: Final = shelf(
    CheckoutSession,
    "checkout_session",
    *PREFIXES,
    columns=(
        text("status"),
        ref("customer", "cus"),
        ref("payment_intent", "pi"),
        text("payer_email"),
    ),
)

LINE_ITEMS: Final = shelf(LineItem, "line_item", "li", columns=(ref("session", *PREFIXES),))
