"""`payments payouts`: make the payouts that are due and hand them to the banks; read what banks say of them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from cyclopts import App

from payments_core.operations.audit_log import record_alone
from payments_core.operations.automatic_payouts import pay_automatically
from payments_core.operations.paying_out import advance_payouts, import_results
from payments_core.ports import Ports
from payments_web.commands.opening import Database, opened, run

app: Final = App(name="payouts", help="Send merchants' money to their banks.")


@app.command(name="run")
def run_command(*, database: Database = None) -> None:
    """Make the automatic payouts that are due, hand over what waits, and ask the banks. The worker does the same all day."""

    turns, advanced = run(_run(database))
    print(f"{turns} schedules looked at, {advanced} payouts went on")


async def _run(database: str | None) -> tuple[int, int]:
    async with opened(database) as gateway:
        await record_alone(gateway.ports, "payouts.run", "payouts")
        return await _all(pay_automatically, gateway.ports), await _all(advance_payouts, gateway.ports)


async def _all(job: Callable[[Ports], Awaitable[int]], ports: Ports) -> int:
    """Do a job until there is nothing left to do."""
    total = 0
    while did := await job(ports):
        total += did
    return total


@app.command(name="import")
def import_command(file: Path, *, database: Database = None) -> None:
    """Read a bank's FILE (NACHA returns, or a camt.053 statement). Reading it again changes nothing."""

    async def go() -> int:
        async with opened(database) as gateway:
            await record_alone(gateway.ports, "payouts.imported", file.name)
            return await import_results(gateway.ports, str(file))

    print(f"{run(go())} payouts concluded")
