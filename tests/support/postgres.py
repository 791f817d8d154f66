"""A real PostgreSQL for the tests: one server for all test processes, a fresh database for each test.

`PAYMENTS_TEST_DATABASES` (DSNs, comma-separated) adds engines to the same tests; those for Citus skip without one.
"""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import filelock
import psycopg
import pytest
from psycopg import sql

EMBEDDED = "embedded"
READY_WITHIN_S = 90.0
ROOT = Path(__file__).parents[2]


def further_databases() -> tuple[str, ...]:
    """Return the DSNs that the environment adds to the embedded server."""
    told = os.environ.get("PAYMENTS_TEST_DATABASES", "")
    return tuple(dsn for part in told.split(",") if (dsn := part.strip()))


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make an empty database on the server of *server_url*, and drop it afterwards."""
    name = f"test_{secrets.token_hex(8)}"
    url = urlsplit(server_url)._replace(path=f"/{name}").geturl()
    _execute(server_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        if has_citus(server_url):
            _execute(url, sql.SQL("CREATE EXTENSION IF NOT EXISTS citus"))
        yield url
    finally:
        _execute(server_url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def has_citus(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return bool(connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'").fetchone())


def _execute(url: str, statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """Share the server that belongs to *folder* with everybody else there; the first starts it."""
    folder.mkdir(exist_ok=True)
    with filelock.FileLock(folder / "lock"):
        hold, state = _join(folder) or _start(folder)
    try:
        if "trouble" in state:
            pytest.fail(f"PostgreSQL did not start: {state['trouble']}", pytrace=False)
        yield state["url"]
    finally:
        os.close(hold)  # the keeper notices when the last of these is closed


def _join(folder: Path) -> tuple[int, dict[str, Any]] | None:
    state = folder / "state"
    if not state.exists():
        return None
    try:
        hold = os.open(folder / "wanted", os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # nobody reads at the other end: that keeper is gone
        state.unlink(missing_ok=True)
        return None
    return hold, json.loads(state.read_text())


def _start(folder: Path) -> tuple[int, dict[str, Any]]:
    wanted = folder / "wanted"
    wanted.unlink(missing_ok=True)
    os.mkfifo(wanted)
    with (folder / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.support.postgres_keeper", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # an interrupt from the keyboard is for us; the keeper then sees us go
        )
    until = time.monotonic() + READY_WITHIN_S
    while (joined := _join(folder)) is None:
        if keeper.poll() is not None or time.monotonic() > until:
            keeper.kill()
            keeper.wait()
            pytest.fail(f"PostgreSQL's keeper ended: {(folder / 'keeper.log').read_text()}", pytrace=False)
        time.sleep(0.02)
    # It lives longer than this process if others still want it, so it is never waited for.
    keeper.returncode = 0
    return joined


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the embedded server's own database: one server, whatever the number of workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with embedded_server(shared / "postgres") as url:
        yield url


def _name(server: str) -> str:
    return server if server == EMBEDDED else urlsplit(server).netloc.rpartition("@")[2]


@pytest.fixture(params=[EMBEDDED, *further_databases()], ids=_name)
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """`postgresql://…` of an empty database, on each engine that there is."""
    if request.param == EMBEDDED:
        server: str = request.getfixturevalue("postgres_server")
    else:
        server = request.param
    with fresh_database(server) as url:
        yield url


@pytest.fixture
def citus_url() -> Iterator[str]:
    """`postgresql://…` of an empty database with the Citus extension."""
    coordinator = next((dsn for dsn in further_databases() if has_citus(dsn)), None)
    if coordinator is None:
        pytest.skip("no Citus coordinator in PAYMENTS_TEST_DATABASES")
    with fresh_database(coordinator) as url:
        yield url
