"""How many authorizations a second go over one ISO 8583 connection on this machine.

The yardstick is taken in the same run: the same sockets, the same framing and the same number of requests under way,
with a codec that does nothing. What is left of it is what codec, session and host cost.

    python -m benchmarks.iso8583
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import attrs

from payments_adapters.iso8583 import (
    Acceptor,
    AesCmac,
    Card,
    CardRequest,
    Codec,
    Endpoint,
    Framing,
    Host,
    Kind,
    Mac,
    Message,
    NetworkProfile,
    RetailMac,
    Session,
    answer,
    compile_codec,
    write,
)
from payments_adapters.iso8583.link import Link
from payments_adapters.iso8583.profiles import PLAIN_1987_ASCII, PLAIN_1987_BINARY

UNDER_WAY = 100
PER_CLIENT = 100
ROUNDS = 3


@attrs.frozen(kw_only=True)
class Result:
    """One row of the table."""

    name: str
    per_second: float


async def approve(request: Message) -> Message | None:
    """Say yes to everything."""
    return answer(request, approval_code="A1B2C3")


def authorization(session: Session) -> Message:
    """Return a usual card-not-present authorization with the session's next numbers."""
    return write(
        CardRequest(
            kind=Kind.AUTHORIZATION,
            amount=1_999,
            currency="978",
            card=Card(pan="4242424242424242", expiry="3312"),
            acceptor=Acceptor(
                terminal_id="TERM0001",
                merchant_id="MERCHANT0000001",
                category="5999",
                name="Corner shop",
                city="Lisboa",
                country="PT",
            ),
            trace=session.trace(),
            acquirer="123456",
        )
    )


async def authorizations(profile: NetworkProfile, mac: Mac | None) -> float:
    """Return authorizations a second, from words to words, over one connection."""
    async with Host(profile, approve, mac=mac) as host:
        endpoint = Endpoint("127.0.0.1", host.port)
        async with Session(profile=profile, endpoints=[endpoint], mac=mac) as session:
            assert await session.ready(5)

            async def one() -> None:
                reply = await session.request(authorization(session))
                assert isinstance(reply, Message), "an authorization went unanswered"

            return await _rate(one)


async def empty_codec(size: int = 200) -> float:
    """Return exchanges a second of the same framing, where a message is four bytes of number and some filling."""
    waiting: dict[bytes, asyncio.Future[None]] = {}
    tasks: set[asyncio.Task[None]] = set()
    framing, filling, count = Framing(), bytes(size), 0

    async def echo(link: Link, frame: bytes) -> None:
        link.send(frame)

    def serve(link: Link, frame: bytes) -> None:
        task = asyncio.get_running_loop().create_task(echo(link, frame))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def settle(link: Link, frame: bytes) -> None:
        waiting.pop(frame[:4]).set_result(None)

    def ignore(link: Link, reason: str, is_halfway: bool) -> None:
        """Nothing depends on the end."""

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Link(framing, serve, ignore), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _, link = await loop.create_connection(lambda: Link(framing, settle, ignore), "127.0.0.1", port)

    async def one() -> None:
        nonlocal count
        count += 1
        key = count.to_bytes(4, "big")
        future = waiting[key] = loop.create_future()
        link.send(key + filling)
        await future

    rate = await _rate(one)
    link.close("done")
    server.close()
    await server.wait_closed()
    return rate


async def _rate(one: Callable[[], Awaitable[None]]) -> float:
    async def client() -> None:
        for _ in range(PER_CLIENT):
            await one()

    best = 0.0
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(UNDER_WAY)))
        best = max(best, UNDER_WAY * PER_CLIENT / (time.perf_counter() - begun))
    return best


def codec_alone(codec: Codec, times: int = 5_000) -> float:
    """Return round trips a second of packing and unpacking one authorization."""
    trace_source = Session(profile=PLAIN_1987_BINARY, endpoints=[Endpoint("127.0.0.1", 1)])
    message = authorization(trace_source)
    begun = time.perf_counter()
    for _ in range(times):
        codec.unpack(codec.pack(message))
    return times / (time.perf_counter() - begun)


async def measure() -> list[Result]:
    """Return the yardstick first, then all that is measured by it."""
    retail, cmac = RetailMac(bytes(range(16))), AesCmac(bytes(range(16)))
    return [
        Result(name="empty codec, same framing", per_second=await empty_codec()),
        Result(name="1987 binary", per_second=await authorizations(PLAIN_1987_BINARY, None)),
        Result(name="1987 ascii", per_second=await authorizations(PLAIN_1987_ASCII, None)),
        Result(name="1987 binary, AES-CMAC", per_second=await authorizations(PLAIN_1987_BINARY, cmac)),
        Result(name="1987 binary, retail MAC", per_second=await authorizations(PLAIN_1987_BINARY, retail)),
        Result(
            name="codec alone, pack and unpack",
            per_second=codec_alone(compile_codec(PLAIN_1987_BINARY.specification)),
        ),
    ]


def main() -> None:
    """Print the table."""
    results = asyncio.run(measure())
    yardstick = results[0].per_second
    print(
        f"{datetime.now(UTC):%Y-%m-%d}: {UNDER_WAY} under way on one connection, client and host in one process"
    )
    print(f"{'':<32}{'a second':>10}{'of empty':>10}")
    for result in results:
        print(f"{result.name:<32}{result.per_second:>10,.0f}{result.per_second / yardstick:>10.0%}")


if __name__ == "__main__":
    main()
