"""The helper that runs the server, tried on a stand-in that answers `/readyz` and has a child of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.server import Server

STAND_IN = """
import http.server, json, os, subprocess, sys
if sys.argv[1:3] == ["accounts", "create"]:
    name = sys.argv[sys.argv.index("--name") + 1]
    print(json.dumps({"account": name, "secret_key": "sk_test_1", "publishable_key": "pk_test_1"}))
    sys.exit()
if os.environ.get("BROKEN"):
    sys.exit("the database is of a newer version")
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open(os.path.join(os.environ["PAYMENTS_DATA"], "worker"), "w") as note:
    note.write(str(worker.pid))
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Ready).serve_forever()
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Iterator[Server]:
    command = (sys.executable, "-c", STAND_IN)
    server = Server(data=tmp_path / "data", database="sqlite://", command=command)
    yield server
    if server.is_running:
        server.kill()


def test_a_killed_server_takes_its_workers_along(stand_in: Server) -> None:
    stand_in.start()
    worker = psutil.Process(int((stand_in.data / "worker").read_text()))

    status = stand_in.kill()

    _, alive = psutil.wait_procs([worker], timeout=5)
    assert status == -9
    assert not alive


def test_it_starts_again_at_the_same_address(stand_in: Server) -> None:
    stand_in.start()
    before = stand_in.url, stand_in.pid
    stand_in.kill()

    stand_in.restart()

    assert stand_in.url == before[0]
    assert stand_in.pid != before[1]


def test_a_server_that_ends_at_once_says_why(stand_in: Server) -> None:
    stand_in.environment["BROKEN"] = "yes"

    with pytest.raises(AssertionError, match="newer version"):
        stand_in.start()


def test_an_account_comes_with_its_keys(stand_in: Server) -> None:
    stand_in.data.mkdir()

    keys = stand_in.account("Bakery")

    assert keys.account == "Bakery"
    assert keys.secret_key == "sk_test_1"
    assert "sk_test_1" not in repr(keys)


def test_the_official_client_is_bound_to_it(stand_in: Server) -> None:
    client = stand_in.stripe("sk_test_1")

    assert stand_in.url.startswith("http://127.0.0.1:")
    assert client.v1.charges is not None
