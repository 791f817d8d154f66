"""API keys: who is calling, for which account, and how much that key may do.

A key's text is shown once. What is kept is a keyed digest, and the text carries its account, so that one look-up inside
that account's rows finds it and no directory of all keys exists.
"""

from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

ApiKeyId = NewType("ApiKeyId", str)


class KeyKind(StrEnum):
    """Secret keys do everything, restricted ones what their scopes say, publishable ones only what a browser needs."""

    SECRET = "sk"
    RESTRICTED = "rk"
    PUBLISHABLE = "pk"


@attrs.frozen(kw_only=True, slots=False)
class ApiKey:
    """One key. `id` is derived from the keyed digest of its text."""

    account_id: AccountId
    id: ApiKeyId
    created: Timestamp
    kind: KeyKind
    livemode: bool
    name: str | None = None
    hint: str
    """The last four characters, so that people can tell keys apart."""
    scopes: tuple[str, ...] = ()
    """For restricted keys `resource:read` or `resource:write`; for a page's own key the operations that it is for."""
    expires_at: Timestamp | None = None
    last_used: Timestamp | None = None

    def revoked(self, at: Timestamp) -> Self:
        """The key ends at *at*; a later end is brought forward, an earlier one stays."""
        ends = at if self.expires_at is None else min(at, self.expires_at)
        return evolve(self, expires_at=Timestamp(ends))

    def is_valid(self, at: Timestamp) -> bool:
        """Say whether the key opens anything at *at*."""
        return self.expires_at is None or at < self.expires_at
