"""`payments vault`: rotate the key that wraps the cards' own keys."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from payments_core.operations.resealing import reseal, rotate
from payments_web.commands.opening import Database, opened, run

app = App(name="vault", help="The card vault.")


@app.command
def rotate_keys(
    *,
    new_key: Annotated[bool, Parameter(help="Make a new key first; --no-new-key only rewraps.")] = True,
    database: Database = None,
) -> None:
    """Make a new key-encryption key and bring every stored card under it. Card numbers are not opened.

    Servers may go on running: they read the key file again when they meet a key they do not know. If this is stopped midway,
    run it again with --no-new-key.
    """

    async def go() -> tuple[str, int]:
        async with opened(database) as gateway:
            key_id = await rotate(gateway.ports) if new_key else "the active key"
            with Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                TextColumn("{task.completed} cards"),
                TimeElapsedColumn(),
                console=Console(stderr=True),
            ) as progress:
                task = progress.add_task("resealing", total=None)
                changed = await reseal(gateway.ports, lambda count: progress.advance(task, count))
            return key_id, changed

    key_id, changed = run(go())
    print(f"{changed} cards are now under {key_id}")
