"""Disputes: retrieve, list, update with evidence, and close."""

import json
from collections.abc import Mapping
from typing import Any, Literal

import attrs

from payments_core.errors import InvalidRequest, NotFound, ParamInvalid, TransitionRefused
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.disputing import happen
from payments_core.operations.work import Work
from payments_core.payments.disputes import Dispute, DisputeEvent, DisputeState
from payments_core.platform.metadata import merged
from payments_core.ports import Page, Ports
from payments_core.values import evolve

EVIDENCE_MAX = 150_000
"""Characters of all evidence together."""


@attrs.frozen(kw_only=True)
class CardAppealParams:
    """An appeal to the card network."""

    reason_for_filing: str | None = None
    supporting_files: tuple[str, ...] | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class AppealParams:
    """An appeal after a loss."""

    card: CardAppealParams | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class ComplianceParams:
    """What the merchant knows of the network's fee."""

    fee_acknowledged: bool | None = None


@attrs.frozen(kw_only=True)
class EvidenceAddressParams:
    """Where goods went."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


@attrs.frozen(kw_only=True)
class DisputedTransactionParams:
    """What is known of the disputed payment."""

    customer_account_id: str | None = None
    customer_device_fingerprint: str | None = None
    customer_device_id: str | None = None
    customer_email_address: str | None = None
    customer_purchase_ip: str | None = None
    merchandise_or_services: Literal["merchandise", "services"] | None = None
    product_description: str | None = None
    shipping_address: EvidenceAddressParams | None = None


@attrs.frozen(kw_only=True)
class PriorTransactionParams:
    """An earlier payment of the same payer that was not disputed."""

    charge: str
    customer_account_id: str | None = None
    customer_device_fingerprint: str | None = None
    customer_device_id: str | None = None
    customer_email_address: str | None = None
    customer_purchase_ip: str | None = None
    product_description: str | None = None
    shipping_address: EvidenceAddressParams | None = None


@attrs.frozen(kw_only=True)
class CompellingEvidenceParams:
    """Visa Compelling Evidence 3.0."""

    disputed_transaction: DisputedTransactionParams | None = None
    prior_undisputed_transactions: tuple[PriorTransactionParams, ...] | None = None


@attrs.frozen(kw_only=True)
class EnhancedEvidenceParams:
    """Evidence of the networks' own programs."""

    mastercard_compliance: ComplianceParams | None = None
    visa_compelling_evidence_3: CompellingEvidenceParams | None = None
    visa_compliance: ComplianceParams | None = None


@attrs.frozen(kw_only=True)
class EvidenceParams:
    """What speaks for the merchant. An empty text removes; files are named by their ids."""

    access_activity_log: str | None = None
    appeal: AppealParams | Literal[""] | None = None
    billing_address: str | None = None
    cancellation_policy: str | None = None
    cancellation_policy_disclosure: str | None = None
    cancellation_rebuttal: str | None = None
    customer_communication: str | None = None
    customer_email_address: str | None = None
    customer_name: str | None = None
    customer_purchase_ip: str | None = None
    customer_signature: str | None = None
    duplicate_charge_documentation: str | None = None
    duplicate_charge_explanation: str | None = None
    duplicate_charge_id: str | None = None
    enhanced_evidence: EnhancedEvidenceParams | Literal[""] | None = None
    product_description: str | None = None
    receipt: str | None = None
    refund_policy: str | None = None
    refund_policy_disclosure: str | None = None
    refund_refusal_explanation: str | None = None
    service_date: str | None = None
    service_documentation: str | None = None
    shipping_address: str | None = None
    shipping_carrier: str | None = None
    shipping_date: str | None = None
    shipping_documentation: str | None = None
    shipping_tracking_number: str | None = None
    uncategorized_file: str | None = None
    uncategorized_text: str | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The plain texts that were given, empty ones included."""
        return {
            field.name: value
            for field in attrs.fields(EvidenceParams)
            if isinstance(value := getattr(self, field.name), str)
            and field.name not in ("appeal", "enhanced_evidence")
        }


@attrs.frozen(kw_only=True)
class UpdateDispute(Command[Dispute]):
    """Evidence, which is submitted unless `submit` is false, and metadata."""

    id: str
    evidence: EvidenceParams | None = None
    intended_submission_method: (
        Literal["decline_to_submit", "manual", "prefer_manual", "prefer_smart_disputes", "smart_disputes"]
        | None
    ) = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    submit: bool | None = None


@operation("dispute.update", post="/v1/disputes/{id}", raises=(InvalidRequest, NotFound, TransitionRefused))
async def update_dispute(command: UpdateDispute, work: Work, ports: Ports) -> Dispute:
    """Add evidence to a dispute and hand it to the issuer, once; or keep it for later."""
    dispute = await work.get(Dispute, command.id)
    evidence = command.evidence
    if evidence is not None:
        _refuse_evidence(dispute, evidence)
        dispute = _with_evidence(dispute, evidence)
    dispute = evolve(
        dispute,
        metadata=merged(dispute.metadata, command.metadata),
        intended_submission_method=command.intended_submission_method or dispute.intended_submission_method,
    )
    if command.submit or (evidence is not None and command.submit is not False):
        dispute = dispute.submitted(work.now)
    work.put(dispute)
    work.announce("charge.dispute.updated", dispute)
    return dispute


def _refuse_evidence(dispute: Dispute, evidence: EvidenceParams) -> None:
    if evidence.appeal:
        raise ParamInvalid("There are no appeals here.", param="evidence[appeal]")
    if dispute.status not in (DisputeState.NEEDS_RESPONSE, DisputeState.WARNING_NEEDS_RESPONSE):
        raise InvalidRequest(
            f"This dispute is {dispute.status}: its evidence can no longer be changed.", param="evidence"
        )


def _with_evidence(dispute: Dispute, evidence: EvidenceParams) -> Dispute:
    dispute = dispute.with_evidence(evidence.texts)
    if sum(map(len, dispute.evidence.values())) > EVIDENCE_MAX:
        raise ParamInvalid(f"All evidence together may have {EVIDENCE_MAX} characters.", param="evidence")
    match evidence.enhanced_evidence:
        case "":
            return evolve(dispute, enhanced_evidence=None)
        case EnhancedEvidenceParams():
            told = json.dumps(_given(attrs.asdict(evidence.enhanced_evidence)))
            return evolve(dispute, enhanced_evidence=told)
        case _:
            return dispute


def _given(value: Any) -> Any:
    """Without what was not said."""
    match value:
        case dict():
            return {name: _given(part) for name, part in value.items() if part is not None}
        case list() | tuple():
            return [_given(part) for part in value]
        case _:
            return value


@attrs.frozen(kw_only=True)
class RetrieveDispute(Command[Dispute]):
    """Which dispute."""

    id: str


@operation("dispute.retrieve", get="/v1/disputes/{id}", raises=(NotFound,))
async def retrieve_dispute(command: RetrieveDispute, work: Work, ports: Ports) -> Dispute:
    """Return a dispute."""
    return await work.get(Dispute, command.id)


@attrs.frozen(kw_only=True)
class ListDisputes(Listing, Command[Page[Dispute]]):
    """Which disputes."""

    charge: str | None = None
    payment_intent: str | None = None


@operation("dispute.list", get="/v1/disputes", raises=(InvalidRequest,))
async def list_disputes(command: ListDisputes, work: Work, ports: Ports) -> Page[Dispute]:
    """List disputes, newest first."""
    return await work.select(
        Dispute, command.query(charge=command.charge, payment_intent=command.payment_intent)
    )


@attrs.frozen(kw_only=True)
class CloseDispute(Command[Dispute]):
    """Which dispute."""

    id: str


@operation("dispute.close", post="/v1/disputes/{id}/close", raises=(NotFound, TransitionRefused))
async def close_dispute(command: CloseDispute, work: Work, ports: Ports) -> Dispute:
    """Give a dispute up: it is lost, for good."""
    return await happen(work, await work.get(Dispute, command.id), DisputeEvent.CLOSE)
