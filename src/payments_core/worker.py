"""The worker: runs the jobs, each at its own pace, until it is told to stop. One failing job stops no other."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

import attrs

from payments_core.operations.delivering import Dispatcher
from payments_core.operations.jobs import JOBS, Job
from payments_core.ports import Ports

LOG: Final = logging.getLogger("payments.worker")
AFTER_FAILURE_S: Final = 5.0


@attrs.define(eq=False)
class Worker:
    """Runs jobs over one set of ports."""

    ports: Ports
    jobs: Sequence[Job] = JOBS
    dispatcher: Dispatcher = attrs.field()
    _tasks: list[asyncio.Task[None]] = attrs.field(factory=list, init=False)

    @dispatcher.default
    def _make_dispatcher(self) -> Dispatcher:
        return Dispatcher(self.ports)

    def start(self) -> None:
        """Start every job in the running event loop."""
        self._tasks = [asyncio.create_task(self._keep_doing(job), name=job.name) for job in self.jobs]
        self._tasks.append(asyncio.create_task(self.dispatcher.run(), name="webhooks"))

    async def stop(self) -> None:
        """Stop all jobs. What they were in the middle of is finished by whoever runs next."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.dispatcher.stop()

    @property
    def is_sound(self) -> bool:
        """Say whether everything that was started still runs."""
        return not any(task.done() for task in self._tasks)

    async def run_once(self) -> int:
        """Do everything that is due now, until nothing is; return how much was done. For tests and scripts."""
        total = 0
        while did := sum([await job.run(self.ports) for job in self.jobs]) + await self.dispatcher.run_once():
            total += did
        return total

    async def _keep_doing(self, job: Job) -> None:
        while True:
            try:
                did = await job.run(self.ports)
            except Exception:
                LOG.exception("job failed", extra={"job": job.name})
                await asyncio.sleep(AFTER_FAILURE_S)
            else:
                await asyncio.sleep(0 if did else job.every_s)
