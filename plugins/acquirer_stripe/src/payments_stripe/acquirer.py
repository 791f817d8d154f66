"""The five verbs of an acquirer, and clearing, in the words of Stripe's API.

The official SDK blocks, so each message runs in a thread. A broken connection or a 5xx is silence: it may have been carried out.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self

import attrs
import stripe

from payments_core.errors import Unavailable
from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.ports import AuthorizationRequest, FollowUp
from payments_core.settlement.clearing import ClearingKind, ClearingRecord, ClearingResult
from payments_core.tokenization.payment_methods import Check

NOT_FOUND = Answer(outcome=Outcome.DECLINED, response_code="25", decline_code="processing_error")
NOT_SUPPORTED = Answer(outcome=Outcome.DECLINED, response_code="40", decline_code="transaction_not_allowed")
NOT_ALLOWED = Answer(outcome=Outcome.DECLINED, response_code="57", decline_code="transaction_not_allowed")
CHECKS = ("cvc_check", "address_line1_check", "address_postal_code_check")
BUSY_TRIES = 20
BUSY_S = 0.1


@attrs.frozen(eq=False)
class StripeAcquirer:
    """An `Acquirer` that is a merchant of somebody else's gateway."""

    client: stripe.StripeClient
    name: str = "stripe"
    timeout_s: float = 30.0

    @classmethod
    def of(cls, key: str, url: str | None) -> Self:
        """The acquirer of this merchant. It never repeats a message by itself."""
        at: Any = {"base_addresses": {"api": url}} if url else {}
        return cls(stripe.StripeClient(key, max_network_retries=0, **at))

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        """Ask for a promise, or for an amount of nothing whether the card is good."""
        return await _heard(lambda: self._authorize(request))

    async def increment(self, message: FollowUp) -> Answer:
        """Charges cannot be raised."""
        return NOT_SUPPORTED

    async def reverse(self, message: FollowUp) -> Answer:
        """Give a promise back. One that is not there, or is given back already, needs nothing."""
        return await _heard(lambda: self._reverse(message))

    async def refund(self, message: FollowUp) -> Answer:
        """Send taken money back."""
        return await _heard(lambda: self._refund(message))

    async def inquire(self, message: FollowUp) -> Answer:
        """Ask what became of a charge, or of a refund."""
        return await _heard(lambda: self._inquire(message))

    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        """Take what was promised and not yet taken; what was taken or sent back at once needs nothing more."""
        try:
            return await asyncio.to_thread(lambda: [self._clear(record) for record in records])
        except stripe.StripeError as error:
            raise Unavailable(f"The upstream cannot tell: {error.user_message}") from error

    def _authorize(self, request: AuthorizationRequest) -> Answer:
        if not request.amount:
            self.client.v1.customers.create({"source": self._token(request)}, _key(request.reference))
            return Answer(
                outcome=Outcome.APPROVED,
                response_code="85",
                authorization_code=_code(request.reference),
                network_reference=request.reference,
            )
        params: Any = {
            "amount": request.amount,
            "currency": request.currency,
            "source": self._token(request),
            "capture": request.capture_now,
            "transfer_group": request.reference,
            "metadata": {"reference": request.reference, "merchant": request.merchant},
        }
        return _told(self.client.v1.charges.create(params, _key(request.reference)))

    def _token(self, request: AuthorizationRequest) -> str:
        card: Any = {
            "number": request.pan.reveal(),
            "exp_month": request.expiry.month,
            "exp_year": request.expiry.year,
            "cvc": request.cvc.reveal() if request.cvc else None,
            "address_line1": request.address.line1,
            "address_zip": request.address.postal_code,
        }
        given: Any = {name: value for name, value in card.items() if value is not None}
        return self.client.v1.tokens.create({"card": given}, _key(f"{request.reference}.token")).id

    def _reverse(self, message: FollowUp) -> Answer:
        charge = self._charge(message)
        given_back = Answer(
            outcome=Outcome.APPROVED, response_code="00", network_reference=charge and charge.id
        )
        if charge is None or charge.status != "succeeded" or charge.refunded:
            return given_back
        whole = not charge.captured  # a promise can be let go in one piece only
        said = self._give_back(message, charge, None if whole else message.amount)
        return given_back if said.approved else said

    def _refund(self, message: FollowUp) -> Answer:
        charge = self._charge(message)
        if charge is None:
            return NOT_FOUND
        if charge.status != "succeeded":
            return NOT_ALLOWED
        if not charge.captured:
            self.client.v1.charges.capture(charge.id, {}, _key(f"{message.original}.capture"))
        return self._give_back(message, charge, message.amount)

    def _give_back(self, message: FollowUp, charge: Any, amount: int | None) -> Answer:
        params: Any = {"charge": charge.id, "metadata": {"reference": message.reference}}
        if amount is not None:
            params["amount"] = amount
        refund = self.client.v1.refunds.create(params, _key(message.reference))
        return _of_refund(refund)

    def _inquire(self, message: FollowUp) -> Answer:
        charge = self._charge(message)
        if charge is not None and charge.transfer_group == message.original:
            return _told(charge)
        if charge is None:
            return NOT_FOUND
        refunds = self.client.v1.refunds.list({"charge": charge.id, "limit": 100}).auto_paging_iter()
        ours = (one for one in refunds if getattr(one.metadata, "reference", None) == message.original)
        refund = next(ours, None)
        return NOT_FOUND if refund is None else _of_refund(refund)

    def _charge(self, message: FollowUp) -> Any | None:
        if (message.network_reference or "").startswith("ch_"):
            return self.client.v1.charges.retrieve(message.network_reference or "")
        found = self.client.v1.charges.list({"transfer_group": message.original, "limit": 1}).data
        return found[0] if found else None

    def _clear(self, record: ClearingRecord) -> ClearingResult:
        charge = self.client.v1.charges.retrieve(record.network_reference)
        if record.kind is ClearingKind.SALE and not charge.captured:
            params: Any = {"amount": record.amount}
            self.client.v1.charges.capture(charge.id, params, _key(record.reference))
        return ClearingResult(reference=record.reference, amount=record.amount)


async def _heard(send: Callable[[], Answer]) -> Answer:
    """The upstream's answer in our words, whichever way the SDK tells it."""
    for _ in range(BUSY_TRIES):
        try:
            return await asyncio.to_thread(send)
        except stripe.CardError as error:
            return _no(error)
        except (stripe.AuthenticationError, stripe.PermissionError, stripe.InvalidRequestError) as error:
            return _refused(error)
        except stripe.StripeError as error:
            if error.http_status != 409 and error.http_status != 429:
                return SILENCE
            await asyncio.sleep(BUSY_S)  # the same message is under way
    return SILENCE


def _told(charge: Any) -> Answer:
    approved = charge.status == "succeeded"
    card = charge.payment_method_details.card
    told = {name: getattr(card.checks, name, None) for name in CHECKS} if card.checks else {}
    outcome = charge.outcome
    return Answer(
        outcome=Outcome.APPROVED if approved else Outcome.DECLINED,
        response_code="00"
        if approved
        else (outcome and getattr(outcome, "network_decline_code", None)) or "05",
        authorization_code=(getattr(card, "authorization_code", None) or _code(charge.id))
        if approved
        else None,
        network_reference=charge.id,
        decline_code=None if approved else (outcome and outcome.reason) or charge.failure_code,
        checks={name: Check(word) for name, word in told.items() if word},
    )


def _of_refund(refund: Any) -> Answer:
    if refund.status in ("failed", "canceled"):
        return NOT_ALLOWED
    pending = {"refund": "pending"} if refund.status == "pending" else {}
    return Answer(outcome=Outcome.APPROVED, response_code="00", network_reference=refund.id, traits=pending)


def _no(error: stripe.CardError) -> Answer:
    told: Any = error.error
    return Answer(
        outcome=Outcome.DECLINED,
        response_code=getattr(told, "network_decline_code", None) or "05",
        decline_code=getattr(told, "decline_code", None) or error.code or "generic_decline",
        network_reference=getattr(told, "charge", None),
    )


def _refused(error: stripe.StripeError) -> Answer:
    """The upstream does not take such a message: another acquirer may."""
    if error.code in ("charge_already_refunded", "charge_already_captured"):
        return Answer(outcome=Outcome.APPROVED, response_code="00")
    return Answer(
        outcome=Outcome.DECLINED,
        response_code="96",
        decline_code="processing_error",
        retry_elsewhere=True,
    )


def _key(reference: str) -> Any:
    return {"idempotency_key": reference}


def _code(reference: str) -> str:
    return reference[-6:].upper()
