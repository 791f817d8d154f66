"""Message authentication: proof that a message comes from who holds the key, and is whole.

Two algorithms that networks use: the retail MAC (ANSI X9.19, which is ISO 9797-1 algorithm 3 with DES) and AES-CMAC
(NIST SP 800-38B). The code covers every byte up to its own element, which is the last: 64, or 128 when any element
above 64 is present. Not key management: `keys.py` wraps and unwraps keys.
"""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Protocol

import attrs
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

from payments_adapters.iso8583.codec import Codec
from payments_adapters.iso8583.message import Message

BLOCK = 8
ZEROS = bytes(BLOCK)
BLANK = "0" * 16
PRIMARY, SECONDARY = 64, 128


class Mac(Protocol):
    """Eight bytes that only a holder of the key can make."""

    def code(self, data: bytes) -> bytes:
        """Return the code of *data*."""
        ...


@attrs.frozen
class RetailMac:
    """ISO 9797-1 algorithm 3: single DES over all blocks, the last one once more through the other key.

    Padding is method 1, zeros to a whole block, as X9.19 has it.
    """

    key: bytes = attrs.field(repr=False)

    @key.validator
    def _is_two_keys(self, attribute: object, value: bytes) -> None:
        if len(value) != 16:
            raise ValueError("a retail MAC takes a double-length key of 16 bytes")

    def code(self, data: bytes) -> bytes:
        """Return the code of *data*."""
        left, right = self.key[:BLOCK], self.key[BLOCK:]
        padded = data + bytes(-len(data) % BLOCK) or ZEROS
        chained = _cbc(left * 3, ZEROS, padded[:-BLOCK])[-BLOCK:] or ZEROS
        # Encrypt, decrypt, encrypt is what 3DES with the keys left, right, left does to one block.
        return _cbc(left + right + left, chained, padded[-BLOCK:])


@attrs.frozen
class AesCmac:
    """AES-CMAC, cut to its first eight bytes, since the element holds no more."""

    key: bytes = attrs.field(repr=False)

    @key.validator
    def _is_aes(self, attribute: object, value: bytes) -> None:
        if len(value) not in (16, 24, 32):
            raise ValueError("AES takes a key of 16, 24 or 32 bytes")

    def code(self, data: bytes) -> bytes:
        """Return the code of *data*."""
        return self.full_code(data)[:BLOCK]

    def full_code(self, data: bytes) -> bytes:
        """Return all sixteen bytes."""
        context = CMAC(AES(self.key))
        context.update(data)
        return context.finalize()


def seal(message: Message, codec: Codec, mac: Mac) -> bytes:
    """Return *message* packed, with its code in the last element."""
    data = codec.pack(with_blank_code(message))
    covered = data[: -_width(codec)]
    return covered + _written(mac.code(covered), codec)


def is_genuine(message: Message, data: bytes, codec: Codec, mac: Mac) -> bool:
    """Say whether *data*, which was read as *message*, ends in the code that its bytes deserve."""
    if not message.fields or max(message.fields) != _place(message.fields):
        return False
    cut = -_width(codec)
    # Compared as read, since a network may write hexadecimal digits in lower case.
    return compare_digest(mac.code(data[:cut]), bytes.fromhex(message[_place(message.fields)]))


def with_blank_code(message: Message) -> Message:
    """Return the message with zeros where its code belongs, and no code anywhere else."""
    fields = {number: value for number, value in message.fields.items() if number not in (PRIMARY, SECONDARY)}
    fields[_place(fields)] = BLANK
    return Message(message.mti, fields)


def _place(fields: Mapping[int, str]) -> int:
    return SECONDARY if max(fields, default=0) > PRIMARY else PRIMARY


def _width(codec: Codec) -> int:
    return BLOCK if codec.specification.encoding.raw_bytes else BLOCK * 2


def _written(code: bytes, codec: Codec) -> bytes:
    wire = codec.specification.encoding
    return code if wire.raw_bytes else code.hex().upper().encode(wire.text)


def _cbc(key: bytes, start: bytes, data: bytes) -> bytes:
    # 3DES with three equal keys is single DES, which `cryptography` offers in no other way. Like the algorithm
    # itself, CBC is here because the standard says so.
    encryptor = Cipher(TripleDES(key), CBC(start)).encryptor()
    return encryptor.update(data) + encryptor.finalize()
