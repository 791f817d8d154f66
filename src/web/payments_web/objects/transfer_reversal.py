"""The transfer reversal as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.platform.metadata import NOTHING
from payments_core.settlement.transfers import TransferReversal
from payments_web.objects.common import CurrencyText, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class TransferReversalObject:
    """Transferred money that came back."""

    id: str
    object: Literal["transfer_reversal"] = "transfer_reversal"
    amount: Minor
    balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    created: Seconds
    currency: CurrencyText
    destination_payment_refund: Annotated[str | None, Expandable("refund")] = None
    metadata: MetadataText = NOTHING
    source_refund: Annotated[str | None, Expandable("refund")] = None
    transfer: Annotated[str, Expandable("transfer")]

    @classmethod
    def of(cls, reversal: TransferReversal, livemode: bool) -> Self:
        """Show a reversal."""
        del livemode  # reversals do not say
        return cls(
            id=reversal.id,
            amount=reversal.amount,
            balance_transaction=reversal.balance_transaction,
            created=reversal.created,
            currency=reversal.currency,
            destination_payment_refund=reversal.destination_payment_refund,
            metadata=reversal.metadata,
            source_refund=reversal.source_refund,
            transfer=reversal.transfer,
        )
