"""One statement for many rows does what one statement for each row would do, for every table that there is."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.dialects.sqlite import dialect

from payments_adapters.sql import upgrade
from payments_adapters.sql.shelf import Shelf, Verb
from payments_adapters.sql.shelves import SHELVES
from payments_adapters.sql.sqlite_groups import ROWS_MAX, for_many, grouped
from payments_adapters.sql.sqlite_writer import _BUILD
from payments_adapters.sql.statements import Statements


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("groups") / "books.db"
    upgrade(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


@pytest.mark.parametrize("shelf", SHELVES, ids=lambda shelf: shelf.name)
@pytest.mark.parametrize("verb", [Verb.INSERT, Verb.UPDATE])
def test_every_table_takes_many_rows_by_its_key(
    connection: sqlite3.Connection, shelf: Shelf[Any], verb: Verb
) -> None:
    text = for_many(Statements(dialect()).compiled(_BUILD[verb](shelf.table)).text, 4)

    plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?")).fetchall()

    assert not any(f"SCAN {shelf.name}" in step[-1] for step in plan)


@pytest.mark.parametrize("count", [1, 2, 3, 7, ROWS_MAX, ROWS_MAX + 1, 3 * ROWS_MAX - 1])
def test_all_rows_are_taken_once_and_in_order(count: int) -> None:
    rows = [(number, f"row {number}") for number in range(count)]

    told = list(grouped("INSERT INTO t (a, b) VALUES (?, ?)", rows))

    assert [value for _, arguments in told for value in arguments] == [value for row in rows for value in row]
    assert all(text.count("?") == len(arguments) for text, arguments in told)


def test_many_columns_stay_within_what_sqlite_takes() -> None:
    row = tuple(range(1_000))
    text = f"INSERT INTO t VALUES ({', '.join('?' * 1_000)})"

    assert all(len(arguments) <= 32_766 for _, arguments in grouped(text, [row] * 100))
