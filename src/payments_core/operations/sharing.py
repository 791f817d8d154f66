"""Sharing: what a platform and its connected accounts get of a charge, when it is taken and when it goes back.

A destination charge is the platform's own: its money is sent on to the connected account, less the fee. A direct charge is the
connected account's: the fee goes to the platform. Functions here decide and stage; none commits and none sends.
"""

from typing import Final

from payments_core.errors import AmountRefused, InvalidRequest
from payments_core.ledger.balance_transactions import BalanceTransaction, FeeDetail
from payments_core.money.amounts import display
from payments_core.operations.opening import find_connected
from payments_core.operations.transferring import (
    Consignment,
    Earning,
    crossing,
    demand_back,
    earn_fee,
    fee_detail,
    footing_of,
    receiver,
    refund_fee_with,
    reverse,
    send_on,
    tie,
)
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge, TransferData
from payments_core.payments.refunds import Refund
from payments_core.platform.accounts import AccountId
from payments_core.settlement.application_fees import ApplicationFeeId, application_of, part_of
from payments_core.settlement.crossings import CrossingKind
from payments_core.settlement.transfers import Transfer, TransferReversal, TransferReversalId
from payments_core.values import evolve

NOT_ALLOWED: Final = (
    "Can only apply an application_fee_amount when the payment is attempting a direct payment (using the Stripe-Account "
    "header) or destination payment (using `transfer_data[destination]`)."
)


async def check_sharing(
    work: Work,
    amount: int,
    fee: int | None,
    data: TransferData | None,
    on_behalf_of: str | None,
    *,
    param: str = "application_fee_amount",
) -> None:
    """Refuse what cannot be shared as it is wished. Raises `InvalidRequest`, `NotFound` or `AmountRefused`."""
    if on_behalf_of is not None:
        await find_connected(work.ports, work.account, on_behalf_of, param="on_behalf_of")
    if data is not None:
        await receiver(work, data.destination, param="transfer_data[destination]")
        refuse_too_much(data.amount, amount, "transfer_data[amount]")
    if fee is None:
        return
    refuse_too_much(fee, amount, param)
    if data is None and not _acts_for_connected(work):
        raise InvalidRequest(NOT_ALLOWED, code="application_fees_not_allowed", param=param)
    if data is not None and data.amount is not None:
        raise InvalidRequest(
            f"You may only specify one of these parameters: {param}, transfer_data[amount].",
            code="parameters_exclusive",
            param=param,
        )


def _acts_for_connected(work: Work) -> bool:
    """Whether a platform asks, or a payer for whom the platform has said before what is to be shared."""
    return work.caller.platform is not None or (work.caller.publishable and work.account.platform is not None)


def refuse_too_much(part: int | None, amount: int, param: str) -> None:
    """Raise `AmountRefused` for a part that is below zero or more than the whole."""
    if part is not None and not 0 <= part <= amount:
        raise AmountRefused(
            f"The {param} must be at least 0 and at most the amount of the payment.", code=None, param=param
        )


def check_capture(work: Work, charge: Charge, amount: int, *, final: bool) -> None:
    """Refuse to take less than what is to be shared. Raises `AmountRefused` or `InvalidRequest`."""
    if not charge.is_shared:
        return
    if charge.transfer_data is None and work.account.platform is None:
        raise InvalidRequest(NOT_ALLOWED, code="application_fees_not_allowed", param="application_fee_amount")
    if not final or charge.captured:
        raise InvalidRequest(
            "A payment that is shared with another account is captured once: final_capture cannot be false.",
            param="final_capture",
        )
    for part, param in (
        (charge.application_fee_amount, "application_fee_amount"),
        (charge.transfer_data.amount if charge.transfer_data else None, "transfer_data[amount]"),
    ):
        if part is not None and part > amount:
            raise AmountRefused(
                f"The {param} ({display(part, charge.currency)}) is more than what is captured "
                f"({display(amount, charge.currency)}).",
                code=None,
                param=param,
            )


def fee_for_platform(work: Work, charge: Charge) -> FeeDetail | None:
    """What of a direct charge is the platform's."""
    if not charge.application_fee_amount or charge.transfer_data is not None or work.account.platform is None:
        return None
    return fee_detail(work.account.platform, charge.application_fee_amount, charge.currency)


async def share(work: Work, charge: Charge, transaction: BalanceTransaction) -> Charge:
    """Let everybody have their part of a capture, whose balance transaction is staged; return the charge, staged too."""
    if charge.transfer_data is not None:
        charge = await _send_on(work, charge, charge.transfer_data, transaction)
    elif charge.application_fee_amount and work.account.platform is not None:
        charge = await _owe_fee(work, charge, work.account.platform, transaction)
    else:
        return charge
    work.put(charge)
    return charge


async def _send_on(work: Work, charge: Charge, data: TransferData, transaction: BalanceTransaction) -> Charge:
    footing = footing_of(work, transaction)
    fee = ApplicationFeeId(work.new_id("fee")) if charge.application_fee_amount else None
    transfer = await send_on(
        work,
        Consignment(
            destination=AccountId(data.destination),
            amount=transaction.amount if data.amount is None else data.amount,
            currency=charge.currency,
            footing=footing,
            source=charge.id,
            fee=fee,
            fee_amount=charge.application_fee_amount or 0,
            transfer_group=charge.group,
        ),
    )
    charge = evolve(
        charge, transfer=transfer.id, transfer_group=charge.group, amount_transferred=transfer.amount
    )
    if fee is None:
        return charge
    earned = Earning(
        id=fee,
        amount=charge.application_fee_amount or 0,
        currency=charge.currency,
        payer=transfer.destination,
        charge=transfer.destination_payment,
        originating=charge.id,
    )
    await earn_fee(work, earned, footing)
    return evolve(charge, application_fee=fee, application=application_of(work.account_id))


async def _owe_fee(
    work: Work, charge: Charge, platform: AccountId, transaction: BalanceTransaction
) -> Charge:
    footing = footing_of(work, transaction)
    fee, theirs = work.new_id("fee"), work.new_id("txn")
    await tie(work, footing, platform, theirs)
    work.owe(
        crossing(
            work,
            CrossingKind.FEE,
            platform,
            charge.application_fee_amount or 0,
            charge.currency,
            subject=charge.id,
            transaction=theirs,
            shown_as=fee,
            footing=footing,
        )
    )
    return evolve(charge, application_fee=fee, application=application_of(platform))


def check_refund(work: Work, charge: Charge, *, reverses: bool, refunds_fee: bool) -> None:
    """Refuse to take back what was not shared. Raises `InvalidRequest`."""
    if charge.source_transfer is not None:
        raise InvalidRequest(
            f"Payment {charge.id} came by the transfer {charge.source_transfer}: only its platform can take it back.",
            code="charge_not_refundable",
        )
    if reverses and charge.transfer is None:
        raise InvalidRequest(
            f"Charge {charge.id} was not sent on to another account: there is no transfer to reverse.",
            param="reverse_transfer",
        )
    if refunds_fee and (charge.application_fee is None or not _is_own_fee(work, charge)):
        raise InvalidRequest(
            f"There is no application fee on charge {charge.id} that you could refund.",
            param="refund_application_fee",
        )


def _is_own_fee(work: Work, charge: Charge) -> bool:
    return charge.transfer is not None or work.caller.platform is not None


async def share_refund(work: Work, charge: Charge, refund: Refund) -> Refund:
    """Take back in proportion what others had of a charge that is refunded; return the refund, staged if it changed.

    The connected account gives, also where that leaves it below zero: the payer has the money already.
    """
    if refund.reverses_transfer and charge.transfer is not None:
        refund = await _reverse(work, charge, refund, await work.get(Transfer, charge.transfer))
    elif refund.refunds_fee and charge.transfer is not None:
        transfer = await work.get(Transfer, charge.transfer)
        await refund_fee_with(work, transfer, part_of(transfer.amount, refund.amount, charge.amount_captured))
    elif refund.refunds_fee and charge.application_fee is not None and work.account.platform is not None:
        _claim_fee(work, charge, refund, work.account.platform)
    return refund


async def _reverse(work: Work, charge: Charge, refund: Refund, transfer: Transfer) -> Refund:
    part = part_of(transfer.amount, refund.amount, charge.amount_captured)
    amount = transfer.reversible if charge.refunded else min(part, transfer.reversible)
    if amount == 0:
        return refund
    reversal = TransferReversal(
        account_id=work.account_id,
        id=TransferReversalId(work.new_id("trr")),
        created=work.now,
        amount=amount,
        currency=transfer.currency,
        transfer=transfer.id,
        destination_payment_refund=work.new_id("pyr"),
        payer_transaction=work.new_id("txn"),
        source_refund=refund.id,
        refunds_fee=refund.refunds_fee,
    )
    transfer = transfer.reserve(amount)
    await reverse(work, transfer, reversal)
    work.owe(demand_back(work, transfer, reversal))
    refund = evolve(refund, transfer_reversal=reversal.id)
    work.put(refund)
    return refund


def _claim_fee(work: Work, charge: Charge, refund: Refund, platform: AccountId) -> None:
    fee = charge.application_fee_amount or 0
    amount = fee if charge.refunded else part_of(fee, refund.amount, charge.amount_captured)
    if amount:
        claim = crossing(
            work,
            CrossingKind.FEE_CLAIM,
            platform,
            amount,
            charge.currency,
            subject=charge.application_fee or "",
            shown_as=work.new_id("fr"),
        )
        work.owe(claim)
