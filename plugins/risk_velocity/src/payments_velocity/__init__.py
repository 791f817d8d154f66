"""Blocks a card that is tried too often: `velocity_limit` payments within `velocity_seconds` (an hour by default).

It counts in the memory of one process, and forgets at its end: enough to stop a card tester, not a ledger of fraud.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping

from payments_core.clock import Clock, SystemClock
from payments_core.hookspecs import hookimpl
from payments_core.rules import PaymentContext, RiskVerdict

CARDS_MAX = 100_000
HOUR = "3600"


class Velocity:
    """One for each gateway. Without the setting `velocity_limit` it has no opinion."""

    def __init__(self) -> None:
        self._limit = 0
        self._window_ms = 0
        self._clock: Clock = SystemClock()
        self._seen: OrderedDict[str, deque[int]] = OrderedDict()

    @hookimpl
    def payments_configure(self, settings: Mapping[str, str], clock: Clock) -> None:
        """Read the limit; what is no number stops the assembly."""
        self._limit = int(settings.get("velocity_limit", "0"))
        self._window_ms = 1000 * int(settings.get("velocity_seconds", HOUR))
        self._clock = clock

    @hookimpl
    def payments_risk(self, context: PaymentContext) -> RiskVerdict | None:
        """Block the payment that is one too many for its card."""
        if not self._limit:
            return None
        now = self._clock.now_ms()
        tries = self._tries(f"{context.account_id} {context.fingerprint}", now)
        tries.append(now)
        return (
            RiskVerdict(block=True, level="highest", score=95, reason="card_velocity")
            if len(tries) > self._limit
            else None
        )

    def _tries(self, card: str, now: int) -> deque[int]:
        tries = self._seen.setdefault(card, deque(maxlen=self._limit + 1))
        self._seen.move_to_end(card)
        if len(self._seen) > CARDS_MAX:
            self._seen.popitem(last=False)
        while tries and tries[0] <= now - self._window_ms:
            tries.popleft()
        return tries
