"""Schedules: on which days a merchant's available money is paid out, and up to which second of availability.

Dates are computed in UTC from the account's settings as they are on the day. No money, no storage.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import attrs

from payments_core.clock import DAY, Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

RUNS_AT_S: Final = 3600
"""Seconds after midnight UTC: settlement has funded the day before by then."""
GRACE_S: Final = 120
"""No commit that says an earlier second than this ago is still under way."""
FUNDED_AFTER_DAYS: Final = 2
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND: Final = 5


@attrs.frozen(kw_only=True, slots=False)
class PayoutSchedule:
    """One account's turn: when somebody looks next, and up to which second each currency is paid out already."""

    account_id: AccountId
    id: str
    created: Timestamp
    due_at: Timestamp
    paid_upto: Mapping[CurrencyCode, int] = {}

    def done(self, now: Timestamp, paid_upto: Mapping[CurrencyCode, int]) -> Self:
        """Today's turn is over."""
        return evolve(self, due_at=next_run(now), paid_upto={**self.paid_upto, **paid_upto})


def first_schedule(account_id: AccountId, now: Timestamp) -> PayoutSchedule:
    """The schedule of an account that has a bank from now on."""
    return PayoutSchedule(
        account_id=account_id, id=schedule_id(account_id), created=now, due_at=next_run(now)
    )


def schedule_id(account_id: AccountId) -> str:
    """Id of the one schedule of an account."""
    return f"schedule_{account_id.rpartition('_')[2]}"


@attrs.frozen(kw_only=True)
class Interval:
    """The rule of one account."""

    name: str = "daily"
    delay_days: int = FUNDED_AFTER_DAYS
    weekly: tuple[str, ...] = ("monday",)
    monthly: tuple[int, ...] = (1,)

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> Self:
        """Read the rule from an account's settings."""
        said = {
            name.removeprefix("payouts.schedule."): value
            for name, value in settings.items()
            if name.startswith("payouts.schedule.") and value
        }
        delay = said.get("delay_days", "")
        weekly = said.get("weekly_payout_days") or said.get("weekly_anchor") or "monday"
        monthly = said.get("monthly_payout_days") or said.get("monthly_anchor") or "1"
        return cls(
            name=said.get("interval", "daily"),
            delay_days=int(delay) if delay.isdecimal() else FUNDED_AFTER_DAYS,
            weekly=tuple(_words(weekly)),
            monthly=tuple(int(day) for day in _words(monthly) if day.isdecimal()),
        )

    def pays_on(self, moment: Timestamp) -> bool:
        """Whether money leaves on the day of *moment*. Banks rest on weekends."""
        day = datetime.fromtimestamp(moment, UTC)
        match self.name:
            case "daily":
                return day.weekday() < WEEKEND
            case "weekly":
                return WEEKDAYS[day.weekday()] in self.weekly
            case "monthly":
                last = (day + timedelta(days=1)).month != day.month
                return day.day in self.monthly or (last and any(d > day.day for d in self.monthly))
            case _:
                return False

    def cut_off(self, now: Timestamp) -> int:
        """The last second of availability that is paid out now."""
        midnight = now - now % DAY
        return min(now - GRACE_S, midnight + (FUNDED_AFTER_DAYS - self.delay_days) * DAY - 1)


def _words(text: str) -> list[str]:
    return [word.strip(" []\"'") for word in text.split(",") if word.strip(" []\"'")]


def next_run(now: Timestamp) -> Timestamp:
    """When the next day's turn begins."""
    begins = now - now % DAY + RUNS_AT_S
    return Timestamp(begins if begins > now else begins + DAY)


def business_day_after(now: Timestamp, days: int = 1) -> Timestamp:
    """The beginning of a later business day, UTC."""
    day = datetime.fromtimestamp(now - now % DAY, UTC)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < WEEKEND
    return Timestamp(int(day.timestamp()))


def kept_back(settings: Mapping[str, str], currency: CurrencyCode) -> int:
    """What stays on the balance whatever the schedule says, in minor units."""
    told = settings.get(f"payouts.minimum_balance_by_currency.{currency}", "0")
    return int(told) if told.isdecimal() else 0
