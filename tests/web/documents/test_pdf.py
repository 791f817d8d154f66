"""Bills as PDF: all of it is there on as many pages as it takes, whatever script it is in, and the same bill gives the same bytes."""

import re
import shutil
import subprocess
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments_core.clock import Timestamp
from payments_web.documents.bills import Bill, Row, Sum
from payments_web.documents.fonts import Fonts, find_fonts
from payments_web.documents.pdf import pdf_of

BILL = Bill(
    title="Invoice",
    merchant="Corner shop",
    number="ABC-0001",
    status="Open",
    headline="$20.00 due November 16, 2026",
    facts=(("Invoice number", "ABC-0001"),),
    sender=("1 Market Street",),
    recipient=("Ada Lovelace",),
    rows=(Row(description="Beans", quantity="2", unit="$10.00", tax="", amount="$20.00"),),
    sums=(Sum("Amount due", "$20.00", strong=True),),
    footer="Thank you.",
    moment=Timestamp(1_790_000_000),
)
LONG = attrs.evolve(
    BILL,
    rows=tuple(
        Row(description=f"Lot {number}", quantity="1", unit="", tax="20%", amount=f"${number}.00")
        for number in range(1, 251)
    ),
)


def text_of(pdf: bytes, tmp_path: Path, how: str = "-layout") -> str:
    """What a reader finds in the document."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here")
    (tmp_path / "bill.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", how, tmp_path / "bill.pdf", "-"], capture_output=True, check=True, text=True
    )
    return done.stdout


def test_everything_of_a_long_bill_is_there_once(tmp_path: Path) -> None:
    told = text_of(pdf_of(LONG), tmp_path)

    assert [int(number) for number in re.findall(r"Lot (\d+)\b", told)] == list(range(1, 251))


def test_each_page_says_which_of_how_many_it_is_and_repeats_the_headings(tmp_path: Path) -> None:
    pages = text_of(pdf_of(LONG), tmp_path).split("\f")[:-1]

    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Description" in page


def test_amounts_end_at_the_same_place(tmp_path: Path) -> None:
    told = text_of(pdf_of(LONG), tmp_path, "-bbox")

    ends = [float(end) for end in re.findall(r'xMax="([\d.]+)"[^>]*>\$(?!20\.)\d+\.00<', told)]
    assert len(ends) == 249
    assert max(ends) - min(ends) < 0.5


def test_the_same_bill_gives_the_same_bytes() -> None:
    assert pdf_of(BILL) == pdf_of(BILL)


@pytest.mark.skipif(find_fonts().regular is None, reason="no Unicode fonts here")
def test_other_scripts_are_printed_where_a_font_has_them(tmp_path: Path) -> None:
    bill = attrs.evolve(BILL, recipient=("Žofie Dvořáková", "Ελένη", "Борис", "20,00 €"))

    told = text_of(pdf_of(bill), tmp_path)

    for name in bill.recipient:
        assert name in told


def test_without_fonts_letters_become_the_nearest_that_there_are(tmp_path: Path) -> None:
    bill = attrs.evolve(BILL, recipient=("Dvořáková – 日本", "20,00 €"))

    told = text_of(pdf_of(bill, fonts=Fonts()), tmp_path)

    assert "Dvoráková - ??" in told
    assert re.search(r"20,00\sEUR", told)


def test_a_description_longer_than_a_page_ends_somewhere() -> None:
    row = attrs.evolve(BILL.rows[0], description="word " * 400)

    assert pdf_of(attrs.evolve(BILL, rows=(row, row))).startswith(b"%PDF-")


@settings(max_examples=8, deadline=None)
@given(st.text(max_size=80))
def test_nothing_that_anybody_writes_breaks_a_document(text: str) -> None:
    row = attrs.evolve(BILL.rows[0], description=text, details=text)
    bill = attrs.evolve(BILL, merchant=text, number=text, recipient=(text,), rows=(row,), footer=text)

    assert pdf_of(bill).startswith(b"%PDF-")
    assert pdf_of(bill, fonts=Fonts()).startswith(b"%PDF-")
