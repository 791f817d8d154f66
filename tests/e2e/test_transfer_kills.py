"""The server is killed while money crosses between accounts: every transfer arrives once, every reversal comes back once."""

import random
import threading
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
import stripe

from tests.e2e.test_kills import retried
from tests.support.postgres import fresh_database
from tests.support.server import Server, running_server

KILLS = 6
CLIENTS = 4
WORK_S = 0.5
SENT, BACK = 100, 30
WITHIN_S = 15.0


@attrs.define
class Told:
    """Which keys were used for what, and what the answers were."""

    wished: dict[str, Any] = attrs.field(factory=dict)
    answered: dict[str, str] = attrs.field(factory=dict)


def send(client: stripe.StripeClient, seller: str, key: str) -> str:
    params: Any = {"amount": SENT, "currency": "usd", "destination": seller}
    return str(client.v1.transfers.create(params, {"idempotency_key": key}).id)


def fetch_back(client: stripe.StripeClient, transfer: str, key: str) -> str:
    return str(client.v1.transfers.reversals.create(transfer, {"amount": BACK}, {"idempotency_key": key}).id)


def keep_moving(
    client: stripe.StripeClient, seller: str, told: Told, name: str, until: threading.Event
) -> None:
    number = 0
    while not until.is_set():
        key = f"{name}-{number}"
        number += 1
        try:
            told.wished[key] = partial(send, seller=seller, key=key)
            told.answered[key] = send(client, seller, key)
            back = f"{key}-back"
            told.wished[back] = partial(fetch_back, transfer=told.answered[key], key=back)
            told.answered[back] = fetch_back(client, told.answered[key], back)
        except stripe.APIConnectionError:
            return  # killed: whether it was done is found out by asking again


def work_and_kill(server: Server, key: str, seller: str, told: Told, round_number: int) -> None:
    stop = threading.Event()
    clients = [
        threading.Thread(
            target=keep_moving, args=(server.stripe(key), seller, told, f"r{round_number}-c{number}", stop)
        )
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    time.sleep(WORK_S * random.Random(round_number).random() + 0.05)
    server.kill()
    stop.set()
    for client in clients:
        client.join()


@pytest.mark.slow
@pytest.mark.parametrize("storage", ["sqlite", "postgresql"])
def test_kills_lose_no_transfer_and_double_none(
    storage: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    told = Told()
    with ExitStack() as stack:
        database = ""
        if storage == "postgresql":
            database = stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        server = stack.enter_context(running_server(tmp_path / "data", database))
        key = server.account().secret_key
        client = server.stripe(key)
        rich: Any = {"amount": 99_000_000, "currency": "usd", "source": "tok_bypassPending"}
        client.v1.charges.create(rich)
        seller = str(client.v1.accounts.create({"type": "custom", "country": "US"}).id)
        had = client.v1.balance.retrieve().available[0].amount
        for round_number in range(KILLS if storage == "sqlite" else KILLS // 2):
            work_and_kill(server, key, seller, told, round_number)
            server.restart()
            client = server.stripe(key)
            for name in sorted(told.wished.keys() - told.answered.keys()):
                told.answered[name] = retried(partial(told.wished[name], client))

        sent = [name for name in told.answered if not name.endswith("-back")]
        arrived = len(sent) * SENT - (len(told.answered) - len(sent)) * BACK
        end = time.monotonic() + WITHIN_S
        while (there := _available(client, seller)) != arrived and time.monotonic() < end:
            time.sleep(0.2)  # what a crash left behind is delivered by a job

        assert there == arrived
        assert client.v1.balance.retrieve().available[0].amount == had - arrived
        listed = list(client.v1.transfers.list({"limit": 100}).auto_paging_iter())
        assert {one.id for one in listed} == {told.answered[name] for name in sent}
        for name, noun_id in told.answered.items():
            assert told.wished[name](client) == noun_id, "a key has one object for ever"
        assert server.payments("ledger", "verify")


def _available(client: stripe.StripeClient, account: str) -> int:
    options: Any = {"stripe_account": account}
    return client.v1.balance.retrieve({}, options).available[0].amount
