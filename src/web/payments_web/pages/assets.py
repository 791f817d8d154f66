"""Scripts, styles and pictures of the pages: read once, named by their contents, with the digest that browsers check them by."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER: Final = Path(__file__).parent / "static"
PLACE: Final = "/c/static"
FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@attrs.frozen
class Asset:
    """One file."""

    name: str
    body: bytes = attrs.field(repr=False)
    media_type: str
    digest: str

    @property
    def integrity(self) -> str:
        """What a browser checks before it runs the file."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.body).digest()).decode()

    @property
    def url(self) -> str:
        """Where it is; another content has another address, so that it may be kept for ever."""
        return f"{PLACE}/{self.digest}/{self.name}"


@attrs.frozen
class Assets:
    """All files, by name."""

    by_name: Mapping[str, Asset]

    @classmethod
    def load(cls) -> "Assets":
        """Read them all."""
        paths = sorted(path for path in FOLDER.rglob("*") if path.suffix in _TYPES)
        return cls({asset.name: asset for asset in map(_read, paths)})

    def __getitem__(self, name: str) -> Asset:
        return self.by_name[name]

    def routes(self) -> list[Route]:
        """Where browsers find them."""
        return [Route(PLACE + "/{digest}/{name:path}", self._serve, methods=["GET"])]

    async def _serve(self, request: Request) -> Response:
        asset = self.by_name.get(request.path_params["name"])
        if asset is None or asset.digest != request.path_params["digest"]:
            return Response("Not found", status_code=404, media_type="text/plain")
        return Response(
            asset.body,
            media_type=asset.media_type,
            headers={
                "cache-control": FOREVER,
                "x-content-type-options": "nosniff",
                "cross-origin-resource-policy": "same-origin",
            },
        )


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(
        name=path.relative_to(FOLDER).as_posix(),
        body=body,
        media_type=_TYPES[path.suffix],
        digest=hashlib.sha256(body).hexdigest()[:16],
    )
