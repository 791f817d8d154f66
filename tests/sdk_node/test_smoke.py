"""The official Node client against a real server: tokens, customers, charges, intents and checkout sessions."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.npm import npm_packages
from tests.support.server import Server

SCRIPT = Path(__file__).parent / "smoke.js"


def test_a_shop_on_node_does_its_business(server: Server, tmp_path: Path) -> None:
    node = shutil.which("node")
    modules = npm_packages(tmp_path / "npm", "stripe@23")
    if node is None:
        pytest.skip("node is not installed here")
    keys = server.account("A shop on Node")

    done = subprocess.run(
        [node, str(SCRIPT), keys.secret_key, "127.0.0.1", str(server.port)],
        env={"NODE_PATH": str(modules), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        "token": "4242",
        "customer": "tea",
        "customers": 1,
        "charge": "succeeded",
        "refund": "succeeded",
        "declined": ["StripeCardError", "card_declined", "insufficient_funds"],
        "intent": "succeeded",
        "once": True,
        "captured": 400,
        "session": ["open", 1400, True],
        "lines": ["Tea"],
        "product": "Tea",
        "expired": "expired",
        "charges": 4,
    }
