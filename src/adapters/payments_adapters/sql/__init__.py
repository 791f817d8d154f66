"""The SQL store: nouns and books in SQLite or PostgreSQL, and commits that wait for each other."""

from payments_adapters.sql.backend import Backend
from payments_adapters.sql.schema import SchemaOutdated, upgrade
from payments_adapters.sql.store import SqlStore

__all__ = ["SchemaOutdated", "SqlStore", "make_store", "open_store", "upgrade"]


def make_store(url: str) -> SqlStore:
    """Return the store at `sqlite:file`, `sqlite:///file` or `postgresql://…`. `open` connects it."""
    return SqlStore(_backend(url))


async def open_store(url: str) -> SqlStore:
    """Return the store at *url*, open. It belongs to the running event loop."""
    store = make_store(url)
    await store.open()
    return store


def _backend(url: str) -> Backend:
    if url.startswith("sqlite:"):
        from payments_adapters.sql.sqlite import SqliteBackend

        return SqliteBackend(url)
    if url.startswith(("postgresql:", "postgres:")):
        from payments_adapters.sql.postgres import PostgresBackend

        return PostgresBackend(url)
    raise ValueError(f"no storage is known for {url.partition(':')[0]}:")
