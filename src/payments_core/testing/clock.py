"""A clock that stands still until somebody moves it: tests of windows, days and schedules jump instead of waiting."""

from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

MORNING: Final = int(datetime(2026, 11, 2, 9, 0, tzinfo=UTC).timestamp()) * 1000
"""A Monday, nine o'clock UTC."""


@attrs.define
class SettableClock:
    """A `Clock` that is set and moved by hand. It never goes back by itself, and nobody else moves it."""

    ms: int = MORNING

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        return self.ms

    def set(self, moment: datetime) -> None:
        """Set it to *moment*, which has a time zone."""
        assert moment.tzinfo is not None, "a moment without a time zone is no moment"
        self.ms = int(moment.timestamp() * 1000)

    def advance(self, seconds: float = 0, **more: float) -> None:
        """Move it on by seconds, or by `minutes`, `hours`, `days` and so on."""
        self.ms += int(timedelta(seconds=seconds, **more).total_seconds() * 1000)

    @property
    def moment(self) -> datetime:
        """What it shows, in UTC."""
        return datetime.fromtimestamp(self.ms / 1000, UTC)
