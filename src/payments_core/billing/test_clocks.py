"""Test clocks: a time of its own for some customers of a merchant in test mode, which moves only when it is told to.

What becomes due on the way is the operations' business.
"""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import DAY, Timestamp
from payments_core.errors import InvalidRequest
from payments_core.machine import Machine
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

TestClockId = NewType("TestClockId", str)

LIVES_S: Final = 30 * DAY


class ClockState(StrEnum):
    """The status that clients see."""

    READY = "ready"
    ADVANCING = "advancing"
    INTERNAL_FAILURE = "internal_failure"


class ClockEvent(StrEnum):
    """What can happen to a test clock."""

    ADVANCE = "advance"
    ARRIVE = "arrive"
    BREAK = "break"


TEST_CLOCK: Final = Machine(
    name="test_clock",
    initial=ClockState.READY,
    table={
        ClockState.READY: {ClockEvent.ADVANCE: ClockState.ADVANCING},
        ClockState.ADVANCING: {
            ClockEvent.ARRIVE: ClockState.READY,
            ClockEvent.BREAK: ClockState.INTERNAL_FAILURE,
        },
        ClockState.INTERNAL_FAILURE: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class TestClock:
    """A clock that tests turn forward."""

    __test__ = False  # not a test, whatever its name looks like

    account_id: AccountId
    id: TestClockId
    created: Timestamp
    frozen_time: Timestamp
    """What time it is for its customers. While the clock advances, the time of the last thing that was due."""
    deletes_after: Timestamp
    name: str | None = None
    status: ClockState = TEST_CLOCK.initial
    target: Timestamp | None = None
    """Where it is going."""
    due_at: Timestamp | None = None
    """When the job that moves it has something to do, by the machine's clock."""

    def advancing(self, target: Timestamp, now: Timestamp) -> Self:
        """On its way to *target*."""
        if target <= self.frozen_time:
            raise InvalidRequest(
                "A test clock moves forward only: frozen_time must be after the clock's present frozen_time.",
                param="frozen_time",
            )
        return evolve(self._after(ClockEvent.ADVANCE), target=target, due_at=now)

    def at(self, moment: Timestamp) -> Self:
        """The clock at something that was due on the way."""
        return evolve(self, frozen_time=max(self.frozen_time, moment))

    def arrived(self) -> Self:
        """Nothing more is due on the way."""
        return evolve(
            self._after(ClockEvent.ARRIVE),
            frozen_time=self.target or self.frozen_time,
            target=None,
            due_at=None,
        )

    def broken(self) -> Self:
        """What was due cannot be done."""
        return evolve(self._after(ClockEvent.BREAK), target=None, due_at=None)

    def _after(self, event: ClockEvent) -> Self:
        return evolve(self, status=TEST_CLOCK.after(self.status, event))
