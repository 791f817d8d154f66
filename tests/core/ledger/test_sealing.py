"""Seals chain what has been durable for a while; what appears behind one is reported, or taken in as late."""

from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from payments_core.clock import Timestamp
from payments_core.errors import Conflict
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.entries import Entry, EntryId, Posting
from payments_core.ledger.sealing import Seal
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.auditing import verify
from payments_core.operations.sealing import MARGIN_S, seal_account, seal_books
from payments_core.ports import Batch, Write
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def book(shop: Shop, source: str, entry_id: str | None = None) -> Entry:
    entry = Entry(
        account_id=shop.id,
        id=EntryId(entry_id or shop.ports.ids.new("le")),
        recorded=Timestamp(shop.clock.ms // 1000),
        effective=Timestamp(shop.clock.ms // 1000),
        kind="test",
        source=source,
        currency=CurrencyCode("usd"),
        postings=(Posting(LedgerAccount.BANK, 1), Posting(LedgerAccount.NETWORK_RECEIVABLE, -1)),
    )
    await shop.ports.store.apply(Batch(account_id=shop.id, entries=(entry,)))
    return entry


async def seals(shop: Shop) -> list[Seal]:
    return [seal async for seal in shop.ports.store.stream(Seal, shop.id)]


async def test_what_is_younger_than_the_margin_waits(shop: Shop) -> None:
    await book(shop, "old")
    shop.clock.advance(MARGIN_S)
    await book(shop, "young")
    shop.clock.advance(1)

    assert await seal_books(shop.ports) == 1
    assert [seal.count for seal in await seals(shop)] == [1]


async def test_each_seal_goes_on_from_the_one_before(shop: Shop) -> None:
    for number in range(3):
        await book(shop, f"number {number}")
        shop.clock.advance(MARGIN_S + 1)
        await seal_books(shop.ports)

    first, second, third = await seals(shop)
    assert (second.previous, third.previous) == (first.digest, second.digest)
    assert len({first.digest, second.digest, third.digest}) == 3
    assert (await verify(shop.ports.store)).seals == 3


async def test_sealing_twice_makes_nothing_new(shop: Shop) -> None:
    await book(shop, "once")
    shop.clock.advance(MARGIN_S + 1)

    assert await seal_books(shop.ports) == 1
    assert await seal_books(shop.ports) == 0
    assert len(await seals(shop)) == 1


async def test_of_two_workers_one_seals(shop: Shop) -> None:
    entry = await book(shop, "once")
    await seal_account(shop.ports, shop.id, entry.id)
    [seal] = await seals(shop)

    with pytest.raises(Conflict):
        await shop.ports.store.apply(Batch(account_id=shop.id, writes=(Write(seal, 0),)))


async def test_an_entry_behind_a_seal_is_reported(shop: Shop) -> None:
    late_id = shop.ports.ids.new("le")
    await book(shop, "first")
    shop.clock.advance(MARGIN_S + 1)
    await seal_books(shop.ports)

    late = await book(shop, "late", late_id)

    verdict = await verify(shop.ports.store)
    [finding] = verdict.findings
    assert late.id in finding.sentence
    assert "fell behind the seal" in finding.sentence


async def test_an_entry_behind_a_seal_is_under_the_next_one(shop: Shop) -> None:
    late_id = shop.ports.ids.new("le")
    await book(shop, "first")
    shop.clock.advance(MARGIN_S + 1)
    await seal_books(shop.ports)
    await book(shop, "late", late_id)
    await book(shop, "next")
    shop.clock.advance(MARGIN_S + 1)
    await seal_books(shop.ports)

    verdict = await verify(shop.ports.store)

    assert verdict.findings == ()
    assert [late_id in note.sentence for note in verdict.notes] == [True]
    assert [seal.late for seal in await seals(shop)] == [(), (late_id,)]


async def test_many_entries_make_several_seals(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments_core.operations.sealing.ENTRIES_MAX", 3)
    for number in range(8):
        await book(shop, f"number {number}")
    shop.clock.advance(MARGIN_S + 1)
    await seal_books(shop.ports)

    assert [seal.count for seal in await seals(shop)] == [3, 3, 2]
    assert (await verify(shop.ports.store)).is_sound


async def test_an_entry_twice_is_found_even_where_no_index_forbids_it(shop: Shop) -> None:
    entry = await book(shop, "once")
    again = attrs.evolve(entry, id=EntryId(shop.ports.ids.new("le")))
    shop.ports.store._entries[shop.id].append(again)  # type: ignore[attr-defined]

    verdict = await verify(shop.ports.store)

    assert any(f"entry {again.id} (test of once) was booked before" in str(f) for f in verdict.findings)
