"""The SQL store on PostgreSQL keeps the contract of every store."""

from collections.abc import AsyncIterator

import pytest

from payments_adapters.sql import SqlStore, open_store, upgrade
from payments_core.testing.contracts.store import StoreContract


class TestPostgresStore(StoreContract):
    @pytest.fixture
    async def store(self, postgres_url: str) -> AsyncIterator[SqlStore]:
        upgrade(postgres_url)
        store = await open_store(postgres_url)
        yield store
        await store.close()
