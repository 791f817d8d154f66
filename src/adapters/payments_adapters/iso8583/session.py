"""One signed-on, multiplexed connection to a network: many requests under way, each gets its own answer or silence.

It owns connecting, sign-on, echoes, keys, time-outs, reconnecting and failing over, and an orderly end. It does not
know what an authorization means, and it never sends a request twice: after silence, the caller reverses.

    async with Session(profile=…, endpoints=(Endpoint("10.0.0.1", 7000),)) as session:
        reply = await session.request(message)   # a Message, or Silence
        if isinstance(reply, Silence):
            await session.reverse(reversal)
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import attrs

from payments_adapters.iso8583.codec import compile_codec
from payments_adapters.iso8583.errors import Iso8583Error, MalformedMessage, NotSent
from payments_adapters.iso8583.keys import KeyExchange
from payments_adapters.iso8583.kinds import NetworkCode, message_class, repeat_mti
from payments_adapters.iso8583.link import Link
from payments_adapters.iso8583.mac import Mac, is_genuine, seal
from payments_adapters.iso8583.meaning import DIALECTS, Trace, answer, network_message
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.notices import Happening, Notice, Observer, Silence, SilenceReason
from payments_adapters.iso8583.pending import Ended, Pending, Waiter
from payments_adapters.iso8583.profiles import NetworkProfile
from payments_adapters.iso8583.responses import response_of
from payments_adapters.iso8583.traces import TraceCounter

NETWORK_CLASS = "8"
ADVICE = "2"
"""The third digit of an advice. Only an advice may be said twice: it tells and does not ask."""
REPEAT = "1"
"""The last digit of what the acquirer says again."""


@attrs.frozen
class Endpoint:
    """Where a host of the network listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@attrs.frozen(kw_only=True)
class Timings:
    """How long to wait for what, in seconds."""

    answer_s: float = 15.0
    connect_s: float = 5.0
    sign_on_s: float = 10.0
    echo_every_s: float = 60.0
    echo_answer_s: float = 10.0
    echoes_missed: int = 2
    """After so many unanswered echoes in a row the connection is given up."""
    repeat_every_s: float = 10.0
    repeat_longest_s: float = 300.0
    """Repeats of an advice become rarer up to this."""
    steady_s: float = 30.0
    """A connection that lasted so long makes earlier failures forgotten."""
    back_off_s: float = 0.5
    back_off_longest_s: float = 30.0
    drain_s: float = 20.0
    """At the end, how long to wait for answers under way."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _unobserved(notice: Notice) -> None:
    """Watch nothing; the counters go on."""


class Session:
    """See the module's first lines. One instance is used inside one event loop."""

    def __init__(
        self,
        *,
        profile: NetworkProfile,
        endpoints: Sequence[Endpoint],
        mac: Mac | None = None,
        key_exchange: KeyExchange | None = None,
        timings: Timings | None = None,
        observer: Observer = _unobserved,
        traces: TraceCounter | None = None,
        now: Callable[[], datetime] = _utc_now,
        chance: random.Random | None = None,
        most_pending: int = 10_000,
    ) -> None:
        if not endpoints:
            raise ValueError("a session needs an endpoint")
        self.profile = profile
        self.endpoints = tuple(endpoints)
        self.timings = timings or Timings()
        self.counters: Counter[Happening] = Counter()
        self.most_pending = most_pending
        self._codec = compile_codec(profile.specification)
        self._dialect = DIALECTS[profile.specification.version]
        self._mac = mac
        self._old_mac: Mac | None = None
        self._key_exchange = key_exchange
        self._observer = observer
        self._traces = traces or TraceCounter()
        self._now = now
        self._chance = chance or random.Random()  # noqa: S311 -- jitter, not a secret
        self._pending = Pending(profile.match_on)
        self._link: Link | None = None
        self._endpoint = self.endpoints[0]
        self._ready = asyncio.Event()
        self._nudge = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._is_closing = False

    # The verbs a connector needs.

    async def request(self, message: Message, timeout_s: float | None = None) -> Message | Silence:
        """Send *message* once and return its answer, or silence. `NotSent` means that no byte left."""
        if self._is_closing:
            raise NotSent("the session is closed")
        if not self._ready.is_set():
            raise NotSent("not signed on")
        return await self._send(message, self.timings.answer_s if timeout_s is None else timeout_s)

    async def advise(self, message: Message, tries: int | None = None) -> Message | Silence:
        """Send an advice, and its repeat again and again, until the host has answered, over reconnections too.

        With *tries* it gives up after so many; the session's end is always an end, and leaves `NotSent` or silence.
        """
        if message.mti[2:3] != ADVICE:
            raise ValueError(f"{message.mti} asks; only an advice may be repeated")
        reply: Message | Silence | None = None
        wait_s, done = self.timings.repeat_every_s, 0
        while tries is None or done < tries:
            said = message if done == 0 else Message(repeat_mti(message.mti), message.fields)
            reply = await self._advise_once(said, wait_s)
            if isinstance(reply, Message):
                return reply
            done += reply is not None
            wait_s = min(wait_s * 1.5, self.timings.repeat_longest_s)
        return reply or Silence(request=message, reason=SilenceReason.TIMED_OUT)

    async def reverse(self, message: Message, tries: int | None = None) -> Message | Silence:
        """Take back a request that ended in silence: `0420`, then `0421` until it is answered."""
        if message_class(message.mti) != "4":
            raise ValueError(f"{message.mti} is no reversal")
        return await self.advise(message, tries)

    def trace(self) -> Trace:
        """Return the numbers of the next message. Keep them before you send: a reversal names them."""
        while True:
            trace = self._traces.next(self._now())
            if not self._pending.is_taken(trace.stan):
                return trace

    async def echo(self) -> bool:
        """Ask whether anybody is there."""
        return await self._network(NetworkCode.ECHO, self.timings.echo_answer_s)

    async def change_key(self, new: bytes) -> bool:
        """Send the network a new MAC key, and use it once the network has accepted it."""
        if self._key_exchange is None:
            raise ValueError("a key change needs a key exchange")
        block = self._key_exchange.wrap(new)
        fresh = self._key_exchange.unwrap(block)
        message = network_message(NetworkCode.KEY_CHANGE, self.trace(), self._dialect)
        message = self.profile.with_private(message, {"key_block": block})
        reply = await self.request(message, self.timings.sign_on_s)
        if not self._is_accepted(reply):
            self._tell(Happening.KEY_REFUSED)
            return False
        self._use_key(fresh)
        return True

    # Its life.

    @property
    def is_ready(self) -> bool:
        """Whether requests can be sent now."""
        return self._ready.is_set() and not self._is_closing

    @property
    def outstanding(self) -> int:
        """How many requests wait for an answer."""
        return len(self._pending)

    async def ready(self, timeout_s: float) -> bool:
        """Wait until the session is signed on; say whether it is."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ready.wait(), timeout_s)
        return self._ready.is_set()

    async def start(self) -> None:
        """Begin to connect, and to stay connected. Returns at once."""
        assert self._keeper is None, "a session starts once"
        self._keeper = asyncio.create_task(self._keep_connected(), name=f"iso8583 {self.profile.name}")

    async def close(self) -> None:
        """Take no more requests, wait for the answers under way, sign off, disconnect."""
        self._is_closing = True
        was_ready = self._ready.is_set()
        self._ready.clear()
        await self._drain()
        if was_ready and await self._network(NetworkCode.SIGN_OFF, self.timings.echo_answer_s):
            self._tell(Happening.SIGNED_OFF)
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        self._disconnect("session closed")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _keep_connected(self) -> None:
        """Connect, sign on, echo; when that ends, do it again with the next endpoint, after a pause."""
        failures, turn = 0, 0
        loop = asyncio.get_running_loop()
        while True:
            endpoint = self.endpoints[turn % len(self.endpoints)]
            begun = loop.time()
            if await self._connect(endpoint):
                await self._keep_alive()
            # A host that takes us and drops us again and again must not be called in a tight circle.
            failures = 1 if loop.time() - begun > self.timings.steady_s else failures + 1
            self._disconnect("given up")
            if len(self.endpoints) > 1:
                turn += 1
                self._tell(Happening.FAILED_OVER, detail=f"to {self.endpoints[turn % len(self.endpoints)]}")
            if failures >= len(self.endpoints):
                await asyncio.sleep(self._pause(failures - len(self.endpoints)))

    def _pause(self, rounds: int) -> float:
        longest = min(self.timings.back_off_longest_s, self.timings.back_off_s * 2.0 ** min(rounds, 20))
        return longest * (0.5 + self._chance.random() / 2)

    async def _connect(self, endpoint: Endpoint) -> bool:
        self._endpoint = endpoint
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.timings.connect_s):
                _, link = await loop.create_connection(
                    lambda: Link(self.profile.framing, self._on_frame, self._on_end),
                    endpoint.host,
                    endpoint.port,
                )
        except (OSError, TimeoutError) as failure:
            self._tell(Happening.CONNECT_FAILED, detail=type(failure).__name__)
            return False
        self._link = link
        self._tell(Happening.CONNECTED)
        if not await self._network(NetworkCode.SIGN_ON, self.timings.sign_on_s):
            self._tell(Happening.SIGN_ON_REFUSED)
            return False
        self._tell(Happening.SIGNED_ON)
        self._ready.set()
        return True

    async def _keep_alive(self) -> None:
        """Echo now and then, and at once when a request went unanswered, until the connection is lost."""
        missed = 0
        while missed < self.timings.echoes_missed:
            if missed == 0:
                await self._nudged(self.timings.echo_every_s)
            if self._link is None:
                return
            if await self._is_echoed():
                missed = 0
            elif self._link is not None:
                missed += 1
                self._tell(Happening.ECHO_MISSED)

    async def _nudged(self, longest_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._nudge.wait(), longest_s)
        self._nudge.clear()

    async def _is_echoed(self) -> bool:
        """Echo, where a lost connection is an echo without answer."""
        try:
            return await self.echo()
        except NotSent:
            return False

    async def _drain(self) -> None:
        waiting = [waiter.future for waiter in self._pending.waiters()]
        if waiting:
            await asyncio.wait(waiting, timeout=self.timings.drain_s)

    # Out.

    async def _send(self, message: Message, timeout_s: float) -> Message | Silence:
        link = self._link
        if link is None or not link.is_open:
            raise NotSent("not connected")
        if link.is_stuck or len(self._pending) >= self.most_pending:
            raise NotSent("too many requests under way")
        if 11 not in message.fields:
            raise ValueError("a request needs its audit number, see `Session.trace`")
        framed = link.framing.frame(self._packed(message))
        loop = asyncio.get_running_loop()
        waiter = Waiter(self._pending.key_of(message), message, loop.create_future())
        self._pending.add(waiter)
        waiter.timer = loop.call_later(timeout_s, self._give_up, waiter)
        # After this point the request may have been carried out.
        link.write(framed)
        if message.mti[3:] == REPEAT:
            self._tell(Happening.REPEATED, message)
        try:
            return await waiter.future
        except asyncio.CancelledError:
            self._pending.end(waiter.key, Ended.IN_SILENCE)
            raise

    async def _advise_once(self, message: Message, wait_s: float) -> Message | Silence | None:
        """Say it, or return nothing when there was nobody to say it to."""
        if self._is_closing:
            raise NotSent("the session is closed")
        try:
            return await self.request(message, wait_s)
        except NotSent:
            await self._wait_to_send(wait_s)
            return None

    async def _wait_to_send(self, wait_s: float) -> None:
        if self._ready.is_set():  # signed on, and yet too busy to send
            await asyncio.sleep(min(wait_s, self.timings.back_off_s))
        else:
            await self.ready(wait_s)

    async def _network(self, code: NetworkCode, timeout_s: float) -> bool:
        message = network_message(code, self.trace(), self._dialect)
        try:
            return self._is_accepted(await self._send(message, timeout_s))
        except NotSent:
            return False

    def _packed(self, message: Message) -> bytes:
        return self._codec.pack(message) if self._mac is None else seal(message, self._codec, self._mac)

    def _is_accepted(self, reply: Message | Silence) -> bool:
        return isinstance(reply, Message) and response_of(reply.get(39), self.profile.responses).is_approval

    # In. All of this runs inside the event loop's callbacks, and none of it may raise.

    def _on_frame(self, link: Link, frame: bytes) -> None:
        try:
            message = self._codec.unpack(frame)
        except MalformedMessage as refusal:
            self._tell(Happening.MALFORMED, detail=str(refusal))
            return
        if not self._is_genuine(message, frame):
            self._tell(Happening.BROKEN_MAC, message)
        elif message.is_request:
            self._on_request(link, message)
        else:
            self._on_answer(message)

    def _on_answer(self, message: Message) -> None:
        key = self._pending.key_of(message)
        waiter = self._pending.end(key, Ended.ANSWERED)
        if waiter is not None:
            self._tell(Happening.ANSWERED, message)
            if not waiter.future.done():
                waiter.future.set_result(message)
            return
        ended = self._pending.what_became_of(key)
        if ended is None:
            self._tell(Happening.UNMATCHED_ANSWER, message)
        elif ended is Ended.IN_SILENCE:
            self._tell(Happening.LATE_ANSWER, message)
        else:
            self._tell(Happening.DUPLICATE_ANSWER, message)

    def _on_request(self, link: Link, message: Message) -> None:
        code = self._dialect.network_code(message)
        if message_class(message.mti) != NETWORK_CLASS or code is None:
            self._tell(Happening.UNSOLICITED, message)
            return
        fresh = self._offered_key(message) if code is NetworkCode.KEY_CHANGE else None
        is_refused = code is NetworkCode.KEY_CHANGE and fresh is None
        reply = answer(message, ("909" if self._dialect.version else "96") if is_refused else None)
        try:
            link.send(self._packed(reply))  # under the old key: the new one counts once this has arrived
        except Iso8583Error as refusal:
            self._tell(Happening.MALFORMED, detail=str(refusal))
            return
        if fresh is not None:
            self._use_key(fresh)

    def _offered_key(self, message: Message) -> Mac | None:
        try:
            block = self.profile.private(message).get("key_block", "")
            if self._key_exchange is None or not block:
                raise MalformedMessage("key block", "not expected, or absent")
            return self._key_exchange.unwrap(block)
        except MalformedMessage as refusal:
            self._tell(Happening.KEY_REFUSED, detail=str(refusal))
            return None

    def _use_key(self, fresh: Mac) -> None:
        # Answers under way were sealed with the old key, so it verifies as long as they may come.
        self._old_mac, self._mac = self._mac, fresh
        asyncio.get_running_loop().call_later(self.timings.answer_s, self._forget_key, self._old_mac)
        self._tell(Happening.KEY_CHANGED)

    def _forget_key(self, old: Mac | None) -> None:
        if self._old_mac is old:
            self._old_mac = None

    def _is_genuine(self, message: Message, frame: bytes) -> bool:
        if self._mac is None or is_genuine(message, frame, self._codec, self._mac):
            return True
        return self._old_mac is not None and is_genuine(message, frame, self._codec, self._old_mac)

    def _give_up(self, waiter: Waiter) -> None:
        self._pending.end(waiter.key, Ended.IN_SILENCE)
        self._tell(Happening.TIMED_OUT, waiter.request)
        self._nudge.set()
        if not waiter.future.done():
            waiter.future.set_result(Silence(request=waiter.request, reason=SilenceReason.TIMED_OUT))

    def _on_end(self, link: Link, reason: str, is_halfway: bool) -> None:
        if is_halfway:
            self._tell(Happening.HALF_WRITTEN)
        self._tell(Happening.DISCONNECTED, detail=reason)
        if link is not self._link:
            return
        self._link = None
        self._ready.clear()
        self._nudge.set()
        self._end_all(SilenceReason.CONNECTION_LOST)

    def _end_all(self, reason: SilenceReason) -> None:
        for waiter in self._pending.waiters():
            self._pending.end(waiter.key, Ended.IN_SILENCE)
            if not waiter.future.done():
                waiter.future.set_result(Silence(request=waiter.request, reason=reason))

    def _disconnect(self, reason: str) -> None:
        """Leave the connection at once; whoever still waits on it gets silence, and a new one starts clean."""
        self._ready.clear()
        link, self._link = self._link, None
        if link is not None:
            link.abort(reason)
        self._end_all(SilenceReason.CONNECTION_LOST)

    def _tell(self, happening: Happening, message: Message | None = None, detail: str = "") -> None:
        self.counters[happening] += 1
        if self._observer is not _unobserved:
            notice = Notice(happening=happening, endpoint=str(self._endpoint), message=message, detail=detail)
            # Not called from here, so that an observer that raises does not end the connection.
            asyncio.get_running_loop().call_soon(self._observer, notice)
