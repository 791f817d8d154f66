"""The day that a subscription's intervals are counted from, told as a day of the month and a time of the day."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import attrs

from payments_core.billing.prices import Interval, Recurring
from payments_core.clock import Timestamp
from payments_core.errors import ParamInvalid

NAME = "billing_cycle_anchor_config"
_LEAP_YEAR = 2024


@attrs.frozen(kw_only=True)
class AnchorParams:
    """On which day of the month, and at which time of the day, intervals begin."""

    day_of_month: int
    hour: int | None = None
    minute: int | None = None
    month: int | None = None
    second: int | None = None

    def after(self, now: Timestamp, every: Recurring) -> Timestamp:
        """The first such moment that is not before *now*; a day that its month lacks is in the next one that has it."""
        self._check(every)
        moment = datetime.fromtimestamp(now, UTC)
        at = moment.replace(
            hour=moment.hour if self.hour is None else self.hour,
            minute=moment.minute if self.minute is None else self.minute,
            second=moment.second if self.second is None else self.second,
        )
        while True:
            days = monthrange(at.year, at.month)[1]
            found = at.replace(day=min(self.day_of_month, days))
            if self.day_of_month <= days and self.month in (None, at.month) and found >= moment:
                return Timestamp(int(found.timestamp()))
            at = (at.replace(day=1) + timedelta(days=32)).replace(day=1)

    def _check(self, every: Recurring) -> None:
        if every.interval not in (Interval.MONTH, Interval.YEAR):
            raise ParamInvalid("Only months and years have an anchor's day.", param=NAME)
        if self.month is not None and every.interval is not Interval.YEAR:
            raise ParamInvalid("Only yearly prices have an anchor's month.", param=f"{NAME}[month]")
        month = self.month if self.month in range(1, 13) else None
        longest = monthrange(_LEAP_YEAR, month)[1] if month is not None else 31
        bounds = {
            "day_of_month": (1, longest),
            "month": (1, 12),
            "hour": (0, 23),
            "minute": (0, 59),
            "second": (0, 59),
        }
        for field, (low, high) in bounds.items():
            told = getattr(self, field)
            if told is not None and not low <= told <= high:
                raise ParamInvalid(f"This value must be between {low} and {high}.", param=f"{NAME}[{field}]")
