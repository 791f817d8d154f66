"""What is seen of requests: one line each, without anything that people typed; metrics; and probes that tell the truth."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.errors import Unavailable
from payments_core.gateway import Gateway
from payments_core.operations.onboarding import issue_key
from payments_core.ports import Batch
from payments_core.testing.memory import MemoryStore
from payments_web.app import App
from payments_web.observing import logs
from payments_web.observing.logs import RequestLog
from payments_web.rest.door import Door
from tests.support.asking import ask

pytestmark = pytest.mark.anyio
CARD = "4242424242424242"


class FullDisk(MemoryStore):
    """Reads go on; nothing can be written."""

    is_full = False

    async def apply(self, batch: Batch) -> None:
        if self.is_full:
            raise Unavailable("database or disk is full")
        await super().apply(batch)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with Gateway.open(store=FullDisk(), data=str(tmp_path), rate_limit="off", metrics="1") as gateway:
        yield App(gateway)


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


async def secret(app: App) -> str:
    merchant = await app.gateway.open_account("Shop")
    return (await issue_key(app.gateway.ports, merchant.account))[1]


async def test_each_request_is_one_line_that_repeats_nothing_of_it(app: App) -> None:
    stream = io.StringIO()
    key = await secret(app)
    door: Any = app._door
    app._door = Door(door.performer, door.presenter, door.routes, watchers=[RequestLog(stream)])
    headers = {"idempotency-key": "order of Jenny", "user-agent": f"agent {CARD}"}

    await ask(app, "POST", "/v1/customers", {"name": "Jenny Rosen"}, key=key, headers=headers)
    await ask(app, "GET", f"/v1/{CARD}", key=key)
    await asyncio.sleep(0)  # lines are written at the end of the loop's turn

    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert first["operation"] == "customer.create"
    assert first["status"] == 200
    assert first["account"].startswith("acct_")
    assert first["request_id"].startswith("req_")
    assert first["duration_ms"] > 0
    assert second["status"] == 404
    for forbidden in ("Jenny", CARD, key, "agent"):
        assert forbidden not in stream.getvalue()


async def test_an_uncaught_error_is_logged_with_its_request_and_without_the_card(
    app: App, restored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    logs.configure("json", stream)
    key = await secret(app)

    async def broken(*arguments: Any) -> None:
        raise RuntimeError(f"could not read {CARD}")

    monkeypatch.setattr(MemoryStore, "select", broken)
    told = await ask(app, "GET", "/v1/customers", key=key)

    line = json.loads(stream.getvalue().splitlines()[0])
    assert told.status == 500
    assert CARD.encode() not in told.body
    assert line["request_id"] == told.headers["request-id"]
    assert "RuntimeError" in line["exception"]
    assert CARD not in stream.getvalue()
    assert "****4242" in line["exception"]


@pytest.mark.parametrize("form", ["json", "text"])
async def test_card_numbers_are_masked_whoever_logs_them(form: str, restored: None) -> None:
    stream = io.StringIO()
    logs.configure(form, stream)

    logging.getLogger("somebody").warning("card %s", CARD, extra={"about": {"number": CARD}})

    assert "****4242" in stream.getvalue()
    assert CARD not in stream.getvalue()


async def test_metrics_count_by_operation(app: App) -> None:
    key = await secret(app)
    await ask(app, "GET", "/v1/customers", key=key)
    await ask(app, "GET", "/v1/customers", key=key)

    told = await ask(app, "GET", "/metrics")

    assert 'payments_requests_total{operation="customer.list",status="200"} 2.0' in told.body.decode()


async def test_ready_means_that_writing_works(app: App) -> None:
    store: Any = app.gateway.ports.store
    at_first = await ask(app, "GET", "/readyz")
    app._readiness._asked_ms = -10_000
    store.is_full = True
    while_full = await ask(app, "GET", "/readyz")
    app._readiness._asked_ms = -10_000
    store.is_full = False
    afterwards = await ask(app, "GET", "/readyz")

    assert [told.status for told in (at_first, while_full, afterwards)] == [200, 503, 200]
    assert (await ask(app, "GET", "/healthz")).status == 200


async def test_a_dead_worker_is_not_ready(app: App) -> None:
    worker = app.gateway.worker
    worker.start()
    ready = await ask(app, "GET", "/readyz")
    await worker.stop()

    dead = await ask(app, "GET", "/readyz")

    assert (ready.status, dead.status) == (200, 503)
