"""A small load generator: keep-alive HTTP/1.1 over raw sockets, so that the client costs little beside the server."""

import asyncio
import time
from collections.abc import Callable

import attrs

Payload = Callable[[int], bytes]
"""From the number of the request to its bytes."""


@attrs.frozen(kw_only=True)
class Run:
    """What one round of load gave."""

    requests: int
    seconds: float
    latencies_s: tuple[float, ...]
    failures: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    def percentile_ms(self, share: float) -> float:
        """The latency that *share* of the requests did not exceed, in milliseconds."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def load(host: str, port: int, payload: Payload, *, concurrency: int, seconds: float) -> Run:
    """Send requests over *concurrency* connections, one after the other on each, for about *seconds*."""
    latencies: list[float] = []
    failures = [0]
    counter = iter(range(10**9))
    begin = time.perf_counter()
    end = begin + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            while (start := time.perf_counter()) < end:
                writer.write(payload(next(counter)))
                if not await _answered_well(reader):
                    failures[0] += 1
                latencies.append(time.perf_counter() - start)
        finally:
            writer.close()

    await asyncio.gather(*(client() for _ in range(concurrency)))
    return Run(
        requests=len(latencies),
        seconds=time.perf_counter() - begin,
        latencies_s=tuple(latencies),
        failures=failures[0],
    )


async def _answered_well(reader: asyncio.StreamReader) -> bool:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length:") + 15
    length = int(lower[at : lower.index(b"\r\n", at)])
    await reader.readexactly(length)
    return head[9:10] == b"2"


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of a form request."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
