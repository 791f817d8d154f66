"""The day that intervals are counted from: the first that fits, whatever the month."""

from datetime import UTC, datetime

import pytest

from payments_core.billing.prices import Interval, Recurring
from payments_core.billing.subscriptions import period_from
from payments_core.clock import Timestamp
from payments_core.errors import ParamInvalid
from payments_core.operations.anchoring import AnchorParams

MONTHLY = Recurring(interval=Interval.MONTH)
YEARLY = Recurring(interval=Interval.YEAR)


def at(text: str) -> Timestamp:
    return Timestamp(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()))


@pytest.mark.parametrize(
    ("now", "params", "every", "end"),
    [
        ("2026-11-10T08:30:00", AnchorParams(day_of_month=15), MONTHLY, "2026-11-15T08:30:00"),
        ("2026-11-20T08:30:00", AnchorParams(day_of_month=15), MONTHLY, "2026-12-15T08:30:00"),
        ("2026-11-20T08:30:00", AnchorParams(day_of_month=20, hour=7), MONTHLY, "2026-12-20T07:30:00"),
        ("2026-11-20T08:30:00", AnchorParams(day_of_month=31), MONTHLY, "2026-11-30T08:30:00"),
        ("2026-11-20T08:30:00", AnchorParams(day_of_month=1, month=3), YEARLY, "2027-03-01T08:30:00"),
        ("2026-11-20T08:30:00", AnchorParams(day_of_month=29, month=2), YEARLY, "2027-02-28T08:30:00"),
    ],
)
def test_the_first_period_ends_on_that_day(
    now: str, params: AnchorParams, every: Recurring, end: str
) -> None:
    anchor = params.after(at(now), every)

    assert period_from(anchor, every, at(now)).end == at(end)


@pytest.mark.parametrize(
    ("params", "every"),
    [
        (AnchorParams(day_of_month=0), MONTHLY),
        (AnchorParams(day_of_month=32), MONTHLY),
        (AnchorParams(day_of_month=1, hour=24), MONTHLY),
        (AnchorParams(day_of_month=1, month=2), MONTHLY),
        (AnchorParams(day_of_month=30, month=2), YEARLY),
        (AnchorParams(day_of_month=1, month=13), YEARLY),
        (AnchorParams(day_of_month=1), Recurring(interval=Interval.WEEK)),
    ],
)
def test_no_such_day_is_refused(params: AnchorParams, every: Recurring) -> None:
    with pytest.raises(ParamInvalid):
        params.after(at("2026-11-20T08:30:00"), every)
