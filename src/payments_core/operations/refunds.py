"""Refunds: create, update, retrieve, list and cancel."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.errors import AmountRefused, InvalidRequest, NotFound, ParamMissing, TransitionRefused
from payments_core.money.amounts import is_whole
from payments_core.operations.declaring import Ask, Command, Listing, operation
from payments_core.operations.refunding import request_refund
from payments_core.operations.sharing import check_refund
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.refunds import Refund, RefundId
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports, Query
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class CreateRefund(Command[Refund]):
    """Give money back; without an amount, all that is left. Amounts are in minor units of the charge's currency."""

    charge: str | None = None
    payment_intent: str | None = None
    amount: int | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    instructions_email: str | None = None
    refund_application_fee: bool | None = None
    reverse_transfer: bool | None = None


async def refund_outcome(work: Work, ports: Ports, refund_id: str) -> Refund:
    """The refund, whatever became of it."""
    return await work.get(Refund, refund_id)


@operation(
    "refund.create",
    post="/v1/refunds",
    raises=(AmountRefused, InvalidRequest, NotFound),
    outcome=refund_outcome,
)
async def create_refund(command: CreateRefund, work: Work, ports: Ports) -> Refund | Ask:
    """Give taken money back, or let a hold go."""
    charge = await _charge_of(command, work)
    releases = not charge.captured
    left = charge.amount - charge.amount_refunded
    amount = left if command.amount is None else command.amount
    check_refund(
        work,
        charge,
        reverses=bool(command.reverse_transfer),
        refunds_fee=bool(command.refund_application_fee),
    )
    charge.refuse_refund(amount)
    if releases and charge.payment_intent is not None:
        raise InvalidRequest(
            f"Charge {charge.id} of {charge.payment_intent} was not captured: cancel the PaymentIntent instead.",
            code="charge_not_refundable",
        )
    if releases and amount != left:
        raise InvalidRequest(
            "A charge that was not captured can only be given back whole; capture less to give a part back.",
            param="amount",
        )
    refund = Refund(
        account_id=work.account_id,
        id=RefundId(work.new_id("re")),
        created=work.now,
        amount=amount,
        currency=charge.currency,
        charge=charge.id,
        payment_intent=charge.payment_intent,
        reason=command.reason,
        releases=releases,
        instructions_email=command.instructions_email,
        reverses_transfer=bool(command.reverse_transfer),
        refunds_fee=bool(command.refund_application_fee),
        metadata=merged(NOTHING, command.metadata),
    )
    return await request_refund(work, charge, refund, "refund.create")


async def _charge_of(command: CreateRefund, work: Work) -> Charge:
    if command.charge is not None and command.payment_intent is not None:
        raise InvalidRequest(
            "You may only specify one of these parameters: charge, payment_intent.",
            code="parameters_exclusive",
        )
    if command.amount is not None and (not is_whole(command.amount) or command.amount <= 0):
        raise AmountRefused("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if command.charge is not None:
        return await work.get(Charge, command.charge, param="charge")
    if command.payment_intent is None:
        raise ParamMissing(
            "charge",
            "One of the following params should be provided for this request: payment_intent or charge.",
        )
    page = await work.select_to_write(
        Charge, Query(equal={"payment_intent": command.payment_intent}, limit=1)
    )
    if not page.items:
        await work.get(PaymentIntent, command.payment_intent, param="payment_intent")
        raise InvalidRequest(
            f"This PaymentIntent ({command.payment_intent}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return page.items[0]


@attrs.frozen(kw_only=True)
class UpdateRefund(Command[Refund]):
    """Only metadata can be changed."""

    id: str
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("refund.update", post="/v1/refunds/{id}", raises=(NotFound,))
async def update_refund(command: UpdateRefund, work: Work, ports: Ports) -> Refund:
    """Change a refund's metadata."""
    refund = await work.get(Refund, command.id)
    refund = evolve(refund, metadata=merged(refund.metadata, command.metadata))
    work.put(refund)
    work.announce("refund.updated", refund)
    return refund


@attrs.frozen(kw_only=True)
class RetrieveRefund(Command[Refund]):
    """Which refund."""

    id: str


@operation("refund.retrieve", get="/v1/refunds/{id}", raises=(NotFound,))
async def retrieve_refund(command: RetrieveRefund, work: Work, ports: Ports) -> Refund:
    """Return a refund."""
    return await work.get(Refund, command.id)


@attrs.frozen(kw_only=True)
class ListRefunds(Listing, Command[Page[Refund]]):
    """Which refunds."""

    charge: str | None = None
    payment_intent: str | None = None


@operation("refund.list", get="/v1/refunds", raises=(InvalidRequest,))
async def list_refunds(command: ListRefunds, work: Work, ports: Ports) -> Page[Refund]:
    """List refunds, newest first."""
    return await work.select(
        Refund, command.query(charge=command.charge, payment_intent=command.payment_intent)
    )


@attrs.frozen(kw_only=True)
class RetrieveChargeRefund(Command[Refund]):
    """Which refund of which charge."""

    id: str
    refund: str


@operation("charge.retrieve_refund", get="/v1/charges/{id}/refunds/{refund}", raises=(NotFound,))
async def retrieve_charge_refund(command: RetrieveChargeRefund, work: Work, ports: Ports) -> Refund:
    """Return one refund of a charge."""
    refund = await work.get(Refund, command.refund, param="refund")
    if refund.charge != command.id:
        raise NotFound("refund", command.refund, param="refund")
    return refund


@attrs.frozen(kw_only=True)
class ListChargeRefunds(Listing, Command[Page[Refund]]):
    """Which refunds of a charge."""

    id: str


@operation("charge.list_refunds", get="/v1/charges/{id}/refunds", raises=(InvalidRequest, NotFound))
async def list_charge_refunds(command: ListChargeRefunds, work: Work, ports: Ports) -> Page[Refund]:
    """List the refunds of one charge, newest first."""
    charge = await work.get(Charge, command.id)
    return await work.select(Refund, command.query(charge=charge.id))


@attrs.frozen(kw_only=True)
class CancelRefund(Command[Refund]):
    """Which refund."""

    id: str


@operation("refund.cancel", post="/v1/refunds/{id}/cancel", raises=(NotFound, TransitionRefused))
async def cancel_refund(command: CancelRefund, work: Work, ports: Ports) -> Refund:
    """Cancel a refund that still requires action."""
    refund = (await work.get(Refund, command.id)).canceled()
    work.put(refund)
    work.announce("refund.updated", refund)
    return refund
