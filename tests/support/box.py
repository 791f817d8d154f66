"""The network in a box as a real process: started, killed and started again on the same database and port."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from tests.support.processes import dies_with_parent, end_group, free_port
from tests.support.server import Server, running_server

READY_WITHIN_S = 60.0


@attrs.define(kw_only=True)
class Box:
    """One `payments simulate network`."""

    data: Path
    options: tuple[str, ...] = ()
    port: int = attrs.field(factory=free_port)
    _process: subprocess.Popen[bytes] | None = attrs.field(default=None, init=False)

    @property
    def database(self) -> str:
        return f"sqlite:///{self.data}/network.db"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the box is not running"
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.data / "box.log").read_text(errors="replace")

    def start(self) -> None:
        """Start, and wait until it listens."""
        assert self._process is None, "the box is already running"
        self.data.mkdir(parents=True, exist_ok=True)
        command = [str(Path(sys.executable).with_name("payments")), "simulate", "network"]
        where = ("--port", str(self.port), "--database", self.database)
        seen = (self.data / "box.log").stat().st_size if (self.data / "box.log").exists() else 0
        with (self.data / "box.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *where, *self.options],
                cwd=self.data,
                env={**os.environ, "PAYMENTS_DATA": str(self.data), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(),  # noqa: PLW1509 - it calls prctl and nothing else
            )
        until = time.monotonic() + READY_WITHIN_S
        while "listens on" not in self.log[seen:]:
            assert self._process.poll() is None, self.log
            assert time.monotonic() < until, self.log
            time.sleep(0.05)

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Pull the plug."""
        return self._end(signal.SIGKILL)

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def _end(self, sign: int) -> int:
        assert self._process is not None, "the box is not running"
        process, self._process = self._process, None
        return end_group(process, sign)


@contextmanager
def running_box(data: Path, *options: str) -> Iterator[Box]:
    """Run a box, and end it whatever happens."""
    box = Box(data=data, options=options)
    box.start()
    try:
        yield box
    finally:
        if box.is_running:
            box.stop()


@contextmanager
def server_on_a_box(folder: Path, *options: str, timeout: str = "2") -> Iterator[tuple[Server, Box]]:
    """A server whose network is a box: configuration, and nothing else."""
    with running_box(folder / "box", *options) as box:
        settings = {
            "PAYMENTS_NETWORK": "iso8583",
            "PAYMENTS_ISO8583_HOSTS": f"127.0.0.1:{box.port}",
            "PAYMENTS_ISO8583_TIMEOUT": timeout,
        }
        with running_server(folder / "server", **settings) as server:
            yield server, box
