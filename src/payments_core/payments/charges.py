"""Charges: one attempt to move a payer's money to a merchant, what became of it, and how much went back."""

from enum import StrEnum
from typing import NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, TransitionRefused
from payments_core.machine import Machine
from payments_core.money.amounts import refuse_beyond
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.answers import Answer
from payments_core.payments.holds import HoldId
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.payment_methods import Address, BillingDetails, CardFacts
from payments_core.values import evolve

ChargeId = NewType("ChargeId", str)


class ChargeState(StrEnum):
    """The status that clients see."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ChargeEvent(StrEnum):
    """What can happen to a charge."""

    APPROVE = "approve"
    FAIL = "fail"
    CAPTURE = "capture"
    EXPIRE = "expire"
    REFUND = "refund"
    DISPUTE = "dispute"


CHARGE = Machine(
    name="charge",
    initial=ChargeState.PENDING,
    table={
        ChargeState.PENDING: {
            ChargeEvent.APPROVE: ChargeState.SUCCEEDED,
            ChargeEvent.FAIL: ChargeState.FAILED,
        },
        ChargeState.SUCCEEDED: {
            ChargeEvent.CAPTURE: ChargeState.SUCCEEDED,
            ChargeEvent.EXPIRE: ChargeState.SUCCEEDED,
            ChargeEvent.REFUND: ChargeState.SUCCEEDED,
            ChargeEvent.DISPUTE: ChargeState.SUCCEEDED,
        },
        ChargeState.FAILED: {},
    },
)


@attrs.frozen(kw_only=True, slots=False)
class Shipping:
    """Where goods go."""

    address: Address = Address()
    name: str | None = None
    phone: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class Verdict:
    """Why a charge went as it did: the `outcome` of the API."""

    network_status: str
    type: str
    seller_message: str
    reason: str | None = None
    risk_level: str = "normal"
    risk_score: int | None = None
    network_decline_code: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class Failure:
    """What the payer may be told of a failed charge."""

    code: str
    message: str
    decline_code: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class TransferData:
    """Which connected account gets the money, and how much of it; all of it if nothing is said."""

    destination: str
    amount: int | None = None


@attrs.frozen(kw_only=True, slots=False)
class Charge:
    """One attempt to take money, or money that came by a transfer. Amounts are minor units of `currency`."""

    account_id: AccountId
    id: ChargeId
    created: Timestamp
    amount: int
    currency: CurrencyCode
    hold_id: HoldId
    card: CardFacts | None
    """None for money that came by a transfer."""
    payment_method: str
    billing: BillingDetails = BillingDetails()
    customer: str | None = None
    status: ChargeState = CHARGE.initial
    capture_now: bool = True
    """Whether the money is taken as soon as it is promised."""
    captured: bool = False
    more_to_capture: bool = False
    """A part was taken, and the rest is still promised."""
    amount_captured: int = 0
    amount_refunded: int = 0
    refunded: bool = False
    disputed: bool = False
    dispute: str | None = None
    capture_before: Timestamp | None = None
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    failure: Failure | None = None
    verdict: Verdict | None = None
    authorization_code: str | None = None
    network_reference: str | None = None
    acquirer: str = ""
    traits: Metadata = NOTHING
    """What the network said beyond the answer, such as that the money is available at once."""
    payment_intent: str | None = None
    invoice: str | None = None
    transfer_group: str | None = None
    on_behalf_of: str | None = None
    application: str | None = None
    """The platform that keeps a fee, or sent the money."""
    application_fee: str | None = None
    application_fee_amount: int | None = None
    transfer_data: TransferData | None = None
    transfer: str | None = None
    """The transfer that sent the money on."""
    source_transfer: str | None = None
    """The transfer that brought the money."""
    amount_transferred: int = 0
    """How much of the money was sent on in all."""
    description: str | None = None
    receipt_email: str | None = None
    receipt_number: str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    fraud_report: str | None = None
    shipping: Shipping | None = None
    three_d_secure: Metadata = NOTHING
    metadata: Metadata = NOTHING

    @property
    def paid_with(self) -> CardFacts:
        """The card of a charge that a network was asked for."""
        assert self.card is not None, "money that came by a transfer has no card"
        return self.card

    @property
    def is_shared(self) -> bool:
        """Whether a platform or a connected account gets something of it."""
        return self.application_fee_amount is not None or self.transfer_data is not None

    @property
    def group(self) -> str:
        """What holds it and the transfers of its money together: the merchant's own word, or one made for it."""
        return self.transfer_group or f"group_{self.payment_intent or self.id}"

    @property
    def refundable(self) -> int:
        """What can still go back to the payer."""
        return self.amount_captured - self.amount_refunded

    def approved(self, answer: Answer, *, capture_before: Timestamp | None, verdict: Verdict) -> Self:
        """The issuer promised the money."""
        return evolve(
            self._after(ChargeEvent.APPROVE),
            authorization_code=answer.authorization_code,
            network_reference=answer.network_reference,
            capture_before=capture_before,
            verdict=verdict,
            traits=answer.traits,
            card=self.paid_with.checked(answer.checks),
        )

    def failed(self, failure: Failure, verdict: Verdict, answer: Answer | None = None) -> Self:
        """Nobody promised anything."""
        checks = answer.checks if answer else {}
        return evolve(
            self._after(ChargeEvent.FAIL),
            failure=failure,
            verdict=verdict,
            card=self.paid_with.checked(checks),
        )

    def capture(self, amount: int, balance_transaction: str, *, final: bool = True) -> Self:
        """Take *amount*; what a final capture leaves of the promise counts as given back."""
        self.refuse_capture()
        total = self.amount_captured + amount
        return evolve(
            self._after(ChargeEvent.CAPTURE),
            captured=True,
            more_to_capture=not final,
            amount_captured=total,
            amount_refunded=self.amount_refunded + (self.amount - total if final else 0),
            balance_transaction=balance_transaction,
            capture_before=None if final else self.capture_before,
        )

    def refund(self, amount: int) -> Self:
        """Promise *amount* back to the payer, or refuse."""
        self.refuse_refund(amount)
        total = self.amount_refunded + amount
        return evolve(self._after(ChargeEvent.REFUND), amount_refunded=total, refunded=total == self.amount)

    def refund_failed(self, amount: int) -> Self:
        """The refund of *amount* did not reach the payer: it can be refunded again."""
        return evolve(
            self._after(ChargeEvent.REFUND), amount_refunded=self.amount_refunded - amount, refunded=False
        )

    def released(self) -> Self:
        """What was still promised went back untaken: all of it, as a rule."""
        total = self.amount_refunded + self.amount - self.amount_captured
        return evolve(
            self._after(ChargeEvent.EXPIRE),
            amount_refunded=total,
            refunded=total == self.amount,
            more_to_capture=False,
            capture_before=None if self.captured else self.capture_before,
        )

    def increased(self, amount: int) -> Self:
        """The issuer promised *amount* in all."""
        return evolve(self, amount=amount)

    def refuse_capture(self) -> None:
        """Raise `InvalidRequest` if there is nothing to take any more."""
        if self.status is ChargeState.FAILED:
            raise TransitionRefused(
                "charge",
                self.status,
                "capture",
                message=f"Charge {self.id} was not successful and cannot be captured.",
            )
        if self.captured and not self.more_to_capture:
            raise InvalidRequest(
                f"Charge {self.id} has already been captured.", code="charge_already_captured"
            )
        if self.refunded:
            raise InvalidRequest(
                f"Charge {self.id} has expired or was given back and cannot be captured.",
                code="charge_expired_for_capture",
            )

    def refuse_refund(self, amount: int) -> None:
        """Raise `InvalidRequest` or `AmountRefused` if *amount* cannot go back."""
        left = self.refundable if self.more_to_capture else self.amount - self.amount_refunded
        if self.status is not ChargeState.SUCCEEDED:
            raise InvalidRequest(
                f"Charge {self.id} was not successful and cannot be refunded.", code="charge_not_refundable"
            )
        if self.disputed:
            raise InvalidRequest(
                f"Charge {self.id} has been charged back; cannot issue a refund.", code="charge_disputed"
            )
        if left == 0:
            raise InvalidRequest(
                f"Charge {self.id} has already been refunded.", code="charge_already_refunded"
            )
        refuse_beyond(amount, left, self.currency, kind="Refund", of="unrefunded amount on charge")

    def _after(self, event: ChargeEvent) -> Self:
        return evolve(self, status=CHARGE.after(self.status, event))
