"""The other end of the line: a host that accepts connections, answers, and can be told to misbehave.

For tests and for the simulated network. It decides nothing about money: that is the handler's. Its misbehaviour is
drawn from a seed, so that a run can be run again.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

import attrs

from payments_adapters.iso8583.codec import compile_codec
from payments_adapters.iso8583.errors import Iso8583Error, MalformedMessage
from payments_adapters.iso8583.keys import KeyExchange
from payments_adapters.iso8583.kinds import Kind, NetworkCode, kind_of
from payments_adapters.iso8583.link import Link
from payments_adapters.iso8583.mac import Mac, is_genuine, seal
from payments_adapters.iso8583.meaning import answer, dialect_of
from payments_adapters.iso8583.message import Message
from payments_adapters.iso8583.profiles import NetworkProfile

Handler = Callable[[Message], Awaitable[Message | None]]
"""Takes a request and returns its answer, or nothing to stay silent."""


class Fate(StrEnum):
    """What becomes of an answer."""

    SENT = "sent"
    LOST = "lost"
    """The request was carried out, and nobody hears of it."""
    DOUBLED = "doubled"
    GARBLED = "garbled"
    """A frame of noise instead."""
    CUT = "cut"
    """Half a message, then the connection ends."""
    DISCONNECTED = "disconnected"
    FORGED = "forged"
    """Sealed with a wrong code."""


@attrs.frozen(kw_only=True)
class Misbehaviour:
    """How likely each fate is, and how long an answer takes. By default nothing goes wrong."""

    shortest_s: float = 0.0
    longest_s: float = 0.0
    fates: dict[Fate, float] = attrs.field(factory=dict)
    seed: int = 0

    @fates.validator
    def _is_a_distribution(self, attribute: object, value: dict[Fate, float]) -> None:
        if any(share < 0 for share in value.values()) or sum(value.values()) > 1:
            raise ValueError("the likelihoods of the fates must be at least 0 and at most 1 together")


GOOD = Misbehaviour()


class Host:
    """Listens on one address. Network management it answers itself; the rest goes to the handler."""

    def __init__(
        self,
        profile: NetworkProfile,
        handler: Handler,
        *,
        mac: Mac | None = None,
        key_exchange: KeyExchange | None = None,
        misbehaviour: Misbehaviour = GOOD,
        most_connections: int = 64,
    ) -> None:
        self.profile = profile
        self.misbehaviour = misbehaviour
        self.counters: Counter[str] = Counter()
        self.port = 0
        self._handler = handler
        self._codec = compile_codec(profile.specification)
        self._mac = mac
        self._old_mac: Mac | None = None
        self._key_exchange = key_exchange
        self._chance = random.Random(misbehaviour.seed)  # noqa: S311 -- a replayable simulation
        self._most_connections = most_connections
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen; a port of 0 is any free one, see `port`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._new_link, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, and drop all connections with what is under way."""
        if self._server is not None:
            self._server.close()
        for link in tuple(self._links):
            link.abort("host closed")
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))
        if self._server is not None:
            await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def drop_connections(self) -> None:
        """End all connections, as a network does when it restarts."""
        for link in tuple(self._links):
            link.close("dropped")

    def send(self, message: Message) -> None:
        """Send a message of the host's own on every connection, such as an echo request."""
        for link in tuple(self._links):
            link.send(self._packed(message))

    def use_key(self, mac: Mac) -> None:
        """Seal with another key from now on, and take the old one too, for what is under way."""
        self._old_mac, self._mac = self._mac, mac

    def _new_link(self) -> Link:
        return Link(self.profile.framing, self._on_frame, self._on_end, self._on_start)

    def _on_start(self, link: Link) -> None:
        self.counters["connected"] += 1
        self._links.add(link)
        if len(self._links) > self._most_connections:
            link.close("too many connections")

    def _on_end(self, link: Link, reason: str, is_halfway: bool) -> None:
        self._links.discard(link)
        self.counters["half_written"] += is_halfway
        self.counters["disconnected"] += 1

    def _on_frame(self, link: Link, frame: bytes) -> None:
        try:
            message = self._codec.unpack(frame)
        except MalformedMessage:
            self.counters["malformed"] += 1
            return
        if not self._is_genuine(message, frame):
            self.counters["broken_mac"] += 1
            return
        self.counters[message.mti] += 1
        if not message.is_request:
            return
        task = asyncio.get_running_loop().create_task(self._serve(link, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, link: Link, request: Message) -> None:
        try:
            is_network = kind_of(request.mti) is Kind.NETWORK
            reply = self._manage(request) if is_network else await self._handler(request)
            if reply is None:
                return
            data = self._packed(reply)
        except Iso8583Error:
            # A request that reads as a message and yet makes no sense stays unanswered, as on a real network.
            self.counters["refused"] += 1
            return
        if is_network:
            self._send(link, data, Fate.SENT)
            self._change_key(request, reply)
            return
        latest = self.misbehaviour.longest_s
        if latest:
            await asyncio.sleep(self._chance.uniform(self.misbehaviour.shortest_s, latest))
        self._send(link, data, self._fate())

    def _manage(self, request: Message) -> Message:
        is_key_change = dialect_of(request.mti).network_code(request) is NetworkCode.KEY_CHANGE
        if is_key_change and self._offered_key(request) is None:
            return answer(request, "909" if dialect_of(request.mti).version else "96")
        return answer(request)

    def _change_key(self, request: Message, reply: Message) -> None:
        accepts = reply[39] == dialect_of(request.mti).success(request.mti)
        if accepts and dialect_of(request.mti).network_code(request) is NetworkCode.KEY_CHANGE:
            fresh = self._offered_key(request)
            assert fresh is not None, "an accepted key was readable"
            self.use_key(fresh)

    def _offered_key(self, request: Message) -> Mac | None:
        with suppress(MalformedMessage):
            block = self.profile.private(request).get("key_block", "")
            return self._key_exchange.unwrap(block) if self._key_exchange else None
        return None

    def _is_genuine(self, message: Message, frame: bytes) -> bool:
        keys = [key for key in (self._mac, self._old_mac) if key is not None]
        return not keys or any(is_genuine(message, frame, self._codec, key) for key in keys)

    def _packed(self, message: Message) -> bytes:
        return self._codec.pack(message) if self._mac is None else seal(message, self._codec, self._mac)

    def _fate(self) -> Fate:
        if not self.misbehaviour.fates:
            return Fate.SENT
        draw = self._chance.random()
        for fate, share in self.misbehaviour.fates.items():
            draw -= share
            if draw < 0:
                return fate
        return Fate.SENT

    def _send(self, link: Link, data: bytes, fate: Fate) -> None:
        self.counters[fate] += 1
        if not link.is_open or fate is Fate.LOST:
            return
        if fate is Fate.DISCONNECTED:
            link.close("meant to")
        elif fate is Fate.CUT:
            framed = link.framing.frame(data)
            link.write(framed[: len(framed) // 2])
            link.close("meant to")
        elif fate is Fate.GARBLED:
            link.send(self._chance.randbytes(len(data)))
        elif fate is Fate.FORGED:
            link.send(_with_another_ending(data))
        else:
            link.send(data)
            if fate is Fate.DOUBLED:
                link.send(data)


def _with_another_ending(data: bytes) -> bytes:
    """Change the last character of the code and keep it a digit, so that only the code is wrong."""
    return data[:-1] + (b"1" if data[-1:] != b"1" else b"2")
