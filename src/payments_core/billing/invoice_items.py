"""Invoice items: amounts that wait for a customer's next invoice, or that a draft shows already."""

from typing import NewType

import attrs

from payments_core.billing.lines import Item
from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId

InvoiceItemId = NewType("InvoiceItemId", str)


@attrs.frozen(kw_only=True)
class InvoiceItem:
    """Something to bill. On an invoice it is shown by a line, which follows it."""

    account_id: AccountId
    id: InvoiceItemId
    created: Timestamp
    customer: str
    item: Item
    invoice: str | None = None
    test_clock: str | None = None

    @property
    def pending(self) -> bool:
        """Whether it is on no invoice yet."""
        return self.invoice is None
