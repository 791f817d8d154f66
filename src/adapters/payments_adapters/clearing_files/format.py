"""The lines of clearing and answer files: fields between bars, padded so that people can read down the columns.

Pure text in and out. A file ends with a trailer that counts its records and signs every byte before it, so that a file that
was cut off or edited is never taken for a whole one.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.platform.accounts import AccountId
from payments_core.settlement.batches import BatchChunk, SettlementBatch
from payments_core.settlement.clearing import AnsweredChunk, ClearingKind, ClearingRecord, ClearingResult

CLEARING: Final = "PCF1"
ANSWERS: Final = "PCA1"
_LETTERS: Final = {ClearingKind.SALE: "S", ClearingKind.CREDIT: "C", ClearingKind.RETURN: "R"}
_REASON: Final = re.compile(r"[a-z0-9_]{1,60}")
_AMOUNT: Final = re.compile(r"[0-9]{1,15}")


@attrs.define
class Trailer:
    """Counts and signs what is written or read."""

    records: int = 0
    amount: int = 0
    _digest: "hashlib._Hash" = attrs.field(factory=hashlib.sha256)

    def take(self, line: str) -> str:
        """Sign a line, and hand it on."""
        self._digest.update(line.encode())
        return line

    @property
    def digest(self) -> str:
        """The digest of all lines so far."""
        return self._digest.hexdigest()


def header(kind: str, batch: SettlementBatch) -> str:
    """The first line."""
    return _line("H", kind, batch.account_id, batch.id, batch.acquirer, batch.currency, batch.day)


def record_lines(chunk: BatchChunk, trailer: Trailer) -> Iterator[str]:
    """One line for each record."""
    for record in chunk.records:
        trailer.records += 1
        trailer.amount += record.signed
        yield _record(chunk.number, record)


def _record(number: int, record: ClearingRecord) -> str:
    return _line(
        "R",
        f"{number:06d}",
        f"{record.reference:<30}",
        _LETTERS[record.kind] if record.presented else _LETTERS[record.kind].lower(),
        f"{record.original:<27}",
        f"{record.authorization_code:<6}",
        f"{record.network_reference:<12}",
        f"{record.bin}******{record.last4}",
        f"{record.amount:>12}",
        _moment(record.captured),
        record.merchant,
    )


def answer_lines(number: int, results: Iterable[ClearingResult], trailer: Trailer) -> Iterator[str]:
    """One line for each answer: what an acquirer writes, and tests and the sandbox too."""
    for result in results:
        trailer.records += 1
        trailer.amount += result.amount
        word = "OK" if result.accepted else "NO"
        yield _line(
            "A", f"{number:06d}", f"{result.reference:<30}", word, f"{result.amount:>12}", result.reason or ""
        )


def trailer_line(trailer: Trailer) -> str:
    """The last line."""
    return _line("T", str(trailer.records), str(trailer.amount), trailer.digest)


def check_whole(lines: Iterable[str]) -> None:
    """Refuse an answer file that is no answer file, was cut off, or was changed on its way."""
    trailer = Trailer()
    found: list[str] | None = None
    number = 0
    for number, line in enumerate(lines, 1):
        if found is not None:
            raise unreadable(number, "there is something behind the trailer")
        fields = _fields(line)
        if number == 1 and fields[:2] != ["H", ANSWERS]:
            raise unreadable(number, f"an answer file begins with H|{ANSWERS}")
        if fields[0] == "T":
            found = fields
            continue
        if fields[0] == "A":
            trailer.records += 1
            trailer.amount += _parsed(fields, number)[1].amount
        trailer.take(line)
    if found is None:
        raise unreadable(number + 1, "the trailer is missing, so the file is not whole")
    if found[1:4] != [str(trailer.records), str(trailer.amount), trailer.digest]:
        raise unreadable(number, "the trailer does not fit the lines before it")


def answered(lines: Iterable[str]) -> Iterator[AnsweredChunk]:
    """The answers, those of one chunk that lie together at once."""
    account_id, batch = AccountId(""), ""
    number: int | None = None
    results: list[ClearingResult] = []
    for at, line in enumerate(lines, 1):
        fields = _fields(line)
        if fields[0] == "H" and len(fields) > 3:
            account_id, batch = AccountId(fields[2]), fields[3]
        if fields[0] != "A":
            continue
        chunk, result = _parsed(fields, at)
        if results and chunk != number:
            yield AnsweredChunk(
                account_id=account_id, batch=batch, number=number or 0, results=tuple(results)
            )
            results = []
        number = chunk
        results.append(result)
    if results:
        yield AnsweredChunk(account_id=account_id, batch=batch, number=number or 0, results=tuple(results))


def _parsed(fields: list[str], at: int) -> tuple[int, ClearingResult]:
    if len(fields) != 6:
        raise unreadable(at, f"an answer has 6 fields, and here are {len(fields)}")
    _, chunk, reference, word, amount, reason = fields
    if not _AMOUNT.fullmatch(chunk) or not _AMOUNT.fullmatch(amount):
        raise unreadable(at, "chunk and amount are numbers")
    if (
        word not in ("OK", "NO")
        or (word == "NO") != bool(_REASON.fullmatch(reason))
        or (word == "OK" and reason)
    ):
        raise unreadable(at, "an answer is OK, or NO with a reason")
    return int(chunk), ClearingResult(reference=reference, amount=int(amount), reason=reason or None)


def unreadable(line: int, why: str) -> InvalidRequest:
    """The refusal of a file, with the number of the line."""
    return InvalidRequest(f"Line {line} of the answer file cannot be read: {why}.", param="file")


def _line(*fields: str) -> str:
    line = "|".join(fields)
    if line.count("|") == len(fields) - 1 and "\n" not in line:
        return line.rstrip() + "\n"
    return "|".join(field.replace("|", "/").replace("\n", " ") for field in fields).rstrip() + "\n"


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.rstrip("\n").split("|")]


@lru_cache(1024)
def _moment(moment: Timestamp) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
