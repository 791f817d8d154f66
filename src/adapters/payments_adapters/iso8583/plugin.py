"""The ISO 8583 connector, through the same door as anybody's plugin. Enabled by `network=iso8583`."""

from collections.abc import Iterable, Mapping

from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ids import Ids
from payments_core.payments.routing import is_enabled
from payments_core.ports import Acquirer, Store

NAME = "iso8583"


@hookimpl
def payments_acquirers(
    settings: Mapping[str, str], store: Store, clock: Clock, ids: Ids
) -> Iterable[Acquirer]:
    """The acquirer at `settings["iso8583_hosts"]`; `line.py` and docs/iso8583.md say what else can be set."""
    if not is_enabled(settings, NAME):
        return []
    from payments_adapters.iso8583.connector import Iso8583Acquirer
    from payments_adapters.iso8583.conversation import Terms
    from payments_adapters.iso8583.line import Line

    terms = Terms(
        acquirer=settings.get("iso8583_acquirer", ""),
        terminal=settings.get("iso8583_terminal", "GATEWAY1"),
        category=settings.get("iso8583_category", "5999"),
    )
    return [Iso8583Acquirer.of(Line.of(settings), terms)]
