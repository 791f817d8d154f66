"""Automatic payouts: once a day, of all that was available by the cut-off, and their contents add up to the cent."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from payments_core.clock import Timestamp
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.operations.auditing import verify
from payments_core.operations.automatic_payouts import pay_automatically, take_turn
from payments_core.operations.balance import ListBalanceTransactions
from payments_core.operations.external_accounts import UpdateExternalAccount
from payments_core.operations.paying_out import advance_payouts
from payments_core.operations.payouts import CreatePayout
from payments_core.operations.refunds import CreateRefund
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account
from payments_core.platform.events import Event
from payments_core.ports import Batch, Query, Write
from payments_core.settlement.payouts import Payout
from payments_core.settlement.schedules import Interval, PayoutSchedule, business_day_after
from payments_core.testing.memory import MemoryStore
from payments_core.values import evolve
from tests.core.settlement.test_payouts import bank
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def set_schedule(shop: Shop, **settings: str) -> None:
    work = Work(Caller(account=shop.merchant.account), shop.ports)
    account = await work.get(Account, shop.id)
    named = {f"payouts.{name.replace('__', '.')}": value for name, value in settings.items()}
    work.put(evolve(account, settings={**account.settings, **named}))
    await work.commit()


async def sale(shop: Shop, amount: int = 1000, **more: Any) -> Any:
    return await shop.charge(amount, source="tok_bypassPending", **more)


async def next_morning(shop: Shop, days: int = 1) -> list[Payout]:
    """Go to two in the morning of a later day, and return the payouts that were made then."""
    before = {payout.id for payout in await payouts(shop)}
    shop.clock.set(datetime.fromtimestamp((shop.clock.ms // 86_400_000 + days) * 86_400 + 7200, UTC))
    await pay_automatically(shop.ports)
    return [payout for payout in await payouts(shop) if payout.id not in before]


async def payouts(shop: Shop) -> list[Payout]:
    return list((await shop.ports.store.select(Payout, shop.id, Query(limit=100))).items)


async def contents(shop: Shop, payout: Payout) -> list[BalanceTransaction]:
    found: list[BalanceTransaction] = []
    after = None
    while True:
        page = await shop.merchant.do(
            ListBalanceTransactions(payout=payout.id, limit=3, starting_after=after)
        )
        found += page.items
        if not page.has_more:
            return found
        after = page.items[-1].id


async def adds_up(shop: Shop, payout: Payout) -> bool:
    lines = await contents(shop, payout)
    own = [line for line in lines if line.id == payout.balance_transaction]
    assert len(own) == 1
    assert sum(line.net for line in lines) == 0
    return (await verify(shop.ports.store)).findings == ()


async def test_the_contents_of_a_payout_add_up_to_it(shop: Shop) -> None:
    await bank(shop)
    sales = [await sale(shop, amount) for amount in (1000, 2000, 3000)]
    await shop.merchant.do(CreateRefund(charge=sales[0].id, amount=400))

    [made] = await next_morning(shop)

    nets = [line.net for line in await contents(shop, made)]
    assert made.automatic
    assert made.reconciliation_status == "completed"
    assert made.amount == 6000 - 400 - (59 + 88 + 117) == -min(nets)
    assert len(nets) == 5
    assert await adds_up(shop, made)


async def test_what_comes_after_the_cut_off_is_paid_the_next_day(shop: Shop) -> None:
    await bank(shop)
    await sale(shop, 1000)
    shop.clock.set(datetime(2026, 11, 3, 0, 30, tzinfo=UTC))
    await sale(shop, 2000)

    [first] = await next_morning(shop, days=0)
    [second] = await next_morning(shop)

    assert (first.amount, second.amount) == (941, 1912)
    assert await adds_up(shop, first)
    assert await adds_up(shop, second)


async def test_several_workers_pay_once(shop: Shop) -> None:
    await bank(shop)
    await sale(shop)
    shop.clock.set(datetime(2026, 11, 3, 2, 0, tzinfo=UTC))

    await asyncio.gather(*(pay_automatically(shop.ports) for _ in range(8)))
    await pay_automatically(shop.ports)

    assert len(await payouts(shop)) == 1


async def test_a_failed_payout_is_in_the_next_one(shop: Shop) -> None:
    await bank(shop, "000111111116")
    await sale(shop)
    [first] = await next_morning(shop)
    await advance_payouts(shop.ports)
    shop.clock.advance(days=1)
    await advance_payouts(shop.ports)
    assert await next_morning(shop) == [], "the bank account is errored"

    good = await bank(shop)
    await shop.merchant.do(UpdateExternalAccount(account=shop.id, id=good.id, default_for_currency=True))
    [second] = await next_morning(shop)

    assert second.amount == first.amount == 941
    assert await adds_up(shop, first)
    assert await adds_up(shop, second)


async def test_a_minimum_balance_stays_and_the_contents_still_add_up(shop: Shop) -> None:
    await bank(shop)
    await set_schedule(shop, minimum_balance_by_currency__usd="300")
    await sale(shop, 1000)
    [first] = await next_morning(shop)
    await sale(shop, 1000)
    [second] = await next_morning(shop)

    assert (first.amount, second.amount) == (641, 941)
    assert (await shop.books())["merchant_available"] == 300
    assert await adds_up(shop, first)
    assert await adds_up(shop, second)


async def test_forints_are_paid_out_whole(shop: Shop) -> None:
    await bank(shop, currency="huf")
    await sale(shop, 123_456, currency="huf")

    [made] = await next_morning(shop)

    assert made.amount % 100 == 0
    assert 0 < (await shop.books("huf"))["merchant_available"] < 100
    assert await adds_up(shop, made)


async def test_a_balance_below_zero_waits_for_sales(shop: Shop) -> None:
    await bank(shop)
    sold = await sale(shop, 1000)
    await next_morning(shop)
    await shop.merchant.do(CreateRefund(charge=sold.id))
    assert (await shop.books())["merchant_available"] == -1000

    assert await next_morning(shop) == []
    await sale(shop, 5000)
    [later] = await next_morning(shop)

    assert later.amount == 5000 - 175 - 1000
    assert await adds_up(shop, later)


async def test_manual_payouts_in_between_are_counted(shop: Shop) -> None:
    await bank(shop)
    await sale(shop, 1000)
    await shop.merchant.do(CreatePayout(amount=500, currency="usd"))

    [made] = await next_morning(shop)

    assert made.amount == 441
    assert await adds_up(shop, made)


async def test_money_that_left_after_the_cut_off_is_not_paid_out_again(shop: Shop) -> None:
    await bank(shop)
    await sale(shop, 1000)
    shop.clock.set(datetime(2026, 11, 3, 0, 30, tzinfo=UTC))
    await shop.merchant.do(CreatePayout(amount=900, currency="usd"))

    [made] = await next_morning(shop, days=0)

    assert made.amount == 41
    assert await adds_up(shop, made)
    [] = await next_morning(shop)


@pytest.mark.parametrize("interval", ["manual", "weekly", "monthly"])
async def test_on_other_days_nothing_leaves(shop: Shop, interval: str) -> None:
    await bank(shop)
    await set_schedule(shop, schedule__interval=interval, schedule__weekly_anchor="friday")
    await sale(shop)

    assert await next_morning(shop) == []


async def test_a_payout_reads_nothing_of_what_was_paid_before(tmp_path: Path) -> None:
    read = 0

    class Counting(MemoryStore):
        async def select(self, kind: type[Any], account_id: Any, query: Query) -> Any:
            nonlocal read
            page = await super().select(kind, account_id, query)
            read += len(page.items) if kind is BalanceTransaction else 0
            return page

    async with a_shop(tmp_path, Counting()) as shop:
        await bank(shop)
        for _ in range(30):
            await sale(shop)
        await next_morning(shop)

        assert read == 0


async def test_a_killed_turn_is_taken_by_the_next_worker_whole(shop: Shop) -> None:
    await bank(shop)
    await sale(shop)
    shop.clock.set(datetime(2026, 11, 3, 2, 0, tzinfo=UTC))
    [schedule] = (await shop.ports.store.select(PayoutSchedule, shop.id, Query())).items

    assert await take_turn(shop.ports, shop.id, schedule.id)
    assert not await take_turn(shop.ports, shop.id, schedule.id)
    told = [event.type for event in (await shop.ports.store.select(Event, shop.id, Query(limit=50))).items]
    assert told.count("payout.reconciliation_completed") == 1


def at(year: int, month: int, day: int) -> Timestamp:
    return Timestamp(int(datetime(year, month, day, 2, tzinfo=UTC).timestamp()))


@pytest.mark.parametrize(
    ("settings", "day", "pays"),
    [
        ({"interval": "daily"}, at(2026, 11, 2), True),
        ({"interval": "daily"}, at(2026, 11, 1), False),
        ({"interval": "weekly", "weekly_anchor": "friday"}, at(2026, 11, 6), True),
        ({"interval": "weekly", "weekly_payout_days": "monday,friday"}, at(2026, 11, 2), True),
        ({"interval": "weekly", "weekly_anchor": "friday"}, at(2026, 11, 2), False),
        ({"interval": "monthly", "monthly_anchor": "31"}, at(2026, 11, 30), True),
        ({"interval": "monthly", "monthly_anchor": "31"}, at(2026, 12, 30), False),
        ({"interval": "monthly", "monthly_payout_days": "1,15"}, at(2026, 12, 15), True),
        ({"interval": "manual"}, at(2026, 11, 2), False),
    ],
)
def test_the_days_of_a_schedule(settings: dict[str, str], day: Timestamp, pays: bool) -> None:
    rule = Interval.of({f"payouts.schedule.{name}": value for name, value in settings.items()})

    assert rule.pays_on(day) is pays


def test_banks_rest_on_weekends() -> None:
    assert business_day_after(at(2026, 11, 6)) == at(2026, 11, 9) - 7200
    assert business_day_after(at(2026, 11, 2)) == at(2026, 11, 3) - 7200


class TestVerification:
    """What the books say of payouts, held against what they are made of."""

    async def paid_twice(self, shop: Shop) -> tuple[Payout, Payout]:
        await bank(shop)
        await set_schedule(shop, minimum_balance_by_currency__usd="100")
        await sale(shop, 1_000)
        (first,) = await next_morning(shop, days=2)
        await sale(shop, 2_000)
        (second,) = await next_morning(shop, days=2)
        assert (await verify(shop.ports.store)).is_sound
        return first, second

    async def alter(self, shop: Shop, noun: Any) -> None:
        """Change a row as somebody with the database in hand would."""
        _, version = await shop.ports.store.find(type(noun), shop.id, noun.id)  # type: ignore[misc]
        await shop.ports.store.apply(Batch(account_id=shop.id, writes=(Write(noun, version),)))

    async def found(self, shop: Shop) -> list[str]:
        return [finding.sentence for finding in (await verify(shop.ports.store)).findings]

    async def test_a_line_that_was_moved_to_another_payout_is_missed(self, shop: Shop) -> None:
        first, second = await self.paid_twice(shop)
        line = next(line for line in await contents(shop, first) if line.type == "charge")
        assert second.contents_upto is not None

        await self.alter(shop, evolve(line, available_on=Timestamp(second.contents_upto)))

        sentences = await self.found(shop)
        assert len(sentences) == 2
        assert first.id in sentences[0]
        assert second.id in sentences[1]
        assert "comes to" in sentences[0]

    async def test_a_payout_that_was_altered_is_named(self, shop: Shop) -> None:
        first, _ = await self.paid_twice(shop)
        assert first.contents_upto is not None

        await self.alter(shop, evolve(first, contents_upto=first.contents_upto - 86_400 * 3))

        (sentence,) = await self.found(shop)
        assert sentence.startswith(f"payout {first.id} is ")

    async def test_two_payouts_of_the_same_money_are_named(self, shop: Shop) -> None:
        first, second = await self.paid_twice(shop)

        await self.alter(shop, evolve(second, contents_after=first.contents_after))

        assert f"payouts {first.id} and {second.id} are made of the same money." in await self.found(shop)
