"""Bank rails, through the same door as anybody's plugin. The setting `bank_rail` says which one payouts take.

The rails of files are there when their senders are set: `nacha_routing` and `nacha_company_id` for NACHA, `iso20022_iban` and
`iso20022_bic` for ISO 20022. Files go to `bank_files`, or to `bank` in the data folder.
"""

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from payments_adapters.bank_rails.folder import OutboxFolder
from payments_adapters.bank_rails.sandbox import SandboxRail
from payments_core.clock import Clock
from payments_core.hookspecs import hookimpl
from payments_core.ports import BankRail


@hookimpl
def payments_bank_rails(settings: Mapping[str, str], clock: Clock) -> Iterable[BankRail]:
    """The simulated bank, and the files whose senders are known."""
    rails: list[BankRail] = [SandboxRail()]
    folder = Path(settings.get("bank_files") or Path(settings.get("data", ".")) / "bank")
    if "nacha_routing" in settings and find_spec("achkit"):
        rails.append(_nacha(settings, folder, clock))
    if "iso20022_iban" in settings and find_spec("pyiso20022"):
        rails.append(_iso20022(settings, folder, clock))
    return rails


def _nacha(settings: Mapping[str, str], folder: Path, clock: Clock) -> BankRail:
    from payments_adapters.bank_rails.nacha import NachaRail, Originator

    sender = Originator(
        routing=settings["nacha_routing"],
        company_id=settings.get("nacha_company_id", ""),
        name=settings.get("nacha_name", "PAYMENTS"),
        bank=settings.get("nacha_bank", ""),
    )
    return NachaRail(outbox=OutboxFolder(folder, ".ach"), originator=sender, clock=clock)


def _iso20022(settings: Mapping[str, str], folder: Path, clock: Clock) -> BankRail:
    from payments_adapters.bank_rails.iso20022 import Debtor, Iso20022Rail

    debtor = Debtor(
        name=settings.get("iso20022_name", "Payments"),
        iban=settings["iso20022_iban"],
        bic=settings.get("iso20022_bic", ""),
    )
    return Iso20022Rail(outbox=OutboxFolder(folder, ".xml"), debtor=debtor, clock=clock)
