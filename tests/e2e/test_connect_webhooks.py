"""What a platform's endpoints are told of its connected accounts: real receivers, read by the official SDK."""

import json
import time
from collections.abc import Iterator

import pytest
import stripe

from tests.support.receiver import Receiver, a_receiver
from tests.support.server import Server, running_server

QUIET_S = 1.0
"""How long nothing comes to whoever is told nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(
        tmp_path_factory.mktemp("server"),
        PAYMENTS_WEBHOOKS_ALLOW_PRIVATE="1",
        PAYMENTS_WEBHOOKS_RETRY_SCHEDULE="1s 1s 2s",
    ) as server:
        yield server


def told(receiver: Receiver) -> list[str]:
    return [json.loads(got.body)["type"] for got in receiver.received]


def test_a_connect_endpoint_is_told_of_connected_accounts_and_a_plain_one_is_not(server: Server) -> None:
    platform = server.stripe(server.account("Platform").secret_key)
    other = server.stripe(server.account("Another platform").secret_key)
    with a_receiver() as connect, a_receiver() as plain, a_receiver() as strange:
        endpoint = platform.v1.webhook_endpoints.create(
            {"url": connect.url, "enabled_events": ["*"], "connect": True}
        )
        platform.v1.webhook_endpoints.create({"url": plain.url, "enabled_events": ["*"]})
        other.v1.webhook_endpoints.create({"url": strange.url, "enabled_events": ["*"], "connect": True})
        seller = platform.v1.accounts.create({"type": "custom"})
        customer = platform.v1.customers.create({"name": "Jenny"}, {"stripe_account": seller.id})
        (of_seller,) = connect.wait_for(1)
        own = platform.v1.customers.create({"name": "Own"})
        (of_platform,) = plain.wait_for(1)
        platform.v1.accounts.update(seller.id, {"metadata": {"a": "1"}})
        connect.wait_for(2)
        time.sleep(QUIET_S)

    event = stripe.Webhook.construct_event(of_seller.body, of_seller.signature, endpoint.secret)
    assert (event.type, event.account, event.data.object["id"]) == (
        "customer.created",
        seller.id,
        customer.id,
    )
    assert told(connect) == ["customer.created", "account.updated"]
    plainly = json.loads(of_platform.body)
    assert plainly["data"]["object"]["id"] == own.id
    assert "account" not in plainly
    assert told(plain) == ["customer.created"]
    assert told(strange) == []


def test_a_seller_with_an_endpoint_of_their_own_is_told_too_and_without_account(server: Server) -> None:
    platform = server.stripe(server.account("Platform").secret_key)
    seller = platform.v1.accounts.create({"type": "custom"})
    with a_receiver() as connect, a_receiver() as theirs:
        platform.v1.webhook_endpoints.create(
            {"url": connect.url, "enabled_events": ["customer.created"], "connect": True}
        )
        platform.v1.webhook_endpoints.create(
            {"url": theirs.url, "enabled_events": ["customer.created"]}, {"stripe_account": seller.id}
        )
        platform.v1.customers.create({"name": "Jenny"}, {"stripe_account": seller.id})
        (of_connect,) = connect.wait_for(1)
        (of_theirs,) = theirs.wait_for(1)

    assert json.loads(of_connect.body)["account"] == seller.id
    assert "account" not in json.loads(of_theirs.body)
