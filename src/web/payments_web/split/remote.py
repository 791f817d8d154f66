"""The gateway's side of the wire: one backend, spoken to over HTTP/2, with time-outs and retries that double nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import attrs
import httpx2
import msgspec

from payments_core.clock import Clock, now
from payments_core.errors import Unavailable
from payments_web.objects.presenter import encode
from payments_web.split.language import OWNS
from payments_web.split.signing import HEADER, sign

TIMEOUT_S: Final = 60.0
CONNECT_TIMEOUT_S: Final = 2.0
ATTEMPTS_MAX: Final = 3
PAUSE_S: Final = 0.1


@attrs.define(eq=False)
class Backend:
    """One backend."""

    url: str
    key: bytes
    clock: Clock
    http: httpx2.AsyncClient
    _owns: frozenset[str] | None = attrs.field(default=None, init=False)
    _asked: bool = attrs.field(default=False, init=False)

    @classmethod
    def at(cls, url: str, key: bytes, clock: Clock) -> "Backend":
        """The backend at this address; in clear it speaks HTTP/2 at once."""
        timeout = httpx2.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        client = httpx2.AsyncClient(http1=False, http2=True, timeout=timeout, base_url=url, trust_env=False)
        return cls(url.rstrip("/"), key, clock, client)

    async def owns(self) -> frozenset[str] | None:
        """The nouns that it serves, None for all; asked once."""
        if not self._asked:
            told = (await self.ask(OWNS, {}, again=True))["owns"]
            self._owns = None if told is None else frozenset(told)
            self._asked = True
        return self._owns

    async def ask(self, query: str, variables: Mapping[str, Any], *, again: bool) -> Any:
        """The data of the answer, or `Unavailable`. *again* says that asking twice is the same as asking once."""
        body = encode({"query": query, "variables": variables})
        for attempt in range(ATTEMPTS_MAX):
            try:
                return await self._once(body)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                reached = False  # nothing was sent
            except httpx2.TransportError:
                reached = True
            if reached and not again:
                raise Unavailable(
                    "The service that does this did not answer; whether it was done is not known. "
                    "Repeat the request with the Idempotency-Key that it had, or look before you repeat it."
                )
            if attempt + 1 < ATTEMPTS_MAX:
                await asyncio.sleep(PAUSE_S * 2**attempt)
        raise Unavailable("The service that does this cannot be reached now; nothing was done. Try again.")

    async def _once(self, body: bytes) -> Any:
        headers = {"content-type": "application/json", HEADER: sign(self.key, body, now(self.clock))}
        response = await self.http.post("/graphql", content=body, headers=headers)
        try:
            told = msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            told = {}
        if "data" in told:
            return told["data"]
        why = told["errors"][0]["message"] if told.get("errors") else f"it answers {response.status_code}"
        raise Unavailable(f"The service that does this cannot help now: {why}")

    async def is_ready(self) -> bool:
        """Whether it says that it is."""
        try:
            return (await self.http.get("/readyz", timeout=5.0)).status_code == 200
        except httpx2.HTTPError:
            return False

    async def close(self) -> None:
        """Let go of the connection."""
        await self.http.aclose()
