"""An acquirer that forwards to Stripe, or to anything that speaks its API. Enabled by `network=stripe`.

Settings: `stripe_key`, a secret key; `stripe_url`, where the API is if not at Stripe. How references find their way: ours is
the upstream's idempotency key, its `transfer_group` (charges) and its `metadata.reference` (refunds), so that an inquiry
finds a message whose sender has died. The network reference is the upstream's charge.
"""

from collections.abc import Iterable, Mapping

from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ids import Ids
from payments_core.payments.routing import is_enabled
from payments_core.ports import Acquirer, Store

NAME = "stripe"


@hookimpl
def payments_acquirers(
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Acquirer]:
    """Bring the acquirer to gateways that name it."""
    if not is_enabled(settings, NAME):
        return []
    from payments_stripe.acquirer import StripeAcquirer

    if not settings.get("stripe_key"):
        raise ValueError("the acquirer `stripe` needs the setting stripe_key")
    return [StripeAcquirer.of(settings["stripe_key"], settings.get("stripe_url"))]
