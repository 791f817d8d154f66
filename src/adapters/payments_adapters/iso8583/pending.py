"""Which requests wait for an answer, and which answers have had their turn.

Pure bookkeeping without a clock: the session says when somebody has waited long enough.
"""

import asyncio
from collections import OrderedDict
from enum import Enum, auto

from payments_adapters.iso8583.kinds import message_class
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.notices import Silence

Key = tuple[str, ...]
MOST_REMEMBERED = 10_000


class Ended(Enum):
    """How a request that no longer waits came to its end."""

    ANSWERED = auto()
    IN_SILENCE = auto()


class Waiter:
    """One request under way."""

    __slots__ = ("future", "key", "request", "timer")

    def __init__(self, key: Key, request: Message, future: "asyncio.Future[Message | Silence]") -> None:
        self.key = key
        self.request = request
        self.future = future
        self.timer: asyncio.TimerHandle | None = None


class Pending:
    """Requests under way by class, audit number and whatever else answers repeat; and a bounded memory of the rest."""

    def __init__(self, match_on: tuple[int, ...], most_remembered: int = MOST_REMEMBERED) -> None:
        self.match_on = match_on
        self.most_remembered = most_remembered
        self._waiting: dict[Key, Waiter] = {}
        self._stans: set[str] = set()
        self._ended: OrderedDict[Key, Ended] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def is_taken(self, stan: int) -> bool:
        """Say whether an audit number belongs to a request under way, of whatever class."""
        return f"{stan:06d}" in self._stans

    def key_of(self, message: Message) -> Key:
        """Return what a request and its answer have in common."""
        return (message_class(message.mti), *[message.get(number) for number in self.match_on])

    def add(self, waiter: Waiter) -> None:
        """Let a request wait. Two of one key cannot be told apart, so the second is a programmer's mistake."""
        assert waiter.key not in self._waiting, "an audit number is used once at a time"
        self._waiting[waiter.key] = waiter
        self._stans.add(waiter.request.get(11))
        self._ended.pop(waiter.key, None)

    def end(self, key: Key, how: Ended) -> Waiter | None:
        """Take a request out, and remember how it ended."""
        waiter = self._waiting.pop(key, None)
        if waiter is not None:
            self._stans.discard(waiter.request.get(11))
            self._remember(key, how)
            if waiter.timer is not None:
                waiter.timer.cancel()
        return waiter

    def what_became_of(self, key: Key) -> Ended | None:
        """Say how a request that does not wait any more ended. A late answer ends its silence."""
        how = self._ended.get(key)
        if how is Ended.IN_SILENCE:
            self._remember(key, Ended.ANSWERED)
        return how

    def waiters(self) -> tuple[Waiter, ...]:
        """Return all that wait now."""
        return tuple(self._waiting.values())

    def _remember(self, key: Key, how: Ended) -> None:
        self._ended[key] = how
        self._ended.move_to_end(key)
        if len(self._ended) > self.most_remembered:
            self._ended.popitem(last=False)
