"""Deliveries from their commit to their end: what is staged, tried, retried, given up, taken over, and sent again."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.errors import InvalidRequest, NotFound, TransitionRefused
from payments_core.gateway import Gateway, Merchant
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.charges import CreateCharge
from payments_core.operations.customers import CreateCustomer, UpdateCustomer
from payments_core.operations.deliveries import ListDeliveries, RetryEvent
from payments_core.operations.delivering import LEASE_S, Dispatcher, Manners, seconds
from payments_core.operations.events import ListEvents
from payments_core.operations.webhook_endpoints import (
    CreateWebhookEndpoint,
    DeleteWebhookEndpoint,
    RetrieveWebhookEndpoint,
    RollWebhookSecret,
    UpdateWebhookEndpoint,
)
from payments_core.platform.deliveries import DELIVERY, RETRIES, Delivery, DeliveryEvent, DeliveryState
from payments_core.platform.signing import signature
from payments_core.platform.webhook_endpoints import ENDPOINTS_MAX, EndpointState, WebhookEndpoint
from payments_core.ports import Posted
from payments_core.testing.clock import SettableClock
from payments_core.testing.memory import MemoryStore

pytestmark = pytest.mark.anyio


@attrs.define(eq=False)
class Postman:
    """A courier that keeps what it carries, and answers as it is told."""

    answer: Callable[[str], Posted] = lambda url: Posted(status=200)
    carried: list[tuple[str, bytes, Mapping[str, str]]] = attrs.field(factory=list)
    delay_s: dict[str, float] = attrs.field(factory=dict)

    async def check(self, url: str) -> None:
        """Everything goes."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        self.carried.append((url, body, headers))
        await asyncio.sleep(self.delay_s.get(url, 0))
        return self.answer(url)

    async def close(self) -> None:
        """Nothing to close."""


@attrs.frozen(eq=False)
class Post:
    """A merchant on a gateway in memory, its postman and its clock."""

    gateway: Gateway
    account_id: str
    postman: Postman
    clock: SettableClock

    async def merchant(self) -> Merchant:
        return await self.gateway.merchant(self.account_id)

    async def do(self, command: Any) -> Any:
        return await (await self.merchant()).do(command)

    async def endpoint(
        self, url: str = "https://shop.example/hooks", *events: str, **more: Any
    ) -> WebhookEndpoint:
        made: WebhookEndpoint = await self.do(
            CreateWebhookEndpoint(url=url, enabled_events=events or ("*",), **more)
        )
        return made

    async def deliveries(self) -> tuple[Delivery, ...]:
        found: tuple[Delivery, ...] = (await self.do(ListDeliveries(limit=100))).items
        return found

    async def work(self) -> int:
        return await self.gateway.worker.dispatcher.run_once()


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    clock, postman = SettableClock(), Postman()
    async with Gateway.open(store=MemoryStore(), clock=clock, data=str(tmp_path)) as gateway:
        ports = attrs.evolve(gateway.ports, courier=postman, settings={"webhooks_retry_schedule": "1s 2s 4s"})
        over = Gateway.over(ports)
        shop = await over.open_account("Corner shop")
        yield Post(over, shop.account.id, postman, clock)


async def test_nobody_listens_and_nothing_is_staged(post: Post) -> None:
    await post.do(CreateCustomer(name="Jenny"))

    assert await post.deliveries() == ()
    assert await post.work() == 0


async def test_an_event_reaches_every_endpoint_that_wants_it(post: Post) -> None:
    await post.endpoint("https://a.example/")
    await post.endpoint("https://b.example/", "customer.created")
    await post.endpoint("https://c.example/", "charge.succeeded")

    await post.do(CreateCustomer(name="Jenny"))
    pending = (await post.do(ListEvents())).items[0].pending_webhooks
    await post.work()

    assert sorted(url for url, _, _ in post.postman.carried) == ["https://a.example/", "https://b.example/"]
    assert pending == 2
    assert (await post.do(ListEvents())).items[0].pending_webhooks == 0
    assert len((await post.do(ListEvents(delivery_success=True))).items) == 1
    assert len((await post.do(ListEvents(delivery_success=False))).items) == 0


async def test_a_delivery_is_signed_anew_for_each_try(post: Post) -> None:
    endpoint = await post.endpoint()
    post.postman.answer = lambda url: Posted(status=500)
    await post.do(CreateCustomer(name="Jenny"))

    await post.work()
    post.clock.advance(2)
    await post.work()

    (_, first, one), (_, second, two) = post.postman.carried
    now = post.clock.now_ms() // 1000
    assert one["Stripe-Signature"] != two["Stripe-Signature"]
    assert two["Stripe-Signature"] == signature([endpoint.secret or ""], now, second)  # type: ignore[arg-type]
    assert first == second


async def test_it_is_tried_by_the_schedule_and_then_given_up(post: Post) -> None:
    await post.endpoint()
    post.postman.answer = lambda url: Posted(status=503, body="busy 4242424242424242")
    await post.do(CreateCustomer(name="Jenny"))

    for wait in (0, 1, 2, 4, 100):
        post.clock.advance(wait)
        await post.work()

    (delivery,) = await post.deliveries()
    assert delivery.state is DeliveryState.FAILED
    assert [one.status for one in delivery.tries] == [503] * 4
    assert [later.at - one.at for one, later in zip(delivery.tries, delivery.tries[1:], strict=False)] == [
        1,
        2,
        4,
    ]
    assert delivery.tries[0].answer == "busy ****4242"


async def test_the_default_schedule_lasts_about_three_days() -> None:
    assert 2.8 * 86_400 <= sum(RETRIES) <= 3.2 * 86_400


async def test_a_redirect_is_a_failure(post: Post) -> None:
    await post.endpoint()
    post.postman.answer = lambda url: Posted(status=302)
    await post.do(CreateCustomer(name="Jenny"))

    await post.work()

    assert (await post.deliveries())[0].state is DeliveryState.PENDING


async def test_a_dead_workers_deliveries_come_back(post: Post) -> None:
    await post.endpoint()
    await post.do(CreateCustomer(name="Jenny"))
    dead = Dispatcher(attrs.evolve(post.gateway.ports, owner="elsewhere/1/1"))
    post.postman.delay_s["https://shop.example/hooks"] = 60
    await dead.dispatch()
    await asyncio.sleep(0.01)
    for task in list(dead._tasks):
        task.cancel()
    await asyncio.gather(*dead._tasks, return_exceptions=True)
    post.postman.delay_s.clear()

    early = await post.work()
    post.clock.advance(LEASE_S)
    late = await post.work()

    assert (early, late) == (0, 1)
    assert (await post.deliveries())[0].state is DeliveryState.DELIVERED


async def test_a_worker_that_is_known_to_be_gone_is_not_waited_for(post: Post) -> None:
    await post.endpoint()
    await post.do(CreateCustomer(name="Jenny"))
    dead = Dispatcher(attrs.evolve(post.gateway.ports, owner="gone"))
    claimed = await dead._claim(await dead.ports.store.due(Delivery, post.clock.now_ms() // 1000, 9))  # type: ignore[arg-type]
    living = Dispatcher(attrs.evolve(post.gateway.ports, is_gone=lambda owner: owner == "gone"))

    tries = await living.run_once()

    assert (len(claimed), tries) == (1, 1)


async def test_two_workers_send_it_once(post: Post) -> None:
    await post.endpoint()
    for number in range(30):
        await post.do(CreateCustomer(name=f"Jenny {number}"))
    others = [Dispatcher(attrs.evolve(post.gateway.ports, owner=f"worker {number}")) for number in range(3)]

    await asyncio.gather(*(other.run_once() for other in others))

    assert len(post.postman.carried) == 30
    assert all(delivery.tries_count == 1 for delivery in await post.deliveries())


async def test_a_slow_receiver_holds_up_nobody(post: Post) -> None:
    slow, quick = "https://slow.example/", "https://quick.example/"
    await post.endpoint(slow)
    post.postman.delay_s[slow] = 5
    for number in range(60):
        await post.do(CreateCustomer(name=f"Jenny {number}"))
    running = asyncio.create_task(post.gateway.worker.dispatcher.run())
    await asyncio.sleep(0.05)
    await post.endpoint(quick)

    customer = await post.do(CreateCustomer(name="Last"))
    await post.do(UpdateCustomer(id=customer.id, name="Very last"))
    await asyncio.sleep(0.3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await post.gateway.worker.dispatcher.stop(0)

    carried = [url for url, _, _ in post.postman.carried]
    assert carried.count(quick) == 2
    assert 1 <= carried.count(slow) <= 4


async def test_a_long_queue_of_a_slow_receiver_moves_out_of_the_way(post: Post) -> None:
    slow = "https://slow.example/"
    await post.endpoint(slow)
    post.postman.answer = lambda url: Posted(error="no answer")
    for number in range(150):
        await post.do(CreateCustomer(name=f"Jenny {number}"))
    dispatcher = post.gateway.worker.dispatcher

    await dispatcher.dispatch()
    await asyncio.gather(*dispatcher._tasks)
    await dispatcher.dispatch()

    due = await post.gateway.ports.store.due(Delivery, post.clock.now_ms() // 1000, 500)  # type: ignore[arg-type]
    assert due == []


async def test_an_endpoint_that_fails_for_days_is_switched_off(post: Post) -> None:
    endpoint = await post.endpoint()
    post.postman.answer = lambda url: Posted(status=500)
    dispatcher = Dispatcher(post.gateway.ports, Manners(schedule=(3600,) * 200))
    await post.do(CreateCustomer(name="Jenny"))

    for _ in range(140):
        await dispatcher.run_once()
        post.clock.advance(3600 + 450)

    assert (await post.do(RetrieveWebhookEndpoint(id=endpoint.id))).state is EndpointState.DISABLED
    assert (await post.deliveries())[0].state is DeliveryState.ABANDONED


async def test_one_success_forgives_the_failures(post: Post) -> None:
    endpoint = await post.endpoint()
    post.postman.answer = lambda url: Posted(status=500)
    await post.do(CreateCustomer(name="Jenny"))
    await post.work()
    failing = await post.do(RetrieveWebhookEndpoint(id=endpoint.id))
    post.postman.answer = lambda url: Posted(status=204)
    post.clock.advance(1)
    await post.work()

    healthy = await post.do(RetrieveWebhookEndpoint(id=endpoint.id))

    assert failing.failing_since is not None
    assert healthy.failing_since is None


async def test_what_is_on_its_way_to_a_deleted_endpoint_is_abandoned(post: Post) -> None:
    endpoint = await post.endpoint()
    await post.do(CreateCustomer(name="Jenny"))
    await post.do(DeleteWebhookEndpoint(id=endpoint.id))

    await post.work()

    assert post.postman.carried == []
    assert (await post.deliveries())[0].state is DeliveryState.ABANDONED


async def test_a_disabled_endpoint_is_told_nothing(post: Post) -> None:
    endpoint = await post.endpoint()
    await post.do(UpdateWebhookEndpoint(id=endpoint.id, disabled=True))
    await post.do(CreateCustomer(name="Jenny"))
    await post.do(UpdateWebhookEndpoint(id=endpoint.id, disabled=False))
    await post.do(CreateCustomer(name="John"))

    await post.work()

    assert [json.loads(body)["data"]["object"]["name"] for _, body, _ in post.postman.carried] == ["John"]


async def test_an_event_can_be_sent_again(post: Post) -> None:
    await post.endpoint("https://a.example/")
    b = await post.endpoint("https://b.example/")
    await post.do(CreateCustomer(name="Jenny"))
    await post.work()
    event = (await post.do(ListEvents())).items[0]

    again = await post.do(RetryEvent(id=event.id, webhook_endpoint=b.id))
    await post.work()

    assert [url for url, _, _ in post.postman.carried].count("https://b.example/") == 2
    assert again.pending_webhooks == 1
    assert (await post.do(ListEvents())).items[0].pending_webhooks == 0


async def test_an_event_can_be_sent_to_an_endpoint_that_came_later(post: Post) -> None:
    await post.do(CreateCustomer(name="Jenny"))
    event = (await post.do(ListEvents())).items[0]
    await post.endpoint()

    await post.do(RetryEvent(id=event.id))
    await post.work()

    assert json.loads(post.postman.carried[0][1])["id"] == event.id


async def test_nothing_is_sent_again_to_an_unknown_endpoint(post: Post) -> None:
    await post.endpoint()
    await post.do(CreateCustomer(name="Jenny"))
    event = (await post.do(ListEvents())).items[0]

    with pytest.raises(NotFound):
        await post.do(RetryEvent(id=event.id, webhook_endpoint="we_nobody"))


async def test_the_secret_is_shown_once_and_kept_nowhere(post: Post) -> None:
    endpoint = await post.endpoint()
    later = await post.do(RetrieveWebhookEndpoint(id=endpoint.id))

    assert endpoint.secret is not None
    assert endpoint.secret.startswith("whsec_")
    assert later.secret is None
    assert endpoint.secret not in repr(post.gateway.ports.store)


async def test_a_rolled_secret_signs_beside_the_former_one_for_a_while(post: Post) -> None:
    endpoint = await post.endpoint()
    rolled = await post.do(RollWebhookSecret(id=endpoint.id, expires_in=60))
    await post.do(CreateCustomer(name="Jenny"))
    await post.work()
    post.clock.advance(60)
    await post.do(CreateCustomer(name="John"))
    await post.work()

    (_, body, both), (_, later_body, one) = post.postman.carried
    now = post.clock.now_ms() // 1000
    assert both["Stripe-Signature"] == signature([rolled.secret, endpoint.secret or ""], now - 60, body)  # type: ignore[arg-type]
    assert one["Stripe-Signature"] == signature([rolled.secret], now, later_body)  # type: ignore[arg-type]


async def test_an_endpoint_gets_the_version_it_asked_for(post: Post) -> None:
    await post.endpoint(api_version="2024-06-20")
    await post.do(CreateCustomer(name="Jenny"))

    await post.work()

    assert json.loads(post.postman.carried[0][1])["api_version"] == "2024-06-20"


async def test_sixteen_endpoints_and_no_more(post: Post) -> None:
    made = await asyncio.gather(
        *(post.endpoint(f"https://{number}.example/") for number in range(ENDPOINTS_MAX + 4)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, WebhookEndpoint) for one in made) == ENDPOINTS_MAX
    assert sum(isinstance(one, InvalidRequest) for one in made) == 4


@pytest.mark.parametrize("events", [("charge.exploded",), ("",), ("charge.*",), ()])
async def test_events_that_do_not_exist_are_refused(post: Post, events: tuple[str, ...]) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        await post.do(CreateWebhookEndpoint(url="https://shop.example/", enabled_events=events))

    assert (refusal.value.param or "").startswith("enabled_events")


@pytest.mark.parametrize(
    "url", ["ftp://shop.example/", "shop.example", "javascript:alert(1)", "https://a\n.example/"]
)
async def test_addresses_that_are_none_are_refused(post: Post, url: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        await post.endpoint(url)

    assert refusal.value.code == "url_invalid"


async def test_a_delivery_moves_only_along_its_table() -> None:
    for state in DeliveryState:
        for event in DeliveryEvent:
            if not DELIVERY.allows(state, event):
                with pytest.raises(TransitionRefused):
                    DELIVERY.after(state, event)


async def test_spans_of_time_are_read_strictly() -> None:
    assert [seconds(text) for text in ("1s", "5m", "2h", "3d")] == [1, 300, 7200, 259_200]
    for wrong in ("", "5", "-1s", "1.5h", "１s", "1 s"):
        with pytest.raises(ValueError):
            seconds(wrong)


async def test_the_charge_and_its_delivery_are_one_commit(post: Post) -> None:
    await post.endpoint("https://a.example/", "charge.succeeded")

    await post.do(CreateCharge(amount=1000, currency=CurrencyCode("usd"), source="tok_visa"))
    (delivery,) = await post.deliveries()

    assert delivery.state is DeliveryState.PENDING
    assert delivery.event == (await post.do(ListEvents(type="charge.succeeded"))).items[0].id
