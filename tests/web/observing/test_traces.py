"""OpenTelemetry sees a request, its operation, the commits and the network; and nothing of the card, the payer or the key."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.gateway import Gateway
from payments_core.operations.onboarding import issue_key
from payments_core.testing.memory import MemoryStore
from payments_web.app import App
from payments_web.observing.requests import Seen
from payments_web.observing.traces import Traces
from tests.support.asking import ask

sdk: Any = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra `telemetry` is not installed")
exporting: Any = pytest.importorskip("opentelemetry.sdk.trace.export")
memory: Any = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")

pytestmark = pytest.mark.anyio
CARD = "4242424242424242"


@attrs.frozen(eq=False)
class Traced:
    """An application, and what it has exported."""

    app: App
    key: str
    exporter: Any

    def spans(self) -> list[Any]:
        """The spans, the earliest first."""
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time)

    def tree(self) -> list[tuple[str, str | None]]:
        """Each span with the one that it is in."""
        names = {span.context.span_id: span.name for span in self.spans()}
        return [(span.name, names[span.parent.span_id] if span.parent else None) for span in self.spans()]


@pytest.fixture
async def traced(tmp_path: Path) -> AsyncIterator[Traced]:
    exporter = memory.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(exporting.SimpleSpanProcessor(exporter))
    async with Gateway.open(store=MemoryStore(), data=str(tmp_path), rate_limit="off") as gateway:
        app = App(gateway)
        for door in (app._door, app._graphql):
            object.__setattr__(door, "watchers", [Traces(provider)])
        merchant = await gateway.open_account("Shop")
        key = (await issue_key(gateway.ports, merchant.account))[1]
        yield Traced(app, key, exporter)


async def test_a_charge_is_a_request_an_operation_commits_and_a_message(traced: Traced) -> None:
    told = await ask(
        traced.app,
        "POST",
        "/v1/charges",
        {"amount": 900, "currency": "usd", "source": "tok_visa"},
        key=traced.key,
        headers={"idempotency-key": "order of Jenny"},
    )

    assert told.status == 200
    assert traced.tree() == [
        ("POST request", None),
        ("charge.create", "POST request"),
        ("commit", "charge.create"),
        ("network authorize", "charge.create"),
        ("commit", "charge.create"),
    ]
    first = traced.spans()[0]
    assert first.attributes["payments.request_id"] == told.headers["request-id"]
    assert first.attributes["http.response.status_code"] == 200
    assert all(
        first.start_time <= span.start_time <= span.end_time <= first.end_time for span in traced.spans()
    )


async def test_no_span_tells_what_people_typed(traced: Traced) -> None:
    card = {"number": CARD, "exp_month": 1, "exp_year": 2040, "cvc": "987"}
    await ask(traced.app, "POST", "/v1/tokens", {"card": card}, key=traced.key)
    await ask(traced.app, "POST", "/v1/customers", {"name": "Jenny Rosen"}, key=traced.key)
    await ask(traced.app, "GET", f"/v1/{CARD}", key=traced.key)

    told = "".join(f"{span.name} {dict(span.attributes)}" for span in traced.spans())
    assert "customer.create" in told
    for forbidden in (CARD, "Jenny", traced.key):
        assert forbidden not in told


async def test_each_operation_of_a_graphql_request_has_its_own_span(traced: Traced) -> None:
    query = (
        b'{"query":"mutation { a: createCustomer(input: {}) { id } b: createCustomer(input: {}) { id } }"}'
    )
    await ask(
        traced.app, "POST", "/graphql", query, key=traced.key, headers={"content-type": "application/json"}
    )

    assert traced.tree() == [
        ("POST request", None),
        ("customer.create", "POST request"),
        ("commit", "customer.create"),
        ("customer.create", "POST request"),
        ("commit", "customer.create"),
    ]


async def test_who_does_not_trace_keeps_no_steps(tmp_path: Path) -> None:
    seen: list[Seen] = []
    async with Gateway.open(store=MemoryStore(), data=str(tmp_path), rate_limit="off") as gateway:
        app = App(gateway)
        object.__setattr__(app._door, "watchers", [seen.append])
        await ask(app, "GET", "/v1/customers")

    assert [request.steps for request in seen] == [[]]
