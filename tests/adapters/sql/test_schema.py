"""The schema runs unchanged on SQLite, on PostgreSQL, and on a database distributed by account."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from payments_adapters.sql import SchemaOutdated, migrations, open_store, schema, upgrade
from payments_adapters.sql.schema import sync_url
from payments_adapters.sql.shelf import METADATA
from payments_adapters.sql.shelves import SHELVES

TABLES = METADATA.sorted_tables


@pytest.mark.parametrize("table", TABLES, ids=str)
class TestEveryTable:
    def test_says_where_its_rows_are_placed(self, table: sa.Table) -> None:
        assert table.info["placement"] in {"distributed", "reference"}

    def test_puts_the_account_first_in_its_keys(self, table: sa.Table) -> None:
        unique = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
        keys = [list(key.columns) for key in (table.primary_key, *unique)]
        keys += [list(index.columns) for index in table.indexes if index.unique]

        if table.info["placement"] == "distributed":
            assert not table.c.account_id.nullable
            assert all(next(iter(key)).name == "account_id" for key in keys)

    def test_pairs_accounts_in_its_foreign_keys(self, table: sa.Table) -> None:
        for constraint in table.foreign_key_constraints:
            first = next(iter(constraint.elements))
            assert first.parent.name == first.column.name == "account_id"

    def test_lets_the_database_make_no_values(self, table: sa.Table) -> None:
        assert table.autoincrement_column is None
        for column in table.c:
            assert column.server_default is None
            assert column.server_onupdate is None
            assert column.default is None


def test_no_two_shelves_share_a_kind_or_a_table() -> None:
    assert len({shelf.kind for shelf in SHELVES}) == len({shelf.table for shelf in SHELVES}) == len(SHELVES)


def _differences(url: str) -> list[object]:
    engine = sa.create_engine(sync_url(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))


class TestMigrations:
    def test_lead_to_what_the_code_declares_on_sqlite(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/books.db"
        upgrade(url)

        assert _differences(url) == []

    def test_lead_to_what_the_code_declares_on_postgresql(self, postgres_url: str) -> None:
        upgrade(postgres_url)

        assert _differences(postgres_url) == []

    def test_do_nothing_the_second_time(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/books.db"
        upgrade(url)
        upgrade(url)

        assert _differences(url) == []

    @pytest.mark.anyio
    async def test_run_once_when_many_open_a_new_file_at_once(self, tmp_path: Path) -> None:
        url = f"sqlite:{tmp_path}/books.db"
        stores = await asyncio.gather(*(open_store(url) for _ in range(4)))
        for store in stores:
            await store.close()

        assert _differences(url) == []


@pytest.mark.anyio
class TestOpening:
    async def test_an_older_file_asks_for_the_upgrade(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/books.db"
        upgrade(url)
        with contextlib.closing(sqlite3.connect(tmp_path / "books.db")) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = 'older'")
        connection.close()

        with pytest.raises(SchemaOutdated, match=r"revision older.*payments db upgrade"):
            await open_store(url)

    async def test_somebody_elses_file_is_left_alone(self, tmp_path: Path) -> None:
        with contextlib.closing(sqlite3.connect(tmp_path / "books.db")) as connection, connection:
            connection.execute("CREATE TABLE theirs (id)")
        connection.close()

        with pytest.raises(SchemaOutdated, match="without our tables"):
            await open_store(f"sqlite:///{tmp_path}/books.db")

    async def test_an_empty_postgresql_gets_its_tables(self, postgres_url: str) -> None:
        store = await open_store(postgres_url)

        assert [account async for account in store.accounts()] == []
        await store.close()

    def test_the_newest_revision_is_the_one_that_the_code_asks_for(self) -> None:
        assert ScriptDirectory(str(schema.MIGRATIONS)).get_current_head() == migrations.HEAD

    async def test_a_file_lets_readers_in_beside_the_writer(self, tmp_path: Path) -> None:
        store = await open_store(f"sqlite:///{tmp_path}/books.db")
        await store.close()

        connection = sqlite3.connect(tmp_path / "books.db")
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        connection.close()
        assert mode == "wal"
