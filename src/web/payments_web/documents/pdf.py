"""PDF: a bill on paper, over as many pages as it takes. The same bill gives the same bytes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import attrs
from fpdf import FPDF
from fpdf.enums import MethodReturnValue

from payments_web.documents.bills import Bill, Row
from payments_web.documents.fonts import Fonts, find_fonts

MARGIN: Final = 18.0
INK: Final = (22, 25, 29)
MUTED: Final = (92, 101, 113)
HAIR: Final = (214, 219, 226)
STAMP: Final = (232, 214, 212)
FAMILY: Final = "Bill"
PAGES: Final = "\N{CURRENCY SIGN}\N{CURRENCY SIGN}"
"""Stands for the number of pages until that is known: as wide as two digits, and nothing that anybody writes."""
LINE: Final = 5.0
SUMS_LEFT_MM: Final = 90.0


@attrs.frozen
class Column:
    """A column of the rows: its heading, how wide, and which side it keeps to."""

    heading: str
    width: float
    align: str = "R"


def pdf_of(bill: Bill, *, color: str = "#0a5cd6", fonts: Fonts | None = None) -> bytes:
    """The document."""
    sheet = Sheet(bill, color, fonts or find_fonts())
    sheet.add_page()
    sheet.heading()
    sheet.rows()
    sheet.sums()
    sheet.notes()
    return bytes(sheet.output())


class Sheet(FPDF):
    """One bill's pages."""

    def __init__(self, bill: Bill, color: str, fonts: Fonts) -> None:
        super().__init__(format=bill.paper)
        self.bill = bill
        self.fonts_used = fonts
        self.accent = tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
        self.family = FAMILY if fonts.regular else "Helvetica"
        if fonts.regular and fonts.bold:
            self.add_font(FAMILY, "", fonts.regular)
            self.add_font(FAMILY, "B", fonts.bold)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(False)
        self.c_margin = 0.0
        self.alias_nb_pages(PAGES)
        self.set_title(self.fit(f"{bill.title} {bill.number}"))
        self.set_author(self.fit(bill.merchant))
        self.set_lang("en")
        self.set_creation_date(datetime.fromtimestamp(bill.moment, UTC))

    @property
    def bottom(self) -> float:
        """Where the footer begins."""
        return float(self.h) - 20

    def fit(self, text: str) -> str:
        """Text in letters that the font has."""
        return self.fonts_used.printable(text.replace(PAGES, "\N{CURRENCY SIGN} \N{CURRENCY SIGN}"))

    def style(self, size: float, *, bold: bool = False, ink: Sequence[int] = INK) -> None:
        """Choose how the next words look."""
        self.set_font(self.family, "B" if bold else "", size)
        self.set_text_color(*ink)

    def words(self, text: str, width: float, *, align: str = "L", height: float = LINE) -> float:
        """Words within a width, broken over lines; returns where they end. The place stays the same."""
        left, top = self.get_x(), self.get_y()
        self.multi_cell(width, height, self.fit(text), align=align, new_x="LEFT", new_y="NEXT", padding=0)
        end = float(self.get_y())
        self.set_xy(left, top)
        return end

    def height_of(self, text: str, width: float, height: float = LINE) -> float:
        """How high the words will stand."""
        height_used = self.multi_cell(
            width, height, self.fit(text), dry_run=True, output=MethodReturnValue.HEIGHT, padding=0
        )
        assert isinstance(height_used, int | float)
        return float(height_used)

    def rule(self, y: float, left: float = MARGIN, *, weight: float = 0.2) -> None:
        """A hair line to the right margin."""
        self.set_draw_color(*HAIR)
        self.set_line_width(weight)
        self.line(left, y, self.w - MARGIN, y)

    def header(self) -> None:
        """The merchant's colour on top of each page, and what page this is about on all but the first."""
        self.set_fill_color(*self.accent)
        self.rect(0, 0, self.w, 3, style="F")
        if self.bill.stamp:
            self.style(90, bold=True, ink=STAMP)
            with self.rotation(35, self.w / 2, self.h / 2):
                self.set_xy(0, self.h / 2 - 20)
                self.cell(self.w, 40, self.bill.stamp, align="C")
        self.set_xy(MARGIN, MARGIN)
        if self.page_no() > 1:
            self.style(9, ink=MUTED)
            self.set_xy(MARGIN, 10)
            self.words(f"{self.bill.merchant} · {self.bill.title} {self.bill.number}", self.epw)
            self.set_xy(MARGIN, MARGIN + 2)

    def footer(self) -> None:
        """Which bill, and which of how many pages."""
        self.rule(self.bottom + 6)
        self.style(8.5, ink=MUTED)
        self.set_xy(MARGIN, self.bottom + 8)
        self.cell(self.epw * 0.75, 5, self.fit(f"{self.bill.number} · {self.bill.headline}"))
        self.set_xy(MARGIN, self.bottom + 8)
        self.cell(self.epw, 5, f"Page {self.page_no()} of {PAGES}", align="R")

    def heading(self) -> None:
        """What it is, whose, for whom, and how much."""
        half = self.epw / 2
        self.style(22, bold=True)
        end = self.words(self.bill.title, half, height=9)
        self.style(13, bold=True, ink=MUTED)
        self.set_x(MARGIN + half)
        end = max(end, self.words(self.bill.merchant, half, align="R", height=9))
        self.set_xy(MARGIN, end + 4)
        self._facts()
        self._parties()
        self.style(16, bold=True)
        self.set_xy(MARGIN, self.words(self.bill.headline, self.epw, height=8) + 2)
        for note in self.bill.notes:
            self.style(9.5)
            self.set_xy(MARGIN, self.words(note, self.epw) + 1)
        self.set_y(self.get_y() + 4)

    def _facts(self) -> None:
        for name, value in self.bill.facts:
            self.style(9.5, bold=True)
            end = self.words(name, 38)
            self.set_x(MARGIN + 40)
            self.style(9.5)
            end = max(end, self.words(value, self.epw - 40))
            self.set_xy(MARGIN, end)
        self.set_y(self.get_y() + 6)

    def _parties(self) -> None:
        top, width = self.get_y(), self.epw / 2 - 4
        ends = [
            self._party(MARGIN, top, width, self.bill.merchant, self.bill.sender),
            self._party(MARGIN + self.epw / 2, top, width, "Bill to", self.bill.recipient),
        ]
        self.set_xy(MARGIN, max(ends) + 8)

    def _party(self, left: float, top: float, width: float, name: str, lines: Sequence[str]) -> float:
        self.set_xy(left, top)
        if not lines and name == "Bill to":
            return top
        self.style(9.5, bold=True)
        end = self.words(name, width)
        self.style(9.5)
        for line in lines:
            self.set_xy(left, end)
            end = self.words(line, width)
        return end

    def columns(self) -> list[Column]:
        """The columns that this bill needs."""
        rest = [Column("Qty", 16), Column("Unit price", 30), Column("Amount", 32)]
        if any(row.tax for row in self.bill.rows):
            rest.insert(2, Column("Tax", 22))
        return [Column("Description", self.epw - sum(column.width for column in rest), "L"), *rest]

    def rows(self) -> None:
        """The lines, with the headings again on each page."""
        columns = self.columns()
        self._headings(columns)
        for row in self.bill.rows:
            self.style(9.5)
            width = columns[0].width - 4
            height = self.height_of(row.description, width) + 5
            if row.details:
                self.style(8.5)
                height += self.height_of(row.details, width, 4.2)
            if self.get_y() + min(height, 60) > self.bottom:
                self.add_page()
                self._headings(columns)
            self._row(columns, row)

    def _headings(self, columns: Sequence[Column]) -> None:
        self.style(8.5, ink=MUTED)
        for column in columns:
            self.cell(column.width, 6, column.heading, align=column.align)
        self.set_xy(MARGIN, self.get_y() + 6.5)
        self.rule(self.get_y(), weight=0.4)

    def _row(self, columns: Sequence[Column], row: Row) -> None:
        self.set_y(self.get_y() + 2.2)
        self.style(9.5)
        end = self.words(row.description, columns[0].width - 4)
        figures = {"Qty": row.quantity, "Unit price": row.unit, "Tax": row.tax, "Amount": row.amount}
        left = MARGIN + columns[0].width
        for column in columns[1:]:
            self.set_x(left)
            end = max(end, self.words(figures[column.heading], column.width, align="R"))
            left += column.width
        if row.details:
            self.style(8.5, ink=MUTED)
            self.set_xy(MARGIN, self.get_y() + self._described(row, columns[0].width - 4))
            end = max(end, self.words(row.details, columns[0].width - 4, height=4.2))
        self.set_xy(MARGIN, end + 2.2)
        self.rule(self.get_y())

    def _described(self, row: Row, width: float) -> float:
        self.style(9.5)
        height = self.height_of(row.description, width)
        self.style(8.5, ink=MUTED)
        return height

    def sums(self) -> None:
        """What it comes to, kept together where a page holds it."""
        left = MARGIN + self.epw - SUMS_LEFT_MM
        needed = 7.0 * len(self.bill.sums) + 4
        if self.get_y() + needed > self.bottom and needed < self.bottom - 40:
            self.add_page()
        self.set_y(self.get_y() + 2)
        for one in self.bill.sums:
            self.style(10 if one.strong else 9.5, bold=one.strong)
            name_width, amount_width = SUMS_LEFT_MM - 36, 36.0
            if self.get_y() + self.height_of(one.name, name_width) > self.bottom:
                self.add_page()
                self.style(10 if one.strong else 9.5, bold=one.strong)
            self.set_xy(left, self.get_y() + 1)
            end = self.words(one.name, name_width)
            self.set_x(left + name_width)
            end = max(end, self.words(one.amount, amount_width, align="R"))
            self.set_xy(MARGIN, end + 1)
            if not one.strong:
                self.rule(self.get_y(), left)

    def notes(self) -> None:
        """What the merchant says at the end."""
        if not self.bill.footer:
            return
        self.style(9, ink=MUTED)
        self.set_xy(MARGIN, self.get_y() + 10)
        for paragraph in self.bill.footer.split("\n"):
            if self.get_y() + self.height_of(paragraph or " ", self.epw, 4.5) > self.bottom:
                self.add_page()
                self.style(9, ink=MUTED)
            self.set_xy(MARGIN, self.words(paragraph or " ", self.epw, height=4.5))
