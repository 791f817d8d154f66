"""The yardstick: a bare Starlette endpoint on the same server that decodes the same form and answers as much JSON."""

import asyncio
import sys
from typing import Any
from urllib.parse import parse_qsl

import orjson
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = {f"field_{number}": "x" * 32 for number in range(50)}


def unflatten(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Bracketed names as nested dicts, without any care."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = name.replace("]", "").split("[")
        here = tree
        for part in path:
            here = here.setdefault(part, {})
        here[last] = value
    return tree


async def echo(request: Request) -> Response:
    """Decode the form, answer 2.4 kB of JSON."""
    tree = unflatten(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    return Response(orjson.dumps({**ANSWER, "metadata": tree.get("metadata")}), media_type="application/json")


async def serve(port: int) -> None:
    """Serve until killed."""
    app = Starlette(routes=[Route("/v1/charges", echo, methods=["POST"])])
    server = Server(
        app,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.auto,
        websockets=False,
        log_level=LogLevels.warning,
    )
    await server.serve()


if __name__ == "__main__":
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(int(sys.argv[1])))
    else:
        uvloop.run(serve(int(sys.argv[1])))
