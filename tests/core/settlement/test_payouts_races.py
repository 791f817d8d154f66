"""Several processes, one file of SQLite, one balance: it is paid out once."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from payments_core.ports import Query
from payments_core.settlement.payouts import Payout
from tests.core.settlement.test_payouts import sound, with_money
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[3]
PROCESSES = 3


async def race(shop: Shop, database: str, folder: Path, amount: int) -> list[int]:
    """What each of several processes says it got."""
    command = [sys.executable, "-m", "tests.core.settlement.payout_process", database, str(folder), shop.id]
    rest = [str(shop.clock.ms), str(amount)]
    running = [
        subprocess.Popen([*command, *rest], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    told = [await asyncio.to_thread(process.communicate) for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES
    return [int(out) for out, _ in told]


async def test_one_balance_is_paid_out_once_by_all_processes(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/shop.db"
    async with a_shop(tmp_path, database=database) as shop:
        await with_money(shop)

        made = await race(shop, database, tmp_path, 941)

        assert sum(made) == 1
        assert (await shop.books())["payouts_in_transit"] == 941
        assert await sound(shop)


async def test_one_day_is_paid_out_once_by_all_workers(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/shop.db"
    async with a_shop(tmp_path, database=database) as shop:
        await with_money(shop)
        shop.clock.advance(days=1)

        await race(shop, database, tmp_path, 0)

        [made] = (await shop.ports.store.select(Payout, shop.id, Query())).items
        assert (made.amount, made.status) == (941, "in_transit")
        assert await sound(shop)
