"""What a durable charge costs the server's processor, in echoes: here, and in other checkouts of this project beside it.

Rates follow whatever else the machine does; processor time hardly does. Every round sends the same number of charges to
each checkout and of forms to the echo, in turn, and the ratios are taken round by round.
"""

import argparse
import asyncio
import os
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from benchmarks.http import Measured, Process, charges, echo, gateway, measured

HERE: Final = Path(__file__).parents[1]
SOURCES: Final = ("src", "src/adapters", "src/web", ".")
ROUNDS: Final = 5
SECONDS: Final = 3.0
FIRST_PORT: Final = 8801


def path_of(checkout: Path) -> str:
    """Where Python finds the packages of a checkout."""
    return os.pathsep.join(str(checkout / folder) for folder in SOURCES)


async def compare(checkouts: Sequence[Path], database: str, concurrency: int, rounds: int) -> None:
    """Print a row for each checkout."""
    async with AsyncExitStack() as stack:
        yardstick = await stack.enter_async_context(echo())
        servers: list[Process] = []
        for number, checkout in enumerate(checkouts):
            server = gateway(database, port=FIRST_PORT + number, PYTHONPATH=path_of(checkout))
            servers.append(await stack.enter_async_context(server))
            await measured(servers[-1], charges(servers[-1].key, "warm"), concurrency=8, seconds=2)
        bare: list[Measured] = []
        paid: list[list[Measured]] = [[] for _ in servers]
        for number in range(rounds):
            bare.append(await _one(yardstick, f"{number}", concurrency))
            for one, found in zip(servers, paid, strict=True):
                found.append(await _one(one, f"{number}", concurrency))
    for checkout, found in zip(checkouts, paid, strict=True):
        print(_row(checkout, concurrency, bare, found), flush=True)


async def _one(server: Process, name: str, concurrency: int) -> Measured:
    payload = charges(server.key, f"{concurrency}-{name}")
    return await measured(server, payload, concurrency=concurrency, seconds=SECONDS)


def _row(checkout: Path, concurrency: int, bare: Sequence[Measured], paid: Sequence[Measured]) -> str:
    middle = statistics.median
    pairs = list(zip(bare, paid, strict=True))
    return (
        f"{checkout!s:<24} c={concurrency:<3} cpu {middle(p.cpu_us for p in paid):5.0f} us "
        f"= {middle(p.cpu_us / e.cpu_us for e, p in pairs):5.2f} echoes   "
        f"{middle(p.run.rate for p in paid):5.0f}/s, echo/charge {middle(e.run.rate / p.run.rate for e, p in pairs):5.2f}"
    )


def main() -> None:
    """Compare this checkout with those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("others", nargs="*", type=Path, help="other checkouts of this project")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    told = parser.parse_args()
    database = os.environ.get("PAYMENTS_BENCH_POSTGRES", "")
    asyncio.run(compare([*told.others, HERE], database, told.concurrency, told.rounds))


if __name__ == "__main__":
    main()
