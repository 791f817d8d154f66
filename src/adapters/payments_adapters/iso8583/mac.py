"""Message authentication: proof that a message comes from who holds the key, and is whole.

Two algorithms that networks use: the retail MAC (ANSI X9.19, which is ISO 9797-1 algorithm 3 with DES) and AES-CMAC
(NIST SP 800-38B). The code covers every byte up to its own element, which is the last: 64, or 128 when any element
above 64 is present. Not key management: `keys.py` wraps and unwraps keys.
"""

from collections.abc import Mapping
from hmac import compare_digest
from threading import Lock
from typing import Protocol

import attrs
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
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


# Checked as converters, which run before the ciphers below are made of the key.
def _double_length(key: bytes) -> bytes:
    if len(key) != 2 * BLOCK:
        raise ValueError("a retail MAC takes a double-length key of 16 bytes")
    return key


def _aes_length(key: bytes) -> bytes:
    if len(key) not in (16, 24, 32):
        raise ValueError("AES takes a key of 16, 24 or 32 bytes")
    return key


@attrs.frozen(eq=False)
class _Chain:
    """CBC from a zero start, over and over with one cipher context, since making one costs more than using it.

    A context goes on from the last block it made, so that block is taken out of the next first one again.
    """

    key: bytes = attrs.field(repr=False)
    _context: CipherContext = attrs.field(init=False)
    _last: list[bytes] = attrs.field(factory=lambda: [ZEROS], init=False)
    _turn: Lock = attrs.field(factory=Lock, init=False)

    @_context.default
    def _new_context(self) -> CipherContext:
        # 3DES with three equal keys is single DES, which `cryptography` offers in no other way. Like the algorithm
        # itself, CBC is here because the standard says so.
        return Cipher(TripleDES(self.key * 3), CBC(ZEROS)).encryptor()

    def last_block(self, data: bytes) -> bytes:
        """Return the last block of *data*, enciphered."""
        with self._turn:
            made = self._context.update(_xor(self._last[0], data[:BLOCK]) + data[BLOCK:])
            self._last[0] = made[-BLOCK:]
            return self._last[0]


@attrs.frozen
class RetailMac:
    """ISO 9797-1 algorithm 3: single DES over all blocks, the last one once more through the other key.

    Padding is method 1, zeros to a whole block, as X9.19 has it.
    """

    key: bytes = attrs.field(repr=False, converter=_double_length)
    _chain: _Chain = attrs.field(init=False, repr=False, eq=False)
    _both: CipherContext = attrs.field(init=False, repr=False, eq=False)

    def code(self, data: bytes) -> bytes:
        """Return the code of *data*."""
        padded = data + bytes(-len(data) % BLOCK) or ZEROS
        body, last = padded[:-BLOCK], padded[-BLOCK:]
        # Encrypt, decrypt, encrypt is what 3DES with the keys left, right, left does to one block.
        return self._both.update(_xor(self._chain.last_block(body), last) if body else last)

    @_chain.default
    def _new_chain(self) -> _Chain:
        return _Chain(self.key[:BLOCK])

    @_both.default
    def _new_both(self) -> CipherContext:
        return Cipher(TripleDES(self.key + self.key[:BLOCK]), ECB()).encryptor()  # noqa: S305 -- one block, no mode


@attrs.frozen
class AesCmac:
    """AES-CMAC, cut to its first eight bytes, since the element holds no more."""

    key: bytes = attrs.field(repr=False, converter=_aes_length)
    _started: CMAC = attrs.field(init=False, repr=False, eq=False)

    def code(self, data: bytes) -> bytes:
        """Return the code of *data*."""
        return self.full_code(data)[:BLOCK]

    def full_code(self, data: bytes) -> bytes:
        """Return all sixteen bytes."""
        context = self._started.copy()
        context.update(data)
        return context.finalize()

    @_started.default
    def _start(self) -> CMAC:
        return CMAC(AES(self.key))


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


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(BLOCK, "big")
