"""`payments audit`: the log of what was done to keys, cards and settings, and the proof that nobody changed it."""

import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Final

from cyclopts import App, Parameter

from payments_core.gateway import Gateway
from payments_core.operations.audit_log import check_log, read_log
from payments_core.platform.accounts import AccountId
from payments_core.platform.audit import AuditRecord
from payments_core.platform.beats import NOBODY
from payments_web.commands.opening import Database, opened, run

app: Final = App(name="audit", help="The audit log.")
OfAccount = Annotated[str | None, Parameter(name="--account", help="One merchant; all by default.")]


@app.command(name="list")
def list_command(*, account: OfAccount = None, database: Database = None) -> None:
    """Print the records as JSON lines, the oldest first."""

    async def go() -> None:
        async with opened(database) as gateway:
            async for owner in _owners(gateway, account):
                for entry in await read_log(gateway.ports, owner):
                    print(_line(entry))

    run(go())


@app.command
def verify(*, account: OfAccount = None, database: Database = None) -> None:
    """Prove that no record was changed, left out or cut off. Exits with 1 if anything is wrong."""

    async def go() -> tuple[int, list[str]]:
        count, found = 0, []
        async with opened(database) as gateway:
            async for owner in _owners(gateway, account):
                count += 1
                found += [f"{owner}: {fault}" for fault in await check_log(gateway.ports, owner)]
        return count, found

    count, found = run(go())
    for fault in found:
        print(fault)
    if found:
        sys.exit(1)
    print(f"{count} logs are whole")


async def _owners(gateway: Gateway, account: str | None) -> AsyncIterator[AccountId]:
    if account is not None:
        yield AccountId(account)
        return
    yield NOBODY
    async for owner in gateway.ports.store.accounts():
        if owner != NOBODY:
            yield owner


def _line(entry: AuditRecord) -> str:
    return json.dumps(
        {
            "at": datetime.fromtimestamp(entry.created, UTC).isoformat(),
            "account": entry.account_id,
            "number": entry.number,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "details": dict(entry.details),
        }
    )
