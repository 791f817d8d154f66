"""What is remembered of a request while it is answered, and who is told when it is over."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import attrs

from payments_core.watching import WATCHER

HASH_DIGITS: Final = 16


@attrs.define(eq=False)
class Step:
    """A part of a request: an operation, a commit, a message to a network."""

    name: str
    began_ns: int
    parent: "Step | None"
    ended_ns: int = 0


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
    steps: list[Step] = attrs.field(factory=list)
    """Its parts, each after the one that it is a part of, if somebody wants to know."""

    @property
    def duration_ms(self) -> float:
        """How long it took."""
        return round((self.ended_ns - self.began_ns) / 1e6, 2)


Watcher = Callable[[Seen], None]


@attrs.frozen(eq=False)
class Recorder:
    """Keeps the steps of one request. Steps inside of a step are its own, also when several go on at once."""

    steps: list[Step]
    parent: Step | None = None

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Keep one step."""
        step = Step(name, time.time_ns(), self.parent)
        self.steps.append(step)
        token = WATCHER.set(Recorder(self.steps, step))
        try:
            yield
        finally:
            WATCHER.reset(token)
            step.ended_ns = time.time_ns()


@contextmanager
def recording(seen: Seen, watchers: Sequence[Watcher]) -> Iterator[None]:
    """Keep the steps of a request, if one of the *watchers* tells of them."""
    if not any(getattr(watch, "wants_steps", False) for watch in watchers):
        yield
        return
    token = WATCHER.set(Recorder(seen.steps))
    try:
        yield
    finally:
        WATCHER.reset(token)


def hashed(idempotency_key: str) -> str:
    """What logs show of an idempotency key: the same for the same key, and no way back to guess-proof keys."""
    return hashlib.sha256(idempotency_key.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]
