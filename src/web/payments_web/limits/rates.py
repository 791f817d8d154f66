"""Rates: so many requests a second of each class, and so many at once, for each account and mode.

A bucket for each account and class, in memory of this process. `PAYMENTS_RATE_LIMIT` sets the rate, and `off` ends it.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import attrs

from payments_core.assembly import AssemblyError
from payments_core.clock import Clock, SystemClock
from payments_core.errors import RateLimited
from payments_core.platform.accounts import AccountId

RATE: Final = 500
"""Reads, and as many writes, a second."""
RATE_OF_SEARCH: Final = 100
BURST_S: Final = 2.0
"""So many seconds' worth may come at once after a rest."""
AT_ONCE: Final = 300
KEPT_MAX: Final = 20_000

Key = tuple[str, str]


@attrs.define
class Bucket:
    """Fills at a steady rate, and each request takes one out."""

    rate: float
    tokens: float
    at_ms: int

    def take(self, now_ms: int) -> bool:
        """Take one out, unless it is empty."""
        gained = max(0, now_ms - self.at_ms) * self.rate / 1000
        self.tokens = min(self.tokens + gained, self.rate * BURST_S)
        self.at_ms = now_ms
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@attrs.define(eq=False)
class Limits:
    """The limits of every account. `rate` None means that nobody is held up."""

    rate: float | None = RATE
    at_once: int = AT_ONCE
    clock: Clock = attrs.field(factory=SystemClock)
    _buckets: OrderedDict[Key, Bucket] = attrs.field(factory=OrderedDict, init=False)
    _running: dict[AccountId, int] = attrs.field(factory=dict, init=False)

    @classmethod
    def of(cls, settings: Mapping[str, str], clock: Clock) -> "Limits":
        """From `rate_limit`: requests a second, or `off`; and `concurrency_limit`."""
        told = settings.get("rate_limit", "").strip().lower()
        at_once = settings.get("concurrency_limit", "").strip()
        try:
            rate = None if told == "off" else float(told or RATE)
            return cls(rate, int(at_once or AT_ONCE), clock)
        except ValueError as mistake:
            raise AssemblyError(
                f"rate_limit is a number or `off`, concurrency_limit a number: {mistake}"
            ) from None

    @contextmanager
    def admit(self, account_id: AccountId, *, reads: bool, search: bool = False) -> Iterator[None]:
        """Let one request in for as long as the block lasts, or raise `RateLimited`."""
        if self.rate is None:
            yield
            return
        self._take(account_id, reads=reads, search=search)
        running = self._running.get(account_id, 0)
        if running >= self.at_once:
            raise _limited("global-concurrency")
        self._running[account_id] = running + 1
        try:
            yield
        finally:
            left = self._running[account_id] - 1
            if left:
                self._running[account_id] = left
            else:
                del self._running[account_id]

    def _take(self, account_id: AccountId, *, reads: bool, search: bool) -> None:
        assert self.rate is not None, "without a rate there are no buckets"
        name = "search" if search else "read" if reads else "write"
        rate = min(self.rate, RATE_OF_SEARCH) if search else self.rate
        key, now_ms = (account_id, name), self.clock.now_ms()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(rate, rate * BURST_S, now_ms)
            if len(self._buckets) > KEPT_MAX:
                self._buckets.popitem(last=False)
        if not bucket.take(now_ms):
            raise _limited("endpoint-rate" if search else "global-rate")


def _limited(reason: str) -> RateLimited:
    return RateLimited(
        "Request rate limit exceeded. Wait a moment, and then retry with exponential back-off.", reason=reason
    )
