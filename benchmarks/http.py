"""Durable charges over HTTP against the yardsticks, in one interleaved run: rates, latencies, and CPU for each charge.

The echo is a bare Starlette endpoint on the same server that decodes the same form and answers as much JSON. Both run as
processes of their own; the load comes from this one. Rounds alternate, and ratios are taken round by round.
"""

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import attrs

from benchmarks.load import Payload, Run, load, post
from tests.support.postgres import embedded_server, fresh_database

FORM: Final = (
    "amount=2000&currency=usd&source=tok_visa&capture=true&description=Order+{0}&metadata[order_id]={0}&metadata[sku]=abc"
    "&receipt_email=jo@example.com&shipping[name]=Jo+Doe&shipping[address][line1]=1+Main+Street"
    "&shipping[address][city]=Springfield&shipping[address][postal_code]=12345&shipping[address][country]=US"
)
ROUNDS: Final = 3
ECHO_S: Final = 2.0
CHARGE_S: Final = 4.0


@attrs.frozen(kw_only=True)
class Process:
    """A server under load."""

    pid: int
    port: int
    key: str = ""
    folder: str = ""

    def cpu_s(self) -> float:
        """Seconds of processor time it has used, user and system."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


@attrs.frozen(kw_only=True)
class Measured:
    """A round, and what it cost the server."""

    run: Run
    cpu_us: float


@contextmanager
def started(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until the end of the block."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@asynccontextmanager
async def gateway(database: str = "", *, port: int = 8791, **environment: str) -> AsyncIterator[Process]:
    """A gateway of its own on a fresh data folder, with a demo merchant."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"PAYMENTS_DATA": folder, "PAYMENTS_RATE_LIMIT": "off", **environment}
        if database:
            settings["PAYMENTS_DATABASE"] = database
        serve = (sys.executable, "-m", "payments_web", "serve", "--demo", "--port", str(port))
        with started(*serve, **settings) as process:
            await reachable(port)
            keys = json.loads((Path(folder) / "demo-keys.json").read_text())
            yield Process(pid=process.pid, port=port, key=keys["secret_key"], folder=folder)


@asynccontextmanager
async def echo(*, port: int = 8792) -> AsyncIterator[Process]:
    """The yardstick."""
    with started(sys.executable, "-m", "benchmarks.echo", str(port)) as process:
        await reachable(port)
        yield Process(pid=process.pid, port=port)


async def reachable(port: int, within_s: float = 60.0) -> None:
    """Wait until somebody listens."""
    for _ in range(int(within_s * 10)):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(f"nobody listens on {port}")


def charges(key: str, name: str) -> Payload:
    """Charge requests, each with an idempotency key of its own."""

    def payload(number: int) -> bytes:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"{name}-{number}"}
        return post("/v1/charges", FORM.format(number).encode(), headers)

    return payload


async def measured(server: Process, payload: Payload, *, concurrency: int, seconds: float) -> Measured:
    """One round of load."""
    before = server.cpu_s()
    run = await load("127.0.0.1", server.port, payload, concurrency=concurrency, seconds=seconds)
    assert run.failures == 0, f"{run.failures} requests failed"
    return Measured(run=run, cpu_us=1e6 * (server.cpu_s() - before) / run.requests)


async def compare(name: str, database: str = "") -> None:
    """Print a row for each concurrency."""
    async with gateway(database) as server, echo() as yardstick:
        await measured(server, charges(server.key, "warm"), concurrency=8, seconds=2)
        for concurrency in (1, 16, 64):
            rounds = []
            for number in range(ROUNDS):
                payload = charges(server.key, f"{concurrency}-{number}")
                bare = await measured(yardstick, payload, concurrency=concurrency, seconds=ECHO_S)
                paid = await measured(server, payload, concurrency=concurrency, seconds=CHARGE_S)
                rounds.append((bare, paid))
            print(_row(name, concurrency, rounds), flush=True)


def _row(name: str, concurrency: int, rounds: list[tuple[Measured, Measured]]) -> str:
    middle = statistics.median
    rate = middle(bare.run.rate / paid.run.rate for bare, paid in rounds)
    cpu = middle(paid.cpu_us / bare.cpu_us for bare, paid in rounds)
    tail = middle(paid.run.percentile_ms(0.99) / paid.run.percentile_ms(0.5) for _, paid in rounds)
    return (
        f"{name:<11} c={concurrency:<3} charges/s {middle(p.run.rate for _, p in rounds):7.0f}   "
        f"echo/charge {rate:5.1f}   cpu {middle(p.cpu_us for _, p in rounds):5.0f} us = {cpu:4.1f} echoes   "
        f"p50 {middle(p.run.percentile_ms(0.5) for _, p in rounds):6.1f} ms   p99/p50 {tail:4.1f}"
    )


def main() -> None:
    """Compare on SQLite, and on PostgreSQL: the server of the tests, or what `PAYMENTS_BENCH_POSTGRES` names."""
    asyncio.run(compare("SQLite"))
    with ExitStack() as stack:
        database = os.environ.get("PAYMENTS_BENCH_POSTGRES")
        if not database:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder.chmod(0o755)
            database = stack.enter_context(
                fresh_database(stack.enter_context(embedded_server(folder / "postgres")))
            )
        asyncio.run(compare("PostgreSQL", database))


if __name__ == "__main__":
    main()
