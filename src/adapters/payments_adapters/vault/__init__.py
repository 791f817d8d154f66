"""The card vault: sealed numbers, keyed digests, and the keys they hang on. It stores nothing."""

from payments_adapters.vault.envelope import EnvelopeVault
from payments_adapters.vault.key_file import load_keyring
from payments_adapters.vault.keyring import Keyring, VaultError

__all__ = ["EnvelopeVault", "Keyring", "VaultError", "load_keyring"]
