"""The card vault: sealed numbers, keyed digests, the keys they hang on, security codes for a moment. It stores nothing."""

from payments_adapters.vault.cvc import CvcMemory
from payments_adapters.vault.envelope import EnvelopeVault
from payments_adapters.vault.key_file import load_keyring
from payments_adapters.vault.keyring import Keyring, VaultError

__all__ = ["CvcMemory", "EnvelopeVault", "Keyring", "VaultError", "load_keyring"]
