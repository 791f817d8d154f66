"""The store in memory keeps the contract of every store."""

import pytest

from payments_core.testing.contracts.store import StoreContract
from payments_core.testing.memory import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()
