"""The courier: posts one delivery to one address, over HTTP/2 where the receiver speaks it, within limits of time and size.

It follows no redirect, uses no proxy, and connects to the very address that was checked; TLS is verified against the name.
"""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs
import httpcore2
import httpx2

from payments_adapters.webhooks.addresses import AddressRefused, resolve
from payments_core.errors import ParamInvalid
from payments_core.ports import Posted

TIMEOUT_S: Final = 10.0
ANSWER_MAX: Final = 64 * 1024
BODY_KEPT: Final = 1_000
CONNECTIONS_MAX: Final = 1_000
IDLE_MAX: Final = 100
IDLE_S: Final = 15.0


@attrs.define(eq=False)
class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to the addresses that were checked, and to no others."""

    private_too: bool
    _network: httpcore2.AsyncNetworkBackend = attrs.field(factory=httpcore2.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - it is httpcore's name
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Resolve, check, and connect to the first address that answers."""
        failure: Exception = httpcore2.ConnectError("no address")
        for number in await resolve(host, port, private_too=self.private_too):
            try:
                return await self._network.connect_tcp(number, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.TimeoutException, OSError) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, *arguments: Any, **more: Any
    ) -> httpcore2.AsyncNetworkStream:
        """Never."""
        raise AddressRefused("webhooks go over the network")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@attrs.define(eq=False)
class HttpCourier:
    """Posts over pooled connections, made when the first delivery goes out."""

    private_too: bool = False
    timeout_s: float = TIMEOUT_S
    tls: ssl.SSLContext | None = None
    """What to trust; the system's authorities unless said otherwise."""
    _pool: httpcore2.AsyncConnectionPool | None = attrs.field(default=None, init=False)

    async def check(self, url: str) -> None:
        """Refuse addresses that cannot be sent to, and names that mean a private address now."""
        try:
            place = _parsed(url)
        except (httpx2.InvalidURL, ValueError) as error:
            raise ParamInvalid(f"Invalid URL: {error}", code="url_invalid", param="url") from None
        try:
            async with asyncio.timeout(self.timeout_s / 2):
                await resolve(place.host, _port(place), private_too=self.private_too)
        except AddressRefused as error:
            raise ParamInvalid(f"Invalid URL: {error}.", code="url_invalid", param="url") from None
        except (TimeoutError, OSError):
            return  # it may be resolved another time, and is checked then

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Send once and wait for the answer."""
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._post(_parsed(url), body, headers)
        except TimeoutError:
            return Posted(error=f"no answer within {self.timeout_s:g} s")
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            return Posted(error=f"{type(error).__name__}: {error}"[:200])
        except (httpx2.InvalidURL, OSError, ValueError) as error:
            return Posted(error=str(error)[:200] or type(error).__name__)

    async def close(self) -> None:
        """Let go of all connections."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    async def _post(self, place: httpx2.URL, body: bytes, headers: Mapping[str, str]) -> Posted:
        request = {
            "Host": place.netloc.decode("ascii"),
            "Content-Length": str(len(body)),
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            **headers,
        }
        target = httpcore2.URL(
            scheme=place.raw_scheme, host=place.raw_host, port=place.port, target=place.raw_path
        )
        wait = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout_s)
        sending = self._connections().stream(
            "POST",
            target,
            headers=[(name.encode(), value.encode("latin-1")) for name, value in request.items()],
            content=body,
            extensions={"timeout": wait},
        )
        async with sending as response:
            answer = bytearray()
            async for part in response.aiter_stream():
                answer += part
                if len(answer) > ANSWER_MAX:
                    break
        return Posted(status=response.status, body=bytes(answer[:BODY_KEPT]).decode("utf-8", "replace"))

    def _connections(self) -> httpcore2.AsyncConnectionPool:
        if self._pool is None:
            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=self.tls or httpx2.create_ssl_context(trust_env=False),
                max_connections=CONNECTIONS_MAX,
                max_keepalive_connections=IDLE_MAX,
                keepalive_expiry=IDLE_S,
                http1=True,
                http2=True,
                network_backend=CheckedNetwork(self.private_too),
            )
        return self._pool


def _parsed(url: str) -> httpx2.URL:
    place = httpx2.URL(url)
    if place.scheme not in ("http", "https") or not place.host:
        raise ValueError("it must begin with https:// or http:// and name a host")
    if not 0 < _port(place) < 65_536:
        raise ValueError("there is no such port")
    if place.userinfo:
        raise ValueError("it must not hold a user name or a password")
    return place


def _port(place: httpx2.URL) -> int:
    return place.port or (443 if place.scheme == "https" else 80)
