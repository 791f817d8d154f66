"""Reconciliation: hold what was presented against what was answered, and name every difference.

Pure. A record counts as paid only if one answer says so, for exactly its amount; everything else becomes an exception or waits.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import attrs

from payments_core.money.amounts import display
from payments_core.settlement.clearing import ClearingRecord, ClearingResult


class DifferenceKind(StrEnum):
    """In what way an answer is not what was presented."""

    REJECTED = "rejected"
    AMOUNT_MISMATCH = "amount_mismatch"
    CONTRADICTED = "contradicted"
    UNANSWERED = "unanswered"
    UNKNOWN_REFERENCE = "unknown_reference"
    ANSWERED_TWICE = "answered_twice"


@attrs.frozen(kw_only=True, slots=False)
class Difference:
    """One thing that does not fit."""

    kind: DifferenceKind
    reference: str
    presented: int | None = None
    answered: int | None = None
    reason: str | None = None
    currency: str

    def __str__(self) -> str:
        told = f"{self.reference}: {self.kind.replace('_', ' ')}"
        if self.reason:
            told += f", {self.reason.replace('_', ' ')}"
        if self.presented is not None and self.answered not in (None, self.presented):
            told += (
                f", {display(self.answered or 0, self.currency)} for {display(self.presented, self.currency)}"
            )
        elif self.presented is not None:
            told += f" ({display(self.presented, self.currency)})"
        return told


@attrs.frozen(kw_only=True, slots=False)
class Reconciled:
    """What came of a chunk."""

    accepted: frozenset[str]
    """References that are paid."""
    rejected: Mapping[str, str]
    """Reference → why not."""
    waiting: frozenset[str]
    """References that nobody answered."""
    differences: tuple[Difference, ...]


def reconcile(records: Sequence[ClearingRecord], results: Sequence[ClearingResult]) -> Reconciled:
    """Match answers to records by reference."""
    answers: dict[str, list[ClearingResult]] = {}
    for result in results:
        answers.setdefault(result.reference, []).append(result)
    accepted: set[str] = set()
    rejected: dict[str, str] = {}
    waiting: set[str] = set()
    differences: list[Difference] = []
    for record in records:
        found = answers.pop(record.reference, [])
        difference = _difference(record, found)
        if difference is not None:
            differences.append(difference)
        if not record.presented or (difference is None or difference.kind is DifferenceKind.ANSWERED_TWICE):
            accepted.add(record.reference)
        elif difference.kind is DifferenceKind.UNANSWERED:
            waiting.add(record.reference)
        else:
            rejected[record.reference] = difference.reason or str(difference.kind)
    currency = records[0].currency if records else "usd"
    differences += [
        Difference(
            kind=DifferenceKind.UNKNOWN_REFERENCE,
            reference=reference,
            answered=found[0].amount,
            reason=found[0].reason,
            currency=currency,
        )
        for reference, found in answers.items()
    ]
    return Reconciled(
        accepted=frozenset(accepted),
        rejected=rejected,
        waiting=frozenset(waiting),
        differences=tuple(differences),
    )


def _difference(record: ClearingRecord, found: Sequence[ClearingResult]) -> Difference | None:
    if not record.presented:
        return None
    if not found:
        kind, answer = DifferenceKind.UNANSWERED, None
    else:
        answer = found[0]
        kinds = {(one.reason, one.amount) for one in found}
        if len(kinds) > 1:
            kind = DifferenceKind.CONTRADICTED
        elif not answer.accepted:
            kind = DifferenceKind.REJECTED
        elif answer.amount != record.amount:
            kind = DifferenceKind.AMOUNT_MISMATCH
        elif len(found) > 1:
            kind = DifferenceKind.ANSWERED_TWICE
        else:
            return None
    return Difference(
        kind=kind,
        reference=record.reference,
        presented=record.amount,
        answered=answer.amount if answer else None,
        reason=answer.reason if answer and kind is DifferenceKind.REJECTED else None,
        currency=record.currency,
    )
