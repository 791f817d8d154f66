"""The transfer as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.platform.metadata import NOTHING
from payments_core.settlement.transfers import Transfer
from payments_web.objects.common import CurrencyText, MetadataText, Minor, Seconds
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable
from payments_web.objects.transfer_reversal import TransferReversalObject


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

    @classmethod
    def of(cls, transfer: Transfer, livemode: bool) -> Self:
        """Show a transfer with its latest reversals."""
        latest = transfer.latest_reversals
        return cls(
            id=transfer.id,
            amount=transfer.amount,
            amount_reversed=transfer.amount_reversed,
            balance_transaction=transfer.balance_transaction,
            created=transfer.created,
            currency=transfer.currency,
            description=transfer.description,
            destination=transfer.destination,
            destination_payment=transfer.destination_payment,
            livemode=livemode,
            metadata=transfer.metadata,
            reversals=ListObject(
                data=[TransferReversalObject.of(reversal, livemode) for reversal in latest],
                has_more=transfer.reversal_count > len(latest),
                url=f"/v1/transfers/{transfer.id}/reversals",
            ),
            reversed=transfer.reversible == 0,
            source_transaction=transfer.source_transaction,
            transfer_group=transfer.transfer_group,
        )
