"""Mails: something to be told to somebody by e-mail. Made true in the commit of what it tells, so that none is lost or invented.

A mail says what it is about and to whom; it is written when it is sent. It is claimed with a lease before each try, so that a dead
process's mails come back by themselves. It may be handed over twice, under the same Message-ID, and never less than once.
"""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import DAY, HOUR, Timestamp
from payments_core.machine import Machine
from payments_core.platform.accounts import AccountId
from payments_core.values import evolve

MailId = NewType("MailId", str)

RETRIES: Final = (60, 300, 1800, HOUR, 4 * HOUR, 12 * HOUR, DAY, DAY)
"""Seconds before each further try: about three days in all."""
LEASE_S: Final = 180
"""How long a try may take before the mail counts as nobody's."""


class MailKind(StrEnum):
    """What is told."""

    INVOICE = "invoice"
    REMINDER = "reminder"
    INVOICE_RECEIPT = "invoice_receipt"
    CHARGE_RECEIPT = "charge_receipt"


class MailState(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    OBSOLETE = "obsolete"


class MailEvent(StrEnum):
    """What can happen to a mail."""

    CLAIM = "claim"
    ACCEPT = "accept"
    DEFER = "defer"
    GIVE_UP = "give_up"
    DROP = "drop"


MAIL: Final = Machine(
    name="mail",
    initial=MailState.QUEUED,
    table={
        MailState.QUEUED: {MailEvent.CLAIM: MailState.SENDING},
        MailState.SENDING: {
            MailEvent.CLAIM: MailState.SENDING,
            MailEvent.ACCEPT: MailState.SENT,
            MailEvent.DEFER: MailState.QUEUED,
            MailEvent.GIVE_UP: MailState.FAILED,
            MailEvent.DROP: MailState.OBSOLETE,
        },
        MailState.SENT: {},
        MailState.FAILED: {},
        MailState.OBSOLETE: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class Mail:
    """One e-mail to one person."""

    account_id: AccountId
    id: MailId
    created: Timestamp
    kind: MailKind
    recipient: str
    about: str
    """Id of the invoice or the charge that it tells of."""
    state: MailState = MAIL.initial
    tries: int = 0
    error: str | None = None
    """What was said when it was last refused or put off."""
    sent_at: Timestamp | None = None
    due_at: Timestamp | None = None
    """When a worker has something to do with it."""

    def claimed(self, now: Timestamp) -> Self:
        """Somebody is about to hand it over."""
        return evolve(self._after(MailEvent.CLAIM), tries=self.tries + 1, due_at=Timestamp(now + LEASE_S))

    def accepted(self, now: Timestamp) -> Self:
        """The mail server has it."""
        return evolve(self._after(MailEvent.ACCEPT), sent_at=now, due_at=None, error=None)

    def put_off(self, why: str, now: Timestamp) -> Self:
        """Nobody took it: it is tried again later, or given up after the last wait."""
        if self.tries > len(RETRIES):
            return self.refused(why)
        due_at = Timestamp(now + RETRIES[self.tries - 1])
        return evolve(self._after(MailEvent.DEFER), error=why, due_at=due_at)

    def refused(self, why: str) -> Self:
        """The mail server will never take it."""
        return evolve(self._after(MailEvent.GIVE_UP), error=why, due_at=None)

    def dropped(self, why: str) -> Self:
        """It need not be told any more."""
        return evolve(self._after(MailEvent.DROP), error=why, due_at=None)

    def _after(self, event: MailEvent) -> Self:
        return evolve(self, state=MAIL.after(self.state, event))
