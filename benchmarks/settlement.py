"""Settle a long day: memory that stays flat, and how many transactions a second, against bare rows written by the same driver.

    python -m benchmarks.settlement [--count 200000]

Charges are put into the books directly, as captured yesterday; the network answers at once, so that what is measured is ours:
gathering, clearing file, reconciliation, entries. Each transaction is written twice (into its batch, funded).
"""

import argparse
import asyncio
import gc
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from payments_core.clock import DAY, Timestamp
from payments_core.gateway import Gateway, Merchant
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import BalanceTransaction, BalanceTransactionId
from payments_core.ledger.entries import Entry, EntryId
from payments_core.operations.auditing import verify
from payments_core.operations.charges import CreateCharge
from payments_core.operations.settling import settle
from payments_core.payments.charges import Charge, ChargeId
from payments_core.ports import Batch, Write
from payments_core.settlement.clearing import ClearingRecord, ClearingResult

CHUNK: Final = 500
COUNT: Final = 200_000


class AtOnce:
    """An acquirer that accepts every record."""

    async def submit(self, batch: str, records: Sequence[ClearingRecord]) -> Sequence[ClearingResult]:
        """Answer."""
        return [ClearingResult(reference=record.reference, amount=record.amount) for record in records]


@attrs.define
class Watch:
    """Memory of this process, looked at while records go by."""

    started: float = attrs.field(factory=time.perf_counter)
    memory: dict[str, list[int]] = attrs.field(factory=dict)
    ends: dict[str, float] = attrs.field(factory=dict)

    def progress(self, phase: str, count: int) -> None:
        """Note how much memory is in use."""
        self.memory.setdefault(phase, []).append(resident())
        self.ends[phase] = time.perf_counter() - self.started


def resident() -> int:
    """Bytes of memory in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def sell(gateway: Gateway, merchant: Merchant, count: int, now: Timestamp) -> None:
    """Put *count* charges into the books, captured yesterday."""
    like: Charge = await merchant.do(CreateCharge(amount=1000, currency="usd", source="tok_visa"))
    store, ids = gateway.ports.store, gateway.ports.ids
    found = await store.find(BalanceTransaction, merchant.account.id, like.balance_transaction or "")
    assert found is not None
    yesterday = Timestamp(now - DAY)
    for start in range(0, count - 1, CHUNK):
        writes, entries = [], []
        for _ in range(min(CHUNK, count - 1 - start)):
            transaction = attrs.evolve(
                found[0],
                id=BalanceTransactionId(ids.new("txn")),
                source=ids.new("ch"),
                created=yesterday,
                due_at=yesterday,
            )
            charge = attrs.evolve(
                like, id=ChargeId(transaction.source or ""), balance_transaction=transaction.id
            )
            writes += [Write(charge, 0), Write(transaction, 0)]
            booking = bookkeeping.captured(transaction.id, transaction.currency, 1000, transaction.fee)
            entries.append(
                Entry(
                    account_id=merchant.account.id,
                    id=EntryId(ids.new("le")),
                    recorded=yesterday,
                    effective=yesterday,
                    kind=booking.kind,
                    source=booking.source,
                    currency=booking.currency,
                    postings=booking.postings,
                )
            )
        await store.apply(Batch(account_id=merchant.account.id, writes=tuple(writes), entries=tuple(entries)))


def raw_rows(folder: Path, count: int) -> float:
    """Seconds for as many bare rows of the same size, updated twice in chunks, each chunk durable."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT)"
    )
    body = "x" * 600
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO t VALUES (?, ?)", ((at, body) for at in range(count)))
    connection.execute("COMMIT")
    began = time.perf_counter()
    for turn in ("y", "z"):
        for start in range(0, count, CHUNK):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "UPDATE t SET body = ? WHERE id = ?",
                [(turn * 600, at) for at in range(start, min(start + CHUNK, count))],
            )
            connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return took


def rest_the_collector() -> None:
    """As the commands and the server do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def measure(folder: Path, count: int) -> None:
    """Sell, settle, verify, and print."""
    async with Gateway.open(database=f"sqlite:///{folder}/books.db", data=str(folder)) as gateway:
        merchant = await gateway.open_account("Long day")
        now = Timestamp(gateway.ports.clock.now_ms() // 1000)
        await sell(gateway, merchant, count, now)
        gateway.ports.acquirers["sandbox"] = AtOnce()  # type: ignore[index]
        rest_the_collector()
        before = resident()
        watch = Watch()
        done = await settle(gateway.ports, Timestamp(now + 1), None, watch.progress)
        took = time.perf_counter() - watch.started
        assert done.gathered == count
        began = time.perf_counter()
        verdict = await verify(gateway.ports.store)
        verified = time.perf_counter() - began
        assert verdict.is_sound, verdict.findings[:5]
    raw = raw_rows(folder, count)
    print(f"settled {count:,} transactions in {took:.1f} s: {count / took:,.0f} a second")
    last = 0.0
    for phase, end in watch.ends.items():
        print(f"  {phase:<8} {count / (end - last):>9,.0f} a second")
        last = end
    print(
        f"bare rows of the same size, written as often: {count / raw:,.0f} a second, {took / raw:.1f} times as fast"
    )
    print(f"verified in {verified:.1f} s: {count / verified:,.0f} transactions a second")
    print(f"memory before {before >> 20} MB; while settling, first and last tenth of each phase:")
    for phase, seen in watch.memory.items():
        tenth = max(1, len(seen) // 10)
        print(f"  {phase:<8} {max(seen[:tenth]) >> 20} MB, {max(seen[-tenth:]) >> 20} MB")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=COUNT)
    count = parser.parse_args(arguments).count
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), count))


if __name__ == "__main__":
    main()
