"""Disputes and the later life of refunds over HTTP with the official client, on the worker's own time."""

import time
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.support.server import Server
from tests.web.rest.test_payouts import WITHIN_S, shaped, told, until


@pytest.fixture
def client(server: Server) -> StripeClient:
    return server.stripe(server.account().secret_key)


def dispute_of(client: StripeClient, source: str) -> Any:
    charge = client.v1.charges.create({"amount": 10000, "currency": "usd", "source": source})
    end = time.monotonic() + WITHIN_S
    while not (found := client.v1.disputes.list({"charge": charge.id}).data):
        assert time.monotonic() < end, "nobody disputes the charge"
        time.sleep(0.2)
    return shaped(stripe.Dispute, found[0])


def test_a_dispute_is_won_with_evidence(client: StripeClient) -> None:
    dispute = dispute_of(client, "tok_createDispute")
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 10000)
    assert dispute.balance_transactions[0].net == -11500
    assert client.v1.balance.retrieve().available[0].amount == -11500
    assert client.v1.charges.retrieve(dispute.charge).disputed

    sent = client.v1.disputes.update(
        dispute.id,
        {
            "evidence": {"uncategorized_text": "winning_evidence", "customer_name": "Jenny"},
            "metadata": {"case": "7"},
        },
    )
    shaped(stripe.Dispute, sent)
    won = shaped(stripe.Dispute, until(lambda: client.v1.disputes.retrieve(dispute.id), "won"))

    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert (won.evidence.customer_name, told(won.metadata)) == ("Jenny", {"case": "7"})
    assert client.v1.balance.retrieve().available[0].amount == 0
    types = [event.type for event in client.v1.events.list({"limit": 50}).data]
    assert [name.removeprefix("charge.dispute.") for name in reversed(types) if "dispute" in name] == [
        "created",
        "funds_withdrawn",
        "updated",
        "funds_reinstated",
        "closed",
    ]


def test_who_closes_a_dispute_loses_it(client: StripeClient) -> None:
    dispute = dispute_of(client, "tok_createDisputeProductNotReceived")

    lost = shaped(stripe.Dispute, client.v1.disputes.close(dispute.id))

    assert (lost.status, lost.reason) == ("lost", "product_not_received")
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"charge": dispute.charge})
    assert refusal.value.code == "charge_disputed"


def test_an_inquiry_is_closed_without_money(client: StripeClient) -> None:
    inquiry = dispute_of(client, "tok_createDisputeInquiry")
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)

    client.v1.disputes.update(inquiry.id, {"evidence": {"uncategorized_text": "winning_evidence"}})

    until(lambda: client.v1.disputes.retrieve(inquiry.id), "warning_closed")
    assert client.v1.balance.retrieve().available[0].amount == 0


def test_a_dispute_keeps_evidence_of_the_networks_programs(client: StripeClient) -> None:
    dispute = dispute_of(client, "tok_createCe3EligibleDispute")
    prior = client.v1.charges.create({"amount": 500, "currency": "usd", "source": "tok_visa"})

    kept = client.v1.disputes.update(
        dispute.id,
        {
            "submit": False,
            "evidence": {
                "enhanced_evidence": {
                    "visa_compelling_evidence_3": {
                        "disputed_transaction": {"customer_account_id": "jenny"},
                        "prior_undisputed_transactions": [{"charge": prior.id}],
                    }
                }
            },
        },
    )

    shown = kept.to_dict()
    evidence = shown["evidence"]["enhanced_evidence"]["visa_compelling_evidence_3"]
    assert evidence["prior_undisputed_transactions"] == [{"charge": prior.id}]
    assert shown["enhanced_eligibility_types"] == ["visa_compelling_evidence_3"]


@pytest.mark.parametrize(
    ("source", "first", "last"),
    [("tok_pendingRefund", "pending", "succeeded"), ("tok_refundFail", "succeeded", "failed")],
)
def test_refunds_live_on(client: StripeClient, source: str, first: str, last: str) -> None:
    charge = client.v1.charges.create({"amount": 1000, "currency": "usd", "source": source})

    refund = client.v1.refunds.create({"charge": charge.id})
    assert refund.status == first

    later = shaped(stripe.Refund, until(lambda: client.v1.refunds.retrieve(refund.id), last))
    types = {event.type for event in client.v1.events.list({"limit": 50}).data}
    assert {"refund.updated", "charge.refund.updated"} <= types
    assert (later.status == "failed") == ("refund.failed" in types)
