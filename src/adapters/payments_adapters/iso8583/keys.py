"""The exchange of MAC keys: a new key travels under a key-encrypting key, with a check value.

Wrapping is AES key wrap (RFC 3394), or two-key 3DES in ECB where a network still asks for it. Not a key store:
where the key-encrypting key lives is the installation's affair.
"""

from hmac import compare_digest

import attrs
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from payments_adapters.iso8583.errors import MalformedMessage
from payments_adapters.iso8583.mac import AesCmac, Mac, RetailMac

CHECK_DIGITS = 6


@attrs.frozen
class TripleDesExchange:
    """Double-length keys under a double-length key; the check value encrypts a block of zeros."""

    key: bytes = attrs.field(repr=False)

    def wrap(self, new: bytes) -> str:
        """Return the key block that stands for *new*."""
        wrapped = _tdes(self.key, new, encrypts=True)
        return (wrapped + _tdes(new, bytes(8), encrypts=True)[: CHECK_DIGITS // 2]).hex().upper()

    def unwrap(self, block: str) -> Mac:
        """Return the MAC whose key *block* holds, if its check value is right."""
        data = _bytes(block)
        if len(data) != 16 + CHECK_DIGITS // 2:
            raise MalformedMessage("key block", "not a double-length key and its check value")
        new, check = _tdes(self.key, data[:16], encrypts=False), data[16:]
        if not compare_digest(_tdes(new, bytes(8), encrypts=True)[: CHECK_DIGITS // 2], check):
            raise MalformedMessage("key block", "the check value is wrong")
        return RetailMac(new)


@attrs.frozen
class AesExchange:
    """AES keys under an AES key. The wrapping itself is authenticated, so no check value is needed."""

    key: bytes = attrs.field(repr=False)

    def wrap(self, new: bytes) -> str:
        """Return the key block that stands for *new*."""
        return aes_key_wrap(self.key, new).hex().upper()

    def unwrap(self, block: str) -> Mac:
        """Return the MAC whose key *block* holds."""
        try:
            return AesCmac(aes_key_unwrap(self.key, _bytes(block)))
        except (InvalidUnwrap, ValueError):
            raise MalformedMessage("key block", "not wrapped under our key") from None


KeyExchange = TripleDesExchange | AesExchange


def _bytes(block: str) -> bytes:
    try:
        return bytes.fromhex(block)
    except ValueError:
        raise MalformedMessage("key block", "not hexadecimal") from None


def _tdes(key: bytes, data: bytes, *, encrypts: bool) -> bytes:
    cipher = Cipher(TripleDES(key + key[:8]), ECB())  # noqa: S305 -- the standard's way to wrap a key
    context = cipher.encryptor() if encrypts else cipher.decryptor()
    return context.update(data) + context.finalize()
