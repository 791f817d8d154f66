"""Where one message ends and the next begins: a length in front of each.

No sockets and no knowledge of what is framed. `FrameReader` takes bytes in whatever pieces they arrive.
"""

from collections.abc import Iterator

import attrs

from payments_adapters.iso8583.errors import FrameRefused


@attrs.frozen(kw_only=True)
class Framing:
    """A length in front, as two binary bytes or four ASCII digits, then a fixed header, then the message."""

    ascii_digits: bool = False
    header: bytes = b""
    """Such as a TPDU: sent as it is, and skipped on the way in."""
    largest: int = attrs.field(default=4096)
    """The longest message, header included, that this network has."""

    @property
    def width(self) -> int:
        """How many bytes the length itself takes."""
        return 4 if self.ascii_digits else 2

    def frame(self, message: bytes) -> bytes:
        """Return *message* as it goes on the wire."""
        length = len(self.header) + len(message)
        if length > self.largest:
            raise FrameRefused(f"{length} bytes, {self.largest} at most")
        prefix = b"%04d" % length if self.ascii_digits else length.to_bytes(2, "big")
        return prefix + self.header + message

    @largest.validator
    def _fits(self, attribute: object, value: int) -> None:
        if not len(self.header) < value <= (9_999 if self.ascii_digits else 65_535):
            raise ValueError(f"a largest message of {value} bytes does not fit this framing")


class FrameReader:
    """Collects bytes and gives back whole messages.

    It keeps at most one message, begun but not ended. After it has refused, the stream has no rhythm any more and
    the connection must be closed.
    """

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self._waiting = b""

    @property
    def is_halfway(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._waiting)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each message that *data* completes, without its header."""
        width, skip = self.framing.width, len(self.framing.header)
        buffer = self._waiting + data if self._waiting else data
        at, total = 0, len(buffer)
        try:
            while total - at >= width:
                start = at + width
                end = start + self._length(buffer[at:start])
                if end > total:
                    return
                at = end
                yield buffer[start + skip : end]
        finally:
            self._waiting = buffer[at:]

    def _length(self, prefix: bytes) -> int:
        if not self.framing.ascii_digits:
            length = int.from_bytes(prefix, "big")
        elif prefix.isdigit():
            length = int(prefix)
        else:
            raise FrameRefused("the length is not in digits")
        if length <= len(self.framing.header):
            raise FrameRefused("an empty message")
        if length > self.framing.largest:
            raise FrameRefused(f"{length} bytes announced, {self.framing.largest} at most")
        return length
