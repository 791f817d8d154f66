"""The network in a box, through the same door as anybody's simulator: `payments simulate network`."""

from collections.abc import Iterable, Mapping

from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ids import Ids
from payments_core.ports import Simulator, Store


@hookimpl
def payments_simulators(
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Simulator]:
    """A card network with one bank, over *store*."""
    from payments_adapters.network_box.box import NetworkBox

    return [NetworkBox.of(settings, store, clock, ids)]
