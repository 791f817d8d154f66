"""The dispute as clients see it. Fields that this system never sets say what they always say."""

import json
from typing import Annotated, Any, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.payments.disputes import Dispute
from payments_core.platform.metadata import NOTHING
from payments_web.objects.balance_transaction import BalanceTransactionObject
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class DisputeEvidenceObject:
    """`evidence` of dispute objects."""

    access_activity_log: str | None = None
    appeal: Hash | UnsetType = UNSET
    billing_address: str | None = None
    cancellation_policy: Annotated[str | None, Expandable("file")] = None
    cancellation_policy_disclosure: str | None = None
    cancellation_rebuttal: str | None = None
    customer_communication: Annotated[str | None, Expandable("file")] = None
    customer_email_address: str | None = None
    customer_name: str | None = None
    customer_purchase_ip: str | None = None
    customer_signature: Annotated[str | None, Expandable("file")] = None
    duplicate_charge_documentation: Annotated[str | None, Expandable("file")] = None
    duplicate_charge_explanation: str | None = None
    duplicate_charge_id: str | None = None
    enhanced_evidence: Hash = NOTHING
    product_description: str | None = None
    receipt: Annotated[str | None, Expandable("file")] = None
    refund_policy: Annotated[str | None, Expandable("file")] = None
    refund_policy_disclosure: str | None = None
    refund_refusal_explanation: str | None = None
    service_date: str | None = None
    service_documentation: Annotated[str | None, Expandable("file")] = None
    shipping_address: str | None = None
    shipping_carrier: str | None = None
    shipping_date: str | None = None
    shipping_documentation: Annotated[str | None, Expandable("file")] = None
    shipping_tracking_number: str | None = None
    uncategorized_file: Annotated[str | None, Expandable("file")] = None
    uncategorized_text: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class DisputeEvidenceDetailsObject:
    """`evidence_details` of dispute objects."""

    due_by: Seconds | None = None
    enhanced_eligibility: Hash = NOTHING
    has_evidence: bool = False
    past_due: bool = False
    submission_count: int = 0
    submission_method: str = "not_submitted"


@attrs.frozen(kw_only=True, slots=False)
class DisputePaymentMethodDetailsCardObject:
    """`payment_method_details_card` of dispute objects."""

    brand: str
    case_type: str = "chargeback"
    network: str
    network_reason_code: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class DisputePaymentMethodDetailsObject:
    """`payment_method_details` of dispute objects."""

    card: DisputePaymentMethodDetailsCardObject | None = None
    type: str = "card"


@attrs.frozen(kw_only=True, slots=False)
class DisputeObject:
    """A payer's bank that wants the money back."""

    id: str
    object: Literal["dispute"] = "dispute"
    amount: Minor
    balance_transactions: tuple[BalanceTransactionObject, ...] = ()
    charge: Annotated[str, Expandable("charge")]
    created: Seconds
    currency: CurrencyText
    enhanced_eligibility_types: tuple[str, ...] = ()
    evidence: DisputeEvidenceObject = DisputeEvidenceObject()
    evidence_details: DisputeEvidenceDetailsObject
    intended_submission_method: str | UnsetType = UNSET
    is_charge_refundable: bool = False
    livemode: bool
    metadata: MetadataText = NOTHING
    network_reason_code: str | None = None
    payment_intent: Annotated[str | None, Expandable("payment_intent")] = None
    payment_method_details: DisputePaymentMethodDetailsObject | None = None
    reason: str
    status: str

    @classmethod
    def of(cls, dispute: Dispute, livemode: bool) -> Self:
        """Show a dispute."""
        card = DisputePaymentMethodDetailsCardObject(
            brand=dispute.brand,
            case_type=dispute.case_type,
            network=dispute.brand,
            network_reason_code=dispute.network_reason_code,
        )
        details = DisputeEvidenceDetailsObject(
            due_by=dispute.evidence_due_by,
            enhanced_eligibility=_eligibility(dispute),
            has_evidence=bool(dispute.evidence or dispute.enhanced_evidence),
            past_due=not dispute.submissions and dispute.due_at is None,
            submission_count=dispute.submissions,
            submission_method="manual" if dispute.submissions else "not_submitted",
        )
        return cls(
            id=dispute.id,
            amount=dispute.amount,
            balance_transactions=tuple(
                BalanceTransactionObject.of(line, livemode) for line in dispute.movements
            ),
            charge=dispute.charge,
            created=dispute.created,
            currency=dispute.currency,
            enhanced_eligibility_types=dispute.eligible,
            evidence=DisputeEvidenceObject(**{**dispute.evidence, "enhanced_evidence": _enhanced(dispute)}),
            evidence_details=details,
            intended_submission_method=dispute.intended_submission_method or UNSET,
            is_charge_refundable=dispute.is_inquiry and dispute.is_open,
            livemode=livemode,
            metadata=dispute.metadata,
            network_reason_code=dispute.network_reason_code,
            payment_intent=dispute.payment_intent,
            payment_method_details=DisputePaymentMethodDetailsObject(card=card),
            reason=dispute.reason,
            status=dispute.status,
        )


def _enhanced(dispute: Dispute) -> Any:
    return json.loads(dispute.enhanced_evidence) if dispute.enhanced_evidence else NOTHING


def _eligibility(dispute: Dispute) -> dict[str, Any]:
    """What the networks' own programs still ask of the merchant."""
    told: dict[str, Any] = {}
    if "visa_compelling_evidence_3" in dispute.eligible:
        told["visa_compelling_evidence_3"] = {
            "required_actions": ["missing_prior_undisputed_transactions"],
            "status": "requires_action",
        }
    if "visa_compliance" in dispute.eligible:
        told["visa_compliance"] = {"status": "requires_fee_acknowledgement"}
    return told
