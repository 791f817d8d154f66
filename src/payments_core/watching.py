"""Watching: who measures what happens inside a request is told of its steps. Nothing is measured here, and nothing is told of data.

A door that wants to know sets a watcher for its request; the steps of other requests and of jobs go unwatched at the cost of one
look. A watcher is told names of the house's own: operations, `commit`, `network authorize`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Final

StepWatcher = Callable[[str], AbstractContextManager[None]]

WATCHER: Final[ContextVar[StepWatcher | None]] = ContextVar("step watcher", default=None)
_UNWATCHED: Final = nullcontext()


def watched(step: str) -> AbstractContextManager[None]:
    """Tell whoever watches this request that *step* lasts as long as the block."""
    watcher = WATCHER.get()
    return _UNWATCHED if watcher is None else watcher(step)
