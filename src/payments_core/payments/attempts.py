"""Attempts: a message to a network that was decided on, durable before it leaves.

An open attempt belongs to the process that sends it. When that process is gone, recovery inquires what became of the message
and finishes the work; so an attempt is never forgotten and never sent twice.
"""

from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold
from payments_core.platform.accounts import AccountId
from payments_core.platform.idempotency import ClaimId
from payments_core.values import evolve

AttemptId = NewType("AttemptId", str)


class AttemptKind(StrEnum):
    """What is asked of the network."""

    AUTHORIZE = "authorize"
    INCREMENT = "increment"
    REVERSE = "reverse"
    REFUND = "refund"
    TAKE_BACK = "take_back"
    """Asked of a connected account's books, and not of a network: transferred money."""


class AttemptState(StrEnum):
    """Where the message stands."""

    SENT = "sent"
    ANSWERED = "answered"
    IN_DOUBT = "in_doubt"


class AttemptEvent(StrEnum):
    """What can happen to a message."""

    ANSWER = "answer"
    LOSE_CONTACT = "lose_contact"


ATTEMPT = Machine(
    name="attempt",
    initial=AttemptState.SENT,
    table={
        AttemptState.SENT: {
            AttemptEvent.ANSWER: AttemptState.ANSWERED,
            AttemptEvent.LOSE_CONTACT: AttemptState.IN_DOUBT,
        },
        AttemptState.IN_DOUBT: {
            AttemptEvent.ANSWER: AttemptState.ANSWERED,
            AttemptEvent.LOSE_CONTACT: AttemptState.IN_DOUBT,
        },
        AttemptState.ANSWERED: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class Draft:
    """A charge and its hold before anybody answered. They are written once, with the answer; until then they are here."""

    charge: Charge
    hold: Hold


@attrs.frozen(kw_only=True, slots=False)
class Attempt:
    """One message about one hold or refund."""

    account_id: AccountId
    id: AttemptId
    created: Timestamp
    kind: AttemptKind
    acquirer: str
    subject: str
    """The hold or refund that the message is about."""
    amount: int
    currency: str
    operation: str
    """The operation that asked; its outcome is told to whoever repeats the idempotency key."""
    result: str
    """Id of the object that the operation answers with."""
    reverses: bool = False
    """The refund lets an untaken promise go and is sent as a reversal."""
    draft: Draft | None = None
    """What an authorization is to become, for as long as nobody answered."""
    claim: ClaimId | None = None
    owner: str = ""
    """The process that sends it."""
    state: AttemptState = ATTEMPT.initial
    answer: Answer | None = None
    tries: int = 0
    due_at: Timestamp | None = None
    """When recovery may look at it; None once it is answered."""

    def answered(self, answer: Answer) -> Self:
        """Note the answer and close the attempt."""
        state = ATTEMPT.after(self.state, AttemptEvent.ANSWER)
        return evolve(self, state=state, answer=answer, due_at=None, draft=None)

    def unanswered(self, look_again: Timestamp) -> Self:
        """Nobody answered: somebody looks again at *look_again*."""
        state = ATTEMPT.after(self.state, AttemptEvent.LOSE_CONTACT)
        return evolve(self, state=state, tries=self.tries + 1, due_at=look_again, draft=None)

    @property
    def is_silent(self) -> bool:
        """Say whether the network never answered."""
        return self.answer is None or self.answer.outcome is Outcome.SILENCE
