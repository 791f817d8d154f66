"""Disputes: an issuer is heard, money is withdrawn at once, evidence decides, and the books say so at every step."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.errors import InvalidRequest, TransitionRefused
from payments_core.operations.auditing import verify
from payments_core.operations.disputes import (
    CloseDispute,
    EvidenceParams,
    ListDisputes,
    UpdateDispute,
)
from payments_core.operations.disputing import decide_disputes, hear_issuers
from payments_core.operations.refund_life import advance_refunds
from payments_core.payments.charges import Charge
from payments_core.payments.disputes import DISPUTE, Complaint, Dispute, DisputeEvent, DisputeState
from payments_core.payments.refunds import Refund, RefundState
from payments_core.platform.events import Event
from payments_core.ports import Query
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio
FRAUD, INQUIRY = "tok_createDispute", "tok_createDisputeInquiry"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def disputes(shop: Shop) -> list[Dispute]:
    return list((await shop.merchant.do(ListDisputes())).items)


async def disputed(shop: Shop, source: str = FRAUD, amount: int = 1000) -> Dispute:
    await shop.charge(amount, source=source)
    shop.clock.advance(seconds=1)
    await hear_issuers(shop.ports)
    [dispute] = await disputes(shop)
    return dispute


async def answer(shop: Shop, dispute: Dispute, text: str, **more: Any) -> Dispute:
    return await shop.merchant.do(
        UpdateDispute(id=dispute.id, evidence=EvidenceParams(uncategorized_text=text), **more)
    )


async def decided(shop: Shop, dispute: Dispute, **later: float) -> Dispute:
    shop.clock.advance(**(later or {"seconds": 2}))
    await decide_disputes(shop.ports)
    found: Dispute = await shop.read(Dispute, dispute.id)
    return found


async def told(shop: Shop, word: str = "dispute") -> list[str]:
    page = await shop.ports.store.select(Event, shop.id, Query(limit=100))
    return [event.type for event in reversed(page.items) if word in event.type]


async def sound(shop: Shop) -> bool:
    verdict = await verify(shop.ports.store)
    assert verdict.findings == ()
    return verdict.is_sound


@pytest.mark.parametrize("state", DisputeState)
@pytest.mark.parametrize("event", DisputeEvent)
def test_only_what_the_table_says_happens(state: DisputeState, event: DisputeEvent) -> None:
    if DISPUTE.allows(state, event):
        assert DISPUTE.after(state, event) in DisputeState
    else:
        with pytest.raises(TransitionRefused):
            DISPUTE.after(state, event)


async def test_every_ledger_account_after_every_step_of_a_dispute_that_is_won(shop: Shop) -> None:
    dispute = await disputed(shop)
    assert (dispute.status, dispute.reason, dispute.fee) == (DisputeState.NEEDS_RESPONSE, "fraudulent", 1500)
    assert await shop.books() == {
        "network_receivable": 1000,
        "merchant_pending": 941,
        "merchant_available": -2500,
        "merchant_reserved": 1000,
        "fee_revenue": 59 + 1500,
    }

    assert (await answer(shop, dispute, "winning_evidence")).status is DisputeState.UNDER_REVIEW
    won = await decided(shop, dispute)

    assert won.status is DisputeState.WON
    assert await shop.books() == {"network_receivable": 1000, "merchant_pending": 941, "fee_revenue": 59}
    assert [line.net for line in won.movements] == [-2500, 2500]
    assert await told(shop) == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    assert await sound(shop)


async def test_a_lost_dispute_costs_the_amount_and_the_fee(shop: Shop) -> None:
    dispute = await disputed(shop)

    await answer(shop, dispute, "losing_evidence")
    lost = await decided(shop, dispute)

    assert lost.status is DisputeState.LOST
    books = await shop.books()
    assert (books["merchant_available"], books["bank"]) == (-2500, -1000)
    assert "merchant_reserved" not in books
    assert await sound(shop)


async def test_a_disputed_charge_is_not_refunded(shop: Shop) -> None:
    dispute = await disputed(shop)
    charge: Charge = await shop.read(Charge, dispute.charge)

    with pytest.raises(InvalidRequest) as refusal:
        await shop.refund(charge)

    assert refusal.value.code == "charge_disputed"
    assert charge.disputed
    assert charge.dispute == dispute.id


async def test_who_gives_up_has_lost_for_good(shop: Shop) -> None:
    dispute = await disputed(shop)

    closed = await shop.merchant.do(CloseDispute(id=dispute.id))

    assert closed.status is DisputeState.LOST
    with pytest.raises(TransitionRefused):
        await shop.merchant.do(CloseDispute(id=dispute.id))
    with pytest.raises(InvalidRequest):
        await answer(shop, dispute, "winning_evidence")
    assert await sound(shop)


async def test_who_does_not_answer_in_time_has_lost(shop: Shop) -> None:
    dispute = await disputed(shop)
    assert (await decided(shop, dispute, days=8)).is_open

    assert (await decided(shop, dispute, days=3)).status is DisputeState.LOST


async def test_evidence_can_be_kept_for_later(shop: Shop) -> None:
    dispute = await disputed(shop)

    kept = await answer(shop, dispute, "winning_evidence", submit=False)
    assert (kept.status, kept.submissions) == (DisputeState.NEEDS_RESPONSE, 0)

    sent = await shop.merchant.do(UpdateDispute(id=dispute.id, submit=True))
    assert (sent.status, sent.submissions) == (DisputeState.UNDER_REVIEW, 1)


async def test_an_inquiry_moves_no_money_and_can_be_refunded(shop: Shop) -> None:
    inquiry = await disputed(shop, INQUIRY)
    assert inquiry.status is DisputeState.WARNING_NEEDS_RESPONSE
    assert inquiry.movements == ()

    refund = await shop.refund(await shop.read(Charge, inquiry.charge))

    assert refund.status is RefundState.SUCCEEDED
    await answer(shop, inquiry, "winning_evidence")
    assert (await decided(shop, inquiry)).status is DisputeState.WARNING_CLOSED
    assert await sound(shop)


async def test_an_inquiry_can_become_a_dispute(shop: Shop) -> None:
    inquiry = await disputed(shop, INQUIRY)

    await answer(shop, inquiry, "escalate_inquiry_evidence")
    dispute = await decided(shop, inquiry)

    assert dispute.status is DisputeState.NEEDS_RESPONSE
    assert (await shop.books())["merchant_reserved"] == 1000
    await answer(shop, dispute, "winning_evidence")
    assert (await decided(shop, dispute)).status is DisputeState.WON
    assert await sound(shop)


async def test_what_went_back_already_is_not_disputed(shop: Shop) -> None:
    charge = await shop.charge(1000, source=FRAUD)
    await shop.refund(charge, 400)
    shop.clock.advance(seconds=1)
    await hear_issuers(shop.ports)

    [dispute] = await disputes(shop)
    assert dispute.amount == 600
    assert await sound(shop)


async def test_what_went_back_whole_is_not_disputed_at_all(shop: Shop) -> None:
    await shop.refund(await shop.charge(1000, source=FRAUD))
    shop.clock.advance(seconds=1)

    await hear_issuers(shop.ports)

    assert await disputes(shop) == []
    assert await shop.ports.store.due(Complaint, shop.clock.ms, 10) == []  # type: ignore[arg-type]


async def test_nothing_is_disputed_before_it_is_captured(shop: Shop) -> None:
    charge = await shop.charge(1000, source=FRAUD, capture=False)
    shop.clock.advance(seconds=5)
    assert await hear_issuers(shop.ports) == 0

    await shop.capture(charge, 700)
    shop.clock.advance(seconds=1)
    await hear_issuers(shop.ports)

    [dispute] = await disputes(shop)
    assert dispute.amount == 700


@pytest.mark.parametrize(
    ("source", "reason", "count", "state"),
    [
        ("tok_createDisputeProductNotReceived", "product_not_received", 1, "needs_response"),
        ("tok_createMultipleDisputes", "fraudulent", 2, "needs_response"),
        ("tok_createCe3EligibleDispute", "fraudulent", 1, "needs_response"),
        ("tok_createComplianceDispute", "noncompliant", 1, "needs_response"),
    ],
)
async def test_each_documented_card(shop: Shop, source: str, reason: str, count: int, state: str) -> None:
    await shop.charge(1001, source=source)
    shop.clock.advance(seconds=1)
    await hear_issuers(shop.ports)

    found = await disputes(shop)

    assert [dispute.reason for dispute in found] == [reason] * count
    assert {str(dispute.status) for dispute in found} == {state}
    assert sum(dispute.amount for dispute in found) == 1001
    assert await sound(shop)


async def test_a_refund_that_takes_its_time_succeeds_later(shop: Shop) -> None:
    refund = await shop.refund(await shop.charge(1000, source="tok_pendingRefund"))
    assert (refund.status, refund.pending_reason) == (RefundState.PENDING, "processing")
    assert await advance_refunds(shop.ports) == 0

    shop.clock.advance(seconds=3)
    assert await advance_refunds(shop.ports) == 1

    assert (await shop.read(Refund, refund.id)).status is RefundState.SUCCEEDED
    assert await told(shop, "refund") == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ]
    assert await sound(shop)


async def test_a_refund_that_comes_back_is_the_merchants_again(shop: Shop) -> None:
    charge = await shop.charge(1000, source="tok_refundFail")
    refund = await shop.refund(charge)
    assert refund.status is RefundState.SUCCEEDED
    shop.clock.advance(seconds=3)

    assert await advance_refunds(shop.ports) == 1

    failed: Refund = await shop.read(Refund, refund.id)
    assert failed.status is RefundState.FAILED
    assert failed.failure_reason
    assert failed.failure_balance_transaction
    assert (await shop.books())["merchant_pending"] == 941
    assert (await shop.read(Charge, charge.id)).amount_refunded == 0
    assert await told(shop, "refund") == [
        "refund.created",
        "charge.refunded",
        "refund.failed",
        "refund.updated",
        "charge.refund.updated",
    ]
    assert await advance_refunds(shop.ports) == 0
    assert await sound(shop)
