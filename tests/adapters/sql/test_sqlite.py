"""The SQL store on SQLite keeps the contract of every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from payments_adapters.sql import SqlStore, open_store
from payments_core.testing.contracts.store import StoreContract


class TestSqliteStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqlStore]:
        store = await open_store(f"sqlite:///{tmp_path}/books.db")
        yield store
        await store.close()
