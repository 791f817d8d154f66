"""What this connector refuses, by name.

No error here carries the value it refused: a malformed message may hold a card number, and errors are logged.

    Iso8583Error
    ├── MalformedMessage   bytes or values that are no message of the specification
    ├── FrameRefused       the byte stream has lost its rhythm; the connection must go
    └── NotSent            nothing left this machine, so another path may be tried
"""


class Iso8583Error(Exception):
    """Any refusal of this connector."""


class MalformedMessage(Iso8583Error):
    """The field at *path* breaks the specification. Reading and writing raise nothing else."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class FrameRefused(Iso8583Error):
    """A length that no message of this network can have."""


class NotSent(Iso8583Error):
    """The session is not signed on, full or closed. No byte was written, so no money can have moved."""
