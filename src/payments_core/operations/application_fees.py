"""Application fees: retrieve and list; and their refunds."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.errors import AmountRefused, BalanceInsufficient, InvalidRequest, NotFound
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.transferring import refund_fee
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.settlement.application_fees import ApplicationFee, FeeRefund
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class RetrieveFee(Command[ApplicationFee]):
    """Which fee."""

    id: str


@operation("application_fee.retrieve", get="/v1/application_fees/{id}", raises=(NotFound,))
async def retrieve_fee(command: RetrieveFee, work: Work, ports: Ports) -> ApplicationFee:
    """Return a fee that the platform has earned."""
    return await work.get(ApplicationFee, command.id)


@attrs.frozen(kw_only=True)
class ListFees(Listing, Command[Page[ApplicationFee]]):
    """Which fees."""

    charge: str | None = None


@operation("application_fee.list", get="/v1/application_fees", raises=(InvalidRequest,))
async def list_fees(command: ListFees, work: Work, ports: Ports) -> Page[ApplicationFee]:
    """List the fees that the platform has earned, newest first."""
    return await work.select(ApplicationFee, command.query(charge=command.charge))


@attrs.frozen(kw_only=True)
class RefundFee(Command[FeeRefund]):
    """How much of a fee to give back; all that is left by default. In minor units of its currency."""

    id: str
    amount: int | None = None
    metadata: Mapping[str, str] | None = None


@operation(
    "fee_refund.create",
    post="/v1/application_fees/{id}/refunds",
    raises=(AmountRefused, BalanceInsufficient, InvalidRequest, NotFound),
)
async def create_fee_refund(command: RefundFee, work: Work, ports: Ports) -> FeeRefund:
    """Give a part of a fee back to the connected account, from what is available."""
    fee = await work.get(ApplicationFee, command.id)
    amount = fee.refundable if command.amount is None else command.amount
    fee.refuse_refund(amount)
    return await refund_fee(work, fee, amount, metadata=merged(NOTHING, command.metadata), insists=True)


@attrs.frozen(kw_only=True)
class UpdateFeeRefund(Command[FeeRefund]):
    """Only metadata can be changed."""

    id: str
    """The fee."""
    refund: str
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("fee_refund.update", post="/v1/application_fees/{id}/refunds/{refund}", raises=(NotFound,))
async def update_fee_refund(command: UpdateFeeRefund, work: Work, ports: Ports) -> FeeRefund:
    """Change the metadata of a fee's refund."""
    refund = await _refund_of(work, command.id, command.refund)
    refund = evolve(refund, metadata=merged(refund.metadata, command.metadata))
    work.put(refund)
    work.put((await work.get(ApplicationFee, refund.fee)).showing(refund))
    work.announce("application_fee.refund.updated", refund)
    return refund


@attrs.frozen(kw_only=True)
class RetrieveFeeRefund(Command[FeeRefund]):
    """Which refund of which fee."""

    id: str
    """The fee."""
    refund: str


@operation("fee_refund.retrieve", get="/v1/application_fees/{id}/refunds/{refund}", raises=(NotFound,))
async def retrieve_fee_refund(command: RetrieveFeeRefund, work: Work, ports: Ports) -> FeeRefund:
    """Return the refund of a fee."""
    return await _refund_of(work, command.id, command.refund)


async def _refund_of(work: Work, fee_id: str, refund_id: str) -> FeeRefund:
    await work.get(ApplicationFee, fee_id)
    found = await work.find(FeeRefund, refund_id)
    if found is None or found.fee != fee_id:
        raise NotFound("fee_refund", refund_id, param="refund")
    return found


@attrs.frozen(kw_only=True)
class ListFeeRefunds(Listing, Command[Page[FeeRefund]]):
    """Whose refunds."""

    id: str


@operation("fee_refund.list", get="/v1/application_fees/{id}/refunds", raises=(InvalidRequest, NotFound))
async def list_fee_refunds(command: ListFeeRefunds, work: Work, ports: Ports) -> Page[FeeRefund]:
    """List what was given back of a fee, newest first."""
    fee = await work.get(ApplicationFee, command.id)
    return await work.select(FeeRefund, command.query(fee=fee.id))
