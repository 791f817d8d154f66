"""The audit log: who did what to keys, cards and settings, in a chain in which every record holds the digest of the one before.

The digests are keyed by the vault: whoever can write the database and nothing else can neither change a record nor leave one out.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

AuditRecordId = NewType("AuditRecordId", str)
Digest = Callable[[str, bytes], bytes]

HEAD: Final = "head"
PURPOSE: Final = "audit"


@attrs.frozen(kw_only=True, slots=False)
class AuditRecord:
    """One act. Never changed and never removed."""

    account_id: AccountId
    id: AuditRecordId
    created: Timestamp
    number: int
    """1 for the first of the account, and so on without gaps."""
    actor: str
    action: str
    subject: str
    details: Mapping[str, str] = attrs.field(factory=dict)
    before: str = ""
    """Digest of the record before."""
    digest: str = ""

    def sealed(self, digest: Digest) -> "AuditRecord":
        """With the digest over everything else."""
        return evolve(self, digest=self._digest(digest))

    def is_whole(self, digest: Digest) -> bool:
        """Say whether it is as it was written."""
        return self.digest == self._digest(digest)

    def _digest(self, digest: Digest) -> str:
        told = attrs.asdict(evolve(self, digest=""))
        return digest(PURPOSE, json.dumps(told, sort_keys=True).encode()).hex()


@attrs.frozen(kw_only=True, slots=False)
class AuditHead:
    """The end of an account's chain."""

    account_id: AccountId
    id: str = HEAD
    number: int = 0
    digest: str = ""
    seal: str = ""
    """A keyed digest of the two, so that the end of the chain cannot be cut off."""

    def sealed(self, digest: Digest) -> "AuditHead":
        """With its seal."""
        return evolve(self, seal=self._seal(digest))

    def is_whole(self, digest: Digest) -> bool:
        """Say whether it is as it was written."""
        return self.seal == self._seal(digest)

    def _seal(self, digest: Digest) -> str:
        return digest(PURPOSE, f"{self.account_id} {self.number} {self.digest}".encode()).hex()


def faults(head: AuditHead | None, records: Sequence[AuditRecord], digest: Digest) -> list[str]:
    """What is wrong with a chain, in sentences; nothing if it is whole."""
    found: list[str] = []
    before = ""
    for number, record in enumerate(sorted(records, key=lambda record: record.number), 1):
        if record.number != number:
            found.append(f"record {number} is missing, or another stands in its place")
            break
        if record.before != before or not record.is_whole(digest):
            found.append(f"record {number} was changed")
        before = record.digest
    if head is None:
        if records:
            found.append("the end of the log is missing")
    elif not head.is_whole(digest) or (head.number, head.digest) != (len(records), before):
        found.append("the log does not end where it says that it ends")
    return found
