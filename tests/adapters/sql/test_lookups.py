"""Look-ups on PostgreSQL travel together, and everybody gets their own answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from payments_adapters.sql import SqlStore, open_store, upgrade
from payments_core.billing.customers import Customer
from payments_core.testing.contracts.examples import OTHER_SHOP, SHOP, a_customer, inserting, replacing
from payments_core.tokenization.tokens import Token


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[SqlStore]:
    upgrade(postgres_url)
    store = await open_store(postgres_url)
    yield store
    await store.close()


@pytest.mark.anyio
class TestLookingUpTogether:
    async def test_each_gets_its_own_answer(self, store: SqlStore) -> None:
        customers = [a_customer(str(number)) for number in range(600)]
        for start in range(0, 600, 100):
            await store.apply(inserting(*customers[start : start + 100]))

        found = await asyncio.gather(*(store.find(Customer, SHOP, c.id) for c in customers))
        assert found == [(customer, 1) for customer in customers]

    async def test_whoever_asks_twice_or_for_nothing_is_answered(self, store: SqlStore) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))

        found = await asyncio.gather(
            store.find(Customer, SHOP, customer.id),
            store.find(Customer, SHOP, customer.id),
            store.find(Customer, OTHER_SHOP, customer.id),
            store.find(Token, SHOP, customer.id),
            store.find(Customer, SHOP, "cus_nobody"),
        )
        assert list(found) == [(customer, 1), (customer, 1), None, None, None]

    async def test_one_who_gives_up_leaves_the_others_theirs(self, store: SqlStore) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))
        impatient = asyncio.ensure_future(store.find(Customer, SHOP, customer.id))
        patient = asyncio.ensure_future(store.find(Customer, SHOP, customer.id))
        await asyncio.sleep(0)
        impatient.cancel()

        assert await patient == (customer, 1)

    async def test_after_a_commit_nobody_is_told_of_before(self, store: SqlStore) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))
        others = [asyncio.ensure_future(store.find(Customer, SHOP, customer.id)) for _ in range(50)]
        for version in range(1, 20):
            await store.apply(replacing(customer, version))

            assert await store.find(Customer, SHOP, customer.id) == (customer, version + 1)
        await asyncio.gather(*others)
