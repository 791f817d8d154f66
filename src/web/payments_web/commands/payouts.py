"""`payments payouts`: make the payouts that are due and hand them to the banks; read what banks say of them."""

from pathlib import Path
from typing import Final

from cyclopts import App

from payments_core.operations.automatic_payouts import pay_automatically
from payments_core.operations.paying_out import advance_payouts, import_results
from payments_web.commands.opening import Database, opened, run

app: Final = App(name="payouts", help="Send merchants' money to their banks.")


@app.command(name="run")
def run_command(*, database: Database = None) -> None:
    """Make the automatic payouts that are due, hand over what waits, and ask the banks. The worker does the same all day."""

    async def go() -> tuple[int, int]:
        async with opened(database) as gateway:
            turns = advanced = 0
            while did := await pay_automatically(gateway.ports):
                turns += did
            while did := await advance_payouts(gateway.ports):
                advanced += did
            return turns, advanced

    turns, advanced = run(go())
    print(f"{turns} schedules looked at, {advanced} payouts went on")


@app.command(name="import")
def import_command(file: Path, *, database: Database = None) -> None:
    """Read a bank's FILE (NACHA returns, or a camt.053 statement). Reading it again changes nothing."""

    async def go() -> int:
        async with opened(database) as gateway:
            return await import_results(gateway.ports, str(file))

    print(f"{run(go())} payouts concluded")
