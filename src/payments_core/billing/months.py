"""Calendar months later, in UTC: the same day and time, or the last day of a month that is too short."""

import calendar
from datetime import UTC, datetime

from payments_core.clock import Timestamp


def months_later(at: Timestamp, count: int, *, day: int | None = None) -> Timestamp:
    """*at* moved by *count* months; *day* is the day to aim at where *at* was itself cut short."""
    moment = datetime.fromtimestamp(at, UTC)
    year, month = divmod(moment.year * 12 + moment.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return Timestamp(
        int(moment.replace(year=year, month=month + 1, day=min(day or moment.day, last)).timestamp())
    )
