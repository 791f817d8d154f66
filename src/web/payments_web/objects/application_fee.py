"""The application fee as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_web.objects.common import CurrencyText, Minor, Seconds
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
