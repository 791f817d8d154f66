"""Idempotency: one key, one outcome, and every repetition gets the bytes of the first answer.

A claim is written in the same commit as the work that it stands for. The key itself is not kept, only a keyed digest.
"""

from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import KeyInUse, KeyReused
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

ClaimId = NewType("ClaimId", str)

KEY_LENGTH_MAX = 255


@attrs.frozen(slots=False)
class Reply:
    """What the caller was told: a status that the presenter gave, and bytes."""

    status: int
    body: bytes


@attrs.frozen(kw_only=True, slots=False)
class Claim:
    """A key in use: open while the work goes on, then closed with the reply."""

    account_id: AccountId
    id: ClaimId
    created: Timestamp
    fingerprint: str
    """Keyed digest of operation and parameters."""
    request_id: str
    operation: str
    expand: tuple[str, ...] = ()
    """Which ids the reply shows as objects."""
    subject: str | None = None
    """Id of the object that the operation is about, once it is known: recovery finishes the work from here."""
    reply: Reply | None = None

    def replay(self, fingerprint: str, key: str) -> Reply:
        """Return the first reply; raise `KeyReused` for other parameters and `KeyInUse` while there is none."""
        if fingerprint != self.fingerprint:
            raise KeyReused(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
        if self.reply is None:
            raise KeyInUse(
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                f"submitted twice, and the other request is still going through): {key}. Please try again later."
            )
        return self.reply

    def replied(self, reply: Reply) -> Self:
        """Close the claim with what the caller is told."""
        return evolve(self, reply=reply)
