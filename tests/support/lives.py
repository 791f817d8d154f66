"""Lives at random, in a process that crashes at any commit: what state machines over money start from."""

import asyncio
import random
import tempfile
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar

import attrs
from hypothesis.stateful import RuleBasedStateMachine

from payments_core.errors import InvalidRequest, PaymentsError
from payments_core.ports import Batch
from payments_core.testing.memory import MemoryStore


class Crash(BaseException):
    """The process is gone."""


@attrs.define
class Mortal(MemoryStore):
    """A store whose process dies now and then, just before or just after a commit."""

    dice: random.Random = attrs.field(factory=lambda: random.Random(0))
    likelihood: float = 0.0

    async def apply(self, batch: Batch) -> None:
        fate = self.dice.random()
        if fate < self.likelihood / 2:
            raise Crash
        await super().apply(batch)
        if fate < self.likelihood:
            raise Crash


class Life(RuleBasedStateMachine):
    """A machine over one store. A subclass begins, enters what it lives in, and says in `finish` what is true in the end."""

    likelihood: ClassVar[float] = 0.08
    """Of a crash at any one commit, while something is done that may die of it."""

    def begin(self, seed: int) -> None:
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.dice = random.Random(seed)
        self.store = Mortal(dice=self.dice)

    def enter(self, place: AbstractAsyncContextManager[Any]) -> Any:
        return self.run(self.stack.enter_async_context(place))

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            self.finish()
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            self.folder.cleanup()

    def finish(self) -> None:
        """The faults stop, and everything comes to an end."""
        raise NotImplementedError

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(coroutine)

    def crashing(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Do something in a process that may die of it. What the caller would be told is nobody's business here."""
        self.store.likelihood = self.likelihood
        try:
            return self.run(caught(coroutine))
        finally:
            self.store.likelihood = 0.0


async def caught(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        return await coroutine
    except (Crash, PaymentsError, InvalidRequest):
        return None
