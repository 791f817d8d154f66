"""The report of one settlement batch: totals, and every difference by name. Streams; reads only."""

from collections.abc import AsyncIterator

from payments_core.errors import NotFound
from payments_core.money.amounts import display
from payments_core.operations.settling import chunks_of
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports, Query
from payments_core.settlement.batches import SettlementBatch, SettlementException, Total


async def report(ports: Ports, account_id: AccountId, batch_id: str) -> AsyncIterator[str]:
    """The lines of the report."""
    found = await ports.store.find(SettlementBatch, account_id, batch_id)
    if found is None:
        raise NotFound("settlement batch", batch_id)
    batch = found[0]
    yield f"Settlement batch {batch.id} of {batch.account_id}: {batch.state}"
    yield f"  day {batch.day}, acquirer {batch.acquirer}, currency {batch.currency}, {batch.chunks} chunks"
    if batch.file:
        yield f"  clearing file {batch.file}"
    for name, total in _totals(batch):
        yield f"  {name:<22}{total.count:>9}  {display(total.amount, batch.currency):>18}"
    named = 0
    async for chunk in chunks_of(ports, batch):
        for difference in chunk.differences:
            if not named:
                yield "Differences:"
            named += 1
            yield f"  {difference}"
    yield f"{named} differences." if named else "No differences."
    async for line in _exceptions(ports, batch):
        yield line


def _totals(batch: SettlementBatch) -> tuple[tuple[str, Total], ...]:
    answered = batch.accepted.count + batch.rejected.count
    left = batch.gathered.amount - batch.accepted.amount - batch.rejected.amount
    return (
        ("gathered", batch.gathered),
        ("accepted and funded" if batch.funded == batch.chunks else "accepted", batch.accepted),
        ("rejected", batch.rejected),
        ("without an answer yet", Total(count=batch.gathered.count - answered, amount=left)),
    )


async def _exceptions(ports: Ports, batch: SettlementBatch) -> AsyncIterator[str]:
    after: str | None = None
    while True:
        query = Query(equal={"batch": batch.id}, after=after, limit=100)
        page = await ports.store.select(SettlementException, batch.account_id, query)
        for found in page.items:
            amount = display(found.amount, found.currency)
            yield f"Exception {found.id}: {found.transaction}, {amount}, {found.reason}, {found.status}"
            after = found.id
        if not page.has_more:
            return
