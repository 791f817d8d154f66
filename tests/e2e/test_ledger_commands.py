"""`payments ledger` as an operator runs it, on books that were left alone and on books that were not."""

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.shops import a_shop

PAYMENTS = Path(sys.executable).parent / "payments"


def payments(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PAYMENTS, *arguments, "--database", f"sqlite:///{folder}/books.db"],
        env={**os.environ, "PAYMENTS_DATA": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    async def trade() -> None:
        async with a_shop(tmp_path, database=f"sqlite:///{tmp_path}/books.db") as shop:
            await shop.charge(5000)

    asyncio.run(trade())
    return tmp_path


def test_sound_books_are_said_to_be_sound(folder: Path) -> None:
    done = payments(folder, "ledger", "verify")

    assert done.returncode == 0, done.stderr
    assert "1 entries, 1 balance transactions" in done.stdout
    assert "all is as it must be" in done.stdout


def test_books_that_were_altered_end_with_an_error_and_its_name(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "books.db")) as connection, connection:
        connection.execute("UPDATE posting SET amount = 5001 WHERE amount = 5000")

    done = payments(folder, "ledger", "verify")
    told = payments(folder, "ledger", "verify", "--json")

    assert done.returncode == 1
    assert "does not balance: there is $0.01 too much on the debit side" in done.stdout
    assert told.returncode == 1
    assert json.loads(told.stdout)["sound"] is False


def test_the_trial_balance_is_shown(folder: Path) -> None:
    done = payments(folder, "ledger", "trial-balance")
    before = payments(folder, "ledger", "trial-balance", "--at", "2020-01-01", "--json")

    assert done.returncode == 0, done.stderr
    assert "network_receivable" in done.stdout
    assert "$50.00" in done.stdout
    assert json.loads(before.stdout) == {"even": True, "lines": []}


def test_the_books_are_written_to_a_file(folder: Path) -> None:
    done = payments(
        folder, "ledger", "export", "--format", "beancount", "-o", str(folder / "books.beancount")
    )

    assert done.returncode == 0, done.stderr
    assert "50.00 USD" in (folder / "books.beancount").read_text()


def test_an_account_that_nobody_opened_is_a_sentence(folder: Path) -> None:
    done = payments(folder, "ledger", "verify", "--account", "acct_nobody")

    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("payments: No such account")
