"""The courier, through the same door as anybody's."""

import ssl
from collections.abc import Mapping

from payments_adapters.webhooks.courier import TIMEOUT_S, HttpCourier
from payments_core.hookspecs import hookimpl

YES = ("1", "true", "yes", "on")


@hookimpl(trylast=True)
def payments_courier(settings: Mapping[str, str]) -> HttpCourier:
    """The HTTP courier. `webhooks_allow_private`, `webhooks_timeout` (seconds) and `webhooks_ca` (a PEM file) are its settings."""
    authorities = settings.get("webhooks_ca")
    return HttpCourier(
        private_too=settings.get("webhooks_allow_private", "").lower() in YES,
        timeout_s=float(settings.get("webhooks_timeout") or TIMEOUT_S),
        tls=ssl.create_default_context(cafile=authorities) if authorities else None,
    )
