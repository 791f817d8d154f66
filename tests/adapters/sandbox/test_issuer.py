"""The bank keeps its promises: each message once, limits never overrun, and what was taken back is free again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from payments_adapters.sandbox.authorizations import ISSUER, derived
from payments_adapters.sql import open_store
from payments_core.errors import Unavailable
from payments_core.ids import RandomIds, decode
from payments_core.ledger.accounts import LedgerAccount
from payments_core.payments.answers import SILENCE, Outcome
from payments_core.platform.accounts import AccountId
from payments_core.ports import Batch
from payments_core.testing.memory import MemoryStore
from tests.adapters.sandbox.worlds import SHOP, World, a_request, a_world, about

pytestmark = pytest.mark.anyio

LIMITED = "4000000000071003"  # may owe 50.00
USED = LedgerAccount.CARDHOLDER_HELD
CARDHOLDER = "visa_us_1003"


@pytest.fixture(params=["memory", "disk"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "memory":
        yield a_world()
        return
    store = await open_store(f"sqlite:///{tmp_path}/bank.db")
    yield a_world(store=store)
    await store.close()


class CountingStore(MemoryStore):
    """Notes every batch, and every look-up."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[Batch] = []
        self.reads = 0

    async def apply(self, batch: Batch) -> None:
        self.batches.append(batch)
        await super().apply(batch)

    async def find(self, kind, account_id, noun_id):  # type: ignore[no-untyped-def]
        self.reads += 1
        return await super().find(kind, account_id, noun_id)


class UnreachableStore(MemoryStore):
    """Cannot be reached for writing."""

    async def apply(self, batch: Batch) -> None:
        raise Unavailable("The database does not answer.")


class TestRemembering:
    async def test_a_promise_costs_one_row_and_no_look_up(self) -> None:
        store = CountingStore()
        await a_world(store=store).acquirer.authorize(a_request())

        assert store.reads == 0
        assert [(len(b.writes), len(b.entries)) for b in store.batches] == [(1, 0)]

    async def test_what_it_remembers_holds_no_card_number(self, world: World) -> None:
        request = a_request()
        await world.acquirer.authorize(request)
        record = await world.record(request)

        assert record.cardholder == "visa_us_4242"
        assert "4242424242424242" not in repr(record)

    async def test_two_merchants_may_use_the_same_reference(self, world: World) -> None:
        one = a_request()
        other = attrs.evolve(one, account_id=AccountId("acct_00000000000000000OTHER"))
        answers = [await world.acquirer.authorize(request) for request in (one, other)]

        assert answers[0].network_reference != answers[1].network_reference

    async def test_after_a_restart_the_same_answer_is_given(self, world: World) -> None:
        request = a_request()
        before = await world.acquirer.authorize(request)
        after = await a_world(store=world.store).acquirer.authorize(request)

        assert after == before

    async def test_a_bank_without_its_books_is_silent(self) -> None:
        answer = await a_world(store=UnreachableStore()).acquirer.authorize(a_request())

        assert answer == SILENCE


class TestLimits:
    async def test_no_more_is_promised_than_the_limit(self, world: World) -> None:
        first = await world.acquirer.authorize(a_request(LIMITED, amount=4000))
        second = await world.acquirer.authorize(a_request(LIMITED, amount=1001))

        assert first.approved
        assert (second.decline_code, second.response_code) == ("insufficient_funds", "51")
        assert await world.standing(USED, CARDHOLDER) == 4000

    async def test_the_last_cent_can_be_used(self, world: World) -> None:
        assert (await world.acquirer.authorize(a_request(LIMITED, amount=5000))).approved

    async def test_of_many_at_once_as_many_are_promised_as_fit(self, world: World) -> None:
        requests = [a_request(LIMITED, amount=1000) for _ in range(12)]
        answers = await asyncio.gather(*map(world.acquirer.authorize, requests))

        assert sum(answer.approved for answer in answers) == 5
        assert await world.standing(USED, CARDHOLDER) == 5000

    async def test_the_same_reference_at_once_uses_the_limit_once(self, world: World) -> None:
        request = a_request(LIMITED, amount=3000)
        answers = await asyncio.gather(*(world.acquirer.authorize(request) for _ in range(8)))

        assert len({answer.authorization_code for answer in answers}) == 1
        assert await world.standing(USED, CARDHOLDER) == 3000

    async def test_a_repetition_at_the_limit_is_still_approved(self, world: World) -> None:
        request = a_request(LIMITED, amount=5000)
        first = await world.acquirer.authorize(request)

        assert await world.acquirer.authorize(request) == first

    async def test_each_currency_has_its_own(self, world: World) -> None:
        answers = [
            await world.acquirer.authorize(a_request(LIMITED, amount=5000, currency=currency))
            for currency in ("usd", "jpy")
        ]

        assert all(answer.approved for answer in answers)

    async def test_a_reversal_gives_it_back(self, world: World) -> None:
        request = a_request(LIMITED, amount=5000)
        await world.acquirer.authorize(request)
        await world.acquirer.reverse(about(request, 2000))

        assert await world.standing(USED, CARDHOLDER) == 3000
        assert (await world.acquirer.authorize(a_request(LIMITED, amount=2000))).approved

    async def test_the_same_reversal_at_once_gives_it_back_once(self, world: World) -> None:
        request = a_request(LIMITED, amount=5000)
        await world.acquirer.authorize(request)
        reversal = about(request, 2000)
        await asyncio.gather(*(world.acquirer.reverse(reversal) for _ in range(8)))

        assert await world.standing(USED, CARDHOLDER) == 3000

    async def test_many_reversals_at_once_give_back_no_more_than_was_held(self, world: World) -> None:
        request = a_request(LIMITED, amount=5000)
        await world.acquirer.authorize(request)
        answers = await asyncio.gather(*(world.acquirer.reverse(about(request, 2000)) for _ in range(6)))

        assert all(answer.approved for answer in answers)
        assert await world.standing(USED, CARDHOLDER) == 0
        assert (await world.record(request)).released == 5000

    async def test_an_increment_uses_the_difference(self, world: World) -> None:
        request = a_request(LIMITED, amount=1000)
        await world.acquirer.authorize(request)
        increment = about(request, 4000)
        answer = await world.acquirer.increment(increment)

        assert answer.approved
        assert await world.acquirer.increment(increment) == answer
        assert await world.standing(USED, CARDHOLDER) == 4000

    async def test_an_increment_past_the_limit_is_declined_and_changes_nothing(self, world: World) -> None:
        request = a_request(LIMITED, amount=1000)
        await world.acquirer.authorize(request)
        answer = await world.acquirer.increment(about(request, 5001))

        assert answer.decline_code == "insufficient_funds"
        assert (await world.record(request)).amount == 1000
        assert await world.standing(USED, CARDHOLDER) == 1000


class TestFollowingUp:
    async def test_an_authorization_that_comes_after_its_reversal_is_refused(self, world: World) -> None:
        request = a_request()
        reversal = await world.acquirer.reverse(about(request))
        late = await world.acquirer.authorize(request)

        assert reversal.approved
        assert late.outcome is Outcome.DECLINED
        assert late.response_code == "R1"

    async def test_an_inquiry_after_what_only_its_reversal_reached_finds_nothing(self, world: World) -> None:
        request = a_request()
        await world.acquirer.reverse(about(request))

        assert (await world.acquirer.inquire(about(request))).response_code == "25"

    async def test_of_authorization_and_reversal_at_once_nothing_stays_held(self, world: World) -> None:
        for _ in range(5):
            request = a_request(LIMITED, amount=4000)
            await asyncio.gather(
                world.acquirer.authorize(request),
                world.acquirer.reverse(about(request)),
                return_exceptions=True,
            )
            assert (await world.record(request)).held == 0
            assert await world.standing(USED, CARDHOLDER) == 0

    @pytest.mark.parametrize("amount", [999, 1000])
    async def test_an_increment_must_be_more(self, world: World, amount: int) -> None:
        request = a_request()
        await world.acquirer.authorize(request)

        assert (await world.acquirer.increment(about(request, amount))).decline_code == "invalid_amount"

    async def test_what_was_partly_given_back_cannot_be_raised(self, world: World) -> None:
        request = a_request()
        await world.acquirer.authorize(request)
        await world.acquirer.reverse(about(request, 400))

        assert not (await world.acquirer.increment(about(request, 2000))).approved

    @pytest.mark.parametrize(
        ("number", "traits"),
        [
            ("4242424242424242", {}),
            ("4000000000007726", {"refund": "pending"}),
            ("4000000000005126", {"refund": "fails_later"}),
        ],
    )
    async def test_a_refund_tells_what_will_come_of_it(
        self, world: World, number: str, traits: dict[str, str]
    ) -> None:
        request = a_request(number)
        await world.acquirer.authorize(request)
        answer = await world.acquirer.refund(about(request, 500))

        assert answer.approved
        assert answer.traits == traits

    async def test_what_was_declined_or_never_asked_cannot_be_refunded(self, world: World) -> None:
        declined = a_request("4000000000000002")
        await world.acquirer.authorize(declined)

        assert (await world.acquirer.refund(about(declined))).response_code == "57"
        assert (await world.acquirer.refund(about(a_request()))).response_code == "25"

    async def test_another_merchant_s_authorization_is_out_of_reach(self, world: World) -> None:
        request = a_request()
        await world.acquirer.authorize(request)
        stranger = about(request, account_id=AccountId("acct_00000000000000000OTHER"))

        assert (await world.acquirer.refund(stranger)).response_code == "25"
        assert (await world.acquirer.inquire(stranger)).response_code == "25"

    async def test_a_refund_that_was_asked_for_can_be_inquired_about(self, world: World) -> None:
        request = a_request()
        await world.acquirer.authorize(request)
        refund = about(request, 500)
        answer = await world.acquirer.refund(refund)
        inquiry = about(request, original=refund.reference)

        assert await world.acquirer.inquire(inquiry) == answer


class TestKeys:
    def test_a_key_keeps_the_time_of_its_reference(self) -> None:
        ids = RandomIds()
        references = [ids.new("hold") for _ in range(20)]
        keys = [derived("iauth", SHOP, reference) for reference in references]

        assert keys == sorted(keys)
        assert len(set(keys)) == 20

    @pytest.mark.parametrize("reference", ["order 7", "", "zażółć", "hold_" + "z" * 22, "\ud800"])
    def test_any_text_will_do_for_a_reference(self, reference: str) -> None:
        key = derived("iauth", SHOP, reference)

        assert decode(key.removeprefix("iauth_")) >= 0

    def test_the_bank_s_own_account_is_a_plain_id(self) -> None:
        assert decode(ISSUER.removeprefix("acct_")) > 0
