"""SIGTERM in the middle of work: what was accepted is answered, and what was answered is there."""

import os
import signal
import threading
import time
from pathlib import Path

import stripe

from tests.support.server import running_server


def test_what_was_accepted_is_answered_and_kept(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        keys = server.account()
        made, broken = list[str](), list[Exception]()

        def work() -> None:
            client = server.stripe(keys.secret_key)
            try:
                while True:
                    charge = client.v1.charges.create(
                        {"amount": 100, "currency": "usd", "source": "tok_visa"}
                    )
                    made.append(charge.id)
            except stripe.APIConnectionError as error:
                broken.append(error)

        workers = [threading.Thread(target=work) for _ in range(8)]
        for worker in workers:
            worker.start()
        time.sleep(2)
        os.kill(server.pid, signal.SIGTERM)
        for worker in workers:
            worker.join(30)
        server.kill()
        server.start()
        kept = {
            charge.id
            for charge in server.stripe(keys.secret_key).v1.charges.list({"limit": 100}).auto_paging_iter()
        }

    assert made
    assert set(made) <= kept
    assert not [error for error in broken if "refused" not in str(error).lower()], broken[0]
