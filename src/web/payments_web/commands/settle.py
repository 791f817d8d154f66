"""`payments settle`: settle the days that are over, import answer files, report, and decide about exceptions."""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import attrs
from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from payments_core.operations.audit_log import record_alone
from payments_core.operations.gathering import Progress as OnProgress
from payments_core.operations.settlement_exceptions import represent, write_off
from payments_core.operations.settlement_reporting import report
from payments_core.operations.settling import Settled, day_end, import_answers, settle
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports
from payments_core.settlement.batches import SettlementBatch
from payments_web.commands.opening import Database, opened, run

app: Final = App(name="settle", help="Settle captured transactions with the networks.")

Day = Annotated[
    str | None, Parameter(name="--date", help="The last day to settle, UTC; yesterday by default.")
]
OfAccount = Annotated[str | None, Parameter(name="--account", help="One merchant; all by default.")]
OneAccount = Annotated[str, Parameter(name="--account", help="The merchant.")]
AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON for programs.")]
_WORDS: Final = {"gather": "gathered", "present": "verified", "fund": "funded"}


@app.default
def settle_command(
    *, date: Day = None, account: OfAccount = None, database: Database = None, as_json: AsJson = False
) -> None:
    """Settle everything that was captured up to and with a day. Stopped at any point, it goes on where it was."""
    day = date or f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"

    async def go() -> list[SettlementBatch]:
        async with opened(database) as gateway:
            await record_alone(gateway.ports, "settlement.run", day, account=account or "all")
            with watching() as progress:
                owner = AccountId(account) if account else None
                done = await settle(gateway.ports, day_end(day), owner, progress)
            return await _batches(gateway.ports, done)

    _print(run(go()), as_json)


@app.command(name="import")
def import_command(file: Path, *, database: Database = None, as_json: AsJson = False) -> None:
    """Read an acquirer's answer FILE and fund what it pays. Reading it again changes nothing."""

    async def go() -> list[SettlementBatch]:
        async with opened(database) as gateway:
            await record_alone(gateway.ports, "settlement.imported", file.name)
            with watching() as progress:
                done = await import_answers(gateway.ports, str(file), progress)
            return await _batches(gateway.ports, done)

    _print(run(go()), as_json)


@app.command(name="report")
def report_command(batch: str, *, account: OneAccount, database: Database = None) -> None:
    """Show a BATCH: its totals, and every difference between what was presented and what was answered."""

    async def go() -> None:
        async with opened(database) as gateway:
            async for line in report(gateway.ports, AccountId(account), batch):
                print(line)
                await asyncio.sleep(0)

    run(go())


@app.command(name="represent")
def represent_command(exception: str, *, account: OneAccount, database: Database = None) -> None:
    """Present a rejected record anew: it goes into the next batch."""

    async def go() -> str:
        async with opened(database) as gateway:
            return (await represent(gateway.ports, AccountId(account), exception)).transaction

    print(f"{run(go())} goes into the next batch")


@app.command(name="write-off")
def write_off_command(exception: str, *, account: OneAccount, database: Database = None) -> None:
    """Let the merchant bear what the network did not pay."""

    async def go() -> str:
        async with opened(database) as gateway:
            return (await write_off(gateway.ports, AccountId(account), exception)).id

    print(f"written off with balance transaction {run(go())}")


async def _batches(ports: Ports, done: Settled) -> list[SettlementBatch]:
    found = [await ports.store.find(SettlementBatch, account, batch) for account, batch in done.batches]
    return [each[0] for each in found if each]


def _print(batches: list[SettlementBatch], as_json: bool) -> None:
    if as_json:
        print(json.dumps([_as_json(batch) for batch in batches]))
        return
    for batch in batches:
        print(
            f"{batch.account_id} {batch.id} {batch.state}: {batch.gathered.count} gathered, {batch.accepted.count} accepted, "
            f"{batch.rejected.count} rejected, {batch.differences} differences"
        )
    if not batches:
        print("nothing to settle")
    if any(batch.due_at is not None for batch in batches):
        sys.exit("payments: a network did not answer in full; run it again later, or leave it to the worker")


def _as_json(batch: SettlementBatch) -> dict[str, Any]:
    return attrs.asdict(batch)


@contextmanager
def watching() -> Iterator[OnProgress]:
    """A bar for each phase on standard error, if somebody looks."""
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}
        gathered = 0

        def progress(phase: str, count: int) -> None:
            nonlocal gathered
            gathered += count if phase == "gather" else 0
            if phase not in tasks:
                tasks[phase] = bars.add_task(_WORDS[phase], total=None)
            bars.advance(tasks[phase], count)
            for other, task in tasks.items():
                bars.update(task, total=gathered if other != "gather" else None)

        yield progress
