"""Holds: money that an issuer has promised and nobody has taken yet.

A hold is asked for, promised, taken in parts or whole, or given back. When the network stays silent the hold is in doubt,
and somebody must find out; until then the money is neither promised nor free.
"""

from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import AmountRefused
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.answers import Answer, Outcome
from payments_core.platform.accounts import AccountId
from payments_core.tokenization.payment_methods import CardId
from payments_core.values import evolve

HoldId = NewType("HoldId", str)


class HoldState(StrEnum):
    """Where the promise stands."""

    REQUESTED = "requested"
    IN_DOUBT = "in_doubt"
    HELD = "held"
    CAPTURED = "captured"
    DECLINED = "declined"
    RELEASED = "released"


class HoldEvent(StrEnum):
    """What can happen to a promise."""

    APPROVE = "approve"
    DECLINE = "decline"
    LOSE_CONTACT = "lose_contact"
    CAPTURE_PART = "capture_part"
    CAPTURE_REST = "capture_rest"
    RELEASE = "release"
    INCREASE = "increase"


HOLD = Machine(
    name="hold",
    initial=HoldState.REQUESTED,
    table={
        HoldState.REQUESTED: {
            HoldEvent.APPROVE: HoldState.HELD,
            HoldEvent.DECLINE: HoldState.DECLINED,
            HoldEvent.LOSE_CONTACT: HoldState.IN_DOUBT,
        },
        HoldState.IN_DOUBT: {
            HoldEvent.APPROVE: HoldState.HELD,
            HoldEvent.DECLINE: HoldState.DECLINED,
            HoldEvent.RELEASE: HoldState.RELEASED,
        },
        HoldState.HELD: {
            HoldEvent.CAPTURE_PART: HoldState.HELD,
            HoldEvent.CAPTURE_REST: HoldState.CAPTURED,
            HoldEvent.INCREASE: HoldState.HELD,
            HoldEvent.RELEASE: HoldState.RELEASED,
        },
        HoldState.CAPTURED: {},
        HoldState.DECLINED: {},
        HoldState.RELEASED: {},
    },
)

ON_OUTCOME = {
    Outcome.APPROVED: HoldEvent.APPROVE,
    Outcome.DECLINED: HoldEvent.DECLINE,
    Outcome.SILENCE: HoldEvent.LOSE_CONTACT,
}


@attrs.frozen(kw_only=True, slots=False)
class Hold:
    """One promise of one issuer. Amounts are minor units of `currency`."""

    account_id: AccountId
    id: HoldId
    created: Timestamp
    charge_id: str
    card_id: CardId
    acquirer: str
    route: tuple[str, ...] = ()
    """The acquirers that are still to be tried if this one softly declines."""
    attempts: tuple[str, ...] = ()
    """Ids of the attempts to have it promised, the first one first."""
    off_session: bool = False
    amount: int
    currency: CurrencyCode
    captured: int = 0
    state: HoldState = HOLD.initial
    authorization_code: str | None = None
    network_reference: str | None = None
    capture_before: Timestamp | None = None
    due_at: Timestamp | None = None
    """When the worker must look at the hold: the end of its window, or the next try to clear a doubt."""

    @property
    def remaining(self) -> int:
        """What can still be taken."""
        return self.amount - self.captured

    def answered(self, answer: Answer, *, capture_before: Timestamp | None = None) -> Self:
        """Note what the network said."""
        held = answer.approved
        return evolve(
            self,
            state=HOLD.after(self.state, ON_OUTCOME[answer.outcome]),
            authorization_code=answer.authorization_code or self.authorization_code,
            network_reference=answer.network_reference or self.network_reference,
            capture_before=capture_before if held else self.capture_before,
            due_at=capture_before if held else None,
        )

    def rerouted(self) -> Self:
        """Ask the next acquirer of the route, under the same promise."""
        return evolve(self, acquirer=self.route[0], route=self.route[1:])

    def capture(self, amount: int, *, final: bool = True) -> Self:
        """Take *amount* of the promised money; a final capture ends the hold and lets the rest go."""
        if amount <= 0:
            raise AmountRefused("A capture takes something: the amount must be positive.", param="amount")
        if amount > self.remaining:
            raise AmountRefused(
                f"A capture of {amount} is more than the {self.remaining} still held.",
                code="amount_too_large",
                param="amount",
            )
        ends = final or amount == self.remaining
        return evolve(
            self,
            state=HOLD.after(self.state, HoldEvent.CAPTURE_REST if ends else HoldEvent.CAPTURE_PART),
            captured=self.captured + amount,
            due_at=None if ends else self.due_at,
        )

    def increase(self, amount: int) -> Self:
        """Raise the promised amount to *amount*, after the issuer agreed."""
        if amount <= self.amount:
            raise AmountRefused("An increment must be more than what is held.", param="amount")
        return evolve(self._after(HoldEvent.INCREASE), amount=amount)

    def release(self) -> Self:
        """Give the promise back."""
        return evolve(self._after(HoldEvent.RELEASE), due_at=None)

    def _after(self, event: HoldEvent) -> Self:
        return evolve(self, state=HOLD.after(self.state, event))
