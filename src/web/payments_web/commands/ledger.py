"""`payments ledger`: verify the books, show the trial balance, export entries. Reads only."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TextIO

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from payments_core.clock import DAY, Timestamp
from payments_core.errors import NotFound
from payments_core.ledger.entries import Entry
from payments_core.ledger.exporting import Format, exported
from payments_core.ledger.trial_balance import Axis, TrialBalance
from payments_core.ledger.verification import Verdict
from payments_core.money.amounts import display
from payments_core.operations.auditing import Progress as OnProgress
from payments_core.operations.auditing import trial_balance, verify
from payments_core.operations.sealing import last_seal
from payments_core.platform.accounts import Account, AccountId
from payments_core.ports import Ports, Store
from payments_web.commands.opening import Database, opened, run

app: Final = App(name="ledger", help="The double-entry books: verify, trial balance, export.")

OfAccount = Annotated[str | None, Parameter(name="--account", help="One merchant; all by default.")]
AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON for programs.")]
At = Annotated[str | None, Parameter(name="--at", help="A day (its end) or an ISO time, UTC.")]


@app.command(name="verify")
def verify_command(*, account: OfAccount = None, database: Database = None, as_json: AsJson = False) -> None:
    """Prove the books: entries, cached balances, balance transactions, seals. Exits with 1 if anything is wrong."""

    async def go() -> tuple[Verdict, str | None]:
        async with opened(database) as gateway:
            store = gateway.ports.store
            owner = await _owner(gateway.ports, account)
            with counting("rows checked") as progress:
                verdict = await verify(store, owner, progress)
            seal = await last_seal(gateway.ports, owner) if owner else None
            return verdict, seal.digest if seal else None

    verdict, digest = run(go())
    print(json.dumps(_as_json(verdict, digest)) if as_json else _as_text(verdict, digest))
    if not verdict.is_sound:
        sys.exit(1)


def _as_json(verdict: Verdict, digest: str | None) -> dict[str, object]:
    return {
        "sound": verdict.is_sound,
        "accounts": verdict.accounts,
        "entries": verdict.entries,
        "balance_transactions": verdict.transactions,
        "seals": verdict.seals,
        "findings": [str(finding) for finding in verdict.findings],
        "notes": [str(note) for note in verdict.notes],
        "digest": digest,
    }


def _as_text(verdict: Verdict, digest: str | None) -> str:
    lines = [f"WRONG  {finding}" for finding in verdict.findings]
    lines += [f"note   {note}" for note in verdict.notes]
    if verdict.unnamed:
        lines.append(f"… and {verdict.unnamed} more.")
    lines.append(
        f"{verdict.accounts} accounts, {verdict.entries} entries, {verdict.transactions} balance transactions, "
        f"{verdict.seals} seals: {'all is as it must be.' if verdict.is_sound else 'THE BOOKS ARE NOT SOUND.'}"
    )
    if digest:
        lines.append(f"newest seal: {digest}")
    return "\n".join(lines)


@app.command(name="trial-balance")
def trial_balance_command(
    *,
    account: OfAccount = None,
    at: At = None,
    axis: Axis = Axis.RECORDED,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show what stands on every ledger account, now or at a time on either date axis.

    Parameters
    ----------
    axis: which date places an entry in time, recorded or effective.
    """

    async def go() -> TrialBalance:
        async with opened(database) as gateway:
            owner = await _owner(gateway.ports, account)
            with counting("entries read") as progress:
                return await trial_balance(
                    gateway.ports.store,
                    owner,
                    at=moment(at) if at else None,
                    axis=axis,
                    on_progress=progress,
                )

    told = run(go())
    if as_json:
        lines = [
            {
                "ledger_account": line.account,
                "currency": line.currency,
                "debit": line.debit,
                "credit": line.credit,
            }
            for line in told.lines
        ]
        print(json.dumps({"even": told.is_even, "lines": lines}))
    else:
        _print_table(told)
    if not told.is_even:
        sys.exit("payments: debits do not equal credits; run `payments ledger verify`")


def _print_table(told: TrialBalance) -> None:
    table = Table("ledger account", "currency", title="Trial balance")
    table.add_column("debit", justify="right")
    table.add_column("credit", justify="right")
    for currency in told.currencies:
        for line in told.lines:
            if line.currency == currency:
                name = f"{line.account} (memo)" if line.is_memorandum else str(line.account)
                table.add_row(name, currency, _shown(line.debit, currency), _shown(line.credit, currency))
        sums = [
            sum(getattr(line, side) for line in told.lines if line.currency == currency)
            for side in ("debit", "credit")
        ]
        table.add_row("total", currency, *(display(amount, currency) for amount in sums), end_section=True)
    Console().print(table)


def _shown(amount: int, currency: str) -> str:
    return display(amount, currency) if amount else ""


@app.command
def export(
    *,
    wanted: Annotated[Format, Parameter(name="--format")] = Format.CSV,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    account: OfAccount = None,
    database: Database = None,
) -> None:
    """Write all entries as CSV, JSON lines, hledger or beancount text, to a file or to standard output."""

    async def go() -> None:
        async with opened(database) as gateway:
            owner = await _owner(gateway.ports, account)
            with counting("entries written") as progress:
                entries = _counted(gateway.ports.store, owner, progress)
                with output.open("w", encoding="utf-8") if output else nullcontext(sys.stdout) as file:
                    await _write(entries, wanted, file)

    run(go())


async def _counted(store: Store, owner: AccountId | None, progress: OnProgress) -> AsyncIterator[Entry]:
    async for entry in store.entries(owner):
        yield entry
        progress(1)


async def _write(entries: AsyncIterator[Entry], wanted: Format, file: TextIO) -> None:
    async for text in exported(entries, wanted):
        file.write(text)
        await asyncio.sleep(0)


async def _owner(ports: Ports, account: str | None) -> AccountId | None:
    """The account of that id, which may be one that keeps books only."""
    if account is None:
        return None
    found = AccountId(account)
    if await ports.store.find(Account, found, found) or await ports.store.balances(found):
        return found
    raise NotFound("account", account)


@contextmanager
def counting(what: str) -> Iterator[OnProgress]:
    """A line on standard error that counts along, if somebody looks."""
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} {task.description}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def progress(count: int) -> None:
            bar.advance(task, count)

        yield progress


def moment(text: str) -> Timestamp:
    """A time as people write it; a day means its last second."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        sys.exit(f"payments: {text!r} is neither a day like 2026-11-25 nor a time like 2026-11-25T18:00:00")
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return Timestamp(int(told.timestamp()) + (DAY - 1 if len(text) == len("2026-11-25") else 0))
