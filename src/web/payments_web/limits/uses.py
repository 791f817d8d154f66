"""When keys were last used: written down beside the requests, at most once a minute for each key."""

import asyncio
import logging
from typing import Final

import attrs

from payments_core import clock
from payments_core.clock import Timestamp
from payments_core.errors import PaymentsError
from payments_core.operations.onboarding import note_use
from payments_core.platform.api_keys import ApiKey, ApiKeyId
from payments_core.ports import Ports

LOG: Final = logging.getLogger("payments.keys")
EVERY_S: Final = 60
KEPT_MAX: Final = 20_000


@attrs.define(eq=False)
class KeyUses:
    """Notes uses, off the way of the requests."""

    ports: Ports
    _noted: dict[ApiKeyId, Timestamp] = attrs.field(factory=dict, init=False)
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set, init=False)

    def note(self, key: ApiKey) -> None:
        """Remember that *key* was used just now."""
        now = clock.now(self.ports.clock)
        if now - max(key.last_used or 0, self._noted.get(key.id, 0)) < EVERY_S:
            return
        if len(self._noted) >= KEPT_MAX:
            self._noted.clear()
        self._noted[key.id] = now
        task = asyncio.get_running_loop().create_task(self._write(key, now))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until everything that was noted is written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _write(self, key: ApiKey, at: Timestamp) -> None:
        try:
            await note_use(self.ports, key.account_id, key.id, at)
        except (PaymentsError, OSError):
            LOG.warning("the use of key %s cannot be written down now", key.id)
