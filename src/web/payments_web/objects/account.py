"""The merchant's account as clients see it."""

from collections.abc import Callable
from typing import Annotated, Final, Literal, Self, TypeVar

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.accounts import Account, Capability
from payments_core.platform.metadata import NOTHING, Metadata
from payments_web.objects.common import AddressObject, Hash, MetadataText, Seconds
from payments_web.objects.legal_entity import CompanyObject, PersonObject
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable, Includable
from payments_web.objects.telling import told

PROFILE: Final = "business_profile"
Day = TypeVar("Day", int, str)


@attrs.frozen(kw_only=True, slots=False)
class RevenueObject:
    """What a business takes in a year."""

    amount: int | None = None
    currency: str | None = None
    fiscal_year_end: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class MonthlyRevenueObject:
    """What a business takes in a month."""

    amount: int
    currency: str


@attrs.frozen(kw_only=True, slots=False)
class BusinessProfileObject:
    """What customers are told of the business."""

    annual_revenue: RevenueObject | None = None
    estimated_worker_count: int | None = None
    mcc: str | None = None
    minority_owned_business_designation: tuple[str, ...] | None = None
    monthly_estimated_revenue: MonthlyRevenueObject | UnsetType = UNSET
    name: str | None = None
    product_description: str | UnsetType = UNSET
    specified_commercial_transactions_act_url: str | UnsetType = UNSET
    support_address: AddressObject | None = None
    support_email: str | None = None
    support_phone: str | None = None
    support_url: str | None = None
    url: str | None = None

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show what an account says of its business."""
        said = {f"{PROFILE}.name": account.name}
        if account.email is not None:
            said[f"{PROFILE}.support_email"] = account.email
        return told(cls, {**said, **account.settings}, PROFILE) or cls()


@attrs.frozen(kw_only=True, slots=False)
class CapabilitiesObject:
    """What the account may do. What was given up is absent."""

    card_payments: str | UnsetType = UNSET
    transfers: str | UnsetType = UNSET

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show an account's capabilities."""
        return cls(**{one.id: _status(one) for one in account.capabilities() if one.requested})


def _status(capability: Capability) -> str:
    return "active" if capability.active else "inactive"


@attrs.frozen(kw_only=True, slots=False)
class PayerObject:
    """Who pays fees."""

    payer: str


@attrs.frozen(kw_only=True, slots=False)
class LossesObject:
    """Who bears losses."""

    payments: str


@attrs.frozen(kw_only=True, slots=False)
class DashboardObject:
    """Which dashboard the account has."""

    type: str


@attrs.frozen(kw_only=True, slots=False)
class ControllerObject:
    """Who looks after the account: what was agreed when it was made."""

    fees: PayerObject | UnsetType = UNSET
    is_controller: bool | UnsetType = UNSET
    losses: LossesObject | UnsetType = UNSET
    requirement_collection: str | UnsetType = UNSET
    stripe_dashboard: DashboardObject | UnsetType = UNSET
    type: Literal["account", "application"]

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show who looks after an account."""
        if account.platform is None:
            return cls(type="account")
        more = {"type": "application", "is_controller": True}
        shown = told(cls, account.settings, "controller", **more)
        assert shown is not None, "the type is always said"
        return shown


@attrs.frozen(kw_only=True, slots=False)
class RequirementsObject:
    """What is still to be told: nothing. A platform may have rejected the account all the same."""

    alternatives: tuple[Hash, ...] = ()
    current_deadline: Seconds | None = None
    currently_due: tuple[str, ...] = ()
    disabled_reason: str | None = None
    errors: tuple[Hash, ...] = ()
    eventually_due: tuple[str, ...] = ()
    past_due: tuple[str, ...] = ()
    pending_verification: tuple[str, ...] = ()


@attrs.frozen(kw_only=True, slots=False)
class BrandingObject:
    """How pages and mails look."""

    icon: Annotated[str | None, Expandable("file")] = None
    logo: Annotated[str | None, Expandable("file")] = None
    primary_color: str | None = None
    secondary_color: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class DeclineOnObject:
    """Which failed checks refuse a payment."""

    avs_failure: bool = False
    cvc_failure: bool = False


@attrs.frozen(kw_only=True, slots=False)
class CardPaymentsSettingsObject:
    """Rules for cards."""

    decline_on: DeclineOnObject = DeclineOnObject()
    statement_descriptor_prefix: str | None = None
    statement_descriptor_prefix_kana: str | None = None
    statement_descriptor_prefix_kanji: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class DashboardSettingsObject:
    """How the dashboard shows the account."""

    display_name: str | None = None
    timezone: str | None = "Etc/UTC"


@attrs.frozen(kw_only=True, slots=False)
class InvoicesSettingsObject:
    """Rules for invoices."""

    default_account_tax_ids: tuple[str, ...] | None = None
    hosted_payment_method_save: str | None = "never"


@attrs.frozen(kw_only=True, slots=False)
class PaymentsSettingsObject:
    """What cardholders read on their statements."""

    statement_descriptor: str | None = None
    statement_descriptor_kana: str | None = None
    statement_descriptor_kanji: str | None = None
    statement_descriptor_prefix_kana: str | UnsetType = UNSET
    statement_descriptor_prefix_kanji: str | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class PayoutScheduleObject:
    """When money goes to the bank."""

    delay_days: int = 2
    interval: str = "daily"
    monthly_anchor: int | UnsetType = UNSET
    monthly_payout_days: tuple[int, ...] | UnsetType = UNSET
    weekly_anchor: str | UnsetType = UNSET
    weekly_payout_days: tuple[str, ...] | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class PayoutsSettingsObject:
    """Rules for payouts."""

    debit_negative_balances: bool = False
    schedule: PayoutScheduleObject = PayoutScheduleObject()
    statement_descriptor: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class SettingsObject:
    """The rules that apply to all payments of the account."""

    bacs_debit_payments: Hash | UnsetType = UNSET
    branding: BrandingObject
    card_issuing: Hash | UnsetType = UNSET
    card_payments: CardPaymentsSettingsObject = CardPaymentsSettingsObject()
    dashboard: DashboardSettingsObject
    invoices: InvoicesSettingsObject = InvoicesSettingsObject()
    payments: PaymentsSettingsObject
    payouts: PayoutsSettingsObject
    paypay_payments: Hash | UnsetType = UNSET
    sepa_debit_payments: Hash = NOTHING
    treasury: Hash | UnsetType = UNSET

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show an account's settings."""
        said = account.settings
        schedule = PayoutScheduleObject(
            delay_days=int(said.get("payouts.schedule.delay_days", "2")),
            interval=said.get("payouts.schedule.interval", "daily"),
            monthly_anchor=_number(said.get("payouts.schedule.monthly_anchor")),
            monthly_payout_days=_days(said, "monthly", int),
            weekly_anchor=said.get("payouts.schedule.weekly_anchor", UNSET),
            weekly_payout_days=_days(said, "weekly", str),
        )
        return cls(
            branding=BrandingObject(
                icon=said.get("branding.icon"),
                logo=said.get("branding.logo"),
                primary_color=said.get("branding.primary_color"),
                secondary_color=said.get("branding.secondary_color"),
            ),
            card_payments=told(CardPaymentsSettingsObject, said, "card_payments")
            or CardPaymentsSettingsObject(),
            dashboard=DashboardSettingsObject(display_name=account.name),
            payments=PaymentsSettingsObject(
                statement_descriptor=account.statement_descriptor,
                statement_descriptor_kana=said.get("payments.statement_descriptor_kana"),
                statement_descriptor_kanji=said.get("payments.statement_descriptor_kanji"),
            ),
            payouts=PayoutsSettingsObject(
                schedule=schedule, statement_descriptor=said.get("payouts.statement_descriptor")
            ),
        )


@attrs.frozen(kw_only=True, slots=False)
class TosAcceptanceObject:
    """When the terms of service were accepted."""

    date: Seconds | None = None
    ip: str | None = None
    service_agreement: str | UnsetType = UNSET
    user_agent: str | None = None


def _number(text: str | None) -> int | UnsetType:
    return int(text) if text else UNSET


def _days(said: Metadata, kind: str, read: Callable[[str], Day]) -> tuple[Day, ...] | UnsetType:
    text = said.get(f"payouts.schedule.{kind}_payout_days")
    return tuple(read(day) for day in text.split(",")) if text else UNSET


NOTHING_DUE: Final = RequirementsObject()
_REJECTED: Final = {
    "fraud_no_intent_to_fulfill": "rejected.fraud",
    "fraud_other": "rejected.fraud",
    "fraud_payment_method_casher": "rejected.fraud",
    "fraud_payment_method_tester": "rejected.fraud",
    "terms_of_service": "rejected.terms_of_service",
}
"""Why an account that was rejected takes no money, in the words of requirements."""
NO_TERMS: Final = TosAcceptanceObject()


@attrs.frozen(kw_only=True, slots=False)
class AccountObject:
    """A merchant."""

    id: str
    object: Literal["account"] = "account"
    business_profile: BusinessProfileObject
    business_type: str | None = None
    capabilities: CapabilitiesObject
    charges_enabled: bool
    company: CompanyObject | UnsetType = UNSET
    controller: ControllerObject
    country: str
    created: Seconds
    default_currency: str
    details_submitted: bool = True
    email: str | None = None
    external_accounts: Annotated[
        ListObject | UnsetType, Includable("bank_account", "account", "/v1/accounts/{id}/external_accounts")
    ] = UNSET
    future_requirements: RequirementsObject = NOTHING_DUE
    groups: Hash | UnsetType = UNSET
    individual: PersonObject | UnsetType = UNSET
    metadata: MetadataText = NOTHING
    payouts_enabled: bool
    requirements: RequirementsObject = NOTHING_DUE
    settings: SettingsObject
    tos_acceptance: TosAcceptanceObject = NO_TERMS
    type: str

    @classmethod
    def of(cls, account: Account, livemode: bool) -> Self:
        """Show an account."""
        del livemode  # accounts do not say
        settings = account.settings
        due = NOTHING_DUE
        if account.rejected is not None:
            due = RequirementsObject(disabled_reason=_REJECTED.get(account.rejected, "rejected.other"))
        return cls(
            id=account.id,
            business_profile=BusinessProfileObject.of(account),
            business_type=settings.get("account.business_type"),
            capabilities=CapabilitiesObject.of(account),
            charges_enabled=account.can_charge,
            company=CompanyObject.of(account),
            controller=ControllerObject.of(account),
            country=account.country,
            created=account.created,
            default_currency=account.default_currency,
            email=account.email,
            individual=PersonObject.of(account),
            metadata=account.metadata,
            payouts_enabled=account.can_pay_out,
            requirements=due,
            settings=SettingsObject.of(account),
            tos_acceptance=told(TosAcceptanceObject, settings, "tos_acceptance") or NO_TERMS,
            type=settings.get("account.type", "standard" if account.platform is None else "custom"),
        )
