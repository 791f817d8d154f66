"""Bank rails, through the same door as anybody's plugin. The setting `bank_rail` says which one payouts take."""

from collections.abc import Iterable, Mapping

from payments_adapters.bank_rails.sandbox import SandboxRail
from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ports import BankRail


@hookimpl
def payments_bank_rails(settings: Mapping[str, str], clock: Clock) -> Iterable[BankRail]:
    """The simulated bank, and the files of `settings["bank_files"]` or `bank` in the data folder."""
    return [SandboxRail()]
