"""Security codes between the token and its one authorization: in this process's memory, for minutes, never written down.

With several processes the code is known to the one that made the token; elsewhere `take` finds nothing, and the
authorization goes out without it.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import attrs

from payments_core.tokenization.cards import Cvc

TTL_S: Final = 900.0
CAPACITY: Final = 10_000


@attrs.define(eq=False)
class CvcMemory:
    """A bounded map from card to code; each is taken once, or forgotten. The oldest make room for the newest."""

    ttl_s: float = TTL_S
    capacity: int = CAPACITY
    monotonic: Callable[[], float] = attrs.field(default=time.monotonic, repr=False)
    _codes: OrderedDict[tuple[str, str], tuple[float, Cvc]] = attrs.field(
        factory=OrderedDict, init=False, repr=False
    )
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    def keep(self, account_id: str, card_id: str, cvc: Cvc) -> None:
        """Remember the code until it is taken or its time is over."""
        with self._lock:
            self._codes.pop((account_id, card_id), None)
            self._codes[account_id, card_id] = self.monotonic() + self.ttl_s, cvc
            self._forget()

    def take(self, account_id: str, card_id: str) -> Cvc | None:
        """The code, once."""
        with self._lock:
            self._forget()
            _, cvc = self._codes.pop((account_id, card_id), (0.0, None))
            return cvc

    def __len__(self) -> int:
        with self._lock:
            self._forget()
            return len(self._codes)

    def _forget(self) -> None:
        """Drop what is too old or too much. All live equally long, so that the first to come are the first to go."""
        now = self.monotonic()
        while self._codes:
            until, _ = next(iter(self._codes.values()))
            if until > now and len(self._codes) <= self.capacity:
                return
            self._codes.popitem(last=False)
