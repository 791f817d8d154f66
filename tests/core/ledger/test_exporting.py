"""The books as text: every format holds every posting, and what is written can be read back to the same sums."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from payments_core.ledger.exporting import Format, exported
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        charge = await shop.charge(123456)
        await shop.refund(charge, 56)
        await shop.charge(500, currency="jpy")
        await shop.charge(1250, currency="kwd")
        yield shop


async def text(shop: Shop, wanted: Format) -> str:
    return "".join([piece async for piece in exported(shop.ports.store.entries(shop.id), wanted)])


async def test_a_spreadsheet_has_a_row_for_each_posting(shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(await text(shop, Format.CSV))))

    [first] = [row for row in rows if row["debit"] == "1234.56"]
    assert (first["ledger_account"], first["currency"], first["kind"]) == (
        "network_receivable",
        "usd",
        "capture",
    )
    assert sum(Decimal(row["debit"] or 0) for row in rows) == sum(Decimal(row["credit"] or 0) for row in rows)
    assert "500" in [row["debit"] for row in rows], "yen have no decimals"
    assert "1.250" in [row["debit"] for row in rows], "dinars have three"


async def test_json_lines_are_entries_in_minor_units(shop: Shop) -> None:
    entries = [json.loads(line) for line in (await text(shop, Format.JSONL)).splitlines()]

    assert [entry["kind"] for entry in entries] == ["capture", "refund", "capture", "capture"]
    assert all(sum(posting["amount"] for posting in entry["postings"]) == 0 for entry in entries)


@pytest.mark.parametrize("wanted", [Format.HLEDGER, Format.BEANCOUNT])
async def test_plain_text_accounting_balances(shop: Shop, wanted: Format) -> None:
    written = await text(shop, wanted)

    for transaction in re.split(r"\n\n", written):
        amounts = re.findall(r"  (-?[\d.]+) [A-Z]{3}$", transaction, re.MULTILINE)
        assert sum(map(Decimal, amounts)) == 0
    assert "Liabilities:MerchantPending:A-" in written
    assert "1234.56 USD" in written


async def test_beancount_opens_every_account_once(shop: Shop) -> None:
    written = await text(shop, Format.BEANCOUNT)

    opened = re.findall(r"^1970-01-01 open (\S+)$", written, re.MULTILINE)
    used = set(re.findall(r"^  ([A-Z]\w+:\S+)  ", written, re.MULTILINE))
    assert sorted(opened) == sorted(used)
