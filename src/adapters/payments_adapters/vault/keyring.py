"""The keys of an installation: those that wrap the cards' keys, by id, and the one from which all others are derived.

The wrapping keys are rotated. The installation key is not: fingerprints, and the digests of API keys, must outlive every
rotation. Where the keys are kept on disk is `key_file`'s business.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final, Self

import attrs
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from payments_core.errors import PaymentsError

VAULT_KEY: Final = "PAYMENTS_VAULT_KEY"
INSTALLATION_KEY: Final = "PAYMENTS_INSTALLATION_KEY"
KEY_BYTES: Final = 32
UNNAMED: Final = "default"
"""The id of a wrapping key that was given without one."""


class VaultError(PaymentsError):
    """The vault cannot work with what it was given. Neither keys nor card data appear in the message."""


def _copied(keys: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return dict(keys)


@attrs.frozen(kw_only=True)
class Keyring:
    """Wrapping keys by id, one of them active, and the installation key."""

    active: str
    keys: Mapping[str, bytes] = attrs.field(repr=False, hash=False, converter=_copied)
    installation_key: bytes = attrs.field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read `id:key,id:key` (the first is active) and the installation key; both are base64."""
        missing = [name for name in (VAULT_KEY, INSTALLATION_KEY) if not environ.get(name, "").strip()]
        if missing:
            raise VaultError(
                f"{VAULT_KEY} and {INSTALLATION_KEY} belong together, and {missing[0]} is not set."
            )
        keys: dict[str, bytes] = {}
        for part in environ[VAULT_KEY].split(","):
            key_id, colon, text = part.strip().rpartition(":")
            name = key_id if colon else UNNAMED
            if name in keys:
                raise VaultError(f"{VAULT_KEY} names the key {name!r} twice.")
            keys[name] = decoded(text, VAULT_KEY)
        installation_key = decoded(environ[INSTALLATION_KEY], INSTALLATION_KEY)
        return cls(active=next(iter(keys)), keys=keys, installation_key=installation_key)

    def __attrs_post_init__(self) -> None:
        if self.active not in self.keys:
            raise VaultError("The active key is not among the keys.")
        if not all(re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", key_id) for key_id in self.keys):
            raise VaultError("The id of a key is 1 to 64 letters, digits, dots, dashes or underscores.")
        if any(len(key) != KEY_BYTES for key in (*self.keys.values(), self.installation_key)):
            raise VaultError(f"A key has {KEY_BYTES} bytes.")

    def derive(self, label: str) -> bytes:
        """The key of 32 bytes for the purpose *label*: the same for ever, and no way from one to another."""
        info = b"payments-core/" + label.encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self.installation_key)


def decoded(text: str, where: str) -> bytes:
    """The key that *text* is in base64."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise VaultError(f"A key in {where} is not base64.") from None
    if len(key) != KEY_BYTES:
        raise VaultError(f"A key in {where} does not have {KEY_BYTES} bytes.")
    return key
