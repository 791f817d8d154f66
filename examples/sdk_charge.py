"""The official Stripe SDK against a server that this program starts and ends. Run it in an empty folder.

It needs `pip install payments-core[web] stripe`.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stripe import CardError, StripeClient

PAYMENTS = str(Path(sys.executable).with_name("payments"))


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, str]]:
    """A server on a free port; its address and the secret key of a merchant."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {**os.environ, "PAYMENTS_DATA": str(folder / "payments-data")}
    made = subprocess.check_output(
        [PAYMENTS, "accounts", "create", "--name", "Corner shop", "--json"], env=settings
    )
    process = subprocess.Popen([PAYMENTS, "serve", "--port", str(port)], env=settings)
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}", json.loads(made)["secret_key"]
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("the server did not come up")


def main(folder: Path) -> None:
    with server(folder) as (address, secret_key):
        stripe = StripeClient(secret_key, base_addresses={"api": address})
        charge = stripe.v1.charges.create({"amount": 2000, "currency": "usd", "source": "tok_visa"})
        print(f"{charge.id}: {charge.status}, paid with {charge.payment_method_details.card.brand}")  # type: ignore[union-attr]
        try:
            stripe.v1.charges.create({"amount": 2000, "currency": "usd", "source": "tok_chargeDeclined"})
        except CardError as no:
            print(f"declined: {no.code}")


if __name__ == "__main__":
    main(Path.cwd())
