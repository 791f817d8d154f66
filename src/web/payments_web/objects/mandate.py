"""The mandate as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class MandateCustomerAcceptanceOnlineObject:
    """`customer_acceptance_online` of mandate objects."""

    ip_address: str | None = None
    user_agent: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class MandateCustomerAcceptanceObject:
    """`customer_acceptance` of mandate objects."""

    accepted_at: Seconds | None = None
    offline: Hash | UnsetType | UnsetType = UNSET
    online: MandateCustomerAcceptanceOnlineObject | UnsetType = UNSET
    type: str


@attrs.frozen(kw_only=True, slots=False)
class MandatePaymentMethodDetailsObject:
    """`payment_method_details` of mandate objects."""

    card: Hash = NOTHING
    type: str = "card"


@attrs.frozen(kw_only=True, slots=False)
class MandateSingleUseObject:
    """`single_use` of mandate objects."""

    amount: Minor
    currency: CurrencyText


@attrs.frozen(kw_only=True, slots=False)
class MandateObject:
    """A customer's word that they may be charged."""

    id: str
    object: Literal["mandate"] = "mandate"
    customer_acceptance: MandateCustomerAcceptanceObject
    livemode: bool
    multi_use: Hash | UnsetType | UnsetType = UNSET
    on_behalf_of: str | UnsetType = UNSET
    payment_method: Annotated[str, Expandable("payment_method")]
    payment_method_details: MandatePaymentMethodDetailsObject
    single_use: MandateSingleUseObject | UnsetType = UNSET
    status: str = "active"
    type: str = "multi_use"
