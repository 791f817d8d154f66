"""Disputes: a payer's bank wants the money back, the merchant may object, and somebody wins.

An inquiry (a warning) only asks; it moves no money and can become a dispute. What each step moves in the books is not said here.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import DAY, Timestamp
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.charges import Charge
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

DisputeId = NewType("DisputeId", str)

HEARD_AFTER_S: Final = 1
EVIDENCE_DAYS: Final = 9
REVIEW_DAYS: Final = 60
DECIDED_AFTER_S: Final = 2
"""How soon a simulated issuer decides about the documented texts."""


class DisputeState(StrEnum):
    """The status that clients see."""

    WARNING_NEEDS_RESPONSE = "warning_needs_response"
    WARNING_UNDER_REVIEW = "warning_under_review"
    WARNING_CLOSED = "warning_closed"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    PREVENTED = "prevented"


class DisputeEvent(StrEnum):
    """What can happen to a dispute."""

    SUBMIT = "submit"
    WIN = "win"
    LOSE = "lose"
    ESCALATE = "escalate"
    CLOSE = "close"
    EXPIRE = "expire"


DISPUTE: Final = Machine(
    name="dispute",
    initial=DisputeState.NEEDS_RESPONSE,
    table={
        DisputeState.WARNING_NEEDS_RESPONSE: {
            DisputeEvent.SUBMIT: DisputeState.WARNING_UNDER_REVIEW,
            DisputeEvent.ESCALATE: DisputeState.NEEDS_RESPONSE,
            DisputeEvent.CLOSE: DisputeState.WARNING_CLOSED,
            DisputeEvent.EXPIRE: DisputeState.WARNING_CLOSED,
        },
        DisputeState.WARNING_UNDER_REVIEW: {
            DisputeEvent.ESCALATE: DisputeState.NEEDS_RESPONSE,
            DisputeEvent.WIN: DisputeState.WARNING_CLOSED,
            DisputeEvent.LOSE: DisputeState.WARNING_CLOSED,
            DisputeEvent.EXPIRE: DisputeState.WARNING_CLOSED,
        },
        DisputeState.WARNING_CLOSED: {},
        DisputeState.NEEDS_RESPONSE: {
            DisputeEvent.SUBMIT: DisputeState.UNDER_REVIEW,
            DisputeEvent.CLOSE: DisputeState.LOST,
            DisputeEvent.EXPIRE: DisputeState.LOST,
        },
        DisputeState.UNDER_REVIEW: {
            DisputeEvent.WIN: DisputeState.WON,
            DisputeEvent.LOSE: DisputeState.LOST,
            DisputeEvent.EXPIRE: DisputeState.LOST,
        },
        DisputeState.WON: {},
        DisputeState.LOST: {},
        DisputeState.PREVENTED: {},
    },
)

VERDICTS: Final = {
    "winning_evidence": DisputeEvent.WIN,
    "losing_evidence": DisputeEvent.LOSE,
    "escalate_inquiry_evidence": DisputeEvent.ESCALATE,
}
"""What the simulated issuer makes of the documented texts."""


@attrs.frozen(kw_only=True)
class Ground:
    """What an issuer says when it opens a dispute."""

    reason: str
    state: DisputeState = DisputeState.NEEDS_RESPONSE
    network_reason_code: str = "10.4"
    case_type: str = "chargeback"
    eligible: tuple[str, ...] = ()
    parts: int = 1
    """How many disputes the charge is split into."""


GROUNDS: Final[Mapping[str, Ground]] = {
    "fraudulent": Ground(reason="fraudulent"),
    "product_not_received": Ground(reason="product_not_received", network_reason_code="13.1"),
    "inquiry": Ground(
        reason="general",
        state=DisputeState.WARNING_NEEDS_RESPONSE,
        case_type="inquiry",
        network_reason_code="",
    ),
    "several": Ground(reason="fraudulent", parts=2),
    "visa_ce3_eligible": Ground(reason="fraudulent", eligible=("visa_compelling_evidence_3",)),
    "compliance": Ground(
        reason="noncompliant",
        network_reason_code="98.1",
        case_type="compliance",
        eligible=("visa_compliance",),
    ),
    "prevented": Ground(reason="fraudulent", state=DisputeState.PREVENTED),
}
"""What the words of test cards (the trait `dispute`) mean. An early fraud warning opens no dispute."""


@attrs.frozen(kw_only=True, slots=False)
class Complaint:
    """An issuer that will be heard of a charge: when, and with which words. Gone when it was heard."""

    account_id: AccountId
    id: str
    created: Timestamp
    charge: str
    ground: str
    due_at: Timestamp


def complaint_of(charge: Charge, complaint_id: str, now: Timestamp) -> Complaint | None:
    """The complaint that a captured charge brings, if its card is one of those that do."""
    ground = charge.traits.get("dispute")
    if ground is None or ground not in GROUNDS:
        return None
    return Complaint(
        account_id=charge.account_id,
        id=complaint_id,
        created=now,
        charge=charge.id,
        ground=ground,
        due_at=Timestamp(now + HEARD_AFTER_S),
    )


@attrs.frozen(kw_only=True, slots=False)
class Dispute:
    """One dispute. Amounts are minor units of `currency`."""

    account_id: AccountId
    id: DisputeId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    charge: str
    payment_intent: str | None = None
    reason: str
    status: DisputeState = DISPUTE.initial
    brand: str = "visa"
    case_type: str = "chargeback"
    network_reason_code: str | None = None
    eligible: tuple[str, ...] = ()
    fee: int = 0
    """What it cost when the money was withdrawn."""
    movements: tuple[BalanceTransaction, ...] = ()
    """The withdrawal, and the reinstatement after a win."""
    evidence: Metadata = NOTHING
    enhanced_evidence: str | None = None
    """As JSON, as it came."""
    evidence_due_by: Timestamp
    submissions: int = 0
    intended_submission_method: str | None = None
    due_at: Timestamp | None = None
    """When the time for evidence is over, or the issuer decides."""
    metadata: Metadata = NOTHING

    @property
    def is_inquiry(self) -> bool:
        """Whether it only asks."""
        return self.status.startswith("warning")

    @property
    def is_open(self) -> bool:
        """Whether anything can happen any more."""
        return not DISPUTE.is_final(self.status)

    @property
    def verdict(self) -> DisputeEvent | None:
        """What the simulated issuer will say of the evidence."""
        for text in self.evidence.values():
            if text.strip() in VERDICTS:
                return VERDICTS[text.strip()]
        return None

    def with_evidence(self, evidence: Metadata) -> Self:
        """The evidence with more of it; an empty text removes."""
        merged = {**self.evidence, **evidence}
        return evolve(self, evidence={name: text for name, text in merged.items() if text})

    def submitted(self, now: Timestamp) -> Self:
        """The evidence is with the issuer, who decides."""
        known = self.verdict is not None
        wait = DECIDED_AFTER_S if known else REVIEW_DAYS * DAY
        after = evolve(self.after(DisputeEvent.SUBMIT), submissions=self.submissions + 1)
        return evolve(after, due_at=Timestamp(now + wait))

    def after(self, event: DisputeEvent) -> Self:
        """The dispute after *event*; what is final waits for nothing."""
        message = f"This dispute is already {self.status} and cannot be changed."
        status = DISPUTE.after(self.status, event, message=message)
        return evolve(self, status=status, due_at=None if DISPUTE.is_final(status) else self.due_at)


def due_by(now: Timestamp) -> Timestamp:
    """The last second for evidence: the end of a later day, UTC."""
    return Timestamp(now - now % DAY + (EVIDENCE_DAYS + 1) * DAY - 1)
