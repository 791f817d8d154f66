"""What the command line says of mistakes: one sentence, an exit code, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PAYMENTS = Path(sys.executable).parent / "payments"
SERVE = ("serve", "--port", "0")


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        (("db", "upgrade", "--database", "books"), {}, "No plugin knows a storage"),
        (("db", "upgrade", "--database", "sqlite:////nowhere/books.db"), {}, "cannot be opened"),
        (("serve", "--port", "99999"), {}, "65535"),
        (("simulate", "network", "--port", "99999"), {}, "65535"),
        ((*SERVE, "--certificate", "chain.pem"), {}, "--certificate and --key"),
        (SERVE, {"PAYMENTS_RATE_LIMIT": "much"}, "rate_limit is a number or `off`"),
        (SERVE, {"PAYMENTS_WEBHOOKS_RETRY_SCHEDULE": "soon"}, "not a span of time"),
        (SERVE, {"PAYMENTS_NETWORK": "carrier-pigeon"}, "which no plugin brings"),
        (("accounts", "create", "--name", " "), {}, "a merchant has a name"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], says: str
) -> None:
    done = subprocess.run(
        [PAYMENTS, *arguments],
        env={**os.environ, "PAYMENTS_DATA": str(tmp_path), "COLUMNS": "200", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode in (1, 2)
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
