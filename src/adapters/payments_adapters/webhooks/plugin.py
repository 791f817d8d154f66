"""The courier, through the same door as anybody's."""

import ssl
from collections.abc import Mapping

from payments_adapters.webhooks.courier import TIMEOUT_S, HttpCourier
from payments_core.hookspecs import hookimpl

TIMEOUT_MAX_S = 30.0
YES = ("1", "true", "yes", "on")


@hookimpl(trylast=True)
def payments_courier(settings: Mapping[str, str]) -> HttpCourier:
    """The HTTP courier. `webhooks_allow_private`, `webhooks_timeout` (seconds) and `webhooks_ca` (a PEM file) are its settings."""
    authorities = settings.get("webhooks_ca")
    timeout_s = float(settings.get("webhooks_timeout") or TIMEOUT_S)
    if not 0 < timeout_s <= TIMEOUT_MAX_S:
        # A claim on a delivery lasts 45 seconds: whoever waits longer would have it sent twice.
        raise ValueError(f"webhooks_timeout is more than 0 and at most {TIMEOUT_MAX_S:g} seconds")
    return HttpCourier(
        private_too=settings.get("webhooks_allow_private", "").lower() in YES,
        timeout_s=timeout_s,
        tls=ssl.create_default_context(cafile=authorities) if authorities else None,
    )
