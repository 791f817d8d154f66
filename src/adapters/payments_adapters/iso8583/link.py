"""One TCP connection that carries whole messages both ways. It frames them and does not read them."""

import asyncio
from collections.abc import Callable
from typing import cast

from payments_adapters.iso8583.errors import FrameRefused
from payments_adapters.iso8583.framing import FrameReader, Framing

LARGEST_BACKLOG = 1 << 20
"""Bytes the other side may leave unread before we call it stuck."""


class Link(asyncio.Protocol):
    """Calls *on_frame* for each message and *on_end* once, with the reason and whether a message was cut short."""

    def __init__(
        self,
        framing: Framing,
        on_frame: Callable[["Link", bytes], None],
        on_end: Callable[["Link", str, bool], None],
        on_start: Callable[["Link"], None] = lambda link: None,
    ) -> None:
        self.framing = framing
        self._reader = FrameReader(framing)
        self._on_frame = on_frame
        self._on_end = on_end
        self._on_start = on_start
        self._reason = "closed by the other side"
        self._transport: asyncio.Transport | None = None
        self.is_open = False
        self.is_stuck = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        # Not asserted: the transports of other event loops have its methods without being of its kind.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=LARGEST_BACKLOG)
        self.is_open = True
        self._on_start(self)

    def data_received(self, data: bytes) -> None:
        """Hand on what is complete."""
        try:
            for frame in self._reader.feed(data):
                if not self.is_open:
                    return
                self._on_frame(self, frame)
        except FrameRefused as refusal:
            self.abort(f"frame refused: {refusal}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that it is over."""
        self.is_open = False
        self._on_end(self, type(exc).__name__ if exc else self._reason, self._reader.is_halfway)

    def pause_writing(self) -> None:
        """The other side does not read any more."""
        self.is_stuck = True

    def resume_writing(self) -> None:
        """It reads again."""
        self.is_stuck = False

    def send(self, message: bytes) -> None:
        """Frame one message and write it."""
        self.write(self.framing.frame(message))

    def write(self, data: bytes) -> None:
        """Write bytes that are framed already, or are not meant to be."""
        assert self._transport is not None, "a link is used after it was made"
        self._transport.write(data)

    def close(self, reason: str) -> None:
        """End the connection after what was written."""
        if self._transport is None or not self.is_open:
            return
        self.is_open = False
        self._reason = reason
        self._transport.close()

    def abort(self, reason: str) -> None:
        """End the connection now, whatever is still unwritten."""
        if self._transport is None:
            return
        if self.is_open:
            self._reason = reason
        self.is_open = False
        self._transport.abort()
