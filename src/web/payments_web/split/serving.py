"""Serving as a gateway: no storage, no worker, only the backends and the shared secret."""

import asyncio
from collections.abc import Sequence

from payments_core.clock import SystemClock
from payments_web.server import Listen, listen_with
from payments_web.settings import Settings
from payments_web.split.gateway import GatewayApp
from payments_web.split.remote import Backend
from payments_web.split.signing import fit


async def serve_gateway(settings: Settings, listen: Listen, urls: Sequence[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    key = fit(settings.others.get("split_secret", ""))
    backends = [Backend.at(url, key, SystemClock()) for url in urls]
    print(f"payments-core gateway listens on {listen.address}", flush=True)  # noqa: T201 - as `serve` does
    try:
        await listen_with(GatewayApp(backends), listen)
    finally:
        await asyncio.gather(*(backend.close() for backend in backends))
