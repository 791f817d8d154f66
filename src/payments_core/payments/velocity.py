"""Card testing: whoever tries stolen numbers is declined over and over; after some declines nobody is asked any more.

Declines of a card are tallied in the storage, with the failed charge, so that the guard holds over all processes. What comes from one
address is counted in memory, in this process, within bounds: a guard slows an attack down and need not be exact.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from typing import Final, Self

import attrs

from payments_core.clock import DAY, Timestamp
from payments_core.errors import CardRefused
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

KEPT_MAX: Final = 50_000
CARD_DECLINES: Final = 20
"""Of one card at one merchant, in a day."""
ADDRESS_DECLINES: Final = 60
"""From one browser's address, in ten minutes. Servers ask with secret keys and are not counted by address."""
ADDRESS_WINDOW_S: Final = 600
Key = tuple[str, ...]


@attrs.frozen(kw_only=True, slots=False)
class DeclineTally:
    """When one card was declined at one merchant, within a day. `due_at` is when nobody needs it any more."""

    account_id: AccountId
    id: str
    created: Timestamp
    due_at: Timestamp
    times: tuple[Timestamp, ...] = ()

    def within_a_day(self, now: Timestamp) -> tuple[Timestamp, ...]:
        """The declines that still count."""
        return tuple(at for at in self.times if at > now - DAY)

    def declined(self, now: Timestamp) -> Self:
        """Once more."""
        return evolve(self, times=(*self.within_a_day(now), now), due_at=Timestamp(now + DAY))


def too_often() -> CardRefused:
    """What somebody is told who tries a card too often."""
    return CardRefused(
        "This card has been declined too many times. You can try to charge it again later.",
        code="card_decline_rate_limit_exceeded",
    )


@attrs.define(eq=False)
class DeclineGuard:
    """Remembers declines. `limit` is of a card; None counts nothing, and test mode is guarded only if asked for."""

    limit: int | None = CARD_DECLINES
    test_mode_too: bool = False
    _declines: OrderedDict[Key, deque[Timestamp]] = attrs.field(factory=OrderedDict, init=False)

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "DeclineGuard":
        """From `decline_limit`: a number guards test mode too, `off` guards nothing."""
        told = settings.get("decline_limit", "").strip().lower()
        if told == "off":
            return cls(None)
        return cls(int(told), test_mode_too=True) if told else cls()

    def check(
        self, account_id: AccountId, fingerprint: str, address: str | None, now: Timestamp, *, livemode: bool
    ) -> None:
        """Raise `CardRefused` for a card or an address that this process has seen declined too often."""
        if self.limit is None or not self.guards(livemode):
            return
        of_card = self._count((account_id, "card", fingerprint), Timestamp(now - DAY))
        of_address = 0
        if address is not None:
            of_address = self._count((account_id, "address", address), Timestamp(now - ADDRESS_WINDOW_S))
        if of_card >= self.limit or of_address >= max(self.limit, ADDRESS_DECLINES):
            raise too_often()

    def guards(self, livemode: bool) -> bool:
        """Say whether declines of this mode count."""
        return self.limit is not None and (livemode or self.test_mode_too)

    def is_too_often(self, tally: DeclineTally, now: Timestamp) -> bool:
        """Say whether a card was declined so often that nobody is asked any more."""
        return self.limit is not None and len(tally.within_a_day(now)) >= self.limit

    def declined(self, account_id: AccountId, fingerprint: str, address: str | None, now: Timestamp) -> None:
        """Remember one decline."""
        if self.limit is None:
            return
        self._add((account_id, "card", fingerprint), now)
        if address is not None:
            self._add((account_id, "address", address), now)

    def _count(self, key: Key, since: Timestamp) -> int:
        times = self._declines.get(key)
        while times and times[0] <= since:
            times.popleft()
        return len(times) if times else 0

    def _add(self, key: Key, now: Timestamp) -> None:
        times = self._declines.setdefault(key, deque(maxlen=max(self.limit or 0, ADDRESS_DECLINES)))
        times.append(now)
        self._declines.move_to_end(key)
        if len(self._declines) > KEPT_MAX:
            self._declines.popitem(last=False)
