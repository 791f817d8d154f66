"""From the sale to the bank, and what can come after: one merchant's money, ledger account by ledger account."""

from pathlib import Path

import pytest

from payments_core.clock import Timestamp
from payments_core.operations.automatic_payouts import pay_automatically
from payments_core.operations.disputing import decide_disputes, hear_issuers
from payments_core.operations.paying_out import advance_payouts
from payments_core.operations.settling import settle
from payments_core.payments.disputes import DisputeState
from payments_core.settlement.payouts import Payout, PayoutState
from tests.core.payments.test_disputes import answer, disputes
from tests.core.settlement.test_payouts import bank, now, sound
from tests.core.settlement.test_payouts_automatic import adds_up, next_morning
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


async def funded(shop: Shop) -> None:
    """Go to the next day, shortly after midnight, and settle the one that is over."""
    shop.clock.ms += 86_400_000 - shop.clock.ms % 86_400_000 + 300_000
    await settle(shop.ports, Timestamp(shop.clock.ms // 1000 - 300))


async def arrived(shop: Shop, payout: Payout) -> Payout:
    for _ in range(2):
        await advance_payouts(shop.ports)
        shop.clock.advance(days=1)
    await advance_payouts(shop.ports)
    return await now(shop, payout)


@pytest.mark.parametrize(("text", "end"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
async def test_a_sale_reaches_the_bank_and_a_second_one_is_refunded_and_disputed(
    tmp_path: Path, text: str, end: str
) -> None:
    async with a_shop(tmp_path) as shop:
        await bank(shop)
        await shop.charge(10_000)
        await funded(shop)
        assert await shop.books() == {"bank": 10_000, "merchant_available": 9_680, "fee_revenue": 320}

        [first] = await next_morning(shop)
        assert (first.amount, (await arrived(shop, first)).status) == (9_680, PayoutState.PAID)
        assert await shop.books() == {"bank": 320, "fee_revenue": 320}
        assert await adds_up(shop, first)

        second = await shop.charge(5_000, source="tok_createDispute")
        await shop.refund(second, 2_000)
        shop.clock.advance(seconds=1)
        await hear_issuers(shop.ports)
        [dispute] = await disputes(shop)
        assert dispute.amount == 3_000
        assert (await shop.books())["merchant_available"] == -4_500
        await funded(shop)
        # 5000 less the fee of 175, less 2000 that went back, less 4500 for the dispute: nothing to pay out.
        assert (await shop.books())["merchant_available"] == 5_000 - 175 - 2_000 - 4_500
        assert await next_morning(shop) == []

        await answer(shop, dispute, text)
        shop.clock.advance(seconds=2)
        await decide_disputes(shop.ports)

        [dispute] = await disputes(shop)
        assert dispute.status is DisputeState(end)
        left = 2_825 if end == "won" else -1_675
        assert (await shop.books())["merchant_available"] == left
        await pay_automatically(shop.ports)
        later = await next_morning(shop)
        assert [payout.amount for payout in later] == ([left] if left > 0 else [])
        assert await sound(shop)
