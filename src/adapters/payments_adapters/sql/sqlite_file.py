"""A SQLite file as we use it: where it lies, and how every connection to it is set up."""

import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import unquote

CACHE_KIB: Final = 65_536
CHECKPOINT_PAGES: Final = 16_000
BUSY_TIMEOUT_MS: Final = 10_000
STATEMENTS_CACHED: Final = 512


def path_of(url: str) -> Path:
    """The file that `sqlite:///file`, `sqlite:////absolute/file` or `sqlite:file` names."""
    rest = url.removeprefix("sqlite:").partition("?")[0]
    rest = rest.removeprefix("///")
    if not rest or rest == ":memory:":
        raise ValueError(
            f"{url} names no file; a database that outlives nobody is `payments_core.testing.MemoryStore`"
        )
    return Path(unquote(rest))


def connect(path: Path, *, reads_only: bool) -> sqlite3.Connection:
    """Open the file as we use it: durable at every commit, readers beside the writer."""
    connection = sqlite3.connect(
        path, isolation_level=None, cached_statements=STATEMENTS_CACHED, check_same_thread=False
    )
    settings = (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        "temp_store = MEMORY",
        f"query_only = {int(reads_only)}",
    )
    try:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
