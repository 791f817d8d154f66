"""What grows with the books: charges a second with few and with many stored, and on one merchant or spread over fifty.

Charges are stored through the server itself. The targets speak of `--stored 100000`; the default is smaller.
"""

import argparse
import asyncio
import os
import statistics
from typing import Final

from benchmarks.http import FORM, Process, charges, gateway, measured
from benchmarks.load import Payload, load, post
from payments_core.gateway import Gateway
from payments_core.operations.onboarding import issue_key, open_account

STORED: Final = 20_000
MERCHANTS: Final = 50
CONCURRENCY: Final = 64
SECONDS: Final = 4.0
ROUNDS: Final = 3


def spread(keys: list[str], name: str) -> Payload:
    """Charge requests that go round the merchants."""

    def payload(number: int) -> bytes:
        headers = {
            "Authorization": f"Bearer {keys[number % len(keys)]}",
            "Idempotency-Key": f"{name}-{number}",
        }
        return post("/v1/charges", FORM.format(number).encode(), headers)

    return payload


async def cost(server: Process, name: str, keys: list[str], rounds: int = ROUNDS) -> tuple[float, float]:
    """The median rate of some rounds, and processor time for each charge, which the machine's other work changes less."""
    found = [
        await measured(server, spread(keys, f"{name}-{number}"), concurrency=CONCURRENCY, seconds=SECONDS)
        for number in range(rounds)
    ]
    return statistics.median(one.run.rate for one in found), statistics.median(one.cpu_us for one in found)


async def merchants(database: str, folder: str) -> list[str]:
    """Secret keys of fresh merchants on the server's own storage."""
    async with Gateway.open(database=database, data=folder) as opened:
        keys = []
        for number in range(MERCHANTS):
            account = await open_account(opened.ports, name=f"Merchant {number}")
            keys.append((await issue_key(opened.ports, account))[1])
        return keys


async def fill(server: Process, count: int) -> None:
    """Store *count* charges."""
    done = 0
    while done < count:
        run = await load(
            "127.0.0.1", server.port, charges(server.key, f"fill-{done}"), concurrency=CONCURRENCY, seconds=10
        )
        done += run.requests


async def compare(stored: int, database: str) -> None:
    """Print both ratios."""
    async with gateway(database) as server:
        await measured(server, charges(server.key, "warm"), concurrency=8, seconds=2)
        keys = await merchants(database or f"sqlite:///{server.folder}/payments.db", server.folder)
        one, fifty = await cost(server, "one", [server.key]), await cost(server, "fifty", keys)
        print(_row("one merchant, to fifty", one, fifty), flush=True)
        await fill(server, stored)
        if database:
            full = await cost(server, "full", [server.key])
            print(_row(f"with {stored} charges, to empty", full, one), flush=True)
            return
        async with gateway(port=8793) as fresh:  # in turn: what else the machine does has changed meanwhile
            await measured(fresh, charges(fresh.key, "warm"), concurrency=8, seconds=2)
            pairs = [
                (
                    await cost(server, f"full-{number}", [server.key], rounds=1),
                    await cost(fresh, f"fresh-{number}", [fresh.key], rounds=1),
                )
                for number in range(2 * ROUNDS)
            ]
        for full, empty in pairs:
            print(_row(f"with {stored} charges, to empty", full, empty), flush=True)


def _row(name: str, one: tuple[float, float], other: tuple[float, float]) -> str:
    (rate, cpu), (other_rate, other_cpu) = one, other
    return (
        f"{name}: {rate:.0f}/s to {other_rate:.0f}/s = {rate / other_rate:.2f}, "
        f"cpu {cpu:.0f} us to {other_cpu:.0f} us = {cpu / other_cpu:.2f}"
    )


def main() -> None:
    """Compare on SQLite, or on the database that `PAYMENTS_BENCH_POSTGRES` names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=STORED)
    asyncio.run(compare(parser.parse_args().stored, os.environ.get("PAYMENTS_BENCH_POSTGRES", "")))


if __name__ == "__main__":
    main()
