"""Time as a port: whole milliseconds since 1970, UTC. Nothing in the core reads a clock of its own."""

import time
from typing import NewType, Protocol

Timestamp = NewType("Timestamp", int)
"""Whole seconds since 1970-01-01 UTC, as the public API shows time."""

DAY = 86_400
HOUR = 3_600


class Clock(Protocol):
    """Tells the time. Answers at once and never goes through the network."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000


def now(clock: Clock) -> Timestamp:
    """The time in whole seconds."""
    return Timestamp(clock.now_ms() // 1000)
