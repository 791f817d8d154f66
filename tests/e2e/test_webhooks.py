"""Webhooks from a real server to real receivers, read by the official SDK."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.support.receiver import a_receiver, hang
from tests.support.server import Server, running_server

PROMPT_S = 0.5
"""The promise is a tenth of a second on a machine that does nothing else."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(
        tmp_path_factory.mktemp("server"),
        PAYMENTS_WEBHOOKS_ALLOW_PRIVATE="1",
        PAYMENTS_WEBHOOKS_RETRY_SCHEDULE="1s 1s 2s",
        PAYMENTS_WEBHOOKS_TIMEOUT="3",
    ) as server:
        yield server


def test_the_official_library_verifies_and_reads_what_it_gets(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    with a_receiver() as receiver:
        endpoint = client.v1.webhook_endpoints.create(
            {"url": receiver.url, "enabled_events": ["charge.succeeded"]}
        )
        charge = client.v1.charges.create({"amount": 2000, "currency": "usd", "source": "tok_visa"})
        (got,) = receiver.wait_for(1)

    event = stripe.Webhook.construct_event(got.body, got.signature, endpoint.secret)
    assert event.type == "charge.succeeded"
    assert event.data.object["id"] == charge.id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(got.body + b" ", got.signature, endpoint.secret)


def test_the_body_is_what_the_api_shows(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    with a_receiver(hang(1)) as receiver:
        client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        client.v1.customers.create({"name": "Jenny"})
        (got,) = receiver.wait_for(1)
        shown = client.v1.events.retrieve(json.loads(got.body)["id"])

    assert json.loads(got.body) == shown.to_dict()


def test_it_comes_promptly(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    with a_receiver() as receiver:
        client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        delays = []
        for number in range(5):
            client.v1.customers.create({"name": f"Jenny {number}"})
            done = time.time()
            delays.append(receiver.wait_for(number + 1)[-1].at - done)

    assert sorted(delays)[2] < PROMPT_S


def test_a_receiver_that_hangs_delays_no_other(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    other = server.stripe(server.account().secret_key)
    with a_receiver(hang(20)) as slow, a_receiver() as quick:
        client.v1.webhook_endpoints.create({"url": slow.url, "enabled_events": ["*"]})
        other.v1.webhook_endpoints.create({"url": quick.url, "enabled_events": ["*"]})
        for number in range(20):
            client.v1.customers.create({"name": f"Jenny {number}"})
        other.v1.customers.create({"name": "John"})
        done = time.time()
        (got,) = quick.wait_for(1)

    assert got.at - done < PROMPT_S


def test_who_fails_is_tried_again_and_told_with_a_fresh_time(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    with a_receiver(lambda number: 200 if number == 2 else 500) as receiver:
        endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        client.v1.customers.create({"name": "Jenny"})
        tries = receiver.wait_for(3)
        time.sleep(2.5)

    assert len(receiver.received) == 3
    assert len({one.signature for one in tries}) == 3
    for one in tries:
        stripe.Webhook.construct_event(one.body, one.signature, endpoint.secret)


def test_what_was_not_delivered_is_delivered_after_a_kill(tmp_path: Path) -> None:
    settings = {"PAYMENTS_WEBHOOKS_ALLOW_PRIVATE": "1", "PAYMENTS_WEBHOOKS_RETRY_SCHEDULE": "1s 1s 1s"}
    with running_server(tmp_path / "data", **settings) as server, a_receiver(hang(0.7)) as receiver:
        client = server.stripe(server.account().secret_key)
        client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        made = {client.v1.customers.create({"name": f"Jenny {number}"}).id for number in range(12)}
        receiver.wait_for(1)

        server.kill()
        server.start()

        until = time.monotonic() + 20
        while {json.loads(one.body)["data"]["object"]["id"] for one in receiver.received} != made:
            assert time.monotonic() < until, "some were never delivered"
            time.sleep(0.05)


def test_private_places_are_refused_unless_the_operator_allows_them(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        client = server.stripe(server.account().secret_key)

        for url in (
            "http://127.0.0.1:9/",
            "http://169.254.169.254/latest",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost/",
        ):
            with pytest.raises(stripe.InvalidRequestError) as refusal:
                client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
            assert refusal.value.code == "url_invalid"


def test_an_event_is_sent_again_as_the_command_line_asks(server: Server) -> None:
    keys = server.account()
    client = server.stripe(keys.secret_key)
    with a_receiver() as receiver:
        endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        client.v1.customers.create({"name": "Jenny"})
        event = json.loads(receiver.wait_for(1)[0].body)["id"]

        client.raw_request("post", f"/v1/events/{event}/retry", webhook_endpoint=endpoint.id)

        assert json.loads(receiver.wait_for(2)[1].body)["id"] == event
