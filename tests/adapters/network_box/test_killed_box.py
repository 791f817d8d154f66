"""The box is killed in the middle of authorizations, and so is the gateway: afterwards no issuer holds what nobody knows of."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import attrs
import pytest
import stripe

from payments_adapters.sandbox.authorizations import ISSUER, IssuerAuthorization
from payments_adapters.sql import open_store
from payments_core.payments.attempts import Attempt, AttemptState
from payments_core.payments.holds import Hold, HoldState
from payments_core.platform.accounts import AccountId
from tests.support.box import Box, server_on_a_box
from tests.support.server import Server

CLIENTS = 8
AMOUNT = 1_000
WORK_S = 1.0
RECOVERED_WITHIN_S = 90.0


@attrs.frozen
class Holds:
    """What each side believes to be promised, by the reference that both know."""

    issuer: dict[str, int]
    gateway: dict[str, int]
    open_attempts: int


async def _read(server: Server, box: Box, account: str) -> Holds:
    owner = AccountId(account)
    store = await open_store(server.database)
    gateway = {
        str(hold.id): hold.amount
        async for hold in store.stream(Hold, owner)
        if hold.state in (HoldState.HELD, HoldState.CAPTURED)
    }
    unsettled = [a async for a in store.stream(Attempt, owner) if a.state is not AttemptState.ANSWERED]
    await store.close()
    books = await open_store(box.database)
    issuer = {
        promise.reference: promise.held
        async for promise in books.stream(IssuerAuthorization, ISSUER)
        if promise.held
    }
    await books.close()
    return Holds(issuer, gateway, len(unsettled))


def holds(server: Server, box: Box, account: str) -> Holds:
    return asyncio.run(_read(server, box, account))


def keep_charging(client: stripe.StripeClient, until: threading.Event, told: list[str]) -> None:
    number = 0
    while not until.is_set():
        number += 1
        params: Any = {
            "amount": AMOUNT,
            "currency": "usd",
            "source": "tok_visa",
            "capture": number % 2 == 0,
        }
        try:
            told.append(client.v1.charges.create(params).id)
        except stripe.CardError:
            continue  # the network was away: the caller is told that nothing was charged
        except stripe.APIConnectionError:
            return


def work(server: Server, secret_key: str, strike: Any) -> list[str]:
    """Charge from many clients at once, and let something happen in the middle."""
    stop, told = threading.Event(), []  # type: ignore[var-annotated]
    clients = [
        threading.Thread(target=keep_charging, args=(server.stripe(secret_key), stop, told))
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    time.sleep(WORK_S)
    strike()
    time.sleep(WORK_S / 2)
    stop.set()
    for client in clients:
        client.join()
    return told


def settled(server: Server, box: Box, account: str) -> Holds:
    """The holds once recovery has looked at everything."""
    until = time.monotonic() + RECOVERED_WITHIN_S
    while (seen := holds(server, box, account)).open_attempts:
        assert time.monotonic() < until, f"{seen.open_attempts} attempts stay open:\n{server.log[-3000:]}"
        time.sleep(0.5)
    return seen


@pytest.mark.slow
def test_a_killed_network_keeps_no_hold_that_the_gateway_does_not_know_of(tmp_path: Path) -> None:
    with server_on_a_box(tmp_path, "--misbehave", "lost=0.05,latency=0.05", timeout="1") as (server, box):
        keys = server.account()
        told = work(server, keys.secret_key, box.kill)
        box.start()
        seen = settled(server, box, keys.account)

        assert len(told) > CLIENTS
        assert seen.issuer == seen.gateway
        assert {server.stripe(keys.secret_key).v1.charges.retrieve(one).status for one in told[-5:]} == {
            "succeeded"
        }


@pytest.mark.slow
def test_a_killed_gateway_leaves_no_hold_that_it_does_not_know_of_later(tmp_path: Path) -> None:
    with server_on_a_box(tmp_path, "--misbehave", "latency=0.1", timeout="1") as (server, box):
        keys = server.account()
        told = work(server, keys.secret_key, server.kill)
        server.start()
        seen = settled(server, box, keys.account)

        assert len(told) > CLIENTS
        assert seen.issuer == seen.gateway
