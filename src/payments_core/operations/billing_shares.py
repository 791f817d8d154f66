"""Parameters for the shares of bills, and what is read from them. Used by invoices, subscriptions and checkout sessions."""

from decimal import Decimal
from typing import Final, Literal

import attrs

from payments_core.billing.shares import HUNDRED, Shares
from payments_core.errors import ParamInvalid
from payments_core.operations.params import TransferParams
from payments_core.operations.sharing import check_sharing
from payments_core.operations.work import Work
from payments_core.payments.charges import TransferData
from payments_core.values import evolve

AMOUNT_MAX: Final = 10**12
"""More than any bill: the bound of shares while the bill is not made yet."""


@attrs.frozen(kw_only=True)
class SubscriptionTransferParams:
    """Which connected account gets the money of every bill, and how much of it."""

    destination: str
    amount_percent: Decimal | None = None


async def with_percentages(
    work: Work,
    was: Shares,
    fee: Decimal | Literal[""] | None,
    transfer: SubscriptionTransferParams | Literal[""] | None,
    on_behalf_of: str | Literal[""] | None = None,
) -> Shares:
    """The shares of a subscription with what was sent changed. Refuses what cannot be shared so."""
    shares = was
    if fee is not None:
        shares = evolve(shares, fee_percent=fee or None)
    if transfer is not None:
        told = transfer or None
        shares = evolve(
            shares,
            destination=told.destination if told else None,
            amount_percent=told.amount_percent if told else None,
        )
    if shares != was or on_behalf_of:
        await check_shares(work, shares, on_behalf_of or None)
    return shares


async def with_amounts(
    work: Work,
    was: Shares,
    fee: int | None,
    transfer: TransferParams | Literal[""] | None,
    on_behalf_of: str | Literal[""] | None = None,
) -> Shares:
    """The shares of an invoice with what was sent changed. Refuses what cannot be shared so."""
    shares = was
    if fee is not None:
        shares = evolve(shares, fee_amount=fee, fee_percent=None)
    if transfer is not None:
        told = transfer or None
        shares = evolve(
            shares,
            destination=told.destination if told else None,
            amount=told.amount if told else None,
            amount_percent=None,
        )
    if shares != was or on_behalf_of:
        await check_shares(work, shares, on_behalf_of or None)
    return shares


async def check_shares(work: Work, shares: Shares, on_behalf_of: str | None) -> None:
    """Refuse what cannot be shared so, whatever the bill will come to."""
    _percent(shares.fee_percent, "application_fee_percent")
    _percent(shares.amount_percent, "transfer_data[amount_percent]")
    is_part = shares.amount is not None or shares.amount_percent is not None
    data = None
    if shares.destination is not None:
        data = TransferData(destination=shares.destination, amount=shares.amount or 0 if is_part else None)
    fee = shares.fee_amount if shares.fee_percent is None else 0
    param = "application_fee_amount" if shares.fee_percent is None else "application_fee_percent"
    await check_sharing(work, AMOUNT_MAX, fee, data, on_behalf_of, param=param)


def _percent(percent: Decimal | None, param: str) -> None:
    if percent is not None and (not 0 <= percent <= HUNDRED or percent != round(percent, 2)):
        raise ParamInvalid("A percentage is between 0 and 100, with at most two decimal places.", param=param)
