"""GraphiQL at `/graphiql`: a page for people who look around. All of it comes from this server, and no key is kept."""

from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".html": "text/html; charset=utf-8"}
ASSETS: Final = ("graphiql.css", "graphiql.js", "page.css", "page.js", "react.js", "react-dom.js")
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
        "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def routes() -> list[Route]:
    """The page and what it is made of."""
    return [Route("/graphiql", _page), Route("/graphiql/{name}", _asset)]


async def _page(request: Request) -> Response:
    return _served("page.html", "no-store")


async def _asset(request: Request) -> Response:
    name: str = request.path_params["name"]
    return _served(name, "max-age=86400") if name in ASSETS else Response(status_code=404)


def _served(name: str, kept: str) -> Response:
    body, packed = _read(name)
    headers = {**HEADERS, "cache-control": kept}
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(body, media_type=KINDS[name[name.rindex(".") :]], headers=headers)


@cache
def _read(name: str) -> tuple[bytes, bool]:
    folder = files("payments_web") / "static" / "graphiql"
    packed = folder / f"{name}.gz"
    return (packed.read_bytes(), True) if packed.is_file() else ((folder / name).read_bytes(), False)
