"""Many rows in one statement: what SQLite is told for a group, made from the text for one row.

Each step of a statement lets other Python threads run and waits for its turn again. One step for many rows instead of one for each
keeps the writer and the event loop from waiting on one another all the time. Numbers of rows are powers of two, so that few
texts are ever prepared.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from payments_adapters.sql.shelf import Row

VARIABLES_MAX: Final = 32_000
"""SQLite takes 32,766 variables in one statement."""
ROWS_MAX: Final = 64
_INSERT: Final = re.compile(r"(?s)\A(INSERT .*?VALUES )(\([?, ]+\))(.*)\Z")
_UPDATE: Final = re.compile(r"(?s)\AUPDATE (\w+) SET (.*?) WHERE (.*)\Z")
_SET: Final = re.compile(r"(\w+)\s*=\s*\?")


def grouped(text: str, rows: Sequence[Row]) -> Iterator[tuple[str, list[object]]]:
    """The statements that do to all *rows* what *text* does to one, with their arguments."""
    at, left = 0, len(rows)
    most = min(ROWS_MAX, max(1, VARIABLES_MAX // len(rows[0])))
    while left:
        count = 1 << (min(left, most).bit_length() - 1)
        arguments = [value for row in rows[at : at + count] for value in row]
        yield (text if count == 1 else for_many(text, count)), arguments
        at, left = at + count, left - count


_known: Final[dict[tuple[str, int], str]] = {}


def for_many(text: str, count: int) -> str:
    """The statement that does to *count* rows what *text* does to one."""
    key = text, count
    found = _known.get(key)
    if found is None:
        found = _known[key] = _insert_many(text, count) or _update_many(text, count)
    return found


def _insert_many(text: str, count: int) -> str | None:
    found = _INSERT.match(text)
    return found and f"{found[1]}{', '.join([found[2]] * count)}{found[3]}"


def _update_many(text: str, count: int) -> str:
    """`UPDATE … FROM (VALUES …)`: the columns of the values are named by their places."""
    found = _UPDATE.match(text)
    assert found is not None, f"no statement for many rows: {text}"
    table, changes, condition = found.groups()
    names = _SET.findall(changes)
    wanted = re.findall(r"(\w+)\.(\w+)\s*=\s*\?", condition)
    width = len(names) + len(wanted)
    places = iter(range(1, width + 1))
    changed = ", ".join(f"{name} = v.column{next(places)}" for name in names)
    matched = " AND ".join(f"{table}.{name} = v.column{next(places)}" for _, name in wanted)
    row = f"({', '.join('?' * width)})"
    return f"UPDATE {table} SET {changed} FROM (VALUES {', '.join([row] * count)}) AS v WHERE {matched}"  # noqa: S608 - names of our own tables; values are variables
