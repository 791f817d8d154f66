"""Clearing: what is presented to a network for payment, and what comes back. Values only; how they travel is an adapter's.

A record is one captured charge or one refund, with the authorization code of its promise. Its reference makes it one and the
same however often it is presented.
"""

from enum import StrEnum

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId


class ClearingKind(StrEnum):
    """Which way the money goes."""

    SALE = "sale"
    CREDIT = "credit"
    RETURN = "return"
    """A refund that did not reach the payer: the network said so itself, so nobody is asked again."""


@attrs.frozen(kw_only=True, slots=False)
class ClearingRecord:
    """One captured transaction, or one refund, as it is presented."""

    reference: str
    """The balance transaction's id; presented anew after a rejection, `id/1` and so on."""
    kind: ClearingKind
    account_id: AccountId
    merchant: str
    original: str
    """Reference of the authorization: the hold's id."""
    authorization_code: str
    network_reference: str = ""
    bin: str
    """What the network routes by."""
    last4: str = ""
    amount: int
    """Always positive."""
    currency: str
    captured: Timestamp
    final: bool = True
    """Whether what is left of the promise goes back with it."""
    presented: bool = True
    """Whether the network is asked. A refund that failed before it was presented settles with its return, unseen."""

    @property
    def transaction(self) -> str:
        """The balance transaction that it settles."""
        return self.reference.partition("/")[0]

    @property
    def signed(self) -> int:
        """What the network owes for it: below zero for what goes back."""
        return -self.amount if self.kind is ClearingKind.CREDIT else self.amount


@attrs.frozen(kw_only=True, slots=False)
class ClearingResult:
    """What network and issuer say of one record."""

    reference: str
    amount: int
    """The amount that they decided on."""
    reason: str | None = None
    """Why it is not paid; None if it is."""
    repeated: bool = False
    """It was presented before, and this is the answer it got then."""

    @property
    def accepted(self) -> bool:
        """Say whether it is paid."""
        return self.reason is None


@attrs.frozen(kw_only=True, slots=False)
class AnsweredChunk:
    """A part of an acquirer's answer file: which chunk of which batch, and what is said of it."""

    account_id: AccountId
    batch: str
    number: int
    results: tuple[ClearingResult, ...]
