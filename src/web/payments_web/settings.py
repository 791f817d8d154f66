"""Settings: what the command line and the environment say, in the words that plugins read."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

DATA_DEFAULT: Final = "payments-data"
PREFIX: Final = "PAYMENTS_"


@attrs.frozen(kw_only=True)
class Settings:
    """Where things are, and everything else by name."""

    data: Path
    database: str
    others: Mapping[str, str]

    @classmethod
    def read(cls, *, database: str | None = None, environ: Mapping[str, str] | None = None) -> "Settings":
        """From the arguments, then from `PAYMENTS_…` variables, then the embedded default under `./payments-data`."""
        environ = os.environ if environ is None else environ
        data = Path(environ.get(PREFIX + "DATA") or DATA_DEFAULT)
        url = database or environ.get(PREFIX + "DATABASE") or f"sqlite:///{data / 'payments.db'}"
        others = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environ.items()
            if name.startswith(PREFIX) and name not in (PREFIX + "DATA", PREFIX + "DATABASE")
        }
        return cls(data=data, database=url, others=others)

    def for_plugins(self, **more: str) -> dict[str, str]:
        """As plugins get them: flat, lower case, text."""
        return {**self.others, "data": str(self.data), "database": self.database, **more}

    def with_more(self, **more: str) -> "Settings":
        """The same with further settings."""
        return attrs.evolve(self, others={**self.others, **more})

    def make_folder(self) -> None:
        """Make the data folder, for the owner's eyes only."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)


def for_live(settings: Settings) -> Settings:
    """The settings with live merchants served, or an end that says what stands against it."""
    networks = settings.others.get("network", "sandbox").replace(",", " ").split()
    if "sandbox" in networks:
        sys.exit(
            "payments: live merchants are not served on the sandbox network: set PAYMENTS_NETWORK to another"
        )
    if settings.others.get("bank_rail", "sandbox") == "sandbox":
        sys.exit("payments: live payouts do not go to the simulated bank: set PAYMENTS_BANK_RAIL to another")
    if not settings.others.get("vault_key"):
        sys.exit("payments: live cards are not kept under a key beside them: set PAYMENTS_VAULT_KEY")
    return attrs.evolve(settings, others={**settings.others, "live": "1"})
