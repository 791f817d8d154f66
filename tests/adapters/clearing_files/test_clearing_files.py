"""A batch as a file, and the answers from one: read back as they were, refused whole if anything is off."""

from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from payments_adapters.clearing_files.folder import ClearingFolder
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.operations.auditing import verify
from payments_core.operations.settlement_reporting import report
from payments_core.operations.settling import chunks_of, import_answers, settle
from payments_core.ports import Query
from payments_core.settlement.batches import BatchChunk, BatchState, SettlementBatch, SettlementException
from payments_core.settlement.clearing import ClearingResult
from payments_core.testing.network import ScriptedAcquirer
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop whose acquirer takes files only."""
    async with a_shop(tmp_path) as shop:
        shop.ports.acquirers["sandbox"] = ScriptedAcquirer(name="sandbox")  # type: ignore[index]
        yield shop


async def submitted(shop: Shop, *amounts: int) -> SettlementBatch:
    for amount in amounts:
        await shop.charge(amount)
    shop.clock.advance(days=1)
    done = await settle(shop.ports, Timestamp(shop.clock.ms // 1000))
    batch: SettlementBatch = await shop.read(SettlementBatch, done.batches[0][1])
    return batch


async def answers(shop: Shop, batch: SettlementBatch, *reasons: str | None) -> str:
    """The answer file of an acquirer that says these things, and OK to everything else."""

    async def said() -> AsyncIterator[BatchChunk]:
        left = list(reasons)
        async for chunk in chunks_of(shop.ports, batch):
            results = [
                ClearingResult(
                    reference=record.reference, amount=record.amount, reason=left.pop(0) if left else None
                )
                for record in chunk.records
            ]
            yield attrs.evolve(chunk, results=tuple(results))

    return await ClearingFolder(shop_folder(shop)).write_answers(batch, said())


def shop_folder(shop: Shop) -> Path:
    return Path(shop.ports.settings["data"])


async def test_a_clearing_file_is_written_for_each_batch(shop: Shop) -> None:
    batch = await submitted(shop, 1000, 500)

    assert batch.state is BatchState.SUBMITTED
    assert batch.due_at is None, "nobody goes on before the answers are here"
    lines = Path(batch.file or "").read_text().splitlines()
    assert lines[0].startswith(f"H|PCF1|{shop.id}|{batch.id}|sandbox|usd|2026-11-03")
    assert [line.split("|")[8].strip() for line in lines[1:-1]] == ["1000", "500"]
    assert all("|A1B2C3|" in line and "|424242******4242|" in line for line in lines[1:-1])
    assert lines[-1].startswith("T|2|1500|")
    assert not list(Path(batch.file or "").parent.glob("*.part"))


async def test_the_answers_fund_what_they_pay(shop: Shop) -> None:
    batch = await submitted(shop, 1000, 500)

    await import_answers(shop.ports, await answers(shop, batch, None, "late_presentment"))

    batch = await shop.read(SettlementBatch, batch.id)
    assert (batch.state, batch.accepted.amount, batch.rejected.amount) == (BatchState.FUNDED, 1000, 500)
    assert (await shop.books())["bank"] == 1000
    assert (await shop.books())["suspense"] == 500
    assert (await verify(shop.ports.store)).findings == ()


async def test_an_answer_file_twice_changes_nothing(shop: Shop) -> None:
    batch = await submitted(shop, 1000)
    place = await answers(shop, batch)
    await import_answers(shop.ports, place)
    before = await shop.books()

    await import_answers(shop.ports, place)

    assert await shop.books() == before


async def test_answers_may_come_in_several_files(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments_core.operations.gathering.CHUNK_SIZE", 1)
    batch = await submitted(shop, 1000, 500)
    folder = ClearingFolder(shop_folder(shop))

    async def only(number: int) -> AsyncIterator[BatchChunk]:
        async for chunk in chunks_of(shop.ports, batch):
            if chunk.number == number:
                [record] = chunk.records
                yield attrs.evolve(
                    chunk, results=(ClearingResult(reference=record.reference, amount=record.amount),)
                )

    await import_answers(shop.ports, await folder.write_answers(batch, only(1)))
    assert (await shop.read(SettlementBatch, batch.id)).state is BatchState.SUBMITTED
    await import_answers(shop.ports, await folder.write_answers(batch, only(0)))

    assert (await shop.read(SettlementBatch, batch.id)).state is BatchState.FUNDED
    assert (await shop.books())["bank"] == 1500


async def test_the_report_names_every_difference(shop: Shop) -> None:
    batch = await submitted(shop, 1000, 500)
    await import_answers(shop.ports, await answers(shop, batch, None, "late_presentment"))
    [found] = (await shop.ports.store.select(SettlementException, shop.id, Query())).items

    told = "\n".join([line async for line in report(shop.ports, shop.id, batch.id)])

    assert f"{found.transaction}: rejected, late presentment ($5.00)" in told
    assert "1 differences." in told
    assert f"Exception {found.id}: {found.transaction}, $5.00, late_presentment, open" in told


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: text.replace("1000", "1001"), "the trailer does not fit"),
        (lambda text: text.rpartition("T|")[0], "the trailer is missing"),
        (lambda text: text + "A|000000|txn_x|OK|5|\n", "something behind the trailer"),
        (lambda text: text.replace("PCA1", "PCF1"), "begins with H|PCA1"),
        (lambda text: text.replace("|OK|", "|MAYBE|"), "OK, or NO with a reason"),
        (lambda text: text.replace("|OK|        1000", "|OK|          １０"), "numbers"),
        (lambda text: "", "the trailer is missing"),
    ],
)
async def test_a_damaged_file_is_refused_whole(shop: Shop, damage: object, why: str) -> None:
    batch = await submitted(shop, 1000)
    place = Path(await answers(shop, batch))
    place.write_text(damage(place.read_text()))  # type: ignore[operator]

    with pytest.raises(InvalidRequest, match=why.replace("|", r"\|")):
        await import_answers(shop.ports, str(place))

    assert (await shop.read(SettlementBatch, batch.id)).state is BatchState.SUBMITTED
