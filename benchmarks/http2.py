"""What HTTP/2 costs the server beside HTTP/1.1: the same charges by the same client over both, in turn.

The client is the slower side, so processor time of the server is compared, not rates.
"""

import asyncio
import statistics
from typing import Final

import httpx2

from benchmarks.http import FORM, Process, gateway

ROUNDS: Final = 5
REQUESTS: Final = 600
CONCURRENCY: Final = 16


async def cost_us(server: Process, name: str, *, http2: bool) -> float:
    """Processor time of the server for one charge."""
    limits = httpx2.Limits(max_connections=1 if http2 else CONCURRENCY)
    headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/x-www-form-urlencoded"}
    address = f"http://127.0.0.1:{server.port}"
    async with httpx2.AsyncClient(
        http1=not http2, http2=http2, limits=limits, base_url=address, headers=headers, timeout=60
    ) as client:
        numbers = iter(range(REQUESTS))

        async def work() -> None:
            for number in numbers:
                key = {"Idempotency-Key": f"{name}-{number}"}
                answer = await client.post("/v1/charges", content=FORM.format(number), headers=key)
                assert answer.status_code == 200, answer.text
                assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")

        before = server.cpu_s()
        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return 1e6 * (server.cpu_s() - before) / REQUESTS


async def compare() -> None:
    """Print the ratio."""
    async with gateway() as server:
        await cost_us(server, "warm", http2=False)
        pairs = []
        for number in range(ROUNDS):
            one = await cost_us(server, f"one-{number}", http2=False)
            pairs.append((one, await cost_us(server, f"two-{number}", http2=True)))
    first, second = (statistics.median(costs) for costs in zip(*pairs, strict=True))
    ratio = statistics.median(two / one for one, two in pairs)
    print(
        f"HTTP/1.1 {first:.0f} us of the server for each charge, HTTP/2 {second:.0f} us: {ratio:.2f} times",
        flush=True,
    )


if __name__ == "__main__":
    asyncio.run(compare())
