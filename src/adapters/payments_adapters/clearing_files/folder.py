"""The folder that clearing files lie in: `clearing/<account>/<batch>.pcf` under the data folder, unless set otherwise."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO

import attrs

from payments_adapters.clearing_files.format import (
    ANSWERS,
    CLEARING,
    Trailer,
    answer_lines,
    answered,
    check_whole,
    header,
    record_lines,
    trailer_line,
    unreadable,
)
from payments_core.settlement.batches import BatchChunk, SettlementBatch
from payments_core.settlement.clearing import AnsweredChunk


@attrs.frozen
class ClearingFolder:
    """Writes a batch in one go, and reads answers a chunk at a time."""

    folder: Path

    async def write(self, batch: SettlementBatch, chunks: AsyncIterator[BatchChunk]) -> str:
        """Write the batch's clearing file, whole or not at all, and return its path."""
        return await self._write(batch, CLEARING, "pcf", chunks)

    async def write_answers(self, batch: SettlementBatch, chunks: AsyncIterator[BatchChunk]) -> str:
        """Write the answers that the chunks hold as an acquirer would: for tests, and to show the format."""
        return await self._write(batch, ANSWERS, "pca", chunks)

    async def _write(
        self, batch: SettlementBatch, kind: str, suffix: str, chunks: AsyncIterator[BatchChunk]
    ) -> str:
        place = self.folder / batch.account_id / f"{batch.id}.{suffix}"
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = place.with_suffix(f".{suffix}.{os.getpid()}.part")
        trailer = Trailer()
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write(trailer.take(header(kind, batch)))
            async for chunk in chunks:
                lines = (
                    record_lines(chunk, trailer)
                    if kind == CLEARING
                    else answer_lines(chunk.number, chunk.results, trailer)
                )
                file.writelines(map(trailer.take, lines))
            file.write(trailer_line(trailer))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(place)
        return str(place)

    async def read(self, place: str) -> AsyncIterator[AnsweredChunk]:
        """Read an answer file: first that it is whole, then what it says."""
        with _opened(place) as file:
            try:
                check_whole(file)
            except UnicodeDecodeError:
                raise unreadable(1, "it is not UTF-8 text") from None
            file.seek(0)
            for part in answered(file):
                yield part


def _opened(place: str) -> TextIO:
    return Path(place).open(encoding="utf-8", newline="\n")
