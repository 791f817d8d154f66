"""The sandbox, through the same door as anybody's plugin: its acquirer, its test tokens, what its cards are."""

from collections.abc import Iterable, Mapping

from payments_adapters.sandbox.acquirer import SandboxAcquirer
from payments_adapters.sandbox.authentication import authenticate
from payments_adapters.sandbox.cardholders import documented
from payments_adapters.sandbox.issuer import Issuer
from payments_adapters.sandbox.network import Network
from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ids import Ids
from payments_core.payments.routing import is_enabled
from payments_core.ports import Acquirer, Store
from payments_core.rules import AuthenticationContext, AuthenticationVerdict, BinFacts
from payments_core.tokenization.cards import CardInput

ENABLED_BY = "sandbox"


@hookimpl
def payments_acquirers(
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Acquirer]:
    """The simulated network, unless `settings["network"]` names others only."""
    if not is_enabled(settings, ENABLED_BY):
        return []
    return [sandbox(store, clock, ids)]


@hookimpl
def payments_test_card(token: str) -> CardInput | None:
    """The card behind `tok_visa`, `pm_card_visa` and the like."""
    return documented().tokens.get(token)


@hookimpl(trylast=True)
def payments_authenticate(context: AuthenticationContext) -> AuthenticationVerdict | None:
    """What 3-D Secure asks of the holders of the documented test cards."""
    return authenticate(context)


@hookimpl(trylast=True)
def payments_bin_facts(bin_digits: str, last4: str) -> BinFacts | None:
    """Funding and country of the documented test cards."""
    return documented().facts.get((bin_digits, last4))


def sandbox(store: Store, clock: Clock, ids: Ids) -> SandboxAcquirer:
    """The sandbox with the documented cardholders at its one bank."""
    issuer = Issuer.of(documented().cardholders, store, clock, ids)
    return SandboxAcquirer(Network((issuer,), clock))
