"""Rates and concurrency: who asks too much is told so, and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import attrs
import pytest

from payments_core.clock import DAY
from payments_core.errors import CardRefused, PaymentsError, RateLimited
from payments_core.gateway import Gateway
from payments_core.operations.charges import CreateCharge
from payments_core.operations.onboarding import issue_key
from payments_core.operations.tallying import forget_declines
from payments_core.payments.velocity import ADDRESS_DECLINES, DeclineGuard, DeclineTally
from payments_core.platform.accounts import AccountId
from payments_core.ports import Query
from payments_core.testing.clock import SettableClock
from payments_core.testing.memory import MemoryStore
from payments_web.app import App
from payments_web.limits.rates import Limits
from tests.support.asking import Told, ask

pytestmark = pytest.mark.anyio
SHOP = AccountId("acct_shop")


@attrs.frozen(eq=False)
class Counter:
    """Two merchants in front of one gateway that lets ten requests a second through."""

    app: App
    one: str
    other: str
    clock: SettableClock

    async def ask(self, method: str = "GET", path: str = "/v1/customers", *, key: str | None = None) -> Told:
        return await ask(self.app, method, path, key=key or self.one)


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    clock = SettableClock()
    async with Gateway.open(store=MemoryStore(), clock=clock, data=str(tmp_path), rate_limit="10") as gateway:
        keys = []
        for name in ("One", "Other"):
            merchant = await gateway.open_account(name)
            keys.append((await issue_key(gateway.ports, merchant.account))[1])
        yield Counter(App(gateway), keys[0], keys[1], clock)


async def test_who_asks_too_often_is_told_to_wait(counter: Counter) -> None:
    answers = [await counter.ask() for _ in range(25)]

    assert [told.status for told in answers] == [200] * 20 + [429] * 5
    assert answers[-1].headers["stripe-rate-limited-reason"] == "global-rate"
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json["error"]["code"] == "rate_limit"
    assert answers[-1].json["error"]["type"] == "invalid_request_error"


async def test_after_a_while_there_is_room_again(counter: Counter) -> None:
    for _ in range(21):
        await counter.ask()
    counter.clock.advance(1)

    answers = [await counter.ask() for _ in range(11)]

    assert [told.status for told in answers] == [200] * 10 + [429]


async def test_reads_do_not_use_up_writes(counter: Counter) -> None:
    for _ in range(25):
        await counter.ask()

    assert (await counter.ask("POST")).status == 200


async def test_another_merchant_does_not_notice(counter: Counter) -> None:
    for _ in range(25):
        await counter.ask()

    assert (await counter.ask(key=counter.other)).status == 200


async def test_a_request_that_was_refused_has_changed_nothing(counter: Counter) -> None:
    made = [(await counter.ask("POST")).status for _ in range(25)].count(200)

    listed = await ask(counter.app, "GET", "/v1/customers", {"limit": 100}, key=counter.one)

    assert len(listed.json["data"]) == made == 20


async def test_so_many_at_once_and_no_more() -> None:
    limits = Limits(at_once=2)

    with limits.admit(SHOP, reads=True), limits.admit(SHOP, reads=False):
        with pytest.raises(RateLimited) as refusal, limits.admit(SHOP, reads=True):
            pytest.fail("three at once")
        with limits.admit(AccountId("acct_other"), reads=True):
            pass
    with limits.admit(SHOP, reads=True):
        pass

    assert refusal.value.reason == "global-concurrency"


async def test_a_request_that_fails_gives_its_place_back() -> None:
    limits = Limits(at_once=1)
    with pytest.raises(ZeroDivisionError), limits.admit(SHOP, reads=True):
        _ = 1 / 0

    with limits.admit(SHOP, reads=True):
        await asyncio.sleep(0)


async def test_off_is_off() -> None:
    limits = Limits.of({"rate_limit": "off"}, SettableClock())

    for _ in range(5000):
        with limits.admit(SHOP, reads=True):
            pass


async def test_a_card_that_is_declined_too_often_is_not_tried_again(tmp_path: Path) -> None:
    async with Gateway.open(
        store=MemoryStore(), data=str(tmp_path), decline_limit="3", rate_limit="off"
    ) as gateway:
        merchant = await gateway.open_account("Shop")
        _, key = await issue_key(gateway.ports, merchant.account)
        app = App(gateway)
        declined = {"amount": 100, "currency": "usd", "source": "tok_chargeDeclined"}
        answers = [await ask(app, "POST", "/v1/charges", declined, key=key) for _ in range(4)]
        other = await ask(app, "POST", "/v1/charges", {**declined, "source": "tok_visa"}, key=key)
        listed = await ask(app, "GET", "/v1/charges", {"limit": 100}, key=key)

    codes = [told.json["error"]["code"] for told in answers]
    assert codes == ["card_declined"] * 3 + ["card_decline_rate_limit_exceeded"]
    assert answers[-1].status == 402
    assert other.status == 200
    assert len(listed.json["data"]) == 4


async def test_an_address_that_is_declined_too_often_is_not_served() -> None:
    guard = DeclineGuard(limit=3)
    for number in range(ADDRESS_DECLINES):
        guard.declined(SHOP, f"card {number}", "203.0.113.1", 1000)  # type: ignore[arg-type]

    with pytest.raises(CardRefused):
        guard.check(SHOP, "another card", "203.0.113.1", 1001, livemode=True)  # type: ignore[arg-type]
    guard.check(SHOP, "another card", "203.0.113.2", 1001, livemode=True)  # type: ignore[arg-type]
    guard.check(SHOP, "another card", "203.0.113.1", 1601, livemode=True)  # type: ignore[arg-type]


async def test_the_guard_forgets_the_oldest_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments_core.payments.velocity.KEPT_MAX", 100)
    guard = DeclineGuard(limit=1)

    for number in range(1000):
        guard.declined(SHOP, f"card {number}", None, 1000)  # type: ignore[arg-type]

    assert len(guard._declines) == 100


async def test_test_mode_is_not_guarded_unless_asked_for() -> None:
    guard = DeclineGuard.of({})
    for _ in range(100):
        guard.declined(SHOP, "card", None, 1000)  # type: ignore[arg-type]

    guard.check(SHOP, "card", None, 1000, livemode=False)  # type: ignore[arg-type]
    with pytest.raises(CardRefused):
        guard.check(SHOP, "card", None, 1000, livemode=True)  # type: ignore[arg-type]


async def test_the_guard_of_cards_holds_over_all_processes(tmp_path: Path) -> None:
    store, clock = MemoryStore(), SettableClock()
    declined = CreateCharge(amount=100, currency="usd", source="tok_chargeDeclined")
    codes = []
    async with AsyncExitStack() as stack:
        gateways = [
            await stack.enter_async_context(
                Gateway.open(store=store, clock=clock, data=str(tmp_path), decline_limit="3")
            )
            for _ in range(4)
        ]
        shop = await gateways[0].open_account("Shop")
        for gateway in gateways:
            merchant = await gateway.merchant(shop.account.id)
            with pytest.raises(PaymentsError) as refusal:
                await merchant.do(declined)
            codes.append(refusal.value.code)
        await shop.do(CreateCharge(amount=100, currency="usd", source="tok_visa"))
        tallied = len((await store.select(DeclineTally, shop.account.id, Query())).items)
        clock.advance(DAY + 1)
        forgotten = await forget_declines(gateways[0].ports)
        with pytest.raises(PaymentsError) as later:
            await shop.do(declined)

    assert codes == ["card_declined"] * 3 + ["card_decline_rate_limit_exceeded"]
    assert (tallied, forgotten) == (1, 1)
    assert later.value.code == "card_declined"


async def test_without_a_guard_nothing_is_tallied(tmp_path: Path) -> None:
    store = MemoryStore()
    async with Gateway.open(store=store, data=str(tmp_path)) as gateway:
        shop = await gateway.open_account("Shop")
        with pytest.raises(PaymentsError):
            await shop.do(CreateCharge(amount=100, currency="usd", source="tok_chargeDeclined"))
        tallied = (await store.select(DeclineTally, shop.account.id, Query())).items

    assert tallied == ()
