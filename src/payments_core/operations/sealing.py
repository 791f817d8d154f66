"""Sealing: chain the entries that have been durable for a while. A worker's job, never on the way of a payment.

The margin is larger than any commit takes, so that hardly an entry appears behind a seal. One that does is taken into the next
seal of its account, named as late; until then verification reports it.
"""

from typing import Final

from payments_core import clock
from payments_core.errors import Conflict
from payments_core.ids import decode, lowest_at
from payments_core.ledger.entries import Entry, EntryId
from payments_core.ledger.sealing import (
    BEGINNING,
    ENTRIES_MAX,
    KEEPER,
    MARK,
    MARK_ID,
    Chain,
    Seal,
    SealingMark,
    differences,
    seal_id,
)
from payments_core.platform.accounts import AccountId
from payments_core.ports import Batch, Ports, Query, Write

MARGIN_S: Final = 120
"""Entries younger than this are left alone: their neighbours may not be durable yet."""
CHUNK: Final = 5_000


async def seal_books(ports: Ports, margin_s: float = MARGIN_S) -> int:
    """Seal what is older than the margin, of all accounts; return how many entries were looked at."""
    horizon = lowest_at(ports.clock.now_ms() - int(margin_s * 1000))
    found = await ports.store.find(SealingMark, KEEPER, MARK_ID)
    mark, version = found or (SealingMark(), 0)
    reached: EntryId | None = None
    touched: dict[AccountId, EntryId] = {}
    looked_at = 0
    async for entry in ports.store.entries(after=mark.upto):
        if not _is_older(entry, horizon) or looked_at == CHUNK:
            break
        touched[entry.account_id] = reached = entry.id
        looked_at += 1
    try:
        for account_id, upto in touched.items():
            await seal_account(ports, account_id, upto)
        if reached is not None:
            mark = SealingMark(upto=reached)
            await ports.store.apply(Batch(account_id=KEEPER, writes=(Write(mark, version),)))
    except Conflict:
        return 0  # another worker seals, and what it leaves is there the next time
    return looked_at


async def seal_account(ports: Ports, account_id: AccountId, upto: EntryId) -> int:
    """Seal the entries of one account up to and with *upto*; return how many seals that made."""
    made = 0
    while (seal := await _next_seal(ports, account_id, upto)) is not None:
        await ports.store.apply(Batch(account_id=account_id, writes=(Write(seal, 0),)))
        made += 1
    return made


async def _next_seal(ports: Ports, account_id: AccountId, upto: EntryId) -> Seal | None:
    last = await last_seal(ports, account_id)
    late = await _late(ports, last) if last is not None else []
    previous = last.digest if last else BEGINNING
    chain = Chain.after(previous).add_all(late)
    reached = last.upto if last else None
    fresh = 0
    async for entry in ports.store.entries(account_id, reached):
        if _number(entry.id) > _number(upto) or fresh == ENTRIES_MAX:
            break
        chain.add(entry)
        reached = entry.id
        fresh += 1
    if not fresh or reached is None:
        return None
    sequence = last.sequence + 1 if last else 1
    return Seal(
        account_id=account_id,
        id=seal_id(sequence),
        created=clock.now(ports.clock),
        sequence=sequence,
        after=last.upto if last else None,
        upto=reached,
        count=chain.count,
        digest=chain.digest,
        previous=previous,
        marks=bytes(chain.marks),
        late=tuple(entry.id for entry in late),
    )


async def last_seal(ports: Ports, account_id: AccountId) -> Seal | None:
    """The newest seal of an account."""
    page = await ports.store.select(Seal, account_id, Query(limit=1))
    return page.items[0] if page.items else None


async def _late(ports: Ports, seal: Seal) -> list[Entry]:
    """Entries in the window of *seal* that were not there when it was made. An entry that is *gone* is for verification."""
    window: list[Entry] = []
    async for entry in ports.store.entries(seal.account_id, seal.after):
        if _number(entry.id) > _number(seal.upto):
            break
        window.append(entry)
    if len(window) == seal.count - len(seal.late):
        return []
    gone, extra = differences(seal.marks[len(seal.late) * MARK :], window)
    return [] if gone else extra


def _is_older(entry: Entry, horizon: int) -> bool:
    return _number(entry.id) < horizon


def _number(entry_id: EntryId) -> int:
    return decode(entry_id.rpartition("_")[2])
