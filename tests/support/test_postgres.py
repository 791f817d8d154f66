"""The embedded PostgreSQL keeps what the other tests take for granted."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.postgres import ROOT, embedded_server, fresh_database


def test_a_database_starts_empty_and_durable(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        durable = connection.execute("SELECT current_setting('fsync')").fetchone()

    assert tables == (0,)
    assert durable == ("on",)


def test_two_databases_know_nothing_of_each_other(postgres_server: str) -> None:
    with fresh_database(postgres_server) as one, fresh_database(postgres_server) as other:
        with psycopg.connect(one) as connection:
            connection.execute("CREATE TABLE mine (id int)")

        with psycopg.connect(other) as connection:
            found = connection.execute("SELECT to_regclass('mine')").fetchone()

    assert found == (None,)


def test_a_database_is_dropped_even_when_a_connection_was_left_open(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        left_open = psycopg.connect(url)
    left_open.close()

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_all_who_want_the_server_share_one(tmp_path: Path) -> None:
    with embedded_server(tmp_path / "postgres") as first:
        with embedded_server(tmp_path / "postgres") as second:
            pass
        with psycopg.connect(first) as connection:
            alive = connection.execute("SELECT 1").fetchone()

    assert first == second
    assert alive == (1,)


def test_a_killed_test_process_leaves_no_server_behind(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    code = f"""
import pathlib, time
from tests.support.postgres import embedded_server
with embedded_server(pathlib.Path({str(folder)!r})):
    print("up", flush=True)
    time.sleep(600)
"""
    wanting = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert wanting.stdout is not None
    with wanting.stdout as said:
        assert said.readline() == b"up\n"
    keeper = _reader_of(folder)
    server = keeper.children()[0]

    wanting.kill()
    wanting.wait()

    psutil.wait_procs([keeper, server], timeout=20)
    assert not server.is_running()
    assert not keeper.is_running()
    assert not (folder / "state").exists()


def test_a_killed_keeper_takes_the_server_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    with embedded_server(folder):
        keeper = _reader_of(folder)
        server = keeper.children()[0]
        home = json.loads((folder / "state").read_text())["home"]
        keeper.kill()

        _, alive = psutil.wait_procs([server], timeout=20)

    assert not alive
    shutil.rmtree(home)  # which the keeper can no longer do


def _reader_of(folder: Path) -> psutil.Process:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        for process in psutil.process_iter(["cmdline"]):
            told = process.info["cmdline"] or []
            if told[1:3] == ["-m", "tests.support.postgres_keeper"] and told[-1] == os.fspath(folder):
                return process
    pytest.fail("no keeper")
