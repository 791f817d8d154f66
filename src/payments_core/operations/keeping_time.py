"""Keeping time: work for a customer on a test clock is done at that clock's time. Moving the clock is `test_clocks`' business."""

from payments_core.billing.test_clocks import TestClock
from payments_core.operations.work import Work


async def keep_time(work: Work, test_clock: str | None) -> None:
    """From here on it is, for *work*, as late as the test clock says; without one, as late as it is."""
    clock = await work.find(TestClock, test_clock) if test_clock is not None else None
    if clock is not None:
        work.be_at(clock.frozen_time)
