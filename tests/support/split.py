"""A gateway and its backends as real processes, in the place of one server."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import attrs

from tests.support.server import Server

SECRET = "a-shared-secret-that-is-long-enough-for-it"
"""Of servers that live as long as a test."""


@attrs.define(kw_only=True)
class SplitServer(Server):
    """A gateway; what the command line does is done where the data is."""

    backends: Sequence[Server]

    def payments(self, *arguments: str) -> str:
        return self.backends[0].payments(*arguments)


def a_backend(data: Path, name: str = "", owns: str = "") -> Server:
    """A backend over the database of *data*, not yet started."""
    options = ("--role", "backend", *(("--owns", owns) if owns else ()), *(("--no-worker",) if name else ()))
    return Server(
        data=data,
        database=f"sqlite:///{data}/payments.db",
        options=options,
        environment={"PAYMENTS_SPLIT_SECRET": SECRET},
    )


@contextmanager
def split_server(data: Path, *owned: str) -> Iterator[SplitServer]:
    """Run a gateway over one backend for all nouns, and one more for each of *owned*."""
    backends = [a_backend(data), *(a_backend(data, "more", owns) for owns in owned)]
    addresses = [part for backend in backends for part in ("--backend", backend.url)]
    gateway = SplitServer(
        data=data.parent / f"{data.name}-gateway",
        database="sqlite:///none.db",
        options=("--role", "gateway", *addresses),
        environment={"PAYMENTS_SPLIT_SECRET": SECRET},
        backends=backends,
    )
    with ExitStack() as stack:
        for server in (*backends, gateway):
            server.start()
            stack.callback(_stopped, server)
        yield gateway


def _stopped(server: Server) -> None:
    if server.is_running:
        server.stop()
