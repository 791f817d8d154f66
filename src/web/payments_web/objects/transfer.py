"""The transfer as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, MetadataText, Minor, Seconds
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class TransferObject:
    """Money that moved from a platform to an account of its own."""

    id: str
    object: Literal["transfer"] = "transfer"
    amount: Minor
    amount_reversed: Minor = 0
    balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    created: Seconds
    currency: CurrencyText
    description: str | None = None
    destination: Annotated[str | None, Expandable("account")] = None
    destination_payment: Annotated[str | None, Expandable("charge")] = None
    livemode: bool
    metadata: MetadataText = NOTHING
    reversals: ListObject
    reversed: bool = False
    source_transaction: Annotated[str | None, Expandable("charge")] = None
    source_type: str = "card"
    transfer_group: str | None = None
