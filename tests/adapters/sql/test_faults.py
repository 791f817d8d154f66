"""What the disk, the network and the operating system do to a store, and what it owes to those who wait."""

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from payments_adapters.sql import SqlStore, open_store, upgrade
from payments_adapters.sql.postgres import PostgresBackend
from payments_adapters.sql.sqlite_file import connect
from payments_core.billing.customers import Customer
from payments_core.errors import Unavailable
from payments_core.ledger.entries import Floor
from payments_core.testing.contracts.examples import (
    AVAILABLE,
    SHOP,
    USD,
    a_customer,
    a_token,
    an_entry,
    balance,
    books,
    inserting,
    kinds,
    outcomes,
    spending,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/books.db"


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[SqlStore]:
    store = await open_store(sqlite_url)
    yield store
    await store.close()


@contextlib.contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """Let every write beyond *size* bytes fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def writer(url: str, count: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.adapters.sql.writer_process", url, SHOP, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def acknowledged_before_the_kill(url: str, count: int) -> set[str]:
    with writer(url, 100_000) as process:
        assert process.stdout is not None
        ids = {process.stdout.readline().strip() for _ in range(count)}
        os.kill(process.pid, signal.SIGKILL)
        # What it had told before it died counts as well; the last line may be cut.
        ids |= {line.strip() for line in process.stdout.readlines() if line.endswith("\n")}
    return ids


async def all_is_there(store: SqlStore, ids: set[str]) -> bool:
    found = await store.find_many(Customer, SHOP, ids)
    entries = await books(store, None)
    booked = {entry.source for entry in entries}
    return found.keys() == ids <= booked and len(entries) == -await balance(store, AVAILABLE)


@pytest.mark.anyio
class TestFullDisk:
    async def test_all_who_wait_are_refused_and_the_next_ones_written(
        self, store: SqlStore, tmp_path: Path
    ) -> None:
        before = a_customer()
        await store.apply(inserting(before))
        full = (tmp_path / "books.db-wal").stat().st_size + 4096
        big = [a_customer(description="x" * 20_000) for _ in range(20)]

        with files_no_longer_than(full):
            results = await outcomes(*(store.apply(inserting(c)) for c in big))

        assert kinds(results) == {"Unavailable": 20}
        assert await store.find(Customer, SHOP, before.id) == (before, 1)
        results = await outcomes(*(store.apply(inserting(c)) for c in big))
        assert kinds(results) == {"written": 20}

    async def test_a_statement_that_fails_leaves_no_transaction_behind(
        self, store: SqlStore, tmp_path: Path
    ) -> None:
        await store.apply(inserting(a_token()))
        with contextlib.closing(sqlite3.connect(tmp_path / "books.db")) as other:
            other.execute("ALTER TABLE token RENAME TO elsewhere")
            lost = a_customer()
            with pytest.raises(Unavailable):
                await store.apply(inserting(lost, a_token()))
            other.execute("ALTER TABLE elsewhere RENAME TO token")
        await store.apply(inserting(a_token()))

        assert await store.find(Customer, SHOP, lost.id) is None

    async def test_nothing_of_a_refused_commit_appears_later(
        self, store: SqlStore, sqlite_url: str, tmp_path: Path
    ) -> None:
        await store.apply(inserting(a_customer()))
        full = (tmp_path / "books.db-wal").stat().st_size + 10_000
        lost = a_customer(description="x" * 50_000)
        with files_no_longer_than(full), pytest.raises(Unavailable):
            await store.apply(inserting(lost, entries=[an_entry(1)]))
        await store.close()

        again = await open_store(sqlite_url)
        assert await again.find(Customer, SHOP, lost.id) is None
        assert await books(again) == []
        await again.close()


@pytest.mark.anyio
class TestDurability:
    def test_sqlite_waits_for_the_disk_at_each_commit(self, tmp_path: Path) -> None:
        connection = connect(tmp_path / "books.db", reads_only=False)
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        connection.close()

        assert synchronous == 2  # FULL

    async def test_postgresql_waits_for_the_disk_at_each_commit(self, postgres_url: str) -> None:
        connection = await PostgresBackend(postgres_url).connect_to_write()
        waits = await connection.fetchval("SHOW synchronous_commit")
        await connection.close()

        assert waits == "on"


@pytest.mark.anyio
class TestSqliteProcesses:
    async def test_what_a_killed_process_acknowledged_is_there(self, sqlite_url: str) -> None:
        await (await open_store(sqlite_url)).close()
        ids = await asyncio.to_thread(acknowledged_before_the_kill, sqlite_url, 300)

        store = await open_store(sqlite_url)
        assert await all_is_there(store, ids)
        await store.close()

    async def test_several_processes_write_one_file(self, store: SqlStore, sqlite_url: str) -> None:
        processes = [writer(sqlite_url, 5) for _ in range(2)]
        ours = [a_customer() for _ in range(50)]
        for customer in ours:
            await store.apply(inserting(customer, entries=[an_entry(1, customer.id)]))
        told = [await asyncio.to_thread(process.communicate) for process in processes]

        ids = {line for lines, _ in told for line in lines.split()} | {c.id for c in ours}
        assert [process.returncode for process in processes] == [0, 0]
        assert len(ids) == 2 * 16 * 5 + 50
        assert await all_is_there(store, ids)

    async def test_a_file_that_somebody_locks_for_long_is_unavailable_and_comes_back(
        self, store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("payments_adapters.sql.sqlite_file.BUSY_TIMEOUT_MS", 50)
        await store.apply(inserting(a_customer()))
        other = sqlite3.connect(tmp_path / "books.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        results = await outcomes(*(store.apply(inserting(a_customer())) for _ in range(3)))
        other.execute("ROLLBACK")
        other.close()

        assert kinds(results) == {"Unavailable": 3}
        await store.apply(inserting(a_customer()))


@pytest.mark.anyio
class TestClosing:
    async def test_what_was_accepted_is_written(self, store: SqlStore, sqlite_url: str) -> None:
        customers = [a_customer() for _ in range(300)]
        tasks = [asyncio.ensure_future(store.apply(inserting(c))) for c in customers]
        await asyncio.sleep(0)
        await store.close()

        assert kinds(await asyncio.gather(*tasks, return_exceptions=True)) == {"written": 300}
        assert "payments-sqlite-writer" not in {thread.name for thread in threading.enumerate()}

    async def test_a_closed_store_refuses(self, store: SqlStore) -> None:
        await store.close()

        with pytest.raises(Unavailable):
            await store.apply(inserting(a_customer()))
        with pytest.raises(Unavailable):
            await store.find(Customer, SHOP, "cus_1")


@pytest.mark.anyio
class TestPostgres:
    async def test_a_lost_connection_refuses_those_who_wait_and_is_made_anew(self, postgres_url: str) -> None:
        upgrade(postgres_url)
        store = await open_store(postgres_url)
        await outcomes(*(store.apply(inserting(a_customer())) for _ in range(10)))
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        await outcomes(*(store.apply(inserting(a_customer())) for _ in range(10)))
        with contextlib.suppress(Unavailable):
            await store.find(Customer, SHOP, "cus_1")

        customer = a_customer()
        await store.apply(inserting(customer))
        assert await store.find(Customer, SHOP, customer.id) == (customer, 1)
        await store.close()

    async def test_what_a_killed_process_acknowledged_is_there(self, postgres_url: str) -> None:
        upgrade(postgres_url)
        ids = await asyncio.to_thread(acknowledged_before_the_kill, postgres_url, 300)

        store = await open_store(postgres_url)
        assert await all_is_there(store, ids)
        await store.close()

    async def test_two_processes_cannot_spend_one_balance_twice(self, postgres_url: str) -> None:
        upgrade(postgres_url)
        stores = [await open_store(postgres_url) for _ in range(3)]
        await stores[0].apply(inserting(entries=[an_entry(1000)]))

        results = await outcomes(*(store.apply(spending(70)) for _ in range(20) for store in stores))

        assert kinds(results) == {"written": 14, "BalanceInsufficient": 46}
        assert -await balance(stores[1], AVAILABLE) == 20
        for store in stores:
            await store.close()

    async def test_two_processes_cannot_change_one_version_twice(self, postgres_url: str) -> None:
        upgrade(postgres_url)
        stores = [await open_store(postgres_url) for _ in range(3)]
        tokens = [a_token(f"tok_{number}") for number in range(10)]

        results = await outcomes(
            *(store.apply(inserting(token, entries=[an_entry(5)])) for token in tokens for store in stores)
        )

        assert kinds(results) == {"written": 10, "Conflict": 20}
        assert -await balance(stores[0], AVAILABLE) == 50
        for store in stores:
            await store.close()

    async def test_floors_and_plain_movements_of_two_processes_do_not_lock_each_other_out(
        self, postgres_url: str
    ) -> None:
        upgrade(postgres_url)
        stores = [await open_store(postgres_url) for _ in range(2)]
        floor = Floor(account=AVAILABLE, currency=USD, minimum=-(10**9))

        results = await outcomes(
            *(
                store.apply(inserting(entries=[an_entry(1), an_entry(-2)], floors=[floor] * (number % 2)))
                for number in range(60)
                for store in stores
            )
        )

        assert kinds(results) == {"written": 120}
        assert -await balance(stores[0], AVAILABLE) == -120
        for store in stores:
            await store.close()
