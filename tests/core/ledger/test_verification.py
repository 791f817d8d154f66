"""Books that were altered by hand are found out, and the sentence names what is wrong."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from payments_core.ledger.verification import Verdict
from payments_core.operations.auditing import verify
from payments_core.operations.sealing import seal_books
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@attrs.frozen
class Books:
    """A shop whose file somebody with a database shell can reach."""

    shop: Shop
    file: Path

    def by_hand(self, *statements: str) -> None:
        with contextlib.closing(sqlite3.connect(self.file)) as connection, connection:
            for statement in statements:
                assert connection.execute(statement).rowcount, f"changes nothing: {statement}"

    async def sealed(self) -> None:
        self.shop.clock.advance(minutes=5)
        await seal_books(self.shop.ports)

    async def verify(self) -> Verdict:
        return await verify(self.shop.ports.store, self.shop.id)

    async def complaints(self) -> str:
        return "\n".join(finding.sentence for finding in (await self.verify()).findings)


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    async with a_shop(tmp_path, database=f"sqlite:///{tmp_path}/books.db") as shop:
        charge = await shop.charge(5000)
        await shop.charge(700, currency="eur")
        await shop.capture(await shop.charge(900, capture=False), 800)
        await shop.refund(charge, 1200)
        yield Books(shop, tmp_path / "books.db")


async def test_books_that_nobody_touched_are_sound(books: Books) -> None:
    await books.sealed()

    verdict = await verify(books.shop.ports.store)

    assert verdict.findings == ()
    assert verdict.is_sound
    assert verdict.accounts == 1
    assert verdict.transactions == 4
    assert verdict.seals >= 1


async def test_progress_counts_every_row(books: Books) -> None:
    told: list[int] = []

    verdict = await verify(books.shop.ports.store, books.shop.id, told.append)

    assert sum(told) == verdict.entries + verdict.transactions


async def test_an_altered_posting_is_named(books: Books) -> None:
    books.by_hand("UPDATE posting SET amount = amount + 100 WHERE amount = 5000")

    complaints = await books.complaints()

    assert "(capture of txn_" in complaints
    assert "does not balance: there is $1.00 too much on the debit side" in complaints
    assert "the balance of network_receivable says $46.00, but its postings sum to $47.00" in complaints


async def test_postings_altered_so_that_they_balance_still_miss_their_transaction(books: Books) -> None:
    books.by_hand(
        "UPDATE posting SET amount = amount + 100 WHERE amount = 5000",
        "UPDATE posting SET amount = amount - 100 WHERE amount = (SELECT min(amount) FROM posting)",
        "UPDATE balance SET amount = amount + 100 WHERE ledger_account = 'network_receivable' AND currency = 'usd' AND writer > 0",
        "UPDATE balance SET amount = amount - 100 WHERE ledger_account = 'merchant_pending' AND currency = 'usd' AND writer > 0",
    )

    complaints = await books.complaints()

    assert "does not balance" not in complaints
    assert "says $48.25, but entry le_" in complaints


async def test_an_altered_balance_is_named(books: Books) -> None:
    books.by_hand(
        "UPDATE balance SET amount = amount - 1 WHERE ledger_account = 'fee_revenue' AND currency = 'eur' AND writer > 0"
    )

    assert (await books.complaints()).startswith("the balance of fee_revenue says ")


async def test_an_altered_transaction_is_named(books: Books) -> None:
    books.by_hand(
        "UPDATE balance_transaction SET body = replace(body, '\"amount\":5000', '\"amount\":6000')"
        " WHERE body LIKE '%\"amount\":5000%'"
    )

    complaints = await books.complaints()

    assert "says $58.25, but entry le_" in complaints
    assert "balance transactions that are pending sum to" in complaints


async def test_a_transaction_that_vanished_is_named(books: Books) -> None:
    books.by_hand("DELETE FROM balance_transaction WHERE type = 'refund'")

    assert "moved the merchant's balance by -$12.00, but there is no such balance transaction" in (
        await books.complaints()
    )


async def test_a_deleted_entry_is_named_by_its_transaction_and_by_its_seal(books: Books) -> None:
    await books.sealed()
    books.by_hand(
        "DELETE FROM posting WHERE entry_id = (SELECT id FROM entry WHERE kind = 'refund')",
        "DELETE FROM entry WHERE kind = 'refund'",
    )

    complaints = await books.complaints()

    assert "(refund of re_" in complaints
    assert "has no entry" in complaints
    assert "entries under seal 1" in complaints
    assert "are gone" in complaints


async def test_a_date_that_was_altered_breaks_the_seal(books: Books) -> None:
    await books.sealed()
    books.by_hand("UPDATE entry SET effective = effective - 86400 WHERE kind = 'refund'")

    complaints = await books.complaints()

    assert "(refund of txn_" in complaints
    assert "it was altered after it was sealed" in complaints


async def test_an_altered_seal_breaks_itself(books: Books) -> None:
    await books.sealed()
    books.by_hand('UPDATE seal SET body = replace(body, \'"digest":"\', \'"digest":"00\') WHERE 1')

    assert "seal" in await books.complaints()


async def test_a_removed_seal_is_missed(books: Books) -> None:
    await books.sealed()
    await books.shop.charge()
    await books.sealed()
    books.by_hand(f"DELETE FROM seal WHERE body LIKE '%\"sequence\":1,%' AND body LIKE '%{books.shop.id}%'")

    assert "seal 1 is gone: the next one is seal 2" in await books.complaints()
