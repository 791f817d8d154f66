"""The balance transaction as clients see it."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction, FeeDetail
from payments_web.objects.common import CurrencyText, Minor, Seconds
from payments_web.objects.markers import Expandable

SOURCES = Expandable(
    "charge", "refund", "payout", "dispute", "transfer", "transfer_reversal", "application_fee", "fee_refund"
)


@attrs.frozen(kw_only=True, slots=False)
class FeeDetailObject:
    """A part of the fee."""

    amount: Minor
    application: str | None = None
    currency: CurrencyText
    description: str | None = None
    type: str

    @classmethod
    def of(cls, detail: FeeDetail) -> Self:
        """Show a part of the fee."""
        return cls(
            amount=detail.amount,
            application=detail.application,
            currency=detail.currency,
            description=detail.description,
            type=detail.type,
        )


@attrs.frozen(kw_only=True, slots=False)
class BalanceTransactionObject:
    """One movement of the merchant's balance."""

    id: str
    object: Literal["balance_transaction"] = "balance_transaction"
    amount: Minor
    available_on: Seconds
    balance_type: str = "payments"
    created: Seconds
    currency: CurrencyText
    description: str | None = None
    exchange_rate: float | None = None
    fee: Minor
    fee_details: tuple[FeeDetailObject, ...] = ()
    net: Minor
    reporting_category: str
    source: Annotated[str | None, SOURCES] = None
    status: BalanceState
    type: str

    @classmethod
    def of(cls, line: BalanceTransaction, livemode: bool) -> Self:
        """Show a balance transaction."""
        del livemode  # balance transactions do not say
        return cls(
            id=line.id,
            amount=line.amount,
            available_on=line.available_on,
            created=line.created,
            currency=line.currency,
            description=line.description,
            fee=line.fee,
            fee_details=tuple(FeeDetailObject.of(detail) for detail in line.fee_details),
            net=line.net,
            reporting_category=line.reporting_category,
            source=line.source,
            status=line.status,
            type=line.type,
        )
