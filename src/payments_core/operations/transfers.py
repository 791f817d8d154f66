"""Transfers: create, update, retrieve and list; and their reversals."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.errors import (
    AmountRefused,
    BalanceInsufficient,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    ParamMissing,
)
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.money.amounts import display, payable_out
from payments_core.money.currencies import currency_code
from payments_core.operations.declaring import Ask, Command, Listing, operation
from payments_core.operations.params import told
from payments_core.operations.reversing import request_reversal, reversal_outcome
from payments_core.operations.transferring import (
    TOO_LITTLE,
    Consignment,
    demand,
    footing_of,
    receiver,
    send_on,
)
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge, ChargeState
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.settlement.transfers import (
    ReversalState,
    Transfer,
    TransferReversal,
    TransferReversalId,
)
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class CreateTransfer(Command[Transfer]):
    """Send money to a connected account. Amounts are in minor units; all that is left of a source by default."""

    amount: int | None = None
    currency: str
    destination: str
    description: str | None = None
    metadata: Mapping[str, str] | None = None
    source_transaction: str | None = None
    source_type: Literal["bank_account", "card", "fpx"] | None = None
    transfer_group: str | None = None


@operation(
    "transfer.create",
    post="/v1/transfers",
    raises=(AmountRefused, BalanceInsufficient, InvalidRequest, NotFound, ParamMissing),
)
async def create_transfer(command: CreateTransfer, work: Work, ports: Ports) -> Transfer:
    """Take available money, or the money of one charge, off the platform's balance and give it to the connected account."""
    currency = currency_code(command.currency)
    if command.source_type in ("bank_account", "fpx"):
        raise BalanceInsufficient(TOO_LITTLE, param="source_type")
    destination = await receiver(work, command.destination, param="destination")
    source = leader = None
    if command.source_transaction is not None:
        source = await _source(work, command.source_transaction)
        leader = await work.get(BalanceTransaction, source.balance_transaction or "")
        if source.currency != currency:
            raise ParamInvalid(
                f"The currency must be the source transaction's, {source.currency}.", param="currency"
            )
    amount = _amount(command, source)
    payable_out(amount, currency)
    footing = footing_of(work, leader)
    group = command.transfer_group
    if source is not None:
        sent = source.amount_transferred + amount
        work.put(
            evolve(
                source, amount_transferred=sent, transfer_group=source.transfer_group or group or source.group
            )
        )
        group = group or source.group
    if not footing.pending:
        demand(work, currency)
    return await send_on(
        work,
        Consignment(
            destination=destination.id,
            amount=amount,
            currency=currency,
            footing=footing,
            source=source.id if source else None,
            transfer_group=group,
            description=command.description,
            metadata=merged(NOTHING, command.metadata),
        ),
    )


async def _source(work: Work, charge_id: str) -> Charge:
    charge = await work.get(Charge, charge_id, param="source_transaction")
    if charge.status is not ChargeState.SUCCEEDED or not charge.captured:
        raise InvalidRequest(
            f"Charge {charge.id} cannot be the source of a transfer before it has succeeded and was captured.",
            param="source_transaction",
        )
    return charge


def _amount(command: CreateTransfer, source: Charge | None) -> int:
    if source is None:
        if command.amount is None:
            raise ParamMissing("amount")
        return command.amount
    left = source.amount_captured - source.amount_transferred
    amount = left if command.amount is None else command.amount
    if amount > left:
        raise AmountRefused(
            "Transfers that use a charge as their source cannot come to more than the charge: "
            f"{display(max(left, 0), source.currency)} of {source.id} is left.",
            code="amount_too_large",
            param="amount",
        )
    return amount


@attrs.frozen(kw_only=True)
class UpdateTransfer(Command[Transfer]):
    """Change what a transfer says about itself."""

    id: str
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("transfer.update", post="/v1/transfers/{id}", raises=(NotFound, ParamInvalid))
async def update_transfer(command: UpdateTransfer, work: Work, ports: Ports) -> Transfer:
    """Change description and metadata."""
    transfer = await work.get(Transfer, command.id)
    transfer = evolve(
        transfer,
        description=told(transfer.description, command.description),
        metadata=merged(transfer.metadata, command.metadata),
    )
    work.put(transfer)
    work.announce("transfer.updated", transfer)
    return transfer


@attrs.frozen(kw_only=True)
class RetrieveTransfer(Command[Transfer]):
    """Which transfer."""

    id: str


@operation("transfer.retrieve", get="/v1/transfers/{id}", raises=(NotFound,))
async def retrieve_transfer(command: RetrieveTransfer, work: Work, ports: Ports) -> Transfer:
    """Return a transfer."""
    return await work.get(Transfer, command.id)


@attrs.frozen(kw_only=True)
class ListTransfers(Listing, Command[Page[Transfer]]):
    """Which transfers."""

    destination: str | None = None
    transfer_group: str | None = None


@operation("transfer.list", get="/v1/transfers", raises=(InvalidRequest,))
async def list_transfers(command: ListTransfers, work: Work, ports: Ports) -> Page[Transfer]:
    """List transfers, newest first."""
    query = command.query(destination=command.destination, transfer_group=command.transfer_group)
    return await work.select(Transfer, query)


@attrs.frozen(kw_only=True)
class CreateReversal(Command[TransferReversal]):
    """How much to take back of a transfer; all that is left by default. In minor units of its currency."""

    id: str
    amount: int | None = None
    description: str | None = None
    """Taken for compatibility: reversals show none."""
    metadata: Mapping[str, str] | Literal[""] | None = None
    refund_application_fee: bool = False


@operation(
    "transfer_reversal.create",
    post="/v1/transfers/{id}/reversals",
    raises=(AmountRefused, BalanceInsufficient, InvalidRequest, NotFound),
    outcome=reversal_outcome,
)
async def create_reversal(command: CreateReversal, work: Work, ports: Ports) -> TransferReversal | Ask:
    """Take transferred money back, if it is available there."""
    transfer = await work.get(Transfer, command.id)
    reversal = TransferReversal(
        account_id=work.account_id,
        id=TransferReversalId(work.new_id("trr")),
        created=work.now,
        amount=transfer.reversible if command.amount is None else command.amount,
        currency=transfer.currency,
        transfer=transfer.id,
        destination_payment_refund=work.new_id("pyr"),
        payer_transaction=work.new_id("txn"),
        refunds_fee=command.refund_application_fee,
        metadata=merged(NOTHING, command.metadata),
    )
    return await request_reversal(work, transfer, reversal, "transfer_reversal.create")


@attrs.frozen(kw_only=True)
class UpdateReversal(Command[TransferReversal]):
    """Only metadata can be changed."""

    id: str
    """The transfer."""
    reversal: str
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("transfer_reversal.update", post="/v1/transfers/{id}/reversals/{reversal}", raises=(NotFound,))
async def update_reversal(command: UpdateReversal, work: Work, ports: Ports) -> TransferReversal:
    """Change a reversal's metadata."""
    reversal = await _reversal_of(work, command.id, command.reversal)
    reversal = evolve(reversal, metadata=merged(reversal.metadata, command.metadata))
    transfer = (await work.get(Transfer, reversal.transfer)).showing(reversal)
    work.put(reversal)
    work.put(transfer)
    work.announce("transfer.updated", transfer)
    return reversal


@attrs.frozen(kw_only=True)
class RetrieveReversal(Command[TransferReversal]):
    """Which reversal of which transfer."""

    id: str
    """The transfer."""
    reversal: str


@operation("transfer_reversal.retrieve", get="/v1/transfers/{id}/reversals/{reversal}", raises=(NotFound,))
async def retrieve_reversal(command: RetrieveReversal, work: Work, ports: Ports) -> TransferReversal:
    """Return a reversal."""
    return await _reversal_of(work, command.id, command.reversal)


async def _reversal_of(work: Work, transfer_id: str, reversal_id: str) -> TransferReversal:
    await work.get(Transfer, transfer_id)
    found = await work.find(TransferReversal, reversal_id)
    if found is None or found.transfer != transfer_id or found.status is not ReversalState.SUCCEEDED:
        raise NotFound("transfer_reversal", reversal_id, param="reversal")
    return found


@attrs.frozen(kw_only=True)
class ListReversals(Listing, Command[Page[TransferReversal]]):
    """Whose reversals."""

    id: str


@operation("transfer_reversal.list", get="/v1/transfers/{id}/reversals", raises=(InvalidRequest, NotFound))
async def list_reversals(command: ListReversals, work: Work, ports: Ports) -> Page[TransferReversal]:
    """List what came back of a transfer, newest first."""
    transfer = await work.get(Transfer, command.id)
    query = command.query(transfer=transfer.id, status=ReversalState.SUCCEEDED)
    return await work.select(TransferReversal, query)
