"""`payments listen`, `payments trigger`, `payments events resend` and `payments webhooks roll-secret` against a real server."""

import json
import subprocess
from collections.abc import Iterator

import pytest
import stripe

from payments_web.commands.trigger import STORIES
from tests.support.receiver import a_receiver
from tests.support.server import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server"), PAYMENTS_WEBHOOKS_ALLOW_PRIVATE="1") as server:
        yield server


def test_every_story_triggers_its_event(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from payments_web.commands.trigger import trigger

    keys = server.account()
    client = server.stripe(keys.secret_key)

    for event in STORIES:
        trigger(event, key=keys.secret_key, url=server.url)

    seen = {event.type for event in client.v1.events.list({"limit": 100}).auto_paging_iter()}
    assert set(STORIES) <= seen


def test_listen_forwards_what_trigger_makes(server: Server) -> None:
    keys = server.account()
    with a_receiver() as receiver:
        command = [
            *server.command,
            *("listen", "--forward-to", receiver.url, "--count", "1", "--secret", "whsec_mine"),
            *("--key", keys.secret_key, "--url", server.url),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listening:
            assert listening.stdout is not None
            assert "whsec_mine" in listening.stdout.readline()
            server.payments("trigger", "customer.created", "--key", keys.secret_key, "--url", server.url)
            (got,) = receiver.wait_for(1, 30)
            told = listening.stdout.read()

    event = stripe.Webhook.construct_event(got.body, got.signature, "whsec_mine")
    assert event.type == "customer.created"
    assert "customer.created" in told
    assert "-> 200" in told


def test_resend_and_roll_secret(server: Server) -> None:
    keys = server.account()
    client = server.stripe(keys.secret_key)
    options = ("--key", keys.secret_key, "--url", server.url)
    with a_receiver() as receiver:
        endpoint = client.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        client.v1.customers.create({"name": "Jenny"})
        first = receiver.wait_for(1)[0]
        rolled = server.payments("webhooks", "roll-secret", endpoint.id, "--grace", "1h", *options).strip()
        server.payments("events", "resend", json.loads(first.body)["id"], *options)
        second = receiver.wait_for(2)[1]

    assert rolled != endpoint.secret
    for secret in (rolled, endpoint.secret):
        assert stripe.Webhook.construct_event(second.body, second.signature, secret).id


def test_the_audit_log_is_proved_from_the_command_line(server: Server) -> None:
    keys = server.account()
    rolled = json.loads(server.payments("keys", "roll", keys.secret_key, "--grace", "1h", "--json"))

    listed = server.payments("audit", "list", "--account", keys.account)
    proved = server.payments("audit", "verify")

    assert "key.rolled" in listed
    assert rolled["id"] in listed
    assert "are whole" in proved
    assert server.stripe(rolled["key"]).v1.customers.list().data == []


def test_live_is_refused_on_the_sandbox(server: Server) -> None:
    done = subprocess.run(
        [*server.command, "serve", "--live"], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode != 0
    assert "sandbox" in done.stderr
