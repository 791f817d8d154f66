"""What may be said of an account, and under which names its settings are kept. No storage, no routes.

Other modules read the settings by these names: pages and letters `branding.…`, payouts `payouts.…`, receipts `receipts.enabled`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

import attrs

from payments_core.errors import ParamInvalid
from payments_core.operations.descriptors import check_descriptor
from payments_core.operations.params import email, told
from payments_core.platform.accounts import Account
from payments_core.platform.metadata import merged
from payments_core.settlement.schedules import FUNDED_AFTER_DAYS
from payments_core.values import evolve

COLOR: Final = re.compile(r"#[0-9A-Fa-f]{6}\Z", re.ASCII)
DELAY_DAYS_MAX: Final = 31
DAYS_OF_MONTH: Final = range(1, 32)

BusinessType = Literal["company", "government_entity", "individual", "non_profit"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Change = tuple[str, str | None]
"""The name of a setting and what it becomes; None leaves it, an empty text removes it."""


@attrs.frozen(kw_only=True)
class BusinessProfileParams:
    """What customers are told of the business."""

    mcc: str | None = None
    name: str | None = None
    product_description: str | None = None
    support_email: str | Literal[""] | None = None
    support_phone: str | Literal[""] | None = None
    support_url: str | Literal[""] | None = None
    url: str | Literal[""] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        email(self.support_email, "business_profile[support_email]")
        for name, value in attrs.asdict(self).items():
            if name != "name":
                yield f"business_profile.{name}", value


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
    """Rules for payouts."""

    schedule: ScheduleParams | None = None
    statement_descriptor: str | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class ReceiptsParams:
    """Whether payers get a mail for each payment."""

    enabled: bool


@attrs.frozen(kw_only=True)
class SettingsParams:
    """The rules that apply to all payments of the account."""

    branding: BrandingParams | None = None
    payouts: PayoutsParams | None = None
    receipts: ReceiptsParams | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        if self.branding is not None:
            yield from self.branding.changes()
        if self.payouts is not None:
            descriptor = self.payouts.statement_descriptor
            check_descriptor(descriptor, "settings[payouts][statement_descriptor]")
            yield "payouts.statement_descriptor", descriptor
            if self.payouts.schedule is not None:
                yield from self.payouts.schedule.changes()
        if self.receipts is not None:
            yield "receipts.enabled", str(self.receipts.enabled).lower()


@attrs.frozen(kw_only=True)
class CapabilityParams:
    """A capability that is asked for. All accounts have those that there are."""

    requested: bool | None = None


@attrs.frozen(kw_only=True)
class CapabilitiesParams:
    """What the account is to be able to do."""

    card_payments: CapabilityParams | None = None
    transfers: CapabilityParams | None = None

    def check(self) -> None:
        """Refuse to give up what cannot be given up."""
        for name in ("card_payments", "transfers"):
            wish: CapabilityParams | None = getattr(self, name)
            if wish is not None and wish.requested is False:
                place = f"capabilities[{name}][requested]"
                raise ParamInvalid("All accounts have this capability; it cannot be taken away.", param=place)


@attrs.frozen(kw_only=True)
class AccountParams:
    """What can be said of an account, at first or later."""

    business_profile: BusinessProfileParams | None = None
    business_type: BusinessType | None = None
    capabilities: CapabilitiesParams | None = None
    email: str | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    settings: SettingsParams | None = None

    def onto(self, account: Account) -> Account:
        """The account with what was sent changed."""
        profile = self.business_profile
        if self.capabilities is not None:
            self.capabilities.check()
        return evolve(
            account,
            name=account.name if profile is None else profile.name or account.name,
            email=told(account.email, email(self.email, "email")),
            metadata=merged(account.metadata, self.metadata),
            settings=_changed(account.settings, self._changes()),
        )

    def _changes(self) -> Iterator[Change]:
        yield "account.business_type", self.business_type
        if self.business_profile is not None:
            yield from self.business_profile.changes()
        if self.settings is not None:
            yield from self.settings.changes()


def _changed(settings: Mapping[str, str], changes: Iterator[Change]) -> Mapping[str, str]:
    named = {name: value for name, value in changes if value is not None}
    return {name: value for name, value in {**settings, **named}.items() if value or name not in named}
