"""A merchant's receiver of webhooks on loopback: it keeps what it gets, and behaves as well or as badly as a test says."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

Behaviour = Callable[[int], int]
"""From the number of the request, the first one being 0, to the status to answer; it may take its time."""


@attrs.frozen
class Received:
    """One request, and when it came."""

    at: float
    body: bytes
    headers: dict[str, str]

    @property
    def signature(self) -> str:
        return self.headers["Stripe-Signature"]


@attrs.define(eq=False)
class Receiver:
    """What has come so far."""

    port: int
    received: list[Received] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def wait_for(self, count: int, within_s: float = 10.0) -> list[Received]:
        """Wait until *count* requests have come."""
        until = time.monotonic() + within_s
        while len(self.received) < count:
            assert time.monotonic() < until, f"{len(self.received)} of {count} requests came"
            time.sleep(0.01)
        return list(self.received)


@contextmanager
def a_receiver(behaviour: Behaviour = lambda number: 200, **headers: str) -> Iterator[Receiver]:
    """Run a receiver for as long as the block lasts."""
    receiver = Receiver(0)
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            number = len(receiver.received)
            receiver.received.append(Received(time.time(), body, dict(self.headers)))
            status = behaviour(number)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the library
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A connection that ends early is part of many tests."""

    server = Server(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def hang(seconds: float) -> Behaviour:
    """Take so long for every request."""

    def wait(number: int) -> int:
        time.sleep(seconds)
        return 200

    return wait
