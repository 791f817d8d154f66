"""Asks the web application in this process: one request in, one answer out, without a socket."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import attrs

from payments_web.app import App


@attrs.frozen
class Told:
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def form(tree: Any, prefix: str = "") -> list[tuple[str, str]]:
    """A tree as the fields of a bracketed form."""
    match tree:
        case Mapping():
            pairs = [(f"{prefix}[{key}]" if prefix else str(key), value) for key, value in tree.items()]
        case list() | tuple():
            pairs = [(f"{prefix}[{number}]", value) for number, value in enumerate(tree)]
        case bool():
            return [(prefix, str(tree).lower())]
        case _:
            return [(prefix, str(tree))]
    return [field for name, value in pairs for field in form(value, name)]


def encoded(tree: Mapping[str, Any]) -> bytes:
    """A tree as a form's bytes."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in form(tree)).encode()


async def ask(
    app: App,
    method: str,
    path: str,
    params: Mapping[str, Any] | bytes = b"",
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    client: str = "203.0.113.7",
) -> Told:
    """Send one request as a client with *key*."""
    text = params if isinstance(params, bytes) else encoded(params)
    body, query = (text, b"") if method == "POST" else (b"", text)
    lines = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
    if key is not None:
        lines["authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in lines.items()],
        "client": (client, 50_000),
        "http_version": "1.1",
        "scheme": "http",
    }
    await app(scope, receive, send)
    told = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Told(sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:]))
