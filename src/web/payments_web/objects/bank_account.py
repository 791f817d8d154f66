"""The bank account as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.metadata import NOTHING
from payments_core.settlement.external_accounts import BankAccount
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

    @classmethod
    def of(cls, account: BankAccount, livemode: bool) -> Self:
        """Show the bank account of a merchant."""
        del livemode  # bank accounts do not say
        return cls(
            id=account.id,
            account=account.account_id,
            account_holder_name=account.account_holder_name,
            account_holder_type=account.account_holder_type,
            account_type=account.account_type,
            available_payout_methods=("standard", "instant"),
            bank_name=account.bank_name,
            country=account.country,
            currency=account.currency,
            default_for_currency=account.default_for_currency,
            fingerprint=account.fingerprint,
            future_requirements=BankAccountFutureRequirementsObject(),
            last4=account.last4,
            metadata=account.metadata,
            requirements=BankAccountRequirementsObject(),
            routing_number=account.routing_number,
            status=account.status,
        )

    @classmethod
    def in_token(cls, account: BankAccount) -> Self:
        """Show a bank account that a token stands for: nobody's yet."""
        return cls(
            id=account.id,
            account_holder_name=account.account_holder_name,
            account_holder_type=account.account_holder_type,
            account_type=account.account_type,
            bank_name=account.bank_name,
            country=account.country,
            currency=account.currency,
            fingerprint=account.fingerprint,
            last4=account.last4,
            routing_number=account.routing_number,
            status=account.status,
        )
