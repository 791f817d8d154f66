"""Accounts over HTTP with the official client: every endpoint answers in the SDK's own shapes."""

from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Keys, Server


@pytest.fixture
def keys(server: Server) -> Keys:
    return server.account()


@pytest.fixture
def client(server: Server, keys: Keys) -> StripeClient:
    return server.stripe(keys.secret_key)


def shaped(answer: Any) -> Any:
    assert_shape(stripe.Account, answer.to_dict())
    return answer


def test_a_platform_makes_changes_and_lists_an_account(client: StripeClient, keys: Keys) -> None:
    made = shaped(
        client.v1.accounts.create(
            {
                "controller": {"fees": {"payer": "application"}, "stripe_dashboard": {"type": "none"}},
                "country": "US",
                "email": "shop@shop.example",
                "business_profile": {"name": "Shop", "url": "https://shop.example"},
                "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
                "settings": {
                    "branding": {"primary_color": "#0055ff"},
                    "payouts": {"schedule": {"interval": "weekly", "weekly_anchor": "friday"}},
                },
            }
        )
    )
    changed = shaped(client.v1.accounts.update(made.id, {"metadata": {"a": "1"}}))
    listed = client.v1.accounts.list()
    own = shaped(client.v1.accounts.retrieve_current())

    assert (made.business_profile.name, made.settings.branding.primary_color) == ("Shop", "#0055ff")
    assert made.settings.payouts.schedule.weekly_anchor == "friday"
    assert changed.metadata.to_dict() == {"a": "1"}
    assert [account.id for account in listed.data] == [made.id]
    assert shaped(client.v1.accounts.retrieve(made.id)).id == made.id
    assert own.id == keys.account


def test_a_platform_acts_for_the_account_that_it_made(client: StripeClient) -> None:
    made = client.v1.accounts.create({"type": "custom"})
    customer = client.v1.customers.create({"name": "Jenny"}, {"stripe_account": made.id})

    assert client.v1.accounts.retrieve_current({}, {"stripe_account": made.id}).id == made.id
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.customers.retrieve(customer.id)
    assert refusal.value.http_status == 404


def test_an_account_is_made_once_for_one_idempotency_key(client: StripeClient) -> None:
    made = [client.v1.accounts.create({}, {"idempotency_key": "once"}).id for _ in range(2)]

    assert made[0] == made[1]
    assert len(client.v1.accounts.list().data) == 1


def test_the_account_of_another_platform_is_not_found(server: Server, client: StripeClient) -> None:
    other = server.stripe(server.account().secret_key)
    theirs = other.v1.accounts.create({})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.accounts.retrieve(theirs.id)
    assert refusal.value.http_status == 404
