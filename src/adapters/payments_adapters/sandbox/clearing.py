"""Clearing: captured transactions as the merchant's bank presents them, and what the cardholder's bank makes of each.

Values and verdicts only. A record is verified against the promise that was made for it and against its authorization code;
posting is the issuer's (`presentments.py`), and funding the merchant is nobody's here.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NewType

import attrs

from payments_adapters.sandbox.authorizations import ISSUER, IssuerAuthorization, derived
from payments_core.clock import DAY, Timestamp
from payments_core.platform.accounts import AccountId

LATE_AFTER_DAYS: Final = 30
"""How long after the promise a purchase may be presented."""

PresentmentId = NewType("PresentmentId", str)


class ClearingKind(StrEnum):
    """Which way the money goes."""

    SALE = "sale"
    CREDIT = "credit"


class Rejection(StrEnum):
    """Why a record is not paid."""

    NO_SUCH_ISSUER = "no_such_issuer"
    UNKNOWN_AUTHORIZATION = "unknown_authorization"
    NOT_APPROVED = "not_approved"
    WRONG_AUTHORIZATION_CODE = "wrong_authorization_code"
    CURRENCY_MISMATCH = "currency_mismatch"
    LATE_PRESENTMENT = "late_presentment"
    AUTHORIZATION_REVERSED = "authorization_reversed"
    AMOUNT_EXCEEDS_AUTHORIZATION = "amount_exceeds_authorization"
    CREDIT_EXCEEDS_SALES = "credit_exceeds_sales"


@attrs.frozen(kw_only=True)
class ClearingRecord:
    """One captured transaction, or one refund, as it is sent to the network."""

    reference: str
    """Of this transaction, for example the id of its balance transaction. The same reference is the same record."""
    kind: ClearingKind = ClearingKind.SALE
    account_id: AccountId
    merchant: str
    original: str
    """Reference of the authorization: the hold's id."""
    authorization_code: str
    bin: str
    """What the network routes by."""
    amount: int = attrs.field()
    currency: str
    captured: Timestamp
    """When the merchant took the money."""
    final: bool = True
    """Whether this is the last presentment for its authorization: what is left of the promise goes back."""

    @amount.validator
    def _takes_something(self, _: object, amount: int) -> None:
        assert amount > 0, "a clearing record is about some money"


@attrs.frozen(kw_only=True)
class ClearingResult:
    """What became of one record."""

    record: ClearingRecord
    reason: Rejection | None = None
    posted: Timestamp
    """When it was first decided on."""
    repeated: bool = False
    """It was presented before: this is the answer it got then."""

    @property
    def accepted(self) -> bool:
        """Whether the record is paid."""
        return self.reason is None


@attrs.frozen(kw_only=True)
class Presentment:
    """A record as the bank keeps it: the answer it got, and if it was accepted a line of the cardholder's statement."""

    account_id: AccountId = ISSUER
    id: PresentmentId
    created: Timestamp
    reference: str
    kind: ClearingKind
    merchant_account: AccountId
    merchant: str
    cardholder: str
    statement: str | None
    """The cardholder and the month of the statement it is on; None if it was rejected."""
    original: str
    authorization_code: str
    captured: Timestamp
    amount: int
    currency: str
    reason: Rejection | None = None

    def result(self, record: ClearingRecord) -> ClearingResult:
        """The answer that a repetition of the record gets."""
        return ClearingResult(record=record, reason=self.reason, posted=self.created, repeated=True)


@attrs.frozen(kw_only=True)
class Total:
    """What the network owes one merchant's bank in one currency."""

    sales: int = 0
    credits: int = 0
    accepted: int = 0
    rejected: int = 0

    @property
    def net(self) -> int:
        """Sales less credits; below zero if the merchant's bank owes the network."""
        return self.sales - self.credits

    def plus(self, result: ClearingResult) -> "Total":
        """The total with one more result in it."""
        amount = result.record.amount if result.accepted else 0
        is_sale = result.record.kind is ClearingKind.SALE
        return Total(
            sales=self.sales + (amount if is_sale else 0),
            credits=self.credits + (0 if is_sale else amount),
            accepted=self.accepted + result.accepted,
            rejected=self.rejected + (not result.accepted),
        )


Totals = Mapping[tuple[AccountId, str], Total]


def net(results: Iterable[ClearingResult]) -> Totals:
    """Totals by merchant and currency. A record that was presented twice counts once."""
    totals: dict[tuple[AccountId, str], Total] = {}
    counted: set[tuple[AccountId, str]] = set()
    for result in results:
        record = result.record
        if (record.account_id, record.reference) in counted:
            continue
        counted.add((record.account_id, record.reference))
        key = record.account_id, record.currency
        totals[key] = totals.get(key, Total()).plus(result)
    return totals


def presentment_id(record: ClearingRecord) -> PresentmentId:
    """Where the record is kept."""
    return PresentmentId(derived("presentment", record.account_id, record.reference))


def verify(
    record: ClearingRecord, authorization: IssuerAuthorization | None, today: Timestamp
) -> Rejection | None:
    """Hold a record against the promise that was made for it."""
    if authorization is None or not authorization.arrived:
        return Rejection.UNKNOWN_AUTHORIZATION
    if not authorization.answer.approved:
        return Rejection.NOT_APPROVED
    if record.authorization_code != authorization.answer.authorization_code:
        return Rejection.WRONG_AUTHORIZATION_CODE
    if record.currency != authorization.currency:
        return Rejection.CURRENCY_MISMATCH
    if record.kind is ClearingKind.CREDIT:
        fits = record.amount <= authorization.presented - authorization.credited
        return None if fits else Rejection.CREDIT_EXCEEDS_SALES
    if today > authorization.created + LATE_AFTER_DAYS * DAY:
        return Rejection.LATE_PRESENTMENT
    if record.amount > authorization.held:
        was_reversed = authorization.presented == 0 and record.amount <= authorization.amount
        return Rejection.AUTHORIZATION_REVERSED if was_reversed else Rejection.AMOUNT_EXCEEDS_AUTHORIZATION
    return None
