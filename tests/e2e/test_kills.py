"""The server is killed under load, again and again: nothing acknowledged is lost, nothing is done twice, the books balance."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import attrs
import pytest
import stripe

from tests.support.postgres import fresh_database
from tests.support.server import Keys, Server, running_server

KILLS = 20
CLIENTS = 8
AMOUNT = 1_000
WORK_S = 0.6


@attrs.define
class Ledger:
    """What the clients were told, by idempotency key."""

    charged: dict[str, str] = attrs.field(factory=dict)
    unanswered: set[str] = attrs.field(factory=set)
    refunded: dict[str, str] = attrs.field(factory=dict)
    lock: threading.Lock = attrs.field(factory=threading.Lock)


def charge(client: stripe.StripeClient, key: str) -> str:
    params = {"amount": AMOUNT, "currency": "usd", "source": "tok_visa"}
    return client.v1.charges.create(params, {"idempotency_key": key}).id  # type: ignore[arg-type]


def keep_charging(client: stripe.StripeClient, told: Ledger, name: str, until: threading.Event) -> None:
    number = 0
    while not until.is_set():
        key = f"{name}-{number}"
        number += 1
        with told.lock:
            told.unanswered.add(key)
        try:
            charge_id = charge(client, key)
        except stripe.APIConnectionError:
            return  # killed: whether it was done is found out by asking again
        with told.lock:
            told.unanswered.discard(key)
            told.charged[key] = charge_id


def work_and_kill(server: Server, keys: Keys, told: Ledger, round_number: int) -> None:
    stop = threading.Event()
    clients = [
        threading.Thread(
            target=keep_charging,
            args=(server.stripe(keys.secret_key), told, f"r{round_number}-c{number}", stop),
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


def retried(action: Callable[[], str], within_s: float = 10.0) -> str:
    end = time.monotonic() + within_s
    while True:
        try:
            return action()
        except stripe.APIError:
            # 409: the attempt of the dead process is being found out.
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def all_charges(client: stripe.StripeClient) -> list[stripe.Charge]:
    return list(client.v1.charges.list({"limit": 100}).auto_paging_iter())


@pytest.mark.slow
@pytest.mark.parametrize("storage", ["sqlite", "postgresql"])
def test_twenty_kills_lose_nothing_and_double_nothing(
    storage: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    told = Ledger()
    with ExitStack() as stack:
        database = ""
        if storage == "postgresql":
            database = stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        server = stack.enter_context(running_server(tmp_path / "data", database))
        keys = server.account()
        for round_number in range(KILLS if storage == "sqlite" else KILLS // 4):
            work_and_kill(server, keys, told, round_number)
            server.restart()
            client = server.stripe(keys.secret_key)
            for key in sorted(told.unanswered):
                told.charged[key] = retried(partial(charge, client, key))
            told.unanswered.clear()
        client = server.stripe(keys.secret_key)
        for key, charge_id in told.charged.items():
            assert charge(client, key) == charge_id, "a key has one object for ever"

        kept = all_charges(client)
        taken = [c for c in kept if c.status == "succeeded"]
        balance = client.v1.balance.retrieve().pending[0].amount
        transactions = list(client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter())

        assert {c.id for c in kept if c.status == "succeeded"} == set(told.charged.values())
        assert len(taken) == len(told.charged)
        assert balance == sum(line.net for line in transactions)
        assert server.payments("ledger", "verify")
