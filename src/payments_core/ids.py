"""Public ids: a prefix, and 22 base-62 digits of 48 bits of milliseconds, 8 bits of order and 72 random bits.

Ids sort by time (within one process strictly), need no coordination between processes, and cannot be guessed. Storage keeps
the 16 bytes; people and clients see the text.
"""

import secrets
from collections.abc import Callable
from typing import Final, Protocol

import attrs

from payments_core.clock import Clock, SystemClock

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH: Final = 22
_PAIRS: Final = [high + low for high in DIGITS for low in DIGITS]
_PAIR: Final = len(_PAIRS)
_PAIR_VALUE: Final = {pair: value for value, pair in enumerate(_PAIRS)}
_2, _4, _6, _12 = (len(DIGITS) ** count for count in (2, 4, 6, 12))
RANDOM_BITS: Final = 72
ORDER_BITS: Final = 8
_MINUTE: Final = 60_000 << ORDER_BITS


class Ids(Protocol):
    """Makes ids and secrets. Chance comes in from here alone, so that a seeded simulation replays exactly."""

    def new(self, prefix: str) -> str:
        """A new id, `prefix_` and 22 digits, later than all that this object made before."""
        ...

    def secret(self, length: int = 24) -> str:
        """Unguessable base-62 text for keys and client secrets."""
        ...


@attrs.define
class Entropy:
    """The operating system's randomness, fetched some kilobytes at a time; each byte is used once."""

    _bytes: bytes = b""
    _at: int = 0

    def randbits(self, count: int) -> int:
        """A random number of *count* bits, a multiple of eight."""
        size, at = count >> 3, self._at
        if at + size > len(self._bytes):
            self._bytes, at = secrets.token_bytes(max(4096, size)), 0
        self._at = end = at + size
        return int.from_bytes(self._bytes[at:end], "big")


@attrs.define
class RandomIds:
    """Ids from the operating system's randomness and a clock."""

    clock: Clock = attrs.field(factory=SystemClock)
    randbits: Callable[[int], int] = attrs.field(factory=lambda: Entropy().randbits)
    _last: int = 0

    def new(self, prefix: str) -> str:
        """A new id, `prefix_` and 22 digits."""
        moment, last = self.clock.now_ms() << ORDER_BITS, self._last
        # Several ids of one millisecond stay in order; past 256 of them we borrow from the next one.
        self._last = last = moment if moment > last or moment < last - _MINUTE else last + 1
        return f"{prefix}_{encode(last << RANDOM_BITS | self.randbits(RANDOM_BITS))}"

    def secret(self, length: int = 24) -> str:
        """Unguessable base-62 text: 5.95 bits a digit."""
        value, digits = self.randbits(8 * length), []
        for _ in range(length):
            value, digit = divmod(value, 62)
            digits.append(DIGITS[digit])
        return "".join(digits)


def encode(value: int) -> str:
    """128 bits as 22 base-62 digits, in an order that sorts like the number."""
    # Small numbers divide faster than large ones: first into a few parts, then each into pairs of digits.
    high, low = divmod(value, _12)
    a, b = divmod(high, _6)
    c, d = divmod(low, _6)
    return (
        f"{_PAIRS[a // _2]}{_PAIRS[a % _2]}"
        f"{_PAIRS[b // _4]}{_PAIRS[b // _2 % _2]}{_PAIRS[b % _2]}"
        f"{_PAIRS[c // _4]}{_PAIRS[c // _2 % _2]}{_PAIRS[c % _2]}"
        f"{_PAIRS[d // _4]}{_PAIRS[d // _2 % _2]}{_PAIRS[d % _2]}"
    )


def decode(text: str) -> int:
    """The number that *text* stands for; ValueError if it is not 22 base-62 digits of a 128-bit number."""
    if len(text) != LENGTH:
        raise ValueError("not 22 digits")
    pair = _PAIR_VALUE
    try:
        # As in `encode`, a few parts of pairs: small numbers multiply faster than large ones.
        a = ((pair[text[:2]] * _PAIR + pair[text[2:4]]) * _PAIR + pair[text[4:6]]) * _PAIR + pair[text[6:8]]
        b = ((pair[text[8:10]] * _PAIR + pair[text[10:12]]) * _PAIR + pair[text[12:14]]) * _PAIR + pair[
            text[14:16]
        ]
        c = (pair[text[16:18]] * _PAIR + pair[text[18:20]]) * _PAIR + pair[text[20:]]
    except KeyError:
        raise ValueError("not a base-62 digit") from None
    value = (a * _PAIR**4 + b) * _PAIR**3 + c
    if value >> 128:
        raise ValueError("more than 128 bits")
    return value


def lowest_at(moment_ms: int) -> int:
    """The smallest value an id made at *moment_ms* can have: the bound of a search by time."""
    return max(moment_ms, 0) << (ORDER_BITS + RANDOM_BITS)
