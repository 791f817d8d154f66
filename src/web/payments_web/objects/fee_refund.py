"""The refund of an application fee as clients see it."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.platform.metadata import NOTHING
from payments_core.settlement.application_fees import FeeRefund
from payments_web.objects.common import CurrencyText, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class FeeRefundObject:
    """A part of a fee that the platform gave back."""

    id: str
    object: Literal["fee_refund"] = "fee_refund"
    amount: Minor
    balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    created: Seconds
    currency: CurrencyText
    fee: Annotated[str, Expandable("application_fee")]
    metadata: MetadataText = NOTHING

    @classmethod
    def of(cls, refund: FeeRefund, livemode: bool) -> Self:
        """Show the refund of a fee."""
        del livemode  # refunds do not say
        return cls(
            id=refund.id,
            amount=refund.amount,
            balance_transaction=refund.balance_transaction,
            created=refund.created,
            currency=refund.currency,
            fee=refund.fee,
            metadata=refund.metadata,
        )
