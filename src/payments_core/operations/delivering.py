"""Delivering: takes deliveries that are due, sends each, and writes down what became of it.

A delivery is claimed in a commit, sent while nothing is open, and settled in another commit. Every endpoint has a lane of its own
with a few places, fewer while it is slow, so that a receiver that hangs holds up nobody but itself.
"""

import asyncio
import contextlib
import json
import logging
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import attrs

from payments_core.clock import DAY, HOUR, Timestamp
from payments_core.errors import Conflict, ParamInvalid
from payments_core.operations.audit_log import record
from payments_core.operations.onboarding import find_account
from payments_core.operations.webhook_endpoints import secret_of
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import AccountId
from payments_core.platform.deliveries import RETRIES, Delivery, DeliveryState, Try
from payments_core.platform.events import Event
from payments_core.platform.signing import signature
from payments_core.platform.webhook_endpoints import EndpointState, WebhookEndpoint, WebhookEndpointId
from payments_core.ports import Courier, Ports
from payments_core.tokenization.cards import redact
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.webhooks")
POLL_S: Final = 0.1
"""How often a worker looks for what other processes have left; of its own process the bell tells it."""
AFTER_FAILURE_S: Final = 2.0
CHUNK: Final = 500
LEASE_S: Final = 45
GONE_EVERY_MS: Final = 5_000
PLACES: Final = 512
PLACES_OF_SLOW: Final = 256
LANE: Final = 16
LANE_UNPROVEN: Final = 4
LANE_SLOW: Final = 2
SLOW_MS: Final = 1_000
DEFER_FROM: Final = 100
"""So many of slow lanes at the head of the queue are sent to its end."""
DEFER_S: Final = 5
DEFER_DOUBLINGS: Final = 7
TURNS_MAX: Final = 20
ANSWER_KEPT: Final = 300
DISABLE_AFTER_S: Final = 5 * DAY
_UNITS: Final = {"s": 1, "m": 60, "h": HOUR, "d": DAY}
_SPAN: Final = re.compile(r"([0-9]{1,6})([smhd])\Z", re.ASCII)


def seconds(text: str) -> int:
    """`90s`, `5m`, `2h`, `3d` as seconds; ValueError for anything else."""
    found = _SPAN.match(text)
    if found is None:
        raise ValueError(f"not a span of time such as 30s, 5m, 2h or 3d: {text[:40]!r}")
    return int(found[1]) * _UNITS[found[2]]


@attrs.frozen
class Manners:
    """How patient deliveries are."""

    schedule: Sequence[int] = RETRIES
    disable_after_s: int = DISABLE_AFTER_S

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Manners":
        """From `webhooks_retry_schedule` ("5s 1m 2h") and `webhooks_disable_after` ("5d")."""
        patience = settings.get("webhooks_disable_after")
        try:
            schedule = tuple(map(seconds, settings.get("webhooks_retry_schedule", "").split()))
            return cls(schedule or RETRIES, seconds(patience) if patience else DISABLE_AFTER_S)
        except ValueError as mistake:
            raise ParamInvalid(f"The settings of webhooks say what is {mistake}.") from None


@attrs.define(eq=False)
class Lane:
    """What is under way to one endpoint, and how it has behaved."""

    since: dict[str, int] = attrs.field(factory=dict)
    """Deliveries under way, and when they began in milliseconds."""
    proven: bool = False
    failures: int = 0
    deferrals: int = 0

    def is_slow(self, now_ms: int) -> bool:
        """Say whether it fails, or takes long just now."""
        return self.failures > 0 or any(now_ms - began > SLOW_MS for began in self.since.values())

    def places(self, now_ms: int) -> int:
        """How many more may be under way at once."""
        most = LANE_SLOW if self.is_slow(now_ms) else LANE if self.proven else LANE_UNPROVEN
        return most - len(self.since)

    def heard(self, accepted: bool) -> None:
        """Learn how a try ended."""
        self.proven = self.proven or accepted
        self.failures = 0 if accepted else self.failures + 1
        if accepted:
            self.deferrals = 0


@attrs.define(eq=False)
class Dispatcher:
    """Delivers what is due, over one set of ports. Several processes may each have one."""

    ports: Ports
    manners: Manners = attrs.field()
    _lanes: dict[WebhookEndpointId, Lane] = attrs.field(factory=lambda: defaultdict(Lane), init=False)
    _tasks: set[asyncio.Task[None]] = attrs.field(factory=set, init=False)
    _looked_for_gone: int = attrs.field(default=-GONE_EVERY_MS, init=False)

    @manners.default
    def _read_manners(self) -> Manners:
        return Manners.of(self.ports.settings)

    async def run(self) -> None:
        """Deliver until cancelled."""
        while self.ports.courier is not None:
            try:
                await self.dispatch()
            except Exception:
                LOG.exception("deliveries cannot be taken now")
                await asyncio.sleep(AFTER_FAILURE_S)
            await self.ports.deliveries.wait(POLL_S)

    async def run_once(self) -> int:
        """Try everything that is due now, and return how many tries that were."""
        total = 0
        while self.ports.courier is not None and (began := await self.dispatch()):
            total += began
            while self._tasks:
                await asyncio.gather(*self._tasks)
        return total

    async def stop(self, within_s: float = 2.0) -> None:
        """Let what is under way end, and give the rest back to whoever comes next."""
        if self._tasks:
            _, late = await asyncio.wait(tuple(self._tasks), timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def dispatch(self) -> int:
        """Claim what is due and has a place, begin to send it, and return how many that were."""
        now_ms = self.ports.clock.now_ms()
        due = await self._due(now_ms)
        taken, left = self._placed(due, now_ms)
        slow = [delivery for delivery in left if self._lanes[delivery.endpoint].is_slow(now_ms)]
        if len(slow) >= DEFER_FROM:
            await self._defer(slow)
        claimed = await self._claim(taken)
        for delivery in claimed:
            self._lanes[delivery.endpoint].since[delivery.id] = now_ms
            task = asyncio.create_task(self._deliver(delivery), name=f"delivery {delivery.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(claimed)

    async def _due(self, now_ms: int) -> list[Delivery]:
        now = Timestamp(now_ms // 1000)
        busy = set(chain.from_iterable(lane.since for lane in self._lanes.values()))
        due = list(await self.ports.store.due(Delivery, now, CHUNK))
        if now_ms - self._looked_for_gone >= GONE_EVERY_MS:
            self._looked_for_gone = now_ms
            leased = await self.ports.store.due(Delivery, Timestamp(now + LEASE_S), CHUNK)
            due += [delivery for delivery in leased if self._is_orphan(delivery, now)]
        return [delivery for delivery in due if delivery.id not in busy]

    def _is_orphan(self, delivery: Delivery, now: Timestamp) -> bool:
        waits = delivery.due_at is not None and delivery.due_at > now
        return waits and delivery.state is DeliveryState.SENDING and self.ports.is_gone(delivery.owner)

    def _placed(self, due: Iterable[Delivery], now_ms: int) -> tuple[list[Delivery], list[Delivery]]:
        """Who goes now, and who waits for a place."""
        taken, left = [], []
        self._forget_idle()
        slow = sum(len(lane.since) for lane in self._lanes.values() if lane.is_slow(now_ms))
        room, room_of_slow = PLACES - len(self._tasks), PLACES_OF_SLOW - slow
        places: dict[WebhookEndpointId, int] = {}
        for delivery in due:
            lane = self._lanes[delivery.endpoint]
            free = places.setdefault(delivery.endpoint, lane.places(now_ms))
            is_slow = lane.is_slow(now_ms)
            if free <= 0 or room <= 0 or (is_slow and room_of_slow <= 0):
                left.append(delivery)
                continue
            taken.append(delivery)
            places[delivery.endpoint] = free - 1
            room, room_of_slow = room - 1, room_of_slow - is_slow
        return taken, left

    def _forget_idle(self) -> None:
        if len(self._lanes) > 10_000:
            for endpoint in [name for name, lane in self._lanes.items() if not lane.since]:
                del self._lanes[endpoint]

    async def _claim(self, wanted: Collection[Delivery]) -> list[Delivery]:
        claimed: list[Delivery] = []
        for account_id, ids in _by_account(wanted).items():
            try:
                claimed += await self._claim_of(account_id, ids)
            except Conflict:  # somebody else took one of them
                claimed += await self._claim_each(account_id, ids)
        return claimed

    async def _claim_each(self, account_id: AccountId, ids: Collection[str]) -> list[Delivery]:
        claimed: list[Delivery] = []
        for one in ids:
            with contextlib.suppress(Conflict):
                claimed += await self._claim_of(account_id, [one])
        return claimed

    async def _claim_of(self, account_id: AccountId, ids: Collection[str]) -> list[Delivery]:
        work = await self._work(account_id)
        until = Timestamp(work.now + LEASE_S)
        found = await work.find_many_to_write(Delivery, ids)
        claimed = [
            delivery.claimed(self.ports.owner, until)
            for delivery in found.values()
            if (delivery.due_at is not None and delivery.due_at <= work.now)
            or self._is_orphan(delivery, work.now)
        ]
        for delivery in claimed:
            work.put(delivery)
        await work.commit()
        return claimed

    async def _defer(self, slow: Sequence[Delivery]) -> None:
        """Send what waits for slow endpoints to the end of the queue, each time further."""
        lanes = {delivery.endpoint: self._lanes[delivery.endpoint] for delivery in slow}
        for lane in lanes.values():
            lane.deferrals = min(lane.deferrals + 1, DEFER_DOUBLINGS)
        for account_id, ids in _by_account(slow).items():
            work = await self._work(account_id)
            for delivery in (await work.find_many_to_write(Delivery, ids)).values():
                if delivery.state is DeliveryState.PENDING:
                    wait = DEFER_S << self._lanes[delivery.endpoint].deferrals
                    work.put(delivery.deferred(Timestamp(work.now + wait)))
            try:
                await work.commit()
            except Conflict:
                continue  # it is looked at again with the next chunk

    async def _deliver(self, delivery: Delivery) -> None:
        lane = self._lanes[delivery.endpoint]
        try:
            attempt = await self._try(delivery)
            if attempt is not None:
                lane.heard(attempt.accepted)
            await self._settle(delivery, attempt)
        except Exception:
            LOG.exception("delivery %s cannot be settled; it is tried again", delivery.id)
        finally:
            lane.since.pop(delivery.id, None)
            self.ports.deliveries.ring()

    async def _try(self, delivery: Delivery) -> Try | None:
        """Send once; None if there is nowhere to send it any more."""
        ports, courier = self.ports, self.ports.courier
        assert courier is not None, "nothing is claimed without a courier"
        endpoint = await ports.store.find(WebhookEndpoint, delivery.endpoint_account, delivery.endpoint)
        event = await ports.store.find(Event, delivery.account_id, delivery.event)
        if endpoint is None or event is None or endpoint[0].state is EndpointState.DISABLED:
            return None
        body = await self._body(delivery, event[0], endpoint[0])
        return await _post(ports, courier, endpoint[0], body)

    async def _body(self, delivery: Delivery, event: Event, endpoint: WebhookEndpoint) -> bytes:
        """The event as the API shows it now; of a connected account with its id, of an older version with that version."""
        work = await self._work(delivery.account_id)
        reply = await self.ports.presenter.reply(work, event, livemode=delivery.livemode)
        more = {}
        if endpoint.api_version is not None:
            more["api_version"] = endpoint.api_version
        if delivery.endpoint_account != delivery.account_id:
            more["account"] = delivery.account_id
        if not more:
            return reply.body
        return json.dumps(
            {**json.loads(reply.body), **more}, ensure_ascii=False, separators=(",", ":")
        ).encode()

    async def _settle(self, delivery: Delivery, attempt: Try | None) -> None:
        for _ in range(TURNS_MAX):
            try:
                await self._write(delivery, attempt)
                if attempt is not None:
                    await self._rate(delivery, attempt.accepted)
                return
            except Conflict:
                await asyncio.sleep(0)
        LOG.warning("delivery %s is contended; it is tried again", delivery.id)

    async def _write(self, delivery: Delivery, attempt: Try | None) -> None:
        work = await self._work(delivery.account_id)
        current = await work.get(Delivery, delivery.id)
        if current.state is not DeliveryState.SENDING or current.owner != self.ports.owner:
            return  # the lease has lapsed and somebody else has it
        if attempt is None:
            current = current.abandoned()
        else:
            current = current.tried(attempt, work.now, self.manners.schedule)
        work.put(current)
        if current.state in (DeliveryState.DELIVERED, DeliveryState.ABANDONED):
            event = await work.find(Event, delivery.event)
            if event is not None:
                work.put(evolve(event, pending_webhooks=max(0, event.pending_webhooks - 1)))
        await work.commit()

    async def _rate(self, delivery: Delivery, accepted: bool) -> None:
        work = await self._work(delivery.endpoint_account)
        endpoint = await work.find(WebhookEndpoint, delivery.endpoint)
        if endpoint is None:
            return
        rated = endpoint.heard(accepted, work.now, self.manners.disable_after_s)
        if rated is not endpoint:
            work.put(rated)
            if rated.state is not endpoint.state:
                await record(work, "webhook_endpoint.gave_up", endpoint.id, actor="deliveries")
            await work.commit()
        if rated.state is not endpoint.state:
            LOG.warning(
                "endpoint %s of %s has failed for too long and is disabled", endpoint.id, endpoint.account_id
            )

    async def _work(self, account_id: AccountId) -> Work:
        return Work(Caller(account=await find_account(self.ports, account_id)), self.ports)


async def _post(ports: Ports, courier: Courier, endpoint: WebhookEndpoint, body: bytes) -> Try:
    began = ports.clock.now_ms()
    at = Timestamp(began // 1000)
    secrets = [secret_of(ports, endpoint)]
    if endpoint.former_until is not None and at < endpoint.former_until:
        secrets.append(secret_of(ports, endpoint, endpoint.generation - 1))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "payments-core",
        "Stripe-Signature": signature(secrets, at, body),
    }
    posted = await courier.post(endpoint.url, body, headers)
    return Try(
        at=at,
        status=posted.status,
        error=posted.error,
        elapsed_ms=ports.clock.now_ms() - began,
        answer=redact(posted.body)[:ANSWER_KEPT].replace("\0", ""),
    )


def _by_account(deliveries: Iterable[Delivery]) -> dict[AccountId, list[str]]:
    grouped: dict[AccountId, list[str]] = defaultdict(list)
    for delivery in deliveries:
        grouped[delivery.account_id].append(delivery.id)
    return grouped
