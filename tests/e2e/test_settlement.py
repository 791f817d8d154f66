"""`payments settle` killed at random moments and run again: every transaction is settled exactly once."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.operations.auditing import verify
from payments_core.settlement.batches import BatchState, SettlementBatch
from payments_core.testing.clock import SettableClock
from tests.support.shops import Shop, a_shop

PAYMENTS = Path(sys.executable).parent / "payments"
CHARGES = 120
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
DIES = """
import os, random, signal, sys, threading, time
from payments_adapters.sql.store import SqlStore
from payments_core.operations import gathering
from payments_web.cli import main

gathering.CHUNK_SIZE = 5
last, moment = int(sys.argv.pop(1)), sys.argv.pop(1)
apply, commits = SqlStore.apply, 0

def die(after=0.0):
    time.sleep(after)
    os.kill(os.getpid(), signal.SIGKILL)

async def dying_apply(self, batch):
    global commits
    commits += 1
    if commits == last and moment == "before":
        die()
    if commits == last and moment == "during":
        threading.Thread(target=die, args=(random.random() * 0.01,)).start()
    await apply(self, batch)
    if commits == last and moment == "after":
        die()

SqlStore.apply = dying_apply
sys.argv[0] = "payments"
main()
"""


@attrs.frozen
class Trade:
    """A folder with a merchant who sold yesterday."""

    folder: Path
    account: str
    expected: dict[str, int]

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder}/books.db"

    def settle(self, last_commit: int = 0, moment: str = "") -> "subprocess.CompletedProcess[str]":
        """Run `payments settle`, which dies at its commit of that number; at 0 it lives."""
        return subprocess.run(
            [
                sys.executable,
                "-c",
                DIES,
                str(last_commit),
                moment,
                "settle",
                "--json",
                "--database",
                self.database,
            ],
            env={**os.environ, "PAYMENTS_DATA": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def trade(tmp_path: Path) -> Trade:
    async def sell() -> Trade:
        clock = SettableClock(int(YESTERDAY.timestamp() * 1000))
        async with a_shop(tmp_path, database=f"sqlite:///{tmp_path}/books.db", clock=clock) as shop:
            charges = await asyncio.gather(*(shop.charge(100 + number) for number in range(CHARGES)))
            for charge in charges[::10]:
                await shop.refund(charge, 50)
            books = await shop.books()
            return Trade(
                tmp_path,
                shop.id,
                {
                    "bank": books["network_receivable"],
                    "merchant_available": books["merchant_pending"],
                    "fee_revenue": books["fee_revenue"],
                },
            )

    return asyncio.run(sell())


async def look(trade: Trade) -> tuple[dict[str, int], Counter[str], list[BatchState], list[str]]:
    async with a_shop(trade.folder, database=trade.database) as found:
        shop = Shop(found.gateway, await found.gateway.merchant(trade.account), found.clock)
        store = shop.ports.store
        lines = [t async for t in store.stream(BalanceTransaction, shop.id)]
        batches = [batch.state async for batch in store.stream(SettlementBatch, shop.id)]
        verdict = await verify(store, shop.id)
        assert all(line.due_at is None for line in lines)
        return (
            await shop.books(),
            Counter(line.status for line in lines),
            batches,
            [str(finding) for finding in verdict.findings],
        )


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_it_settles_everything_once(trade: Trade, seed: int) -> None:
    dice = random.Random(seed)
    killed = 0
    for _ in range(6):
        done = trade.settle(dice.randint(1, 30), dice.choice(["before", "during", "after"]))
        killed += done.returncode == -signal.SIGKILL
        assert done.returncode in (0, -signal.SIGKILL), done.stderr

    last = trade.settle()

    assert killed, "or this test shows nothing"
    assert last.returncode == 0, last.stderr
    assert isinstance(json.loads(last.stdout), list)
    books, statuses, batches, findings = asyncio.run(look(trade))
    assert books == trade.expected
    assert statuses == {BalanceState.AVAILABLE: CHARGES + CHARGES // 10}
    assert set(batches) == {BatchState.FUNDED}
    assert findings == []


def test_it_is_run_on_the_command_line(trade: Trade) -> None:
    done = subprocess.run(
        [PAYMENTS, "settle", "--date", f"{YESTERDAY:%Y-%m-%d}", "--database", trade.database],
        env={**os.environ, "PAYMENTS_DATA": str(trade.folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert f"funded: {CHARGES + CHARGES // 10} gathered" in done.stdout
    assert "0 rejected, 0 differences" in done.stdout
    batch = done.stdout.split()[1]
    shown = subprocess.run(
        [PAYMENTS, "settle", "report", batch, "--account", trade.account, "--database", trade.database],
        env={**os.environ, "PAYMENTS_DATA": str(trade.folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "No differences." in shown.stdout
