"""The outbox: letters as files that any mail program opens. For development, and for whoever carries them by other means."""

import asyncio
import os
from pathlib import Path

import attrs

from payments_adapters.mail.composing import compose
from payments_core.platform.letters import Handover, Letter, Mailed


@attrs.frozen
class OutboxMailer:
    """Writes each letter as an `.eml` file; the same letter again replaces its file."""

    folder: Path

    async def send(self, letter: Letter) -> Mailed:
        """Write the file, whole or not at all."""
        try:
            body = compose(letter).as_bytes()
        except (ValueError, IndexError) as mistake:
            return Mailed(handover=Handover.REFUSED, error=f"This cannot be sent: {mistake}")
        try:
            await asyncio.to_thread(self._write, letter.message_id.strip("<>").partition("@")[0], body)
        except OSError as trouble:
            return Mailed(handover=Handover.LATER, error=str(trouble))
        return Mailed(handover=Handover.TAKEN)

    def _write(self, name: str, body: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self.folder / f".{name}.{os.getpid()}"
        unfinished.write_bytes(body)
        unfinished.replace(self.folder / f"{name}.eml")
