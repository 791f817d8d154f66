"""Fonts of documents: a Unicode family from the machine, or the built-in one, and what becomes of letters that no font has.

None is shipped. The setting `pdf_fonts` names a folder with `DejaVuSans.ttf` and `DejaVuSans-Bold.ttf`, or leave it to the usual places.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import attrs

FAMILIES: Final = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
)
PLACES: Final = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/dejavu-sans-fonts",
    "/usr/share/fonts/dejavu",
    "/usr/share/fonts/TTF",
    "/usr/share/fonts/truetype/noto",
    "/usr/share/fonts/noto",
    "/usr/share/fonts/truetype/liberation",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
MISSING: Final = "?"


@attrs.frozen
class Fonts:
    """A regular and a bold font, or None for the built-in ones, which know Latin letters only."""

    regular: Path | None = None
    bold: Path | None = None
    letters: frozenset[int] = attrs.field(default=frozenset(), repr=False)

    def printable(self, text: str) -> str:
        """*text* with what cannot be printed replaced by the nearest that can."""
        return "".join(letter if self._has(letter) else self._nearest(letter) for letter in text).strip()

    def _has(self, letter: str) -> bool:
        if self.regular is not None:
            return ord(letter) in self.letters
        return letter.encode("latin-1", "ignore") != b""

    def _nearest(self, letter: str) -> str:
        known = _SUBSTITUTES.get(letter)
        if known is not None:
            return known
        plain = unicodedata.normalize("NFKD", letter)
        kept = "".join(
            one for one in plain if one != letter and not unicodedata.combining(one) and self._has(one)
        )
        return kept or ("" if unicodedata.combining(letter) else MISSING)


_SUBSTITUTES: Final = {
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MINUS SIGN}": "-",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{BULLET}": "\N{MIDDLE DOT}",
    "\N{EURO SIGN}": "EUR\N{NO-BREAK SPACE}",
    "\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}",
    "\N{LEFT-TO-RIGHT MARK}": "",
    "\N{RIGHT-TO-LEFT MARK}": "",
    "\n": " ",
    "\t": " ",
}


@cache
def find_fonts(folder: str | None = None, places: Sequence[str] = PLACES) -> Fonts:
    """The first family that is there, in *folder* or in the usual places."""
    for place in (folder, *places) if folder else places:
        for regular, bold in FAMILIES:
            paths = Path(place or "", regular), Path(place or "", bold)
            if all(path.is_file() for path in paths):
                return Fonts(*paths, _letters_of(paths[0]) & _letters_of(paths[1]))
    return Fonts()


def _letters_of(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # of the extra [pdf]

    with TTFont(path) as font:
        return frozenset(font.getBestCmap())
