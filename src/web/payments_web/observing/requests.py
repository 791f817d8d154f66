"""What is remembered of a request while it is answered, and who is told when it is over."""

import hashlib
from collections.abc import Callable
from typing import Final

import attrs

HASH_DIGITS: Final = 16


@attrs.define
class Seen:
    """One request, as far as logs may know it."""

    request_id: str
    method: str
    began_ns: int
    account: str | None = None
    key: str | None = None
    """Id of the key, never its text."""
    operation: str | None = None
    idempotency: str | None = None
    """A hash: people write anything into their keys."""
    replayed: bool = False
    status: int = 0
    code: str | None = None
    """The error code that was answered."""
    ended_ns: int = 0

    @property
    def duration_ms(self) -> float:
        """How long it took."""
        return round((self.ended_ns - self.began_ns) / 1e6, 2)


Watcher = Callable[[Seen], None]


def hashed(idempotency_key: str) -> str:
    """What logs show of an idempotency key: the same for the same key, and no way back to guess-proof keys."""
    return hashlib.sha256(idempotency_key.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]
