"""The application fee as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.settlement.application_fees import ApplicationFee
from payments_web.objects.common import CurrencyText, Minor, Seconds
from payments_web.objects.fee_refund import FeeRefundObject
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class ApplicationFeeFeeSourceObject:
    """`fee_source` of application fee objects."""

    charge: str | UnsetType = UNSET
    payout: str | UnsetType = UNSET
    type: str = "charge"


@attrs.frozen(kw_only=True, slots=False)
class ApplicationFeeObject:
    """What a platform keeps of a charge."""

    id: str
    object: Literal["application_fee"] = "application_fee"
    account: Annotated[str, Expandable("account")]
    amount: Minor
    amount_refunded: Minor = 0
    application: Annotated[str, Expandable("application")]
    balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    charge: Annotated[str, Expandable("charge")]
    created: Seconds
    currency: CurrencyText
    fee_source: ApplicationFeeFeeSourceObject | None = None
    livemode: bool
    originating_transaction: Annotated[str | None, Expandable("charge")] = None
    refunded: bool = False
    refunds: ListObject

    @classmethod
    def of(cls, fee: ApplicationFee, livemode: bool) -> Self:
        """Show a fee with its latest refunds."""
        latest = fee.latest_refunds
        return cls(
            id=fee.id,
            account=fee.payer,
            amount=fee.amount,
            amount_refunded=fee.amount_refunded,
            application=fee.application,
            balance_transaction=fee.balance_transaction,
            charge=fee.charge,
            created=fee.created,
            currency=fee.currency,
            fee_source=ApplicationFeeFeeSourceObject(charge=fee.charge),
            livemode=livemode,
            originating_transaction=fee.originating_transaction,
            refunded=fee.refundable == 0,
            refunds=ListObject(
                data=[FeeRefundObject.of(refund, livemode) for refund in latest],
                has_more=fee.refund_count > len(latest),
                url=f"/v1/application_fees/{fee.id}/refunds",
            ),
        )
