"""Each example runs as it stands, in an empty folder, and says what it should."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
WITHIN_S = 180


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("embedded_async.py", ["charged 2000: succeeded; gave back 500", "declined: insufficient_funds"]),
        ("embedded_sync.py", ["Corner shop: promised 5000, took 3000: succeeded"]),
        ("sdk_charge.py", [": succeeded, paid with visa", "declined: card_declined"]),
    ],
)
def test_an_example_does_what_it_says(name: str, says: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert all(text in done.stdout for text in says), done.stdout
