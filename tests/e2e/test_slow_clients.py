"""Two hundred clients that send a byte now and then: they are let go, and nobody else waits for them."""

import socket
import statistics
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.server import Server, running_server

SLOW = 200
GOOD_WITHIN_S = 1.0
LET_GO_WITHIN_S = 30.0


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.mark.slow
def test_slow_headers_and_slow_bodies_hurt_nobody(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    heads = [b"GET /v1/charges HTTP/1.1\r\nHost: a\r\nX-Slow: "]
    bodies = [b"POST /v1/customers HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nname="]
    lines = [_open(server.port, start) for start in (heads + bodies) * (SLOW // 2)]
    stop = threading.Event()
    dripping = threading.Thread(target=_drip, args=(lines, stop), daemon=True)
    dripping.start()

    began, waits = time.monotonic(), []
    while time.monotonic() - began < LET_GO_WITHIN_S:
        at = time.monotonic()
        client.v1.customers.create({"name": "Jenny"})
        waits.append(time.monotonic() - at)
        time.sleep(0.2)
    stop.set()
    dripping.join()
    left = sum(not _is_let_go(line) for line in lines)
    for line in lines:
        line.close()

    assert statistics.quantiles(waits, n=100)[98] < GOOD_WITHIN_S
    assert left == 0, f"{left} of {SLOW} are still connected after {LET_GO_WITHIN_S} s"


def _open(port: int, start: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(start)
    return line


def _drip(lines: list[socket.socket], stop: threading.Event) -> None:
    while not stop.wait(1.0):
        for line in lines:
            try:
                line.send(b"a")
            except OSError:
                continue


def _is_let_go(line: socket.socket) -> bool:
    line.settimeout(0.05)
    try:
        while line.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True
