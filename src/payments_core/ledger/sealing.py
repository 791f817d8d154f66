"""Seals: a chain of digests over the entries of one account, so that history altered by hand does not fit any more.

Off the way of payments: a worker seals what has been durable for a while. Values and arithmetic only; who seals, and when, is
`operations.sealing`. Whoever writes the newest digest down elsewhere can prove later that nothing before it was touched.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.ledger.entries import Entry, EntryId
from payments_core.platform.accounts import AccountId

SealId = NewType("SealId", str)
MarkId = NewType("MarkId", str)

BEGINNING: Final = "0" * 64
"""What the first seal of an account goes on from."""
ENTRIES_MAX: Final = 5_000
"""Entries under one seal: few enough to say where history was altered."""
MARK: Final = 4
KEEPER: Final = AccountId("acct_0000000000000000Ledger")
"""Owner of the mark; it has no money and no merchant."""
MARK_ID: Final = MarkId("mark_sealing")


@attrs.frozen(kw_only=True)
class Seal:
    """What was in the books between two entries, in one number that goes on from the seal before."""

    account_id: AccountId
    id: SealId
    created: Timestamp
    sequence: int
    after: EntryId | None
    """The last entry of the seal before; None for the first seal."""
    upto: EntryId
    count: int
    digest: str
    previous: str
    marks: bytes
    """Four bytes of each entry's own digest, in order: enough to say which one was altered, and no proof of anything."""
    late: tuple[EntryId, ...] = ()
    """Entries of earlier seals' time that became durable only after those were made; they are under this one."""


@attrs.frozen(kw_only=True)
class SealingMark:
    """How far all books together were looked at for sealing."""

    account_id: AccountId = KEEPER
    id: MarkId = MARK_ID
    upto: EntryId | None = None


@attrs.define
class Chain:
    """Digests entry after entry."""

    count: int = 0
    marks: bytearray = attrs.field(factory=bytearray)
    _digest: "hashlib._Hash" = attrs.field(factory=hashlib.sha256)

    @classmethod
    def after(cls, previous: str) -> Self:
        """Go on from a digest."""
        return cls(digest=hashlib.sha256(bytes.fromhex(previous)))

    def add(self, entry: Entry) -> None:
        """Take one entry in."""
        text = canonical(entry)
        self.count += 1
        self.marks += hashlib.sha256(text).digest()[:MARK]
        self._digest.update(text)

    def add_all(self, entries: Iterable[Entry]) -> Self:
        """Take several in, in their order."""
        for entry in entries:
            self.add(entry)
        return self

    @property
    def digest(self) -> str:
        """The digest of all so far."""
        return self._digest.hexdigest()


def differences(kept: bytes, found: Sequence[Entry]) -> tuple[list[int], list[Entry]]:
    """Places under a seal whose entry is not there as it was, and entries that are there and not under it."""
    before = [bytes(kept[at : at + MARK]) for at in range(0, len(kept), MARK)]
    now = [hashlib.sha256(canonical(entry)).digest()[:MARK] for entry in found]
    gone: list[int] = []
    extra: list[Entry] = []
    for tag, start, end, start_now, end_now in SequenceMatcher(None, before, now, False).get_opcodes():
        if tag != "equal":
            gone += range(start, end)
            extra += found[start_now:end_now]
    return gone, extra


def seal_id(sequence: int) -> SealId:
    """The id of an account's seal: the same number twice is refused by the storage."""
    return SealId(f"seal_{sequence:012d}")


def canonical(entry: Entry) -> bytes:
    """The one way to write an entry as bytes, with its length ahead."""
    lines = [[posting.account, posting.sub, posting.amount] for posting in entry.postings]
    parts = [
        entry.account_id,
        entry.id,
        entry.recorded,
        entry.effective,
        entry.kind,
        entry.source,
        entry.currency,
        lines,
    ]
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=True).encode()
    return len(text).to_bytes(4, "big") + text
