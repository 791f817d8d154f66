"""How subscriptions and test clocks are kept."""

from typing import Final

from payments_adapters.sql.shelf import flag, number, ref, shelf, text
from payments_core.billing.subscriptions import ItemPlace, Subscription
from payments_core.billing.test_clocks import TestClock

SUBSCRIPTIONS: Final = shelf(
    Subscription,
    "subscription",
    "sub",
    searched=("metadata",),
    columns=(
        ref("customer", "cus"),
        text("status"),
        text("collection_method"),
        text("test_clock", indexed=True),
        flag("is_over"),
        number("period_start"),
        number("period_end"),
        number("clock_due"),
    ),
)

ITEM_PLACES: Final = shelf(ItemPlace, "subscription_item_place", "si")

TEST_CLOCKS: Final = shelf(TestClock, "test_clock", "clock")
