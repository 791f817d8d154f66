"""How beats are kept."""

from typing import Final

from payments_adapters.sql.shelf import shelf
from payments_core.platform.beats import Beat

BEATS: Final = shelf(Beat, "beat")
