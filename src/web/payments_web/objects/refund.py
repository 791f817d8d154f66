"""The refund as clients see it."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.payments.refunds import Refund, RefundState
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class RefundCardObject:
    """How the money goes back to the card."""

    reference: str | UnsetType = UNSET
    reference_status: str | UnsetType = UNSET
    reference_type: str | UnsetType = UNSET
    type: str


@attrs.frozen(kw_only=True, slots=False)
class DestinationDetailsObject:
    """Where the money goes."""

    card: RefundCardObject
    type: Literal["card"] = "card"

    @classmethod
    def of(cls, refund: Refund) -> Self:
        """Show the way back to the card."""
        kind = (
            "reversal" if refund.releases else "pending" if refund.status is RefundState.PENDING else "refund"
        )
        if refund.network_reference is None:
            status = "unavailable" if refund.status is RefundState.FAILED else "pending"
            card = RefundCardObject(
                reference_status=status, reference_type="acquirer_reference_number", type=kind
            )
        else:
            card = RefundCardObject(
                reference=refund.network_reference,
                reference_status="available",
                reference_type="acquirer_reference_number",
                type=kind,
            )
        return cls(card=card)


@attrs.frozen(kw_only=True, slots=False)
class RefundObject:
    """Captured money on its way back to the payer."""

    id: str
    object: Literal["refund"] = "refund"
    amount: Minor
    balance_transaction: Annotated[str | None, Expandable("balance_transaction")] = None
    charge: Annotated[str | None, Expandable("charge")] = None
    created: Seconds
    currency: CurrencyText
    customer: Annotated[str | UnsetType, Expandable("customer")] = UNSET
    customer_account: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    destination_details: DestinationDetailsObject | None
    failure_balance_transaction: Annotated[str | UnsetType, Expandable("balance_transaction")] = UNSET
    failure_reason: str | UnsetType = UNSET
    instructions_email: str | UnsetType = UNSET
    metadata: MetadataText = NOTHING
    next_action: Hash | UnsetType = UNSET
    payment_intent: Annotated[str | None, Expandable("payment_intent")] = None
    payment_method: Annotated[str | UnsetType, Expandable("payment_method")] = UNSET
    pending_reason: str | UnsetType = UNSET
    presentment_details: Hash | UnsetType = UNSET
    reason: str | None = None
    receipt_number: str | None = None
    source_transfer_reversal: Annotated[str | None, Expandable("transfer_reversal")] = None
    status: RefundState
    transfer_reversal: Annotated[str | None, Expandable("transfer_reversal")] = None

    @classmethod
    def of(cls, refund: Refund, livemode: bool) -> Self:
        """Show a refund."""
        del livemode  # refunds do not say
        return cls(
            id=refund.id,
            amount=refund.amount,
            balance_transaction=refund.balance_transaction,
            charge=refund.charge,
            created=refund.created,
            currency=refund.currency,
            destination_details=None
            if refund.source_transfer_reversal
            else DestinationDetailsObject.of(refund),
            failure_balance_transaction=refund.failure_balance_transaction or UNSET,
            failure_reason=refund.failure_reason or UNSET,
            instructions_email=refund.instructions_email or UNSET,
            metadata=refund.metadata,
            payment_intent=refund.payment_intent,
            pending_reason=refund.pending_reason or UNSET,
            reason=refund.reason,
            receipt_number=refund.receipt_number,
            source_transfer_reversal=refund.source_transfer_reversal,
            status=refund.status,
            transfer_reversal=refund.transfer_reversal,
        )
