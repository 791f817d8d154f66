"""How long a search takes among many customers of one account, beside a look-up of one by its id.

python -m benchmarks.search [customers] [database]
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

from payments_adapters.sql import open_store, upgrade
from payments_core.billing.customers import Customer, CustomerId
from payments_core.clock import Timestamp
from payments_core.ids import RandomIds
from payments_core.platform.accounts import AccountId
from payments_core.ports import Batch, Store, Write
from payments_core.searching.matching import Kind, Search, Sought
from payments_core.searching.queries import Relation

IDS = RandomIds()
SHOP = AccountId(IDS.new("acct"))
BATCH = 2_000


def customer(number: int) -> Customer:
    return Customer(
        account_id=SHOP,
        id=CustomerId(IDS.new("cus")),
        created=Timestamp(1_700_000_000 + number),
        name=f"Customer {number}",
        email=f"c{number}@example.com",
        metadata={"order": str(number), "plan": "gold" if number % 100 == 0 else "tin"},
    )


def clause(path: str, kind: Kind, relation: Relation, value: str, key: str | None = None) -> Search:
    return Search(sought=(Sought(path=path, kind=kind, key=key, relation=relation, value=value, raw=value),))


async def median(ask: Callable[[], Awaitable[Any]], times: int) -> float:
    costs = []
    for _ in range(times):
        started = time.perf_counter()
        await ask()
        costs.append(time.perf_counter() - started)
    return statistics.median(costs) * 1e6


async def measure(store: Store, count: int) -> None:
    written = []
    started = time.perf_counter()
    for start in range(0, count, BATCH):
        nouns = [customer(number) for number in range(start, min(count, start + BATCH))]
        written.append(nouns[0])
        await store.apply(Batch(account_id=SHOP, writes=tuple(Write(noun, replaces=0) for noun in nouns)))
    print(f"{count} customers written, {(time.perf_counter() - started) / count * 1e6:.0f} us each")
    one = written[len(written) // 2]
    searches = {
        "e-mail": clause("email", Kind.TEXT, Relation.IS, one.email or ""),
        "metadata, one": clause("metadata", Kind.HASH, Relation.IS, one.metadata["order"], "order"),
        "metadata, ten of very many": clause("metadata", Kind.HASH, Relation.IS, "gold", "plan"),
    }
    base = await median(lambda: store.find(Customer, SHOP, one.id), 2_000)
    print(f"{'one by its id':<36} {base:10.0f} us")
    for name, search in searches.items():
        cost = await median(lambda search=search: store.search(Customer, SHOP, search), 200)  # type: ignore[misc]
        print(f"{name:<36} {cost:10.0f} us  {cost / base:8.1f} x")
    part = clause("name", Kind.TEXT, Relation.HAS, "nobody is called so")
    cost = await median(lambda: store.search(Customer, SHOP, part), 1)
    print(f"{'a part of a name that nobody has':<36} {cost:10.0f} us  (reads all)")


async def main(count: int, database: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{folder}/books.db"
        upgrade(url)
        store = await open_store(url)
        try:
            await measure(store, count)
        finally:
            await store.close()


if __name__ == "__main__":
    told = sys.argv[1:]
    asyncio.run(main(int(told[0]) if told else 1_000_000, told[1] if len(told) > 1 else None))
