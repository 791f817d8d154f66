"""The key file of an installation that keeps its keys beside its data: made once, readable by its owner alone.

Whoever has this file and the database has the card numbers. In production the keys come from the environment, out of a
secret store, and this file does not exist.
"""

import base64
import contextlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from payments_adapters.vault.keyring import (
    INSTALLATION_KEY,
    KEY_BYTES,
    VAULT_KEY,
    Keyring,
    VaultError,
    decoded,
)

NAME: Final = "vault-keys.json"


@attrs.frozen
class KeyFile:
    """The key file of a data folder, as a place to read the keys again and to rotate them."""

    folder: Path

    def load(self) -> Keyring:
        """The keys as they are now."""
        return load(self.folder / NAME)

    def rotate(self) -> Keyring:
        """Add a wrapping key and make it the active one."""
        return rotate(self.folder)


def source_of(folder: Path, environ: Mapping[str, str]) -> KeyFile | None:
    """The key file, unless the keys come from the environment."""
    return None if VAULT_KEY in environ or INSTALLATION_KEY in environ else KeyFile(folder)


def load_keyring(folder: Path, environ: Mapping[str, str]) -> Keyring:
    """The keys of the environment, if it names any; else those of the key file in *folder*, made when there is none."""
    if VAULT_KEY in environ or INSTALLATION_KEY in environ:
        return Keyring.from_environment(environ)
    return load_or_create(folder)


def load_or_create(folder: Path) -> Keyring:
    """The keys in *folder*. Of several processes that find none, one makes them and all get the same."""
    path = folder / NAME
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _publish(path, _new_keyring())
    return load(path)


def load(path: Path) -> Keyring:
    """The keys in the file. A file that is damaged, or that others may read, is refused and left as it is."""
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise VaultError(f"{path} can be read by others than its owner; chmod 600 makes it private.")
    try:
        written: dict[str, Any] = json.loads(path.read_bytes())
        keys = {key_id: decoded(text, path.name) for key_id, text in written["keys"].items()}
        installation_key = decoded(written["installation_key"], path.name)
        return Keyring(active=written["active"], keys=keys, installation_key=installation_key)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise VaultError(f"{path} is not a key file, or is damaged.") from None


def rotate(folder: Path) -> Keyring:
    """Add a wrapping key and make it the active one. The old ones stay, for what they have wrapped."""
    path = folder / NAME
    with _alone(path):
        keyring = load(path)
        key_id = _new_id()
        keys = {key_id: secrets.token_bytes(KEY_BYTES), **keyring.keys}
        keyring = attrs.evolve(keyring, active=key_id, keys=keys)
        with _written(path, keyring) as temporary:
            temporary.replace(path)
    return keyring


def _publish(path: Path, keyring: Keyring) -> None:
    """Let the whole file appear at once, unless another one is there already."""
    with _written(path, keyring) as temporary, contextlib.suppress(FileExistsError):
        # A link, and not a rename, which would replace what another process has made and used meanwhile.
        path.hardlink_to(temporary)


@contextlib.contextmanager
def _written(path: Path, keyring: Keyring) -> Iterator[Path]:
    """A private file beside *path*, on disk before it is used; what is done with it is on disk when this ends."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_encoded(keyring))
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the right to rewrite the file: of two rotations at once, one would lose its key, and the cards under it."""
    lock = path.with_name(f".{path.name}.lock")
    try:
        os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise VaultError(f"Another rotation is at work. If it died, remove {lock}.") from None
    try:
        yield
    finally:
        lock.unlink()


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _new_keyring() -> Keyring:
    key_id = _new_id()
    return Keyring(
        active=key_id,
        keys={key_id: secrets.token_bytes(KEY_BYTES)},
        installation_key=secrets.token_bytes(KEY_BYTES),
    )


def _new_id() -> str:
    # By chance and not by number: a card from another installation is then recognized by the id of its key.
    return f"k_{secrets.token_hex(4)}"


def _encoded(keyring: Keyring) -> bytes:
    text = {
        "active": keyring.active,
        "keys": {key_id: base64.b64encode(key).decode() for key_id, key in keyring.keys.items()},
        "installation_key": base64.b64encode(keyring.installation_key).decode(),
    }
    return json.dumps(text, indent=2).encode() + b"\n"
