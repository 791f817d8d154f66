"""What may be said of an account, and under which names its settings are kept. No storage, no routes.

Other modules read the settings by these names: pages and letters `branding.…`, payouts `payouts.…`, receipts `receipts.enabled`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import ParamInvalid
from payments_core.operations.account_identity import (
    BusinessProfileParams,
    BusinessType,
    Change,
    CompanyParams,
    IndividualParams,
    NoFiles,
    TermsParams,
    as_text,
)
from payments_core.operations.descriptors import check_descriptor
from payments_core.operations.external_accounts import BankAccountParams
from payments_core.operations.params import email, told
from payments_core.platform.accounts import CAPABILITIES, Account
from payments_core.platform.metadata import merged
from payments_core.settlement.schedules import FUNDED_AFTER_DAYS
from payments_core.values import evolve

COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}\Z", re.ASCII)
DELAY_DAYS_MAX: Final = 31
DAYS_OF_MONTH: Final = range(1, 32)
PREFIX_LENGTHS: Final = range(2, 11)
CONTROLLERS: Final[Mapping[str, Mapping[str, str]]] = {
    "custom": {
        "fees.payer": "application_custom",
        "losses.payments": "application",
        "requirement_collection": "application",
        "stripe_dashboard.type": "none",
    },
    "express": {
        "fees.payer": "application_express",
        "losses.payments": "application",
        "requirement_collection": "stripe",
        "stripe_dashboard.type": "express",
    },
    "standard": {
        "fees.payer": "account",
        "losses.payments": "stripe",
        "requirement_collection": "stripe",
        "stripe_dashboard.type": "full",
    },
}
"""What each type of account says of who looks after it."""

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@attrs.frozen(kw_only=True)
class BrandingParams:
    """How pages and mails look."""

    icon: str | Literal[""] | None = None
    logo: str | Literal[""] | None = None
    primary_color: str | Literal[""] | None = None
    secondary_color: str | Literal[""] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        for name in ("primary_color", "secondary_color"):
            color = getattr(self, name)
            if color and not COLOR.match(color):
                raise ParamInvalid("A color is written as #0055ff.", param=f"settings[branding][{name}]")
        for name, value in attrs.asdict(self).items():
            yield f"branding.{name}", value


@attrs.frozen(kw_only=True)
class ScheduleParams:
    """On which days money goes to the bank."""

    delay_days: int | Literal["minimum"] | None = None
    interval: Literal["daily", "manual", "monthly", "weekly"] | None = None
    monthly_anchor: int | None = None
    monthly_payout_days: tuple[int, ...] | None = None
    weekly_anchor: Weekday | None = None
    weekly_payout_days: tuple[Weekday, ...] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        place = "settings[payouts][schedule]"
        delay = FUNDED_AFTER_DAYS if self.delay_days == "minimum" else self.delay_days
        if delay is not None and not FUNDED_AFTER_DAYS <= delay <= DELAY_DAYS_MAX:
            message = f"The delay is between {FUNDED_AFTER_DAYS} and {DELAY_DAYS_MAX} days."
            raise ParamInvalid(message, param=f"{place}[delay_days]")
        for name, days in (
            ("monthly_anchor", () if self.monthly_anchor is None else (self.monthly_anchor,)),
            ("monthly_payout_days", self.monthly_payout_days or ()),
        ):
            if any(day not in DAYS_OF_MONTH for day in days):
                raise ParamInvalid("Days of a month are 1 to 31.", param=f"{place}[{name}]")
        yield "payouts.schedule.delay_days", None if delay is None else str(delay)
        yield "payouts.schedule.interval", self.interval
        yield from _days("monthly", self.monthly_anchor, self.monthly_payout_days)
        yield from _days("weekly", self.weekly_anchor, self.weekly_payout_days)


def _days(kind: str, anchor: int | str | None, days: tuple[int | str, ...] | None) -> Iterator[Change]:
    """Naming an anchor ends a list of days that was named before."""
    listed = None if days is None else ",".join(map(str, days))
    yield f"payouts.schedule.{kind}_anchor", None if anchor is None else str(anchor)
    yield f"payouts.schedule.{kind}_payout_days", "" if listed is None and anchor is not None else listed


@attrs.frozen(kw_only=True)
class PayoutsParams:
    """Rules for payouts. A balance below zero is never debited from the bank."""

    debit_negative_balances: bool | None = None
    schedule: ScheduleParams | None = None
    statement_descriptor: str | Literal[""] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        place = "settings[payouts]"
        if self.debit_negative_balances:
            message = "Bank accounts are not debited here; a balance below zero waits for payments."
            raise ParamInvalid(message, param=f"{place}[debit_negative_balances]")
        descriptor = self.statement_descriptor
        check_descriptor(descriptor, f"{place}[statement_descriptor]")
        yield "payouts.statement_descriptor", descriptor
        if self.schedule is not None:
            yield from self.schedule.changes()


@attrs.frozen(kw_only=True)
class ReceiptsParams:
    """Whether payers get a mail for each payment."""

    enabled: bool


@attrs.frozen(kw_only=True)
class DeclineOnParams:
    """Which failed checks refuse a payment: none, here."""

    avs_failure: bool | None = None
    cvc_failure: bool | None = None


@attrs.frozen(kw_only=True)
class CardPaymentsParams:
    """Rules for cards."""

    decline_on: DeclineOnParams | None = None
    statement_descriptor_prefix: str | Literal[""] | None = None
    statement_descriptor_prefix_kana: str | Literal[""] | None = None
    statement_descriptor_prefix_kanji: str | Literal[""] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        place = "settings[card_payments]"
        for name in ("avs_failure", "cvc_failure"):
            if getattr(self.decline_on, name, None):
                raise ParamInvalid(
                    "Whether failed checks decline is decided by the issuer and by risk rules here.",
                    param=f"{place}[decline_on][{name}]",
                )
        param = f"{place}[statement_descriptor_prefix]"
        prefix = check_descriptor(self.statement_descriptor_prefix, param)
        if prefix is not None and len(prefix) not in PREFIX_LENGTHS:
            raise ParamInvalid("The prefix has 2 to 10 characters.", param=param)
        for name in ("prefix", "prefix_kana", "prefix_kanji"):
            name = f"statement_descriptor_{name}"
            yield f"card_payments.{name}", getattr(self, name)


@attrs.frozen(kw_only=True)
class PaymentsParams:
    """What cardholders read on their statements. The descriptor itself is the account's own."""

    statement_descriptor: str | Literal[""] | None = None
    statement_descriptor_kana: str | Literal[""] | None = None
    statement_descriptor_kanji: str | Literal[""] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        yield "payments.statement_descriptor_kana", self.statement_descriptor_kana
        yield "payments.statement_descriptor_kanji", self.statement_descriptor_kanji


@attrs.frozen(kw_only=True)
class InvoicesParams:
    """Rules for invoices. The invoice's page keeps no cards."""

    hosted_payment_method_save: Literal["never"] | None = None


@attrs.frozen(kw_only=True)
class SettingsParams:
    """The rules that apply to all payments of the account."""

    branding: BrandingParams | None = None
    card_payments: CardPaymentsParams | None = None
    invoices: InvoicesParams | None = None
    payments: PaymentsParams | None = None
    payouts: PayoutsParams | None = None
    receipts: ReceiptsParams | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        for part in (self.branding, self.card_payments, self.payments):
            if part is not None:
                yield from part.changes()
        if self.payouts is not None:
            yield from self.payouts.changes()
        if self.receipts is not None:
            yield "receipts.enabled", as_text(self.receipts.enabled)


@attrs.frozen(kw_only=True)
class CapabilityParams:
    """A capability that is asked for, or given up."""

    requested: bool | None = None


@attrs.frozen(kw_only=True)
class CapabilitiesParams:
    """What the account is to be able to do. There is nothing but cards and transfers."""

    card_payments: CapabilityParams | None = None
    transfers: CapabilityParams | None = None

    def changes(self, now: Timestamp) -> Iterator[Change]:
        """The settings that are named here."""
        for name in CAPABILITIES:
            wish: CapabilityParams | None = getattr(self, name)
            if wish is not None and wish.requested is not None:
                yield from capability_changes(name, wish.requested, now)


def capability_changes(name: str, requested: bool, now: Timestamp) -> Iterator[Change]:
    """The settings that keep whether a capability is wanted, and since when."""
    yield f"capabilities.{name}.requested", as_text(requested)
    yield f"capabilities.{name}.requested_at", str(now) if requested else ""


@attrs.frozen(kw_only=True)
class PayerParams:
    """Who pays fees."""

    payer: Literal["account", "application"] | None = None


@attrs.frozen(kw_only=True)
class LossesParams:
    """Who bears losses."""

    payments: Literal["application", "stripe"] | None = None


@attrs.frozen(kw_only=True)
class DashboardParams:
    """Which dashboard the account has."""

    type: Literal["express", "full", "none"] | None = None


@attrs.frozen(kw_only=True)
class ControllerParams:
    """Who looks after the account: an agreement of the two, which is kept and shown."""

    fees: PayerParams | None = None
    losses: LossesParams | None = None
    requirement_collection: Literal["application", "stripe"] | None = None
    stripe_dashboard: DashboardParams | None = None

    @property
    def type(self) -> str:
        """The type of account that comes nearest."""
        dashboard = self.stripe_dashboard.type if self.stripe_dashboard else None
        return {"full": "standard", None: "standard", "express": "express"}.get(dashboard, "none")

    def settled(self) -> Mapping[str, str]:
        """What was said, and what holds where nothing was."""
        said = {
            "fees.payer": self.fees and self.fees.payer,
            "losses.payments": self.losses and self.losses.payments,
            "requirement_collection": self.requirement_collection,
            "stripe_dashboard.type": self.stripe_dashboard and self.stripe_dashboard.type,
        }
        return {name: said[name] or value for name, value in CONTROLLERS["standard"].items()}


@attrs.frozen(kw_only=True)
class AccountParams:
    """What can be said of an account, at first or later."""

    business_profile: BusinessProfileParams | None = None
    business_type: BusinessType | None = None
    capabilities: CapabilitiesParams | None = None
    company: CompanyParams | None = None
    documents: NoFiles | None = None
    email: str | None = None
    external_account: BankAccountParams | str | None = None
    individual: IndividualParams | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    settings: SettingsParams | None = None
    tos_acceptance: TermsParams | None = None

    def onto(self, account: Account, now: Timestamp) -> Account:
        """The account with what was sent changed."""
        profile = self.business_profile
        descriptor = account.statement_descriptor
        if self.settings is not None and self.settings.payments is not None:
            told_descriptor = self.settings.payments.statement_descriptor
            checked = check_descriptor(told_descriptor, "settings[payments][statement_descriptor]")
            descriptor = told(descriptor, told_descriptor and checked)
        return evolve(
            account,
            name=account.name if profile is None else profile.name or account.name,
            email=told(account.email, email(self.email, "email")),
            metadata=merged(account.metadata, self.metadata),
            settings=changed(account.settings, self._changes(account, now)),
            statement_descriptor=descriptor,
        )

    def _changes(self, account: Account, now: Timestamp) -> Iterator[Change]:
        yield "account.business_type", self.business_type
        for part in (self.business_profile, self.company, self.settings, self.tos_acceptance):
            if part is not None:
                yield from part.changes()
        if self.individual is not None:
            kept = json.loads(account.settings.get("individual.metadata") or "{}")
            yield from self.individual.changes(kept)
        if self.capabilities is not None:
            yield from self.capabilities.changes(now)


def changed(settings: Mapping[str, str], changes: Iterator[Change]) -> Mapping[str, str]:
    """Settings with *changes*: what becomes empty is gone, with all that is below it."""
    result = dict(settings)
    for name, value in changes:
        if value is None:
            continue
        for below in [known for known in result if known == name or known.startswith(f"{name}.")]:
            del result[below]
        if value:
            result[name] = value
    return result
