"""What the sandbox bank remembers of the messages it was sent: authorizations, and what followed upon them.

The key of a record comes from the reference of its message, so that the same message can be written only once, whoever wins
the race. Values only: what to answer is decided elsewhere.
"""

import hashlib
from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.ids import LENGTH, decode, encode
from payments_core.payments.answers import Answer
from payments_core.platform.accounts import AccountId
from payments_core.ports import AuthorizationRequest, FollowUp

ISSUER: Final = AccountId("acct_000000000SandboxIssuer")
"""Whose records and books these are."""

IssuerAuthorizationId = NewType("IssuerAuthorizationId", str)
IssuerMessageId = NewType("IssuerMessageId", str)
_CHANCE: Final = 72
"""The low bits of an id, which carry no time."""


class FollowUpKind(StrEnum):
    """What was asked about an earlier authorization."""

    INCREMENT = "increment"
    REVERSE = "reverse"
    REFUND = "refund"


@attrs.frozen(kw_only=True, slots=False)
class IssuerAuthorization:
    """One request for a promise, the answer it got, and what became of the promise. Amounts are minor units."""

    account_id: AccountId = ISSUER
    id: IssuerAuthorizationId
    created: Timestamp
    reference: str
    merchant_account: AccountId
    merchant: str
    cardholder: str
    amount: int
    currency: str
    answer: Answer
    arrived: bool = True
    """False if its reversal came first: whatever comes later under this reference is refused."""
    released: int = 0
    presented: int = 0
    credited: int = 0

    @property
    def held(self) -> int:
        """What is promised and neither given back nor presented."""
        return self.amount - self.released - self.presented if self.answer.approved else 0

    @property
    def is_untouched(self) -> bool:
        """Whether the whole promise still stands."""
        return self.held == self.amount

    def raised(self, amount: int) -> Self:
        """Promise *amount* in all."""
        return attrs.evolve(self, amount=amount)

    def release(self, amount: int) -> Self:
        """Take *amount* of the promise back, which is no more than is held."""
        assert 0 <= amount <= self.held, "no more is let go than is held"
        return attrs.evolve(self, released=self.released + amount)

    def present(self, amount: int) -> Self:
        """The merchant's bank collects *amount*, which is no more than is held."""
        assert 0 <= amount <= self.held, "no more is presented than is held"
        return attrs.evolve(self, presented=self.presented + amount)

    def credit(self, amount: int) -> Self:
        """The merchant's bank gives *amount* back, which is no more than was presented."""
        assert 0 <= amount <= self.presented - self.credited, "no more is credited than was presented"
        return attrs.evolve(self, credited=self.credited + amount)


@attrs.frozen(kw_only=True)
class IssuerMessage:
    """An increment, reversal or refund, and the answer it got."""

    account_id: AccountId = ISSUER
    id: IssuerMessageId
    created: Timestamp
    kind: FollowUpKind
    reference: str
    original: IssuerAuthorizationId
    merchant_account: AccountId
    amount: int
    currency: str
    answer: Answer


def authorization_id(account_id: AccountId, reference: str) -> IssuerAuthorizationId:
    """Where the authorization of this merchant under *reference* is kept."""
    return IssuerAuthorizationId(derived("iauth", account_id, reference))


def message_id(account_id: AccountId, reference: str) -> IssuerMessageId:
    """Where the later message of this merchant under *reference* is kept."""
    return IssuerMessageId(derived("imsg", account_id, reference))


def derived(prefix: str, account_id: AccountId, reference: str) -> str:
    """An id that follows from the reference alone. It keeps the time of a reference that is one of our ids.

    So new records lie beside each other in the index, as those with ids of their own do.
    """
    digest = int.from_bytes(
        hashlib.sha256(f"{account_id} {reference}".encode("utf-8", "surrogatepass")).digest()[:16], "big"
    )
    digits = reference.rpartition("_")[2]
    if len(digits) == LENGTH and digits.isascii() and digits.isalnum():
        digest = (_value(digits) >> _CHANCE << _CHANCE) | (digest & ((1 << _CHANCE) - 1))
    return f"{prefix}_{encode(digest)}"


def _value(digits: str) -> int:
    try:
        return decode(digits)
    except ValueError:
        return 0


def key_of(request: AuthorizationRequest) -> IssuerAuthorizationId:
    """Where the record of this request is kept."""
    return authorization_id(request.account_id, request.reference)


def original_of(message: FollowUp) -> IssuerAuthorizationId:
    """Where the record of the authorization that *message* is about is kept."""
    return authorization_id(message.account_id, message.original)
