"""The payout as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs

from payments_core.platform.metadata import NOTHING
from payments_core.settlement.payouts import Payout, PayoutState
from payments_web.objects.common import CurrencyText, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class PayoutTraceIdObject:
    """`trace_id` of payout objects."""

    status: str
    value: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class PayoutObject:
    """Money on its way from the merchant's balance to a bank."""

    id: str
    object: Literal["payout"] = "payout"
    amount: Minor
    application_fee: Annotated[str | None, Expandable("application_fee")] = None
    application_fee_amount: Minor | None = None
    arrival_date: Seconds
    automatic: bool = False
    balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    created: Seconds
    currency: CurrencyText
    description: str | None = None
    destination: Annotated[str | None, Expandable("bank_account", "card")] = None
    failure_balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    failure_code: str | None = None
    failure_message: str | None = None
    livemode: bool
    metadata: MetadataText = NOTHING
    method: str = "standard"
    original_payout: Annotated[str | None, Expandable("payout")] = None
    payout_method: str | None = None
    reconciliation_status: str = "not_applicable"
    reversed_by: Annotated[str | None, Expandable("payout")] = None
    source_type: str = "card"
    statement_descriptor: str | None = None
    status: str
    trace_id: PayoutTraceIdObject | None = None
    type: str = "bank_account"

    @classmethod
    def of(cls, payout: Payout, livemode: bool) -> Self:
        """Show a payout."""
        known = payout.status in (PayoutState.PAID, PayoutState.FAILED)
        trace = PayoutTraceIdObject(
            status="supported" if payout.trace else "unsupported" if known else "pending", value=payout.trace
        )
        return cls(
            id=payout.id,
            amount=payout.amount,
            arrival_date=payout.arrival_date,
            automatic=payout.automatic,
            balance_transaction=payout.balance_transaction,
            created=payout.created,
            currency=payout.currency,
            description=payout.description,
            destination=payout.destination,
            failure_balance_transaction=payout.failure_balance_transaction,
            failure_code=payout.failure_code,
            failure_message=payout.failure_message,
            livemode=livemode,
            metadata=payout.metadata,
            method=payout.method,
            original_payout=payout.original_payout,
            reconciliation_status=payout.reconciliation_status,
            reversed_by=payout.reversed_by,
            source_type=payout.source_type,
            statement_descriptor=payout.statement_descriptor,
            status=payout.status,
            trace_id=trace,
        )
