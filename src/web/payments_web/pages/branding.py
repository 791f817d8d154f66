"""The merchant's name, colours and logo on the pages, and colours of text that can be read on them."""

import re
from typing import Final
from urllib.parse import urlsplit

import attrs

from payments_core.checkout.sessions import Look
from payments_core.platform.accounts import Account

PRIMARY: Final = "#0a5cd6"
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")
BLACK: Final = "#000000"
WHITE: Final = "#ffffff"


@attrs.frozen(kw_only=True)
class Brand:
    """How a merchant's page looks."""

    name: str
    color: str = PRIMARY
    background: str | None = None
    logo: str | None = None
    support: str | None = None

    @classmethod
    def of(cls, account: Account, look: Look | None = None) -> "Brand":
        """From the account's `branding.…` settings, and what a session says differently."""
        told = account.settings
        look = look or Look()
        return cls(
            name=look.display_name or told.get("branding.name") or account.name,
            color=_color(look.button_color) or _color(told.get("branding.primary_color")) or PRIMARY,
            background=_color(look.background_color) or _color(told.get("branding.secondary_color")),
            logo=_picture(look.logo) or _picture(told.get("branding.logo")),
            support=account.email,
        )

    @property
    def initial(self) -> str:
        """The first letter, where there is no logo."""
        return next((letter.upper() for letter in self.name if letter.isalnum()), "•")

    @property
    def style(self) -> str:
        """The colours as a style sheet."""
        lines = [f"--brand:{self.color}", f"--on-brand:{readable_on(self.color)}"]
        if self.background:
            ink = readable_on(self.background)
            lines += [f"--panel:{self.background}", f"--panel-ink:{ink}", f"--panel-muted:{ink}"]
        return f":root{{{';'.join(lines)}}}\n"


def readable_on(color: str) -> str:
    """Black or white, whichever is easier to read on *color*; one of them is always easy enough."""
    return WHITE if contrast(color, WHITE) >= contrast(color, BLACK) else BLACK


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, by the rule of the Web Content Accessibility Guidelines."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _color(text: str | None) -> str | None:
    return text.lower() if text and _COLOR.match(text) else None


def _picture(url: str | None) -> str | None:
    """A logo by a safe address; anything else is left out rather than shown broken."""
    if not url or any(letter in url for letter in " ;,'\"\\"):
        return None
    parts = urlsplit(url)
    return url if parts.scheme == "https" and parts.netloc else None
