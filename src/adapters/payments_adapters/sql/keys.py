"""Keys: public ids as the bytes that storage keeps. 16 bytes for our own ids, which sort by time; free text stays text.

Ids of a kind with several prefixes carry one more byte, the number of their prefix. An id that is not ours (a product's own
name, somebody's old number) becomes 0xFF and its UTF-8, so it sorts after all of ours and comes back as it was.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import attrs

from payments_core.ids import LENGTH, decode, encode

FREE: Final = b"\xff"
_CACHED: Final = 16_384


@attrs.frozen(eq=False)
class KeyCodec:
    """Packs the ids of one kind of noun, and unpacks them."""

    prefixes: tuple[str, ...] = ()
    pack: Callable[[str], bytes] = attrs.field(init=False)
    """The bytes of an id. Remembers the last ids: most are packed several times in their first second."""

    @pack.default
    def _pack_default(self) -> Callable[[str], bytes]:
        return lru_cache(_CACHED)(self._pack)

    def _pack(self, text: str) -> bytes:
        head, _, digits = text.rpartition("_")
        if len(digits) == LENGTH and head in self.prefixes:
            try:
                packed = decode(digits).to_bytes(16, "big")
            except ValueError:
                packed = FREE
            if packed[:1] != FREE:
                return packed if len(self.prefixes) == 1 else packed + bytes([self.prefixes.index(head)])
        # A lone surrogate cannot be stored as text anywhere, but asking for it is no accident worth a traceback.
        return FREE + text.encode("utf-8", "surrogatepass")

    def unpack(self, packed: bytes) -> str:
        """The id of the bytes."""
        if packed[:1] == FREE:
            return packed[1:].decode("utf-8", "surrogatepass")
        prefix = self.prefixes[packed[16] if len(packed) > 16 else 0]
        return f"{prefix}_{encode(int.from_bytes(packed[:16], 'big'))}"


ACCOUNT_KEYS: Final = KeyCodec(("acct",))
ENTRY_KEYS: Final = KeyCodec(("le",))
