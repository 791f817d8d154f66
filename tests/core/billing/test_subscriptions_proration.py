"""What the rest of a period is worth: nothing lost, nothing invented, whatever is changed when."""

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from payments_core.billing.lines import Period
from payments_core.billing.prices import Interval, Recurring
from payments_core.billing.proration import left, unused, used
from payments_core.billing.subscriptions import boundary, period_from
from payments_core.clock import Timestamp

MOMENTS = st.integers(min_value=0, max_value=4_000_000_000).map(Timestamp)
LENGTHS = st.integers(min_value=1, max_value=100_000_000)
AMOUNTS = st.integers(min_value=0, max_value=99_999_999)
EVERY = st.builds(
    Recurring, interval=st.sampled_from(Interval), interval_count=st.integers(min_value=1, max_value=12)
)
NETS = st.tuples(AMOUNTS, st.integers(min_value=1, max_value=99_999_999)).map(
    lambda pair: Fraction(min(pair), max(pair))
)


@given(AMOUNTS, MOMENTS, LENGTHS, st.integers(min_value=-10, max_value=100_000_010), NETS)
def test_what_is_used_and_what_is_not_are_the_whole(
    amount: int, start: Timestamp, length: int, later: int, net: Fraction
) -> None:
    period = Period(start=start, end=Timestamp(start + length))

    share = left(period, Timestamp(start + later))

    assert used(amount, share, net) + unused(amount, share, net) == unused(amount, Fraction(1), net)
    assert 0 <= unused(amount, share, net) <= amount


@given(AMOUNTS, st.fractions(min_value=0, max_value=1), NETS)
def test_giving_back_and_charging_meet_to_the_cent(amount: int, share: Fraction, net: Fraction) -> None:
    assert unused(-amount, share, net) == -unused(amount, share, net)


@given(AMOUNTS, MOMENTS, LENGTHS)
def test_all_is_left_at_the_start_and_nothing_at_the_end(amount: int, start: Timestamp, length: int) -> None:
    period = Period(start=start, end=Timestamp(start + length))

    assert unused(amount, left(period, period.start)) == amount
    assert unused(amount, left(period, period.end)) == 0


@given(st.lists(st.tuples(AMOUNTS, st.integers(min_value=0, max_value=1000)), min_size=1, max_size=8))
def test_a_chain_of_changes_is_off_by_half_a_cent_each_at_most(chain: list[tuple[int, int]]) -> None:
    period = Period(start=Timestamp(0), end=Timestamp(1000))
    moments = sorted(moment for _, moment in chain)
    prices = [price for price, _ in chain]

    billed, exact, present = prices[0], Fraction(prices[0]), prices[0]
    for price, moment in zip(prices, moments, strict=True):
        share = left(period, Timestamp(moment))
        billed += unused(price, share) - unused(present, share)
        exact += (price - present) * share
        present = price

    assert abs(billed - exact) <= len(chain)


@given(MOMENTS, EVERY, MOMENTS)
def test_every_moment_is_in_the_period_that_is_found(
    anchor: Timestamp, every: Recurring, at: Timestamp
) -> None:
    period = period_from(anchor, every, at)

    assert period.start <= at < period.end


@given(MOMENTS, EVERY, st.integers(min_value=0, max_value=30))
def test_periods_follow_one_another(anchor: Timestamp, every: Recurring, count: int) -> None:
    start = boundary(anchor, every, count)

    assert period_from(anchor, every, start) == Period(start=start, end=boundary(anchor, every, count + 1))


def test_the_last_day_of_a_month_comes_back() -> None:
    january = Timestamp(int(datetime(2031, 1, 31, tzinfo=UTC).timestamp()))

    days = [
        datetime.fromtimestamp(boundary(january, Recurring(interval=Interval.MONTH), count), UTC).day
        for count in range(5)
    ]

    assert days == [31, 28, 31, 30, 31]
