"""Tallying: how often a card was declined at a merchant, over all processes. Written with the failed charge, never on success.

A charge costs one look more, and only where declines are guarded: in live mode, or where the operator has set a limit.
"""

import contextlib
from typing import Final

from payments_core import clock, ids
from payments_core.clock import DAY, Timestamp
from payments_core.errors import Conflict
from payments_core.operations.work import Work
from payments_core.payments.velocity import DeclineTally, too_often
from payments_core.ports import Batch, Ports, Write

CHUNK: Final = 500


async def refuse_declined(work: Work, fingerprint: str) -> None:
    """Raise `CardRefused` for a card that was declined too often, whichever process asked."""
    guard = work.ports.declines
    if not guard.guards(work.account.livemode):
        return
    noun_id = _tally_id(work, fingerprint)
    # Not read to be written: a decline elsewhere at this moment must not make the charge start anew.
    tally = (await work.find_many(DeclineTally, [noun_id])).get(noun_id)
    if tally is not None and guard.is_too_often(tally, work.now):
        raise too_often()


async def note_decline(work: Work, fingerprint: str) -> None:
    """Stage one decline more, in the commit of the failed charge."""
    guard = work.ports.declines
    if not guard.guards(work.account.livemode):
        return
    noun_id = _tally_id(work, fingerprint)
    tally = await work.find(DeclineTally, noun_id) or DeclineTally(
        account_id=work.account_id, id=noun_id, created=work.now, due_at=Timestamp(work.now + DAY)
    )
    if not guard.is_too_often(tally, work.now):  # more need not be known, and costs no contention
        work.put(tally.declined(work.now))


async def forget_declines(ports: Ports) -> int:
    """Remove the tallies that count no more; return how many."""
    forgotten = 0
    for tally in await ports.store.due(DeclineTally, clock.now(ports.clock), CHUNK):
        found = await ports.store.find(DeclineTally, tally.account_id, tally.id)
        if found is not None and found[0].due_at == tally.due_at:
            gone = Write(found[0], found[1], drop=True)
            with contextlib.suppress(Conflict):  # declined again just now
                await ports.store.apply(Batch(account_id=tally.account_id, writes=(gone,)))
                forgotten += 1
    return forgotten


def _tally_id(work: Work, fingerprint: str) -> str:
    digest = work.ports.vault.digest("decline tally", fingerprint.encode())
    return f"dtally_{ids.encode(int.from_bytes(digest[:16], 'big'))}"
