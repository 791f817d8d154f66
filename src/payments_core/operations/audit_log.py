"""The audit log: written in the commit of what it tells, read and proved by the operator."""

import contextlib
import getpass
import os
from typing import Final

from payments_core import clock
from payments_core.errors import Conflict
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.audit import HEAD, AuditHead, AuditRecord, AuditRecordId, faults
from payments_core.platform.beats import NOBODY
from payments_core.ports import Ports

UNKNOWN: Final = "unknown"
TURNS_MAX: Final = 10


async def record(work: Work, action: str, subject: str, *, actor: str | None = None, **details: str) -> None:
    """Stage one record at the end of the account's log."""
    digest = work.ports.vault.digest
    head = await work.find(AuditHead, HEAD) or AuditHead(account_id=work.account_id)
    entry = AuditRecord(
        account_id=work.account_id,
        id=AuditRecordId(work.new_id("aud")),
        created=work.now,
        number=head.number + 1,
        actor=actor or actor_of(work),
        action=action,
        subject=subject,
        details=details,
        before=head.digest,
    ).sealed(digest)
    work.put(entry)
    work.put(AuditHead(account_id=work.account_id, number=entry.number, digest=entry.digest).sealed(digest))


async def record_alone(ports: Ports, action: str, subject: str, **details: str) -> None:
    """Write down what the operator did to the whole gateway, in the log of nobody's account and a commit of its own."""
    nobody = Account(account_id=NOBODY, id=NOBODY, created=clock.now(ports.clock), name="nobody")
    for _ in range(TURNS_MAX):
        work = Work(Caller(account=nobody), ports)
        await record(work, action, subject, **details)
        with contextlib.suppress(Conflict):
            return await work.commit()
    raise Conflict("The audit log is being written by many others. Try again.")


async def read_log(ports: Ports, account_id: AccountId) -> list[AuditRecord]:
    """All records of an account, the oldest first."""
    found = [entry async for entry in ports.store.stream(AuditRecord, account_id)]
    return sorted(found, key=lambda entry: entry.number)


async def check_log(ports: Ports, account_id: AccountId) -> list[str]:
    """What is wrong with an account's log; nothing if it is whole."""
    head = await ports.store.find(AuditHead, account_id, HEAD)
    return faults(head[0] if head else None, await read_log(ports, account_id), ports.vault.digest)


def actor_of(work: Work) -> str:
    """Who asked for it: a request of the API, or the operator at the command line."""
    caller = work.caller
    if caller.request_id is None:
        return operator()
    return f"request {caller.request_id}" + (f" of {caller.platform}" if caller.platform else "")


def operator() -> str:
    """Who runs this process, as the machine calls them."""
    try:
        return f"{getpass.getuser()}, process {os.getpid()}"
    except (KeyError, OSError):
        return UNKNOWN
