"""Envelope encryption of card numbers, and keyed digests. Pure computation: where envelopes are kept is the store's business.

Each card has a data key of its own, which seals the number (AES-256-GCM) and is itself wrapped under the active key of the
keyring (AES key wrap, RFC 3394). The account and the card are authenticated with the number, so that an envelope copied
to another account does not open. A rotation wraps the data key anew and leaves the sealed number as it is.

    envelope = version (1) | length of key id (1) | key id | wrapped data key (40) | nonce (12) | number and tag (35)
"""

import hashlib
import os
from collections.abc import Callable
from typing import Final, Protocol, Self

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from payments_adapters.vault.keyring import KEY_BYTES, Keyring, VaultError
from payments_core.ids import DIGITS
from payments_core.settlement.external_accounts import AccountNumber
from payments_core.tokenization.cards import Pan

VERSION: Final = 1
BANK_VERSION: Final = 2
WRAPPED_BYTES: Final = KEY_BYTES + 8
NONCE_BYTES: Final = 12
NUMBER_BYTES: Final = 19  # the longest number; shorter ones are filled up, so that all envelopes look alike
BANK_NUMBER_BYTES: Final = 34  # the longest IBAN
SEALED_BYTES: Final = {VERSION: NUMBER_BYTES, BANK_VERSION: BANK_NUMBER_BYTES}
TAG_BYTES: Final = 16
FINGERPRINT_LENGTH: Final = 16
BLOCK_BYTES: Final = 64  # of SHA-256


@attrs.frozen(kw_only=True)
class Envelope:
    """The parts of a sealed card."""

    key_id: str
    wrapped: bytes
    nonce: bytes
    sealed: bytes
    version: int = VERSION

    @classmethod
    def read(cls, envelope: bytes) -> Self:
        """Take the bytes apart."""
        if len(envelope) < 2 or envelope[0] not in SEALED_BYTES:
            raise VaultError("This is not a sealed card, or one of a later version.")
        key_end = 2 + envelope[1]
        wrap_end = key_end + WRAPPED_BYTES
        nonce_end = wrap_end + NONCE_BYTES
        if len(envelope) != nonce_end + SEALED_BYTES[envelope[0]] + TAG_BYTES:
            raise VaultError("This is not a sealed card: it does not have the length of one.")
        return cls(
            key_id=envelope[2:key_end].decode("ascii", "replace"),
            wrapped=envelope[key_end:wrap_end],
            nonce=envelope[wrap_end:nonce_end],
            sealed=envelope[nonce_end:],
            version=envelope[0],
        )

    def written(self) -> bytes:
        """The parts as bytes."""
        key_id = self.key_id.encode("ascii")
        return bytes((self.version, len(key_id))) + key_id + self.wrapped + self.nonce + self.sealed


class KeySource(Protocol):
    """Where the keys are kept, if the vault may change them there or read them again."""

    def load(self) -> Keyring:
        """The keys as they are now."""
        ...

    def rotate(self) -> Keyring:
        """Add a wrapping key and make it the active one."""
        ...


class KeyedDigest:
    """HMAC-SHA256 under one key (RFC 2104), begun once.

    `hmac.digest` starts anew for each text, and lets the other threads run before it goes on.
    """

    def __init__(self, key: bytes) -> None:
        assert len(key) <= BLOCK_BYTES, "our derived keys are shorter than a block"
        padded = key.ljust(BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def of(self, text: bytes) -> bytes:
        """The 32 bytes for *text*."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


@attrs.define(eq=False)
class EnvelopeVault:
    """The `Vault` of the core over a keyring."""

    keyring: Keyring
    entropy: Callable[[int], bytes] = attrs.field(default=os.urandom, repr=False)
    """Where data keys and nonces come from. They must never repeat; only a simulation may foresee them."""
    source: KeySource | None = attrs.field(default=None, repr=False)
    """The key file; None where the keys came from the environment."""
    _keyed: dict[str, "KeyedDigest"] = attrs.field(factory=dict, init=False, repr=False, eq=False)

    def seal(self, account_id: str, card_id: str, pan: Pan) -> bytes:
        """Return the envelope that storage may keep."""
        number = pan.reveal().ljust(NUMBER_BYTES).encode("ascii")
        return self._seal(number, _bound_to(account_id, card_id), VERSION)

    def seal_number(self, account_id: str, bank_account_id: str, number: AccountNumber) -> bytes:
        """Return the envelope of a bank account's number."""
        text = number.reveal().ljust(BANK_NUMBER_BYTES).encode("ascii")
        return self._seal(text, _bound_to(account_id, bank_account_id), BANK_VERSION)

    def _seal(self, number: bytes, bound_to: bytes, version: int) -> bytes:
        chance = self.entropy(KEY_BYTES + NONCE_BYTES)
        data_key, nonce = chance[:KEY_BYTES], chance[KEY_BYTES:]
        envelope = Envelope(
            key_id=self.keyring.active,
            wrapped=aes_key_wrap(self.keyring.keys[self.keyring.active], data_key),
            nonce=nonce,
            sealed=AESGCM(data_key).encrypt(nonce, number, bound_to),
            version=version,
        )
        return envelope.written()

    def open(self, account_id: str, card_id: str, sealed: bytes) -> Pan:
        """Return the number; the envelope of another account or card is refused."""
        return Pan(self._open(_bound_to(account_id, card_id), sealed))

    def open_number(self, account_id: str, bank_account_id: str, sealed: bytes) -> AccountNumber:
        """Return a bank account's number; the envelope of another account is refused."""
        return AccountNumber(self._open(_bound_to(account_id, bank_account_id), sealed))

    def number_fingerprint(self, number: AccountNumber) -> str:
        """The same text for the same bank account number, in this installation alone, and no way back."""
        return _short(self.digest("bank_account_fingerprint", number.reveal().encode("ascii")))

    def _open(self, bound_to: bytes, sealed: bytes) -> str:
        envelope = Envelope.read(sealed)
        cipher = AESGCM(self._data_key(envelope))
        try:
            number = cipher.decrypt(envelope.nonce, envelope.sealed, bound_to)
        except InvalidTag:
            raise VaultError("The sealed card was changed, or belongs to another account or card.") from None
        return number.decode("ascii").rstrip()

    def rotate(self) -> str:
        """Make a new wrapping key the active one and return its id."""
        if self.source is None:
            raise VaultError(
                "The keys come from the environment: put a new one first in PAYMENTS_VAULT_KEY, keep the old ones behind "
                "it, restart, and rotate without a new key."
            )
        self.keyring = self.source.rotate()
        return self.keyring.active

    def rewrap(self, sealed: bytes) -> bytes:
        """The same card under the active key. The number is not opened; one under the active key is given back as it is."""
        envelope = Envelope.read(sealed)
        if envelope.key_id == self.keyring.active:
            return sealed
        wrapped = aes_key_wrap(self.keyring.keys[self.keyring.active], self._data_key(envelope))
        return attrs.evolve(envelope, key_id=self.keyring.active, wrapped=wrapped).written()

    def fingerprint(self, pan: Pan) -> str:
        """The same text for the same number, in this installation alone, and no way back."""
        return _short(self.digest("card_fingerprint", pan.reveal().encode("ascii")))

    def digest(self, purpose: str, text: bytes) -> bytes:
        """A keyed digest of 32 bytes; those of two purposes have nothing in common."""
        keyed = self._keyed.get(purpose)
        if keyed is None:
            keyed = self._keyed[purpose] = KeyedDigest(self.keyring.derive(purpose))
        return keyed.of(text)

    def _data_key(self, envelope: Envelope) -> bytes:
        wrapping_key = self.keyring.keys.get(envelope.key_id)
        if wrapping_key is None and self.source is not None:
            # Another process rotated the keys since this one read them.
            self.keyring = self.source.load()
            wrapping_key = self.keyring.keys.get(envelope.key_id)
        if wrapping_key is None:
            raise VaultError("The card was sealed under a key that is not in the keyring.")
        try:
            return aes_key_unwrap(wrapping_key, envelope.wrapped)
        except InvalidUnwrap:
            raise VaultError("The sealed card was changed, or its key is another of the same name.") from None


def _bound_to(account_id: str, card_id: str) -> bytes:
    # With their lengths, so that the end of one is never the beginning of the other.
    parts = [part.encode() for part in ("payments-core/card", account_id, card_id)]
    return b"".join(len(part).to_bytes(4) + part for part in parts)


def _short(digest: bytes) -> str:
    value, digits = int.from_bytes(digest), []
    for _ in range(FINGERPRINT_LENGTH):
        value, digit = divmod(value, len(DIGITS))
        digits.append(DIGITS[digit])
    return "".join(digits)
