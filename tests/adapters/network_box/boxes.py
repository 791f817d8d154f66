"""Boxes and acquirers on the other side of a real socket, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from payments_adapters.iso8583.connector import Iso8583Acquirer
from payments_adapters.iso8583.conversation import Terms
from payments_adapters.iso8583.line import Line
from payments_adapters.network_box.box import NetworkBox
from payments_core.clock import SystemClock
from payments_core.ids import RandomIds
from payments_core.ports import Store
from payments_core.testing.memory import MemoryStore

KEY = "000102030405060708090A0B0C0D0E0F"
QUICK = "0.6"


@asynccontextmanager
async def a_box(store: Store | None = None, **settings: str) -> AsyncIterator[tuple[NetworkBox, int]]:
    """A box on a port of its own."""
    box = NetworkBox.of(settings, store or MemoryStore(), SystemClock(), RandomIds())
    port = await box.open("127.0.0.1", 0)
    try:
        yield box, port
    finally:
        await box.close()


@asynccontextmanager
async def an_acquirer(port: int, **settings: str) -> AsyncIterator[Iso8583Acquirer]:
    """An acquirer that is connected to a port."""
    settings = {"iso8583_timeout": QUICK, **settings, "iso8583_hosts": f"127.0.0.1:{port}"}
    acquirer = Iso8583Acquirer.of(Line.of(settings), Terms())
    await acquirer.open()
    try:
        yield acquirer
    finally:
        await acquirer.close()


@asynccontextmanager
async def a_line(**settings: Any) -> AsyncIterator[Iso8583Acquirer]:
    """An acquirer and the box behind it, of the same settings."""
    async with a_box(**settings) as (_, port), an_acquirer(port, **settings) as acquirer:
        yield acquirer
