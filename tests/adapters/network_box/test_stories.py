"""The same stories told over REST by the official SDK, on the sandbox and on the network in a box, with the same end."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from stripe import CardError, InvalidRequestError, StripeClient, StripeError

from tests.support.box import server_on_a_box
from tests.support.server import Server, running_server

Story = Callable[[StripeClient], Any]
STORIES: list[Story] = []

DECLINES = (
    "tok_chargeDeclined",
    "tok_chargeDeclinedInsufficientFunds",
    "tok_chargeDeclinedLostCard",
    "tok_chargeDeclinedExpiredCard",
    "tok_chargeDeclinedIncorrectCvc",
    "tok_chargeDeclinedProcessingError",
    "tok_chargeDeclinedFraudulent",
    "tok_requestLost",
    "tok_answerLost",
)
CHECKED = (
    "tok_visa",
    "tok_amex",
    "tok_mastercard_debit",
    "tok_jcb",
    "tok_de",
    "tok_cvcCheckFail",
    "tok_avsFail",
    "tok_avsZipFail",
    "tok_avsUnchecked",
    "tok_riskLevelElevated",
    "tok_bypassPending",
)


def story(tell: Story) -> Story:
    STORIES.append(tell)
    return tell


def refused(attempt: Callable[[], Any]) -> dict[str, Any]:
    """How the SDK says no."""
    try:
        attempt()
    except StripeError as error:
        told: Any = error.error
        decline = getattr(told, "decline_code", None)
        network = getattr(told, "network_decline_code", None)
        message = re.sub(r"\b[a-z]+_[0-9A-Za-z]{22}\b", "ID", told.message)
        return {"code": told.code, "decline": decline, "network": network, "message": message}
    pytest.fail("nobody refused")


def gist(charge: Any) -> dict[str, Any]:
    """What of a charge must not depend on the way to the network."""
    told = charge.to_dict()
    card = told["payment_method_details"]["card"]
    return {
        "status": told["status"],
        "captured": told["captured"],
        "amount": (told["amount"], told["amount_captured"], told["amount_refunded"], told["currency"]),
        "refunded": told["refunded"],
        "outcome": told["outcome"],
        "failure": (told["failure_code"], told["failure_message"]),
        "checks": card["checks"],
        "code": card.get("authorization_code") and len(card["authorization_code"]),
    }


def charged(client: StripeClient, **more: Any) -> Any:
    params: Any = {"amount": 2000, "currency": "usd", "source": "tok_visa", **more}
    return client.v1.charges.create(params)


@story
def every_kind_of_card(client: StripeClient) -> Any:
    return [gist(charged(client, source=token)) for token in CHECKED]


@story
def every_kind_of_no(client: StripeClient) -> Any:
    return [refused(lambda token=token: charged(client, source=token)) for token in DECLINES]  # type: ignore[misc]


@story
def every_kind_of_money(client: StripeClient) -> Any:
    return [
        gist(charged(client, amount=5000, currency=currency)) for currency in ("eur", "jpy", "kwd", "isk")
    ]


@story
def a_card_with_its_address_and_code(client: StripeClient) -> Any:
    card: Any = {
        "number": "4242424242424242",
        "exp_month": 12,
        "exp_year": 2034,
        "cvc": "123",
        "address_line1": "Straße 1, Zürich",
        "address_zip": "8001",
    }
    token = client.v1.tokens.create({"card": card})
    return gist(charged(client, source=token.id))


@story
def a_part_is_taken_and_the_rest_let_go(client: StripeClient) -> Any:
    charge = charged(client, capture=False)
    taken = client.v1.charges.capture(charge.id, {"amount": 1200})
    return gist(charge), gist(taken), refused(lambda: client.v1.charges.capture(charge.id))


@story
def taken_money_goes_back_in_parts(client: StripeClient) -> Any:
    charge = charged(client)
    parts = [
        client.v1.refunds.create({"charge": charge.id, "amount": amount}).status for amount in (500, 1500)
    ]
    over = refused(lambda: client.v1.refunds.create({"charge": charge.id, "amount": 1}))
    return parts, over, gist(client.v1.charges.retrieve(charge.id))


@story
def a_promise_is_let_go(client: StripeClient) -> Any:
    charge = charged(client, capture=False)
    refund = client.v1.refunds.create({"charge": charge.id})
    return refund.status, gist(client.v1.charges.retrieve(charge.id))


@story
def refunds_that_take_their_time(client: StripeClient) -> Any:
    cards = ("tok_pendingRefund", "tok_refundFail")
    return [client.v1.refunds.create({"charge": charged(client, source=token).id}).status for token in cards]


@story
def the_limit_of_a_card(client: StripeClient) -> Any:
    first = charged(client, source="tok_limited", amount=4000)
    over = refused(lambda: charged(client, source="tok_limited", amount=2000))
    client.v1.refunds.create({"charge": first.id})
    return gist(first), over


@story
def a_card_is_kept_and_charged_later(client: StripeClient) -> Any:
    customer = client.v1.customers.create({"source": "tok_visa"})
    later = charged(client, customer=customer.id, source=None)
    bad = refused(lambda: client.v1.customers.create({"source": "tok_chargeDeclined"}))
    return gist(later), bad


@story
def an_intent_is_confirmed_raised_and_taken(client: StripeClient) -> Any:
    params: Any = {
        "amount": 1000,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "payment_method_types": ["card"],
        "capture_method": "manual",
        "confirm": True,
        "payment_method_options": {"card": {"request_incremental_authorization": "if_available"}},
    }
    intent = client.v1.payment_intents.create(params)
    raised = client.v1.payment_intents.increment_authorization(intent.id, {"amount": 1500})
    taken = client.v1.payment_intents.capture(intent.id)
    return intent.status, raised.amount, taken.status, taken.amount_received


@story
def an_intent_is_declined(client: StripeClient) -> Any:
    intent = client.v1.payment_intents.create({"amount": 1000, "currency": "usd"})
    params: Any = {
        "payment_method": "pm_card_visa_chargeDeclined",
        "return_url": "https://example.com/back",
    }
    said = refused(lambda: client.v1.payment_intents.confirm(intent.id, params))
    return said, client.v1.payment_intents.retrieve(intent.id).status


@story
def a_number_that_is_nobodys(client: StripeClient) -> Any:
    card: Any = {"number": "4111111111111111", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    token = client.v1.tokens.create({"card": card})
    return refused(lambda: charged(client, source=token.id))


@attrs.frozen
class Told:
    """A client on each network."""

    sandbox: StripeClient
    box: StripeClient


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("stories")
    with running_server(folder / "sandbox") as one, server_on_a_box(folder, timeout="1") as (other, _):
        yield Told(client_of(one), client_of(other))


def client_of(server: Server) -> StripeClient:
    return server.stripe(server.account().secret_key)


@pytest.mark.parametrize("tell", STORIES, ids=lambda tell: tell.__name__)
def test_a_story_ends_the_same_on_both_networks(tell: Story, told: Told) -> None:
    on_the_sandbox, on_the_box = tell(told.sandbox), tell(told.box)

    assert on_the_box == on_the_sandbox


def test_the_errors_are_the_sdks_own(told: Told) -> None:
    with pytest.raises(CardError) as declined:
        charged(told.box, source="tok_chargeDeclinedInsufficientFunds")
    with pytest.raises(InvalidRequestError):
        charged(told.box, source="tok_nobodys")

    assert declined.value.http_status == 402


def test_every_attempt_can_be_seen(told: Told) -> None:
    charge = charged(told.box)
    seen = told.box.raw_request("get", f"/v1/charges/{charge.id}/attempts")
    attempts = json.loads(seen.body)["data"]

    assert [(one["object"], one["acquirer"], one["outcome"]) for one in attempts] == [
        ("attempt", "iso8583", "approved")
    ]
    assert attempts[0]["charge"] == charge.id
