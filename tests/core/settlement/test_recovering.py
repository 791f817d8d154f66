"""Doubt has an owner: whatever the network loses, doubles or says too late, each promise is kept, taken or given back."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.errors import Conflict, Declined
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.charges import CreateCharge
from payments_core.operations.jobs import BY_NAME
from payments_core.operations.recovering import recover
from payments_core.payments.answers import SILENCE, Answer, Outcome
from payments_core.payments.attempts import Attempt, AttemptState
from payments_core.payments.charges import Charge, ChargeState
from payments_core.payments.holds import Hold, HoldState
from payments_core.ports import AuthorizationRequest, Batch, FollowUp, Query, Write
from payments_core.testing.network import APPROVED, ScriptedAcquirer
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio
NEVER_ARRIVED = Answer(outcome=Outcome.DECLINED, response_code="25")


@attrs.define(eq=False)
class Slow(ScriptedAcquirer):
    """An acquirer whose authorization is answered when the test says so, and whose other answers the test chooses."""

    name: str = "sandbox"
    told: asyncio.Event = attrs.field(factory=asyncio.Event)
    answer: Answer = APPROVED
    inquiry: Answer = SILENCE
    reversal: Answer = APPROVED

    async def authorize(self, request: AuthorizationRequest) -> Answer:
        self.heard.append(("authorize", request))
        await self.told.wait()
        return self.answer

    async def inquire(self, message: FollowUp) -> Answer:
        self.heard.append(("inquire", message))
        return self.inquiry

    async def reverse(self, message: FollowUp) -> Answer:
        self.heard.append(("reverse", message))
        return self.reversal

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _ in self.heard]


@attrs.frozen
class Line:
    """A shop on a slow line."""

    shop: Shop
    acquirer: Slow

    async def call(self, **more: Any) -> "asyncio.Task[Charge]":
        """Begin to charge, and return when the network was asked."""
        return await self.begun(self.shop.charge(1000, **more))

    async def begun(self, request: Coroutine[Any, Any, Charge]) -> "asyncio.Task[Charge]":
        calling = asyncio.create_task(request)
        while not self.acquirer.heard and not calling.done():
            await asyncio.sleep(0.001)
        return calling

    async def recover(self, **later: float) -> int:
        self.shop.clock.advance(**later)
        return await recover(self.shop.ports, BY_NAME.get)

    async def state(self) -> tuple[HoldState, ChargeState, AttemptState]:
        [hold] = await self.all(Hold)
        [charge] = await self.all(Charge)
        [attempt] = await self.all(Attempt)
        return hold.state, charge.status, attempt.state

    async def all(self, kind: type[Any]) -> tuple[Any, ...]:
        return (await self.shop.ports.store.select(kind, self.shop.id, Query(limit=100))).items


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with a_shop(tmp_path) as shop:
        acquirer = Slow()
        shop.ports.acquirers["sandbox"] = acquirer  # type: ignore[index]
        yield Line(shop, acquirer)


async def test_charge_and_hold_are_written_once_and_with_the_answer(line: Line) -> None:
    calling = await line.call()
    [attempt] = await line.all(Attempt)
    assert (await line.all(Charge), await line.all(Hold)) == ((), ())
    assert attempt.draft.charge.status is ChargeState.PENDING
    assert attempt.draft.hold.attempts == (attempt.id,)

    line.acquirer.told.set()
    charge = await calling

    for noun in (charge, *await line.all(Hold)):
        found = await line.shop.ports.store.find(type(noun), line.shop.id, noun.id)
        assert found == (noun, 1)
    assert [one.draft for one in await line.all(Attempt)] == [None]


async def test_silence_leaves_the_doubt_on_charge_and_hold_and_no_draft(line: Line) -> None:
    line.acquirer.answer = SILENCE
    line.acquirer.told.set()

    with pytest.raises(Declined):
        await line.shop.charge(1000)

    assert await line.state() == (HoldState.IN_DOUBT, ChargeState.FAILED, AttemptState.IN_DOUBT)
    assert [one.draft for one in await line.all(Attempt)] == [None]


async def test_a_yes_that_comes_after_recovery_gave_up_is_given_back(line: Line) -> None:
    calling = await line.call()
    await line.recover(minutes=1)
    assert await line.state() == (HoldState.IN_DOUBT, ChargeState.FAILED, AttemptState.IN_DOUBT)

    line.acquirer.told.set()
    with pytest.raises(Declined):
        await calling
    assert await line.state() == (HoldState.IN_DOUBT, ChargeState.FAILED, AttemptState.IN_DOUBT)

    await line.recover(minutes=1)
    assert line.acquirer.verbs == ["authorize", "inquire", "reverse"]
    assert await line.state() == (HoldState.RELEASED, ChargeState.FAILED, AttemptState.ANSWERED)
    assert await line.shop.books() == {}


async def test_a_no_that_comes_after_recovery_gave_up_ends_the_doubt(line: Line) -> None:
    line.acquirer.answer = Answer(outcome=Outcome.DECLINED, decline_code="generic_decline")
    calling = await line.call()
    await line.recover(minutes=1)

    line.acquirer.told.set()
    with pytest.raises(Declined):
        await calling

    assert await line.state() == (HoldState.RELEASED, ChargeState.FAILED, AttemptState.ANSWERED)


async def test_an_inquiry_that_finds_the_promise_makes_the_charge_once(line: Line) -> None:
    line.acquirer.inquiry = APPROVED
    calling = await line.call()
    await line.recover(minutes=1)
    assert await line.state() == (HoldState.CAPTURED, ChargeState.SUCCEEDED, AttemptState.ANSWERED)

    line.acquirer.told.set()
    charge = await calling

    assert charge.status is ChargeState.SUCCEEDED
    assert await line.shop.books() == {
        "network_receivable": 1000,
        "merchant_pending": 941,
        "fee_revenue": 59,
    }


async def test_what_never_arrived_long_ago_is_shut_out_and_fails(line: Line) -> None:
    line.acquirer.inquiry = NEVER_ARRIVED
    calling = await line.call()
    await line.recover(hours=2)

    line.acquirer.told.set()
    with pytest.raises(Declined):
        await calling

    assert line.acquirer.verbs == ["authorize", "inquire", "reverse"]
    assert (await line.state())[1:] == (ChargeState.FAILED, AttemptState.ANSWERED)


async def test_silence_for_a_day_is_asked_about_with_patience_and_ends(line: Line) -> None:
    line.acquirer.answer = line.acquirer.reversal = SILENCE
    line.acquirer.told.set()
    with pytest.raises(Declined):
        await line.shop.charge(1000)
    for _ in range(24):
        await line.recover(hours=1)
    assert await line.state() == (HoldState.IN_DOUBT, ChargeState.FAILED, AttemptState.IN_DOUBT)
    asked = line.acquirer.verbs.count("reverse")
    assert asked == 24

    line.acquirer.reversal = APPROVED
    await line.recover(hours=1)

    assert await line.state() == (HoldState.RELEASED, ChargeState.FAILED, AttemptState.ANSWERED)
    await line.recover(days=1)
    assert line.acquirer.verbs.count("reverse") == asked + 1


async def test_a_crash_in_recovery_repeats_it(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(batch: Any) -> None:
        raise OSError("the disk is gone")

    line.acquirer.inquiry = APPROVED
    calling = await line.call()
    with monkeypatch.context() as broken:
        broken.setattr(type(line.shop.ports.store), "apply", lambda self, batch: crash(batch))
        assert await line.recover(minutes=1) == 0
    [attempt] = await line.all(Attempt)
    assert attempt.state is AttemptState.SENT

    assert await line.recover(minutes=1) == 1
    line.acquirer.told.set()
    await calling

    assert await line.state() == (HoldState.CAPTURED, ChargeState.SUCCEEDED, AttemptState.ANSWERED)


async def test_two_recoveries_at_once_settle_once(line: Line) -> None:
    line.acquirer.inquiry = APPROVED
    calling = await line.call()
    line.shop.clock.advance(minutes=1)

    done = await asyncio.gather(*(recover(line.shop.ports, BY_NAME.get) for _ in range(5)))
    line.acquirer.told.set()
    await calling

    assert sum(done) >= 1
    assert (await line.shop.books())["network_receivable"] == 1000


async def test_an_attempt_that_cannot_be_settled_keeps_no_other_waiting(line: Line) -> None:
    line.acquirer.inquiry = APPROVED
    calling = await line.call()
    [attempt] = await line.all(Attempt)
    lost = attrs.evolve(attempt, id="att_of_an_acquirer_that_is_gone", acquirer="gone", due_at=1, claim=None)
    await _put(line.shop, lost)

    assert await line.recover(minutes=1) == 1

    line.acquirer.told.set()
    await calling


async def _put(shop: Shop, noun: Any) -> None:
    await shop.ports.store.apply(Batch(account_id=shop.id, writes=(Write(noun, 0),)))


async def test_the_key_is_answered_by_recovery(line: Line) -> None:
    line.acquirer.inquiry = APPROVED
    command = CreateCharge(amount=1000, currency=CurrencyCode("usd"), source="tok_visa")
    calling = await line.begun(line.shop.merchant.do(command, idempotency_key="once"))
    await line.recover(minutes=1)
    calling.cancel()
    with pytest.raises((asyncio.CancelledError, Conflict)):
        await calling

    again = await line.shop.merchant.do(command, idempotency_key="once")

    assert again.status is ChargeState.SUCCEEDED
    assert len(await line.all(Charge)) == 1
