"""How long GraphQL takes for what REST answers too: the same objects, asked in the same process, in turns.

    python -m benchmarks.graphql

Prints ratios. Targets: one object with 50 fields at most 3 times REST, a list of 100 at most 6 times.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

import graphql as gql
import msgspec

from payments_core.gateway import Gateway
from payments_core.operations.charges import CreateCharge
from payments_core.operations.onboarding import issue_key
from payments_web.app import App
from payments_web.graphql.schema import build_schema

ROUNDS = 15
CHARGES = 100


class Asking:
    """Asks the application, without a socket."""

    def __init__(self, app: App, key: str) -> None:
        self._app = app
        self._key = key.encode()

    async def __call__(
        self, method: str, path: str, body: bytes = b"", kind: bytes = b"", query: bytes = b""
    ) -> bytes:
        headers = [(b"authorization", b"Bearer " + self._key), (b"content-type", kind)]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": headers,
            "client": None,
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        assert sent[0]["status"] == 200, sent[1]["body"][:400]
        answer: bytes = sent[1]["body"]
        assert b'"errors"' not in answer, answer[:400]
        return answer


def fields(count: int) -> str:
    """*count* plain fields of a charge, some of them inside others."""
    kind = build_schema().get_type("Charge")
    assert isinstance(kind, gql.GraphQLObjectType)
    plain = [name for name, field in kind.fields.items() if gql.is_leaf_type(gql.get_named_type(field.type))]
    inner = "billingDetails { name email phone address } outcome { riskScore riskLevel type sellerMessage networkStatus }"
    return " ".join(plain[: count - 9]) + " " + inner


async def timed(ask: Callable[[], Awaitable[bytes]], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        await ask()
    return (time.perf_counter() - started) / times


async def compare(
    named: str, rest: Callable[[], Awaitable[bytes]], ours: Callable[[], Awaitable[bytes]], times: int
) -> None:
    await rest()
    await ours()
    ratios, costs = [], []
    for _ in range(ROUNDS):
        base = await timed(rest, times)
        cost = await timed(ours, times)
        ratios.append(cost / base)
        costs.append((base, cost))
    base, cost = (statistics.median(column) * 1e6 for column in zip(*costs, strict=True))
    print(f"{named:<44} {statistics.median(ratios):5.2f} x REST   ({base:7.0f} us and {cost:7.0f} us)")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Gateway.open(database=f"sqlite:///{folder}/books.db", data=folder) as gateway:
            merchant = await gateway.open_account("Shop")
            _, key = await issue_key(gateway.ports, merchant.account)
            wish = CreateCharge(amount=500, currency="usd", source="tok_visa")
            made = [await merchant.do(wish) for _ in range(CHARGES)]
            ask = Asking(App(gateway), key)
            await _compare_all(ask, made[-1].id)


async def _compare_all(ask: Asking, charge_id: str) -> None:
    one, some = f"/v1/charges/{charge_id}", b"limit=100"

    def graphql(text: str) -> Callable[[], Awaitable[bytes]]:
        body = msgspec.json.encode({"query": text})
        return lambda: ask("POST", "/graphql", body, b"application/json")

    few = "id amount status currency"
    of_one, of_many = f'charge(id: "{charge_id}")', "charges(limit: 100)"
    get_one, get_many = lambda: ask("GET", one), lambda: ask("GET", "/v1/charges", query=some)
    await compare("one object, 4 fields", get_one, graphql(f"{{ {of_one} {{ {few} }} }}"), 60)
    await compare("one object, 50 fields", get_one, graphql(f"{{ {of_one} {{ {fields(50)} }} }}"), 60)
    await compare("list of 100, 4 fields", get_many, graphql(f"{{ {of_many} {{ {few} }} }}"), 4)
    await compare("list of 100, 50 fields", get_many, graphql(f"{{ {of_many} {{ {fields(50)} }} }}"), 4)
    slow = f"query($no: Boolean = false) {{ {of_many} {{ {fields(50)} id @skip(if: $no) }} }}"
    await compare("list of 100, 50 fields, by graphql-core", get_many, graphql(slow), 1)


if __name__ == "__main__":
    asyncio.run(main())
