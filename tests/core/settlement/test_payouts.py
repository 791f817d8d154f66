"""Payouts: money leaves once, arrives or comes back, and the books say so at every step."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.clock import Timestamp
from payments_core.errors import BalanceInsufficient, InvalidRequest, PaymentsError
from payments_core.operations.auditing import verify
from payments_core.operations.balance import ListBalanceTransactions
from payments_core.operations.external_accounts import BankAccountParams, CreateExternalAccount
from payments_core.operations.paying_out import advance_payouts, conclude_by_id
from payments_core.operations.payouts import (
    CancelPayout,
    CreatePayout,
    ReversePayout,
    UpdatePayout,
)
from payments_core.operations.settling import settle
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import AccountId
from payments_core.platform.events import Event
from payments_core.ports import Query
from payments_core.settlement.external_accounts import AccountNumber, BankAccount
from payments_core.settlement.payouts import PAYOUT, Payout, PayoutEvent, PayoutResult, PayoutState
from payments_core.values import evolve
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio
GOOD = "000123456789"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def bank(shop: Shop, number: str = GOOD, currency: str = "usd") -> BankAccount:
    account = BankAccountParams(
        account_number=AccountNumber(number), country="US", currency=currency, routing_number="110000000"
    )
    return await shop.merchant.do(CreateExternalAccount(account=shop.id, external_account=account))


async def with_money(shop: Shop, amount: int = 1000, number: str = GOOD) -> None:
    """A sale that is available at once, and a bank account. What is left of 1000 after the fee is 941."""
    await shop.charge(amount, source="tok_bypassPending")
    await bank(shop, number)


async def payout(shop: Shop, amount: int = 900, **more: Any) -> Payout:
    return await shop.merchant.do(CreatePayout(amount=amount, currency="usd", **more))


async def now(shop: Shop, made: Payout) -> Payout:
    found: Payout = await shop.read(Payout, made.id)
    return found


async def arrive(shop: Shop, made: Payout) -> Payout:
    shop.clock.advance(minutes=1)
    await advance_payouts(shop.ports)
    assert (await now(shop, made)).status is PayoutState.IN_TRANSIT
    shop.clock.advance(days=1)
    await advance_payouts(shop.ports)
    return await now(shop, made)


async def events(shop: Shop) -> list[str]:
    page = await shop.ports.store.select(Event, shop.id, Query(limit=100))
    return [event.type for event in reversed(page.items) if event.type.startswith("payout")]


async def sound(shop: Shop) -> bool:
    verdict = await verify(shop.ports.store)
    assert verdict.findings == ()
    return verdict.is_sound


@pytest.mark.parametrize("state", PayoutState)
@pytest.mark.parametrize("event", PayoutEvent)
def test_only_what_the_table_says_happens(state: PayoutState, event: PayoutEvent) -> None:
    if PAYOUT.allows(state, event):
        assert PAYOUT.after(state, event) in PayoutState
    else:
        with pytest.raises(InvalidRequest):
            PAYOUT.after(state, event)


async def test_every_ledger_account_after_every_step_of_a_payout(shop: Shop) -> None:
    await with_money(shop)
    await settle(shop.ports, Timestamp(shop.clock.ms // 1000 + 1))

    made = await payout(shop, 900)
    assert await shop.books() == {
        "bank": 1000,
        "fee_revenue": 59,
        "merchant_available": 41,
        "payouts_in_transit": 900,
    }

    paid = await arrive(shop, made)
    assert paid.status is PayoutState.PAID
    assert await shop.books() == {"bank": 100, "fee_revenue": 59, "merchant_available": 41}
    assert await events(shop) == ["payout.created", "payout.updated", "payout.paid"]
    assert await sound(shop)


async def test_more_than_there_is_is_refused_and_leaves_no_trace(shop: Shop) -> None:
    await with_money(shop)

    with pytest.raises(BalanceInsufficient) as refusal:
        await payout(shop, 942)

    assert refusal.value.code == "balance_insufficient"
    assert (await shop.ports.store.select(Payout, shop.id, Query())).items == ()


async def test_fifty_payouts_of_everything_at_once_are_one(shop: Shop) -> None:
    await with_money(shop)

    outcomes = await asyncio.gather(*(payout(shop, 941) for _ in range(50)), return_exceptions=True)

    assert sum(isinstance(outcome, Payout) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Payout | BalanceInsufficient) for outcome in outcomes)
    assert (await shop.books())["payouts_in_transit"] == 941
    assert await sound(shop)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("000111111116", "no_account"),
        ("000111111113", "account_closed"),
        ("000222222227", "insufficient_funds"),
        ("000333333335", "debit_not_authorized"),
        ("000444444440", "invalid_currency"),
    ],
)
async def test_a_documented_number_brings_the_money_back(shop: Shop, number: str, code: str) -> None:
    await with_money(shop, number=number)

    failed = await arrive(shop, await payout(shop, 900))

    assert (failed.status, failed.failure_code) == (PayoutState.FAILED, code)
    assert failed.failure_balance_transaction is not None
    assert failed.failure_message
    assert (await shop.books())["merchant_available"] == 941
    assert (await shop.read(BankAccount, failed.destination)).status == "errored"
    assert await events(shop) == ["payout.created", "payout.updated", "payout.failed"]
    assert await sound(shop)


async def test_what_was_paid_can_still_come_back_and_only_once(shop: Shop) -> None:
    await with_money(shop)
    paid = await arrive(shop, await payout(shop, 900))
    returned = PayoutResult(payout=paid.id, failure_code="account_closed")

    assert await conclude_by_id(shop.ports, shop.id, returned)

    assert not await conclude_by_id(shop.ports, shop.id, returned)
    assert (await shop.books())["merchant_available"] == 941
    assert await sound(shop)


async def test_a_pending_payout_can_be_canceled(shop: Shop) -> None:
    await with_money(shop)
    made = await payout(shop, 900)

    canceled = await shop.merchant.do(CancelPayout(id=made.id))

    assert canceled.status is PayoutState.CANCELED
    assert (await shop.books())["merchant_available"] == 941
    shop.clock.advance(days=3)
    assert await advance_payouts(shop.ports) == 0
    assert await events(shop) == ["payout.created", "payout.canceled"]
    assert await sound(shop)


async def test_what_the_bank_has_cannot_be_canceled(shop: Shop) -> None:
    await with_money(shop)
    made = await payout(shop, 900, method="instant")
    await advance_payouts(shop.ports)

    with pytest.raises(InvalidRequest):
        await shop.merchant.do(CancelPayout(id=made.id))


async def test_an_instant_payout_is_there_at_once(shop: Shop) -> None:
    await with_money(shop)
    made = await payout(shop, 900, method="instant")

    await advance_payouts(shop.ports)
    await advance_payouts(shop.ports)

    assert (await now(shop, made)).status is PayoutState.PAID


async def test_without_a_bank_account_of_the_currency_there_is_no_payout(shop: Shop) -> None:
    await shop.charge(1000, source="tok_bypassPending")

    with pytest.raises(InvalidRequest, match="external accounts in that currency"):
        await payout(shop)


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 150, "currency": "huf"}, "amount"),
        ({"amount": 150, "currency": "twd"}, "amount"),
        ({"destination": "ba_0000000000000000000000"}, "destination"),
        ({"statement_descriptor": "far too long for a statement"}, "statement_descriptor"),
        ({"statement_descriptor": "a*b"}, "statement_descriptor"),
    ],
)
async def test_what_cannot_be_paid_out_is_refused_by_name(
    shop: Shop, wish: dict[str, Any], param: str
) -> None:
    await with_money(shop)

    with pytest.raises(PaymentsError) as refusal:
        await shop.merchant.do(CreatePayout(**{"amount": 500, "currency": "usd", **wish}))

    assert refusal.value.param == param


async def test_only_metadata_changes(shop: Shop) -> None:
    await with_money(shop)
    made = await payout(shop, metadata={"a": "1"})

    changed = await shop.merchant.do(UpdatePayout(id=made.id, metadata={"b": "2"}))

    assert changed.metadata == {"a": "1", "b": "2"}


async def test_one_day_old_repetitions_pay_once(shop: Shop) -> None:
    await with_money(shop)
    command = CreatePayout(amount=400, currency="usd")

    first = await shop.merchant.do(command, idempotency_key="once")
    again = await shop.merchant.do(command, idempotency_key="once")

    assert first.id == again.id
    assert (await shop.books())["payouts_in_transit"] == 400


async def test_only_connected_accounts_reverse(shop: Shop) -> None:
    await with_money(shop)
    paid = await arrive(shop, await payout(shop, 900))

    with pytest.raises(InvalidRequest, match="connected accounts"):
        await shop.merchant.do(ReversePayout(id=paid.id))


@pytest.mark.parametrize("number", [GOOD])
async def test_a_reversal_brings_paid_money_back(shop: Shop, number: str) -> None:
    await with_money(shop, number=number)
    paid = await arrive(shop, await payout(shop, 900))
    connected = evolve(shop.merchant.account, platform=AccountId("acct_0000000000000000000000"))
    work = Work(Caller(account=connected), shop.ports)
    reverse = next(o for c, o in shop_operations() if c is ReversePayout)

    back = await reverse.handler(ReversePayout(id=paid.id), work, shop.ports)
    await work.commit()
    assert await sound(shop)
    assert (await shop.books())["merchant_available"] == 41
    await advance_payouts(shop.ports)
    shop.clock.advance(days=3)
    await advance_payouts(shop.ports)

    assert (await now(shop, paid)).reversed_by == back.id
    assert (await now(shop, back)).status is PayoutState.PAID
    assert (await shop.books())["merchant_available"] == 941
    assert await sound(shop)


def shop_operations() -> Any:
    from payments_core.gateway import OPERATIONS

    return OPERATIONS.items()


async def test_a_manual_payout_is_made_of_itself(shop: Shop) -> None:
    await with_money(shop)
    made = await payout(shop)

    page = await shop.merchant.do(ListBalanceTransactions(payout=made.id))

    assert [line.id for line in page.items] == [made.balance_transaction]
