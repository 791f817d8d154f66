"""A folder of files for a bank: each is written once, whole, and never again. What is in it, its format knows."""

import os
from collections.abc import Iterator
from pathlib import Path

import attrs


@attrs.frozen
class OutboxFolder:
    """Files by name. Two processes may write the same name: the first one's file stays."""

    folder: Path
    suffix: str

    def read(self, name: str) -> str | None:
        """The text of a file, or None."""
        place = self._place(name)
        return place.read_text(encoding="utf-8") if place.exists() else None

    def write_once(self, name: str, text: str) -> str:
        """Write a file unless it is there, and return what is in it then."""
        place = self._place(name)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = place.with_suffix(f"{self.suffix}.{os.getpid()}.part")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, place)
        except FileExistsError:
            return place.read_text(encoding="utf-8")
        finally:
            unfinished.unlink()
        return text

    def texts(self) -> Iterator[str]:
        """All files, the latest first."""
        for place in sorted(self.folder.glob(f"*{self.suffix}"), reverse=True):
            yield place.read_text(encoding="utf-8")

    def _place(self, name: str) -> Path:
        return self.folder / f"{name}{self.suffix}"
