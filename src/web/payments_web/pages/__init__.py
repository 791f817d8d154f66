"""Pages for payers: the checkout, the 3-D Secure challenge of the sandbox, the browser library and what they are drawn with.

Server-rendered, without cookies, and without anything from third parties. `routes` is all that the application mounts.
"""

from starlette.routing import Route

from payments_core.gateway import Gateway
from payments_web.pages.assets import Assets
from payments_web.pages.challenge import ChallengePages
from payments_web.pages.checkout import CheckoutPages
from payments_web.pages.elements import Elements
from payments_web.pages.invoice import InvoicePages
from payments_web.pages.rendering import Renderer


def routes(gateway: Gateway) -> list[Route]:
    """The pages of *gateway*."""
    assets = Assets.load()
    renderer = Renderer.over(assets)
    return [
        *CheckoutPages(gateway, renderer, assets).routes(),
        *ChallengePages(gateway, renderer).routes(),
        *InvoicePages(gateway, renderer, assets).routes(),
        *Elements(assets, renderer).routes(),
        *assets.routes(),
    ]
