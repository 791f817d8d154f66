"""The vault's hook: keys from settings, from the environment, or from the data folder."""

import base64
from pathlib import Path
from typing import Final

import pluggy
import pytest

from payments_adapters.vault import EnvelopeVault, VaultError, plugin
from payments_adapters.vault.key_file import NAME
from payments_core import hookspecs

KEY: Final = base64.b64encode(b"1" * 32).decode()


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in plugin.SETTINGS.values():
        monkeypatch.delenv(name, raising=False)


def vault_of(settings: dict[str, str]) -> EnvelopeVault:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin)
    manager.check_pending()
    vault = manager.hook.payments_vault(settings=settings)
    assert isinstance(vault, EnvelopeVault)
    return vault


class TestTheHook:
    def test_makes_a_key_file_in_the_data_folder(self, tmp_path: Path) -> None:
        vault = vault_of({"data": str(tmp_path)})

        assert (tmp_path / NAME).exists()
        assert vault_of({"data": str(tmp_path)}).keyring == vault.keyring

    def test_takes_keys_from_the_settings(self, tmp_path: Path) -> None:
        vault = vault_of({"data": str(tmp_path), "vault_key": f"a:{KEY}", "installation_key": KEY})

        assert vault.keyring.active == "a"
        assert not list(tmp_path.iterdir())

    def test_takes_keys_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PAYMENTS_VAULT_KEY", f"b:{KEY}")
        monkeypatch.setenv("PAYMENTS_INSTALLATION_KEY", KEY)

        assert vault_of({}).keyring.active == "b"

    def test_takes_the_data_folder_from_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PAYMENTS_DATA", str(tmp_path))
        vault_of({})

        assert (tmp_path / NAME).exists()

    def test_makes_up_no_keys_that_nobody_keeps(self) -> None:
        with pytest.raises(VaultError, match="data folder"):
            vault_of({})
