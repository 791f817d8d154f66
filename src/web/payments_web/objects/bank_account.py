"""The bank account as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class BankAccountFutureRequirementsObject:
    """`future_requirements` of bank account objects."""

    currently_due: tuple[str, ...] = ()
    errors: tuple[Hash, ...] = ()
    past_due: tuple[str, ...] = ()
    pending_verification: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, slots=False)
class BankAccountRequirementsObject:
    """`requirements` of bank account objects."""

    currently_due: tuple[str, ...] = ()
    errors: tuple[Hash, ...] = ()
    past_due: tuple[str, ...] = ()
    pending_verification: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, slots=False)
class BankAccountObject:
    """A bank account that money can go to."""

    id: str
    object: Literal["bank_account"] = "bank_account"
    account: Annotated[str | UnsetType, Expandable("account")] = UNSET
    account_holder_name: str | None = None
    account_holder_type: str | None = None
    account_type: str | None = None
    available_payout_methods: tuple[str, ...] | UnsetType = UNSET
    bank_name: str | None = None
    country: str
    currency: CurrencyText
    customer: Annotated[str | UnsetType, Expandable("customer")] = UNSET
    default_for_currency: bool | UnsetType = UNSET
    fingerprint: str | None = None
    future_requirements: BankAccountFutureRequirementsObject | UnsetType = UNSET
    last4: str
    metadata: MetadataText = NOTHING
    requirements: BankAccountRequirementsObject | UnsetType = UNSET
    routing_number: str | None = None
    status: str = "new"
