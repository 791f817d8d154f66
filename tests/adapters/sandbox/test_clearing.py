"""What is captured is presented once, verified against its authorization code, billed, and netted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_adapters.sandbox.clearing import ClearingKind, ClearingRecord, Rejection, Total
from payments_adapters.sandbox.presentments import CHUNK
from payments_adapters.sql import open_store
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.ledger.accounts import LedgerAccount
from payments_core.payments.answers import Answer
from payments_core.platform.accounts import AccountId
from payments_core.ports import AuthorizationRequest
from tests.adapters.sandbox.worlds import IDS, NOON, SHOP, World, a_request, a_world, about

pytestmark = pytest.mark.anyio

LIMITED = "4000000000071003"
OWED, USED, SETTLEMENT = (
    LedgerAccount.CARDHOLDER,
    LedgerAccount.CARDHOLDER_HELD,
    LedgerAccount.ISSUER_SETTLEMENT,
)


@pytest.fixture(params=["memory", "disk"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "memory":
        yield a_world()
        return
    store = await open_store(f"sqlite:///{tmp_path}/bank.db")
    yield a_world(store=store)
    await store.close()


def a_record(
    request: AuthorizationRequest, answer: Answer, amount: int | None = None, **more: Any
) -> ClearingRecord:
    details: dict[str, Any] = {
        "reference": IDS.new("txn"),
        "account_id": request.account_id,
        "merchant": request.merchant,
        "original": request.reference,
        "authorization_code": answer.authorization_code or "",
        "bin": request.pan.bin,
        "amount": request.amount if amount is None else amount,
        "currency": request.currency,
        "captured": Timestamp(NOON // 1000),
    }
    return ClearingRecord(**details | more)


async def promised(
    world: World, number: str = "4242424242424242", amount: int = 1000, **more: Any
) -> ClearingRecord:
    """A record of the whole of a fresh promise."""
    request = a_request(number, amount=amount)
    return a_record(request, await world.acquirer.authorize(request), **more)


async def reason(world: World, record: ClearingRecord) -> Rejection | None:
    (result,) = (await world.network.clear([record])).results
    return result.reason


def a_credit(sale: ClearingRecord, amount: int) -> ClearingRecord:
    return attrs.evolve(sale, reference=IDS.new("txn"), kind=ClearingKind.CREDIT, amount=amount)


class TestVerifying:
    async def test_what_was_promised_is_accepted(self, world: World) -> None:
        assert await reason(world, await promised(world)) is None

    async def test_less_than_was_promised_is_accepted(self, world: World) -> None:
        record = attrs.evolve(await promised(world), amount=1)

        assert await reason(world, record) is None

    async def test_more_than_was_promised_is_rejected(self, world: World) -> None:
        record = attrs.evolve(await promised(world), amount=1001)

        assert await reason(world, record) is Rejection.AMOUNT_EXCEEDS_AUTHORIZATION

    async def test_an_authorization_code_that_was_never_given_is_rejected(self, world: World) -> None:
        record = attrs.evolve(await promised(world), authorization_code="ZZZZZZ")

        assert await reason(world, record) is Rejection.WRONG_AUTHORIZATION_CODE

    async def test_what_was_never_asked_for_is_rejected(self, world: World) -> None:
        record = attrs.evolve(await promised(world), original="hold_nobody_placed")

        assert await reason(world, record) is Rejection.UNKNOWN_AUTHORIZATION

    async def test_another_merchant_s_promise_is_unknown(self, world: World) -> None:
        record = attrs.evolve(await promised(world), account_id=AccountId("acct_00000000000000000OTHER"))

        assert await reason(world, record) is Rejection.UNKNOWN_AUTHORIZATION

    async def test_what_was_declined_is_rejected(self, world: World) -> None:
        record = await promised(world, "4000000000000002")

        assert await reason(world, record) is Rejection.NOT_APPROVED

    async def test_another_currency_is_rejected(self, world: World) -> None:
        record = attrs.evolve(await promised(world), currency="eur")

        assert await reason(world, record) is Rejection.CURRENCY_MISMATCH

    async def test_a_number_of_no_member_s_is_rejected_by_the_network(self, world: World) -> None:
        record = attrs.evolve(await promised(world), bin="411111")

        assert await reason(world, record) is Rejection.NO_SUCH_ISSUER

    async def test_what_was_given_back_is_rejected(self, world: World) -> None:
        request = a_request()
        record = a_record(request, await world.acquirer.authorize(request))
        await world.acquirer.reverse(about(request))

        assert await reason(world, record) is Rejection.AUTHORIZATION_REVERSED

    async def test_what_comes_too_late_is_rejected(self, world: World) -> None:
        early, late = await promised(world), await promised(world)
        world.clock.pass_days(30)
        in_time = await reason(world, early)
        world.clock.pass_days(1)

        assert in_time is None
        assert await reason(world, late) is Rejection.LATE_PRESENTMENT

    async def test_several_captures_of_one_promise_are_accepted_up_to_its_amount(self, world: World) -> None:
        whole = await promised(world)
        parts = [
            attrs.evolve(whole, reference=IDS.new("txn"), amount=amount, final=False)
            for amount in (400, 600, 1)
        ]
        cleared = await world.network.clear(parts)

        assert [result.reason for result in cleared.results] == [
            None,
            None,
            Rejection.AMOUNT_EXCEEDS_AUTHORIZATION,
        ]

    async def test_a_credit_up_to_what_was_presented_is_accepted(self, world: World) -> None:
        sale = await promised(world)
        cleared = await world.network.clear(
            [sale, a_credit(sale, 700), a_credit(sale, 301), a_credit(sale, 300)]
        )

        assert [result.reason for result in cleared.results] == [
            None,
            None,
            Rejection.CREDIT_EXCEEDS_SALES,
            None,
        ]

    async def test_a_credit_has_no_time_limit(self, world: World) -> None:
        sale = await promised(world)
        await world.network.clear([sale])
        world.clock.pass_days(90)

        assert await reason(world, a_credit(sale, 1000)) is None


class TestOnce:
    async def test_a_record_that_comes_again_gets_the_answer_it_got(self, world: World) -> None:
        good, bad = await promised(world), attrs.evolve(await promised(world), authorization_code="ZZZZZZ")
        first = await world.network.clear([good, bad])
        again = await world.network.clear([good, bad])

        assert [r.reason for r in again.results] == [r.reason for r in first.results]
        assert [r.repeated for r in first.results] == [False, False]
        assert [r.repeated for r in again.results] == [True, True]
        assert again.totals == first.totals
        assert await world.standing(SETTLEMENT) == -1000

    async def test_the_same_record_twice_in_one_batch_counts_once(self, world: World) -> None:
        record = await promised(world)
        cleared = await world.network.clear([record, record])

        assert cleared.totals[SHOP, "usd"] == Total(sales=1000, accepted=1)
        assert await world.standing(SETTLEMENT) == -1000

    async def test_the_same_batch_at_once_is_posted_once(self, world: World) -> None:
        records = [await promised(world) for _ in range(5)]
        answers = await asyncio.gather(*(world.network.clear(records) for _ in range(6)))

        assert all(answer.totals == answers[0].totals for answer in answers)
        assert await world.standing(SETTLEMENT) == -5000

    async def test_presentment_and_reversal_at_once_never_use_the_promise_twice(self, world: World) -> None:
        for _ in range(5):
            request = a_request()
            record = a_record(request, await world.acquirer.authorize(request))
            await asyncio.gather(world.network.clear([record]), world.acquirer.reverse(about(request)))
            kept = await world.record(request)

            assert kept.presented + kept.released == 1000
            assert kept.presented in {0, 1000}

    async def test_answers_come_in_the_order_of_the_records_across_chunks(self, world: World) -> None:
        one = await promised(world, amount=CHUNK + 50)
        records = [
            attrs.evolve(one, reference=f"part {number}", amount=1, final=False)
            for number in range(CHUNK + 60)
        ]
        cleared = await world.network.clear(records)

        assert [result.record.reference for result in cleared.results] == [r.reference for r in records]
        assert sum(result.accepted for result in cleared.results) == CHUNK + 50


class TestBilling:
    async def test_the_cardholder_owes_what_was_presented(self, world: World) -> None:
        sale = await promised(world)
        await world.network.clear([sale, a_credit(sale, 400)])

        assert await world.standing(OWED, "visa_us_4242") == 600
        assert await world.standing(SETTLEMENT) == -600

    async def test_the_month_s_statement_lists_what_was_accepted(self, world: World) -> None:
        sale = await promised(world)
        rejected = attrs.evolve(await promised(world), authorization_code="ZZZZZZ")
        await world.network.clear([sale, rejected, a_credit(sale, 400)])
        bill = await world.issuer.statement("visa_us_4242", "2025-11")

        assert [(line.merchant, line.kind, line.amount) for line in bill.lines] in (
            [("Flower shop", "sale", 1000), ("Flower shop", "credit", 400)],
            [("Flower shop", "credit", 400), ("Flower shop", "sale", 1000)],
        )
        assert bill.due == {"usd": 600}
        assert {line.authorization_code for line in bill.lines} == {sale.authorization_code}

    async def test_the_next_month_is_another_statement(self, world: World) -> None:
        await world.network.clear([await promised(world)])
        world.clock.pass_days(10)
        await world.network.clear([await promised(world, amount=70)])

        assert (await world.issuer.statement("visa_us_4242", "2025-11")).due == {"usd": 1000}
        assert (await world.issuer.statement("visa_us_4242", "2025-12")).due == {"usd": 70}

    async def test_a_long_statement_is_whole(self, world: World) -> None:
        one = await promised(world, amount=250)
        parts = [attrs.evolve(one, reference=f"part {n}", amount=1, final=False) for n in range(250)]
        await world.network.clear(parts)

        assert len((await world.issuer.statement("visa_us_4242", "2025-11")).lines) == 250

    async def test_a_bill_is_paid_once_and_frees_the_limit(self, world: World) -> None:
        await world.network.clear([await promised(world, LIMITED, amount=5000)])
        used_before = await world.standing(USED, "visa_us_1003")
        world.clock.pass_days(10)
        for _ in range(2):
            await world.issuer.pay_statement("visa_us_1003", "2025-11")

        assert used_before == 5000
        assert await world.standing(USED, "visa_us_1003") == 0
        assert await world.standing(OWED, "visa_us_1003") == 0
        assert await world.standing(LedgerAccount.BANK) == 5000

    async def test_a_month_that_is_not_over_cannot_be_paid(self, world: World) -> None:
        await world.network.clear([await promised(world)])

        with pytest.raises(InvalidRequest, match="not closed"):
            await world.issuer.pay_statement("visa_us_4242", "2025-11")

    async def test_the_rest_of_a_promise_is_free_after_the_last_presentment(self, world: World) -> None:
        record = attrs.evolve(await promised(world, LIMITED, amount=5000), amount=3000)
        await world.network.clear([record])

        assert await world.standing(USED, "visa_us_1003") == 3000

    async def test_a_credit_frees_the_limit(self, world: World) -> None:
        sale = await promised(world, LIMITED, amount=5000)
        await world.network.clear([sale, a_credit(sale, 2000)])

        assert await world.standing(USED, "visa_us_1003") == 3000


class TestNetting:
    async def test_each_merchant_and_currency_has_its_total(self, world: World) -> None:
        dollars = await promised(world)
        request = a_request(amount=500, currency="jpy", account_id=AccountId("acct_00000000000000000OTHER"))
        yen = a_record(request, await world.acquirer.authorize(request))
        bad = attrs.evolve(dollars, reference="another", authorization_code="ZZZZZZ")
        cleared = await world.network.clear([dollars, a_credit(dollars, 300), yen, bad])

        assert cleared.totals == {
            (SHOP, "usd"): Total(sales=1000, credits=300, accepted=2, rejected=1),
            (request.account_id, "jpy"): Total(sales=500, accepted=1),
        }
        assert cleared.totals[SHOP, "usd"].net == 700

    async def test_nothing_to_clear_is_nothing_owed(self, world: World) -> None:
        assert (await world.network.clear([])).totals == {}

    async def test_a_record_about_no_money_is_a_mistake(self, world: World) -> None:
        with pytest.raises(AssertionError):
            attrs.evolve(await promised(world), amount=0)
