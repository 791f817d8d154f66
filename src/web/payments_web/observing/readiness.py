"""Readiness: whether requests can be served now. It writes, because a full disk still reads."""

import asyncio
import logging
from typing import Final

import attrs

from payments_core import clock
from payments_core.errors import Conflict, PaymentsError
from payments_core.gateway import Gateway
from payments_core.platform.beats import NOBODY, Beat
from payments_core.ports import Batch, Write

LOG: Final = logging.getLogger("payments.readiness")
FRESH_MS: Final = 1_000
WITHIN_S: Final = 5.0


@attrs.define(eq=False)
class Readiness:
    """Asks the storage at most once a second, however often it is asked."""

    gateway: Gateway
    _asked_ms: int = -FRESH_MS
    _trouble: str | None = None

    async def trouble(self) -> str | None:
        """What is wrong, or None."""
        if not self.gateway.worker.is_sound:
            return "a job of the worker has ended"
        now_ms = self.gateway.ports.clock.now_ms()
        if not 0 <= now_ms - self._asked_ms < FRESH_MS:
            self._trouble = await self._storage()
            self._asked_ms = now_ms
        return self._trouble

    async def _storage(self) -> str | None:
        ports = self.gateway.ports
        try:
            async with asyncio.timeout(WITHIN_S):
                found = await ports.store.find(Beat, NOBODY, "beat")
                beat = Write(Beat(at=clock.now(ports.clock)), found[1] if found else 0)
                await ports.store.apply(Batch(account_id=NOBODY, writes=(beat,)))
        except Conflict:
            return None  # another process has just written
        except (PaymentsError, OSError, TimeoutError) as error:
            LOG.warning("not ready: %s", error)
            return "the storage does not answer"
        return None
