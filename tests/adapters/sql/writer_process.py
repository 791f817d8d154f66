"""Writes customers with an entry each, many at a time, and prints the id of each once it is acknowledged."""

import asyncio
import sys

from payments_adapters.sql import SqlStore, open_store
from payments_core.ids import RandomIds
from payments_core.platform.accounts import AccountId
from payments_core.testing.contracts.examples import a_customer, an_entry, inserting

IDS = RandomIds()


async def write(store: SqlStore, account: AccountId, count: int) -> None:
    for _ in range(count):
        customer = a_customer(account=account)
        await store.apply(inserting(customer, entries=[an_entry(1, customer.id, account=account)]))
        print(customer.id, flush=True)  # noqa: T201 - what was acknowledged is told outside


async def main(url: str, account: str, count: int) -> None:
    store = await open_store(url)
    async with asyncio.TaskGroup() as group:
        for _ in range(16):
            group.create_task(write(store, AccountId(account), count))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
