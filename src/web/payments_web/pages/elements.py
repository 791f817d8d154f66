"""The browser library and the frame in which its card field lives, so that a merchant's page never sees a card number."""

from typing import Final

import attrs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments_web.pages.assets import Assets
from payments_web.pages.rendering import Renderer
from payments_web.pages.safety import ANYWHERE, headers
from payments_web.pages.showing import BRANDS
from payments_web.pages.wording import Tongue

LIBRARY: Final = "payments.js"
VERSION: Final = "v1"
"""The major version of the library: within one, what works goes on working."""
ACCEPT_MAX: Final = 400
WORDS: Final = (
    "bad_cvc",
    "bad_expiry",
    "bad_number",
    "past_expiry",
    "required",
    "short_number",
    "trouble",
    "cvc_where",
    "cvc_where_amex",
)


@attrs.frozen(eq=False)
class Elements:
    """The library, and the card field's frame."""

    assets: Assets
    renderer: Renderer

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/js/payments.js", self._library, methods=["GET"]),
            Route(f"/js/{VERSION}/payments.js", self._library, methods=["GET"]),
            Route("/c/card", self._frame, methods=["GET"]),
        ]

    async def _library(self, request: Request) -> Response:
        asset = self.assets[LIBRARY]
        told = {
            "access-control-allow-origin": "*",
            "cross-origin-resource-policy": "cross-origin",
            "cache-control": "public, max-age=300",
            "etag": f'"{asset.digest}"',
            "x-content-type-options": "nosniff",
        }
        if request.headers.get("if-none-match") == told["etag"]:
            return Response(status_code=304, headers=told)
        return Response(asset.body, headers=told, media_type=asset.media_type)

    async def _frame(self, request: Request) -> Response:
        """The card field: nothing in it depends on who asks."""
        wanted = request.query_params.get("locale", "")[:20] or None
        tongue = Tongue.of(wanted, request.headers.get("accept-language", "")[:ACCEPT_MAX])
        data = {
            "words": tongue.phrases(WORDS),
            "pictures": {name: self.assets[f"brands/{name}.svg"].url for name in BRANDS},
        }
        page = self.renderer.page("card.html", lang=tongue.language, say=tongue.say, data=data)
        return Response(page, headers=headers(framed_by=ANYWHERE), media_type="text/html")
