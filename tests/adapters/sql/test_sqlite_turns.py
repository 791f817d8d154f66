"""What one turn of the event loop has to write is written together, also when the storage closes in that turn."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from payments_adapters.sql import SqlStore, open_store
from payments_adapters.sql.backend import Ticket
from payments_adapters.sql.sqlite_writer import SqliteWriter
from payments_core.clock import Timestamp
from payments_core.errors import Unavailable
from payments_core.platform.accounts import AccountId
from payments_core.platform.idempotency import Claim, ClaimId
from payments_core.ports import Batch, Write

pytestmark = pytest.mark.anyio
ACCOUNT = AccountId("acct_0000000000000000000001")


def a_batch(number: int) -> Batch:
    claim = Claim(
        account_id=ACCOUNT,
        id=ClaimId(f"idem_{number}"),
        created=Timestamp(1),
        fingerprint="f",
        request_id="r",
        operation="o",
    )
    return Batch(account_id=ACCOUNT, writes=(Write(claim, 0),))


async def opened(folder: Path) -> SqlStore:
    return await open_store(f"sqlite:///{folder}/books.db")


async def test_a_turn_is_one_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    settle: Any = SqliteWriter._settle

    def counted(writer: SqliteWriter, group: Sequence[Ticket]) -> None:
        sizes.append(len(group))
        settle(writer, group)

    monkeypatch.setattr(SqliteWriter, "_settle", counted)
    store = await opened(tmp_path)

    await asyncio.gather(*(store.apply(a_batch(number)) for number in range(20)))
    await store.close()

    assert sizes == [20]


async def test_what_was_accepted_is_written_when_the_storage_closes_in_the_same_turn(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    writing = asyncio.ensure_future(store.apply(a_batch(1)))
    closing = asyncio.ensure_future(store.close())

    await asyncio.wait_for(asyncio.gather(writing, closing), timeout=10)

    again = await opened(tmp_path)
    assert await again.find(Claim, ACCOUNT, "idem_1") is not None
    await again.close()


async def test_a_closing_storage_accepts_nothing(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    closing = asyncio.ensure_future(store.close())
    await asyncio.sleep(0)

    with pytest.raises(Unavailable):
        await store.apply(a_batch(1))

    await closing
