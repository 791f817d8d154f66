"""How the vault comes into a gateway: through the same hook as anybody's."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from payments_adapters.vault.envelope import EnvelopeVault
from payments_adapters.vault.key_file import load_keyring, source_of
from payments_adapters.vault.keyring import INSTALLATION_KEY, VAULT_KEY, VaultError
from payments_core.hookspecs import hookimpl

DATA: Final = "PAYMENTS_DATA"
SETTINGS: Final = {"data": DATA, "vault_key": VAULT_KEY, "installation_key": INSTALLATION_KEY}


@hookimpl
def payments_vault(settings: Mapping[str, str]) -> EnvelopeVault:
    """The vault over the keys that settings or environment give, or over the key file in the data folder."""
    told = {name: settings[setting] for setting, name in SETTINGS.items() if settings.get(setting)}
    environ = {**os.environ, **told}
    if DATA not in environ and VAULT_KEY not in environ:
        # Keys made up for the moment would make every card unreadable at the next start.
        raise VaultError(
            "The vault needs its keys, or a data folder to keep them in: set `data` or `vault_key`."
        )
    folder = Path(environ.get(DATA, ""))
    return EnvelopeVault(load_keyring(folder, environ), source=source_of(folder, environ))
