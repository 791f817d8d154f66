"""What group commit costs beside the bare drivers: the rows of durable charges, written both ways in one interleaved run.

A charge is two commits, as `perform` makes them: what was decided before the network is asked, and what became of it. The
drivers get rows that were made beforehand, the store gets nouns. `python -m benchmarks.storage [--postgres URL]`.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import asyncpg

from payments_adapters.sql import SqlStore, open_store, upgrade
from payments_adapters.sql.books import MOVE
from payments_adapters.sql.plan import Plan, moved, plan, rows_by_target
from payments_adapters.sql.postgres import PostgresBackend
from payments_adapters.sql.postgres_statements import GroupStatements
from payments_adapters.sql.shelf import Row, Target
from payments_adapters.sql.shelves import SHELVES
from payments_adapters.sql.sqlite import SqliteBackend
from payments_adapters.sql.sqlite_file import connect
from payments_adapters.sql.sqlite_writer import SqliteWriter
from payments_core.clock import Timestamp
from payments_core.ids import RandomIds
from payments_core.ledger import bookkeeping
from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction, BalanceTransactionId
from payments_core.ledger.entries import Entry, EntryId
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.answers import Answer, Outcome
from payments_core.payments.attempts import Attempt, AttemptId, AttemptKind
from payments_core.payments.charges import Charge, ChargeId, Verdict
from payments_core.payments.holds import Hold, HoldId
from payments_core.platform.accounts import AccountId
from payments_core.platform.events import Event, EventId
from payments_core.platform.idempotency import Claim, ClaimId, Reply
from payments_core.ports import Batch, Write
from payments_core.tokenization.cards import Brand
from payments_core.tokenization.payment_methods import CardFacts, CardId

CHARGES, ROUNDS, TOGETHER = 640, 5, 64
USD = CurrencyCode("usd")
IDS = RandomIds()
SHOPS = [AccountId(IDS.new("acct")) for _ in range(8)]
ANSWER = json.dumps({f"field_{number}": "x" * 32 for number in range(50)})
KINDS = {shelf.kind: shelf for shelf in SHELVES}

Pair = tuple[Batch, Batch]
Way = Callable[[Sequence[Pair], Path], Awaitable[float]]


def a_charge(account: AccountId) -> Pair:
    """The two batches of one charge of 100.00 that is captured at once."""
    now = Timestamp(int(time.time()))
    charge_id, hold_id = ChargeId(IDS.new("ch")), HoldId(IDS.new("hold"))
    card = CardFacts(
        id=CardId(IDS.new("card")),
        brand=Brand.VISA,
        bin="424242",
        last4="4242",
        exp_month=12,
        exp_year=2040,
        fingerprint="Xt5EWLLDS7FJjR1c",
    )
    claim = Claim(
        account_id=account,
        id=ClaimId(f"idem_{IDS.randbits(128):032x}"),
        created=now,
        fingerprint="f" * 64,
        request_id=IDS.new("req"),
        operation="charges.create",
        subject=charge_id,
    )
    charge = Charge(
        account_id=account,
        id=charge_id,
        created=now,
        amount=10_000,
        currency=USD,
        hold_id=hold_id,
        card=card,
        payment_method=IDS.new("card"),
        customer=IDS.new("cus"),
        acquirer="sandbox",
        metadata={"order": "6735"},
    )
    hold = Hold(
        account_id=account,
        id=hold_id,
        created=now,
        charge_id=charge_id,
        card_id=card.id,
        acquirer="sandbox",
        amount=10_000,
        currency=USD,
    )
    attempt = Attempt(
        account_id=account,
        id=AttemptId(IDS.new("att")),
        created=now,
        kind=AttemptKind.AUTHORIZE,
        acquirer="sandbox",
        subject=hold_id,
        amount=10_000,
        currency="usd",
        operation="charges.create",
        result=charge_id,
        claim=claim.id,
        owner="benchmark",
        due_at=Timestamp(now + 60),
    )
    first = Batch(account_id=account, writes=tuple(Write(noun, 0) for noun in (claim, attempt, charge, hold)))
    return first, _answered(claim, charge, hold, attempt)


def _answered(claim: Claim, charge: Charge, hold: Hold, attempt: Attempt) -> Batch:
    account, now = charge.account_id, charge.created
    answer = Answer(
        outcome=Outcome.APPROVED, response_code="00", authorization_code="123456", network_reference="1" * 12
    )
    verdict = Verdict(
        network_status="approved_by_network", type="authorized", seller_message="Payment complete."
    )
    transaction = BalanceTransaction(
        account_id=account,
        id=BalanceTransactionId(IDS.new("txn")),
        created=now,
        type="charge",
        source=charge.id,
        amount=10_000,
        fee=320,
        currency=USD,
        available_on=Timestamp(now + 172_800),
        status=BalanceState.PENDING,
        reporting_category="charge",
    )
    booking = bookkeeping.captured(transaction.id, USD, 10_000, 320)
    entry = Entry(
        account_id=account,
        id=EntryId(IDS.new("le")),
        recorded=now,
        effective=now,
        kind=booking.kind,
        source=booking.source,
        currency=booking.currency,
        postings=booking.postings,
    )
    event = Event(
        account_id=account,
        id=EventId(IDS.new("evt")),
        created=now,
        type="charge.succeeded",
        subject=charge.id,
        data=ANSWER,
        request_id=claim.request_id,
    )
    held = hold.answered(answer, capture_before=Timestamp(now + 604_800))
    approved = charge.approved(answer, capture_before=None, verdict=verdict)
    writes = (
        Write(approved.capture(10_000, transaction.id), 1),
        Write(held.capture(10_000), 1),
        Write(attempt.answered(answer), 1),
        Write(claim.replied(Reply(200, ANSWER.encode())), 1),
        Write(transaction, 0),
        Write(event, 0),
    )
    return Batch(account_id=account, writes=writes, entries=(entry,))


async def through_the_store(store: SqlStore, pairs: Sequence[Pair]) -> float:
    """Charges per second through the store, `TOGETHER` callers at once."""
    waiting = iter(pairs)

    async def caller() -> None:
        for first, second in waiting:
            await store.apply(first)
            await store.apply(second)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(TOGETHER)))
    return len(pairs) / (time.perf_counter() - began)


async def sqlite_store(pairs: Sequence[Pair], folder: Path) -> float:
    store = await open_store(f"sqlite:///{folder}/store.db")
    try:
        return await through_the_store(store, pairs)
    finally:
        await store.close()


def raw_sqlite(at_once: int) -> Way:
    """The same rows by the driver alone, `at_once` charges in each commit."""

    async def write(pairs: Sequence[Pair], folder: Path) -> float:
        url = f"sqlite:///{folder}/raw{at_once}.db"
        upgrade(url)
        backend = SqliteBackend(url)
        writer = SqliteWriter(lambda: None, backend.statements)  # type: ignore[arg-type, return-value]
        groups = [_rows(group) for group in _in_turns(pairs, at_once)]
        connection = connect(folder / f"raw{at_once}.db", reads_only=False)
        began = time.perf_counter()
        for group in groups:
            connection.execute("BEGIN IMMEDIATE")
            for target, rows in group.items():
                connection.executemany(writer.text(target), rows)
            connection.execute("COMMIT")
        took = time.perf_counter() - began
        connection.close()
        return len(pairs) / took

    return write


def raw_postgres(url: str, *, connections: int, whole: bool) -> Way:
    """The same rows by asyncpg alone, a charge at a time: one statement for each commit, or one for each table."""

    async def write(pairs: Sequence[Pair], folder: Path) -> float:
        texts = GroupStatements(PostgresBackend(url).statements)
        waiting = iter([[_rows([batch]) for batch in pair] for pair in pairs])

        async def caller(connection: asyncpg.Connection) -> None:
            for group in itertools.chain.from_iterable(waiting):
                async with connection.transaction():
                    for part in [group] if whole else [{target: rows} for target, rows in group.items()]:
                        text, arguments = texts.group(part)
                        await connection.fetchval(text, *arguments)

        opened = [await asyncpg.connect(url) for _ in range(connections)]
        began = time.perf_counter()
        await asyncio.gather(*map(caller, opened))
        took = time.perf_counter() - began
        for connection in opened:
            await connection.close()
        return len(pairs) / took

    return write


def postgres_store(url: str) -> Way:
    async def write(pairs: Sequence[Pair], folder: Path) -> float:
        store = await open_store(url)
        try:
            return await through_the_store(store, pairs)
        finally:
            await store.close()

    return write


def _in_turns(pairs: Sequence[Pair], at_once: int) -> list[list[Batch]]:
    """First commits of some charges, then their second ones, then the next charges."""
    some = [pairs[start : start + at_once] for start in range(0, len(pairs), at_once)]
    return [[pair[half] for pair in group] for group in some for half in (0, 1)]


def _rows(batches: Sequence[Batch]) -> dict[Target, list[Row]]:
    plans: list[Plan] = [plan(batch, KINDS) for batch in batches]
    rows = rows_by_target(plans)
    moves = moved(plans)
    if moves:
        rows[MOVE] = [(*key, 1, amount) for key, amount in moves.items()]
    return rows


async def compare(ways: dict[str, Way], rounds: int, charges: int) -> dict[str, list[float]]:
    """Run all ways in turn, round by round, on new files."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _, (name, way) in itertools.product(range(rounds), ways.items()):
        pairs = [a_charge(SHOPS[number % len(SHOPS)]) for number in range(charges)]
        with tempfile.TemporaryDirectory() as folder:
            rates[name].append(await way(pairs, Path(folder)))
    return rates


def report(rates: dict[str, list[float]]) -> None:
    """Print each way beside the first one, round against round."""
    base = next(iter(rates.values()))
    for name, measured in rates.items():
        ratio = statistics.median(rate / yard for rate, yard in zip(measured, base, strict=True))
        print(f"{name:48} {statistics.median(measured):8.0f}/s {ratio:7.2f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--postgres", help="address of an empty database; without one the tests' own server is used"
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--charges", type=int, default=CHARGES)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    told = parser.parse_args()
    if told.only != "postgres":
        print(f"SQLite, synchronous=FULL, {TOGETHER} callers at the store")
        ways = {"sqlite3, 1 charge a commit": raw_sqlite(1), "sqlite3, 32 charges a commit": raw_sqlite(32)}
        report(asyncio.run(compare({**ways, "the store": sqlite_store}, told.rounds, told.charges)))
    if told.only == "sqlite":
        return
    with ExitStack() as stack:
        url = told.postgres or _own_postgres(stack)
        upgrade(url)
        print(f"PostgreSQL, synchronous_commit=on, {TOGETHER} callers at the store")
        ways = {
            "asyncpg, a statement a table, 16 connections": raw_postgres(url, connections=16, whole=False),
            "asyncpg, a statement a commit, 16 connections": raw_postgres(url, connections=16, whole=True),
            "the store": postgres_store(url),
        }
        report(asyncio.run(compare(ways, told.rounds, told.charges)))


def _own_postgres(stack: ExitStack) -> str:
    from tests.support.postgres import embedded_server, fresh_database

    folder = stack.enter_context(tempfile.TemporaryDirectory())
    server = stack.enter_context(embedded_server(Path(folder) / "server"))
    return stack.enter_context(fresh_database(server))


if __name__ == "__main__":
    main()
