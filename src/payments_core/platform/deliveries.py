"""Deliveries: one event on its way to one endpoint, until it is accepted or given up.

A delivery is made true in the commit of its event. It is claimed with a lease before each try, so that a dead process's
deliveries come back by themselves and two processes do not send the same one. It may arrive twice, never less than once.
"""

import zlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import HOUR, Timestamp
from payments_core.machine import Machine
from payments_core.platform.accounts import AccountId
from payments_core.platform.events import EventId
from payments_core.platform.webhook_endpoints import WebhookEndpointId
from payments_core.values import evolve

DeliveryId = NewType("DeliveryId", str)

RETRIES: Final = (
    5,
    30,
    120,
    600,
    1800,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    12 * HOUR,
    12 * HOUR,
    12 * HOUR,
    18 * HOUR,
)
"""Seconds before each further try: about three days in all."""
TRIES_KEPT: Final = 20
SPREAD: Final = 8
"""A wait is longer by up to an eighth, so that what failed together does not come back together."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    ABANDONED = "abandoned"


class DeliveryEvent(StrEnum):
    """What can happen to a delivery."""

    CLAIM = "claim"
    DEFER = "defer"
    ACCEPT = "accept"
    REFUSE = "refuse"
    GIVE_UP = "give_up"
    ABANDON = "abandon"
    RESEND = "resend"


_RESEND: Final = {DeliveryEvent.RESEND: DeliveryState.PENDING}

DELIVERY: Final = Machine(
    "webhook delivery",
    DeliveryState.PENDING,
    {
        DeliveryState.PENDING: {
            DeliveryEvent.CLAIM: DeliveryState.SENDING,
            DeliveryEvent.DEFER: DeliveryState.PENDING,
            DeliveryEvent.ABANDON: DeliveryState.ABANDONED,
            **_RESEND,
        },
        DeliveryState.SENDING: {
            DeliveryEvent.CLAIM: DeliveryState.SENDING,
            DeliveryEvent.ACCEPT: DeliveryState.DELIVERED,
            DeliveryEvent.REFUSE: DeliveryState.PENDING,
            DeliveryEvent.GIVE_UP: DeliveryState.FAILED,
            DeliveryEvent.ABANDON: DeliveryState.ABANDONED,
        },
        DeliveryState.DELIVERED: _RESEND,
        DeliveryState.FAILED: _RESEND,
        DeliveryState.ABANDONED: _RESEND,
    },
)


@attrs.frozen(kw_only=True)
class Try:
    """One attempt to deliver. Without a status nobody answered, and `error` says why."""

    at: Timestamp
    status: int | None = None
    error: str | None = None
    elapsed_ms: int = 0
    answer: str = ""
    """How the answer's body begins, card numbers masked."""

    @property
    def accepted(self) -> bool:
        """Say whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


@attrs.frozen(kw_only=True, slots=False)
class Delivery:
    """One event for one endpoint."""

    account_id: AccountId
    id: DeliveryId
    created: Timestamp
    event: EventId
    event_type: str
    endpoint: WebhookEndpointId
    endpoint_account: AccountId
    """Whose endpoint it is: the account itself, or its platform."""
    livemode: bool
    state: DeliveryState = DELIVERY.initial
    owner: str = ""
    """The process that tries just now."""
    due_at: Timestamp | None = None
    """When somebody may try; while somebody tries, when they are given up."""
    tries: tuple[Try, ...] = ()
    tries_count: int = 0
    tries_since: int = 0
    """Tries since it was last asked for: the schedule goes by these."""

    def claimed(self, owner: str, until: Timestamp) -> Self:
        """*owner* tries, and is given up at *until*."""
        return evolve(self, state=DELIVERY.after(self.state, DeliveryEvent.CLAIM), owner=owner, due_at=until)

    def deferred(self, until: Timestamp) -> Self:
        """Nobody has tried; it waits, because its endpoint is slow and others are waiting."""
        return evolve(self, state=DELIVERY.after(self.state, DeliveryEvent.DEFER), due_at=until)

    def abandoned(self) -> Self:
        """Its endpoint is gone or switched off."""
        return evolve(self, state=DELIVERY.after(self.state, DeliveryEvent.ABANDON), owner="", due_at=None)

    def asked_again(self, at: Timestamp) -> Self:
        """Somebody wants it once more, whatever has become of it."""
        return evolve(self, state=DELIVERY.after(self.state, DeliveryEvent.RESEND), due_at=at, tries_since=0)

    def tried(self, attempt: Try, now: Timestamp, schedule: Sequence[int] = RETRIES) -> Self:
        """After a try: delivered, waiting for the next one, or given up."""
        event, due = DeliveryEvent.GIVE_UP, None
        if attempt.accepted:
            event = DeliveryEvent.ACCEPT
        elif self.tries_since < len(schedule):
            event, due = DeliveryEvent.REFUSE, Timestamp(now + self._wait(schedule[self.tries_since]))
        return evolve(
            self,
            state=DELIVERY.after(self.state, event),
            owner="",
            due_at=due,
            tries=(*self.tries, attempt)[-TRIES_KEPT:],
            tries_count=self.tries_count + 1,
            tries_since=self.tries_since + 1,
        )

    def _wait(self, seconds: int) -> int:
        chance = zlib.crc32(f"{self.id} {self.tries_count}".encode())
        return seconds + chance % (seconds // SPREAD + 1)
