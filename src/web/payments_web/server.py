"""The server: one process, one event loop, HTTP/1.1 and HTTP/2, and the worker beside it.

There is no parent process to be killed first: whoever kills this process has killed all of it.
"""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.log import LogLevels
from granian.server.embed import Server

from payments_core.gateway import Gateway
from payments_web.app import App
from payments_web.observing import logs
from payments_web.settings import Settings

Ready = Callable[[Gateway], Awaitable[None]]
"""What is done when the gateway is open, before anybody is listened to."""

HEADER_TIMEOUT_MS = 15_000


@attrs.frozen(kw_only=True)
class Listen:
    """Where and how to listen."""

    host: str = "127.0.0.1"
    port: int = 8420
    certificate: Path | None = None
    key: Path | None = None
    worker: bool = True

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the server."""
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"


def _rest_the_collector() -> None:
    """What is loaded now stays: the cycle collector need not look at it again, nor run for every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def serve(settings: Settings, listen: Listen, ready: Ready) -> None:
    """Serve until SIGTERM or SIGINT; requests that were accepted are answered first."""
    _refuse_a_taken_port(listen)
    settings.make_folder()
    told = settings.for_plugins()
    # Links in objects start with where the server is told to be known, and never with what a request says.
    told.setdefault("base_url", listen.address)
    told.setdefault("log", "json")
    logs.configure(told["log"])
    async with Gateway.open(told) as gateway:
        if listen.worker:
            gateway.worker.start()
        try:
            await ready(gateway)
            app = App(gateway)
            _rest_the_collector()
            await listen_with(app, listen)
        finally:
            await gateway.worker.stop()


def _refuse_a_taken_port(listen: Listen) -> None:
    """The server shares its port with whoever else listens on it; a second gateway must hear of that, not its callers."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((listen.host, listen.port))


async def listen_with(app: Any, listen: Listen) -> None:
    """Listen until SIGTERM or SIGINT, and answer with *app*."""
    server = Server(
        app,
        address=listen.host,
        port=listen.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.auto,
        websockets=False,
        backlog=1024,
        backpressure=1024,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
        http2_settings=HTTP2Settings(max_headers_size=64 * 1024, keep_alive_interval=10_000),
        log_level=LogLevels.warning,
        ssl_cert=listen.certificate,
        ssl_key=listen.key,
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.stop()  # type: ignore[no-untyped-call]
    with contextlib.suppress(asyncio.CancelledError):
        await serving
