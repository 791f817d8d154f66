"""The example of a trading day runs, and its books are sound."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_trading_day_ends_with_sound_books(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "trading_day.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "batch_2026-11-02-sandbox-usd-1" in done.stdout
    assert "No differences." in done.stdout
    assert "the books are sound." in done.stdout
