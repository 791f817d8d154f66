"""The courier against real sockets, and the addresses that it never goes to."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme

from payments_adapters.webhooks import addresses
from payments_adapters.webhooks.addresses import is_public
from payments_adapters.webhooks.courier import ANSWER_MAX, HttpCourier
from payments_core.errors import ParamInvalid
from tests.support.receiver import a_receiver, hang

pytestmark = pytest.mark.anyio


@pytest.fixture
async def courier() -> AsyncIterator[HttpCourier]:
    courier = HttpCourier(private_too=True, timeout_s=1.0)
    yield courier
    await courier.close()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:0:0:0:0:80ff:fffe",
        "2001:db8::1",
    ],
)
def test_places_inside_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_places_outside_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::1]",
        "[::ffff:7f00:1]",
        "0",
    ],
)
async def test_no_notation_leads_inside(host: str) -> None:
    courier = HttpCourier(timeout_s=1.0)
    with a_receiver() as receiver:
        with pytest.raises(ParamInvalid):
            await courier.check(f"http://{host}:{receiver.port}/")
        posted = await courier.post(f"http://{host}:{receiver.port}/", b"{}", {})
        await courier.close()

    assert posted.status is None
    assert receiver.received == []


async def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first look-up is public, every later one is not. The connection goes to the first."""
    loop, asked = asyncio.get_running_loop(), []

    async def changing(host: str, port: int, **more: object) -> list[object]:
        asked.append(host)
        address = "203.0.113.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(loop, "getaddrinfo", changing)
    monkeypatch.setattr(addresses, "is_public", lambda address: str(address) == "203.0.113.1")
    courier = HttpCourier(timeout_s=0.5)
    with a_receiver() as receiver:
        posted = await courier.post(f"http://rebinding.example:{receiver.port}/", b"{}", {})
        await courier.close()

    assert posted.status is None
    assert receiver.received == []
    assert asked == ["rebinding.example"]


async def test_an_answer_is_told(courier: HttpCourier) -> None:
    with a_receiver(lambda number: 418) as receiver:
        posted = await courier.post(receiver.url, b'{"id":1}', {"Stripe-Signature": "t=1"})

    assert (posted.status, posted.body) == (418, "ok")
    assert receiver.received[0].body == b'{"id":1}'
    assert receiver.received[0].signature == "t=1"


async def test_a_redirect_is_not_followed(courier: HttpCourier) -> None:
    with (
        a_receiver() as elsewhere,
        a_receiver(lambda number: 307, Location=elsewhere.url) as receiver,
    ):
        posted = await courier.post(receiver.url, b"{}", {})

    assert posted.status == 307
    assert elsewhere.received == []


async def test_who_hangs_is_given_up(courier: HttpCourier) -> None:
    with a_receiver(hang(2)) as receiver:
        posted = await courier.post(receiver.url, b"{}", {})

    assert posted.error == "no answer within 1 s"


async def test_who_is_not_there_is_an_error(courier: HttpCourier) -> None:
    posted = await courier.post("http://127.0.0.1:1/", b"{}", {})

    assert posted.status is None
    assert posted.error


@asynccontextmanager
async def a_talker(answer: bytes, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(65_536)
            writer.write(answer)
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        except OSError:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_who_never_stops_talking_is_cut_short(courier: HttpCourier) -> None:
    async with a_talker(b"HTTP/1.1 200 OK\r\n\r\n") as port:
        posted = await courier.post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert posted.status == 200
    assert len(posted.body) < ANSWER_MAX


@pytest.mark.parametrize("answer", [b"", b"\0\0\0", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n"])
async def test_who_talks_nonsense_is_an_error(courier: HttpCourier, answer: bytes) -> None:
    async with a_talker(answer) as port:
        posted = await courier.post(f"http://127.0.0.1:{port}/", b"{}", {})

    assert posted.status is None
    assert posted.error


async def test_tls_is_verified_against_the_name() -> None:
    authority = trustme.CA()
    inside, outside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(inside)
    authority.configure_trust(outside)
    courier = HttpCourier(private_too=True, timeout_s=2.0, tls=outside)
    async with a_talker(b"HTTP/1.1 200 OK\r\n\r\n", inside) as port:
        right = await courier.post(f"https://localhost:{port}/", b"{}", {})
        wrong = await courier.post(f"https://127.0.0.1:{port}/", b"{}", {})
    await courier.close()

    assert right.status == 200
    assert wrong.status is None
    assert "ertificate" in (wrong.error or "")


@pytest.mark.parametrize(
    "url", ["https://user:secret@shop.example/", "https:///nothing", "https://shop.example:99999/"]
)
async def test_strange_addresses_are_refused(courier: HttpCourier, url: str) -> None:
    with pytest.raises(ParamInvalid):
        await courier.check(url)
