"""The reference server as a real process: started, asked, killed and started again on the same data.

It speaks to the server through its command line and its port only, as an operator and a client would.
"""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.support.postgres import fresh_database
from tests.support.processes import dies_with_parent, end_group, free_port

if TYPE_CHECKING:
    from stripe import StripeClient

READY_WITHIN_S = 60.0
COMMAND_WITHIN_S = 60.0


@attrs.frozen(kw_only=True)
class Keys:
    """What `payments accounts create --json` prints."""

    account: str
    secret_key: str = attrs.field(repr=False)
    publishable_key: str


@attrs.define(kw_only=True)
class Server:
    """One `payments serve` with a data folder and a port that stay the same over restarts."""

    data: Path
    database: str
    options: tuple[str, ...] = ()
    environment: dict[str, str] = attrs.field(factory=dict)
    port: int = attrs.field(factory=free_port)
    command: tuple[str, ...] = attrs.field(factory=lambda: (_payments(),))
    _process: subprocess.Popen[bytes] | None = attrs.field(default=None, init=False)

    @property
    def url(self) -> str:
        scheme = "https" if "--certificate" in self.options else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    @property
    def log(self) -> str:
        """All that the server has printed, over all its starts."""
        return (self.data / "server.log").read_text(errors="replace")

    def start(self) -> None:
        """Start, and wait until `/readyz` says yes."""
        assert self._process is None, "the server is already running"
        self.data.mkdir(parents=True, exist_ok=True)
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--database", self.database)
        with (self.data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, "serve", *where, *self.options],
                cwd=self.data,
                env=self._surroundings(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(),  # noqa: PLW1509 - it calls prctl and nothing else
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> int:
        """Ask the server to end, and return its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Pull the plug: SIGKILL to the server and all its workers."""
        return self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again on the same data, after an end of whatever kind."""
        if self._process is not None:
            self.stop()
        self.start()

    def payments(self, *arguments: str) -> str:
        """Run a `payments` command on the server's data, and return what it prints."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.data,
            env=self._surroundings(),
            capture_output=True,
            timeout=COMMAND_WITHIN_S,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"payments {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def account(self, name: str = "Shop") -> Keys:
        """Open a merchant account, and return its keys."""
        told = json.loads(self.payments("accounts", "create", "--name", name, "--json"))
        return Keys(
            account=told["account"], secret_key=told["secret_key"], publishable_key=told["publishable_key"]
        )

    def stripe(self, secret_key: str, *, retries: int = 0) -> "StripeClient":
        """Return Stripe's own client, bound to this server."""
        from stripe import StripeClient

        return StripeClient(secret_key, base_addresses={"api": self.url}, max_network_retries=retries)

    def _surroundings(self) -> dict[str, str]:
        ours = {
            "PAYMENTS_DATA": str(self.data),
            "PAYMENTS_DATABASE": self.database,
            "PAYMENTS_RATE_LIMIT": "off",
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **ours, **self.environment}

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + READY_WITHIN_S
        while not _answers(f"{self.url}/readyz"):
            if self._process.poll() is not None:
                raise AssertionError(
                    f"payments serve ended with {self._process.returncode}:\n{self.log[-4_000:]}"
                )
            if time.monotonic() > until:
                raise AssertionError(
                    f"payments serve was not ready in {READY_WITHIN_S} s:\n{self.log[-4_000:]}"
                )
            time.sleep(0.05)

    def _end(self, sign: int) -> int:
        assert self._process is not None, "the server is not running"
        process, self._process = self._process, None
        return end_group(process, sign)


def _payments() -> str:
    """The command of this very environment, which need not be on the PATH."""
    return str(Path(sys.executable).with_name("payments"))


def _answers(url: str) -> bool:
    # Whether somebody answers is all that is asked here; who they are, the tests check.
    anybody = ssl._create_unverified_context() if url.startswith("https:") else None
    try:
        with urllib.request.urlopen(url, timeout=5, context=anybody) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def running_server(data: Path, database: str = "", *options: str, **environment: str) -> Iterator[Server]:
    """Run a server on *data*, with SQLite unless *database* says otherwise, and end it whatever happens."""
    server = Server(
        data=data,
        database=database or f"sqlite:///{data}/payments.db",
        options=options,
        environment=environment,
    )
    server.start()
    try:
        yield server
    finally:
        if server.is_running:
            server.stop()


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of one module share: each opens its own account.

    It is on SQLite, or on PostgreSQL with PAYMENTS_TEST_SERVER=postgresql.
    """
    with ExitStack() as stack:
        database = ""
        if os.environ.get("PAYMENTS_TEST_SERVER") == "postgresql":
            database = stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        yield stack.enter_context(running_server(tmp_path_factory.mktemp("server"), database))


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server on SQLite for one test alone, which may kill it."""
    with running_server(tmp_path / "server") as server:
        yield server


@pytest.fixture
def postgres_backed_server(tmp_path: Path, postgres_url: str) -> Iterator[Server]:
    """A server on PostgreSQL for one test alone."""
    with running_server(tmp_path / "server", postgres_url) as server:
        yield server
