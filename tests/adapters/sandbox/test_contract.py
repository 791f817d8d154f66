"""The sandbox keeps the contract of every way to the card networks, on storage in memory and on disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from payments_adapters.sandbox.acquirer import SandboxAcquirer
from payments_adapters.sandbox.plugin import sandbox
from payments_adapters.sql import open_store
from payments_core.clock import SystemClock
from payments_core.ids import RandomIds
from payments_core.testing.contracts.acquirer import AcquirerContract
from payments_core.testing.memory import MemoryStore
from payments_core.testing.network import Unreliable
from payments_core.tokenization.cards import CardInput
from tests.adapters.sandbox.worlds import a_card


class Cards(AcquirerContract):
    @pytest.fixture
    def approving_card(self) -> CardInput:
        return a_card("4242424242424242")

    @pytest.fixture
    def declining_card(self) -> CardInput:
        return a_card("4000000000000002")

    @pytest.fixture
    def silent_card(self) -> CardInput | None:
        return a_card("4000000000072001")

    @pytest.fixture
    def mute_card(self) -> CardInput | None:
        return a_card("4000000000073009")


class TestInMemory(Cards):
    @pytest.fixture
    def acquirer(self) -> SandboxAcquirer:
        return sandbox(MemoryStore(), SystemClock(), RandomIds())


class TestOnDisk(Cards):
    @pytest.fixture
    async def acquirer(self, tmp_path: Path) -> AsyncIterator[SandboxAcquirer]:
        store = await open_store(f"sqlite:///{tmp_path}/books.db")
        yield sandbox(store, SystemClock(), RandomIds())
        await store.close()


class TestWithEveryMessageTwice(Cards):
    @pytest.fixture
    def acquirer(self) -> Unreliable:
        return Unreliable(acquirer=sandbox(MemoryStore(), SystemClock(), RandomIds()), seed=1, duplicate=1.0)
