"""Payouts and external accounts over HTTP with the official client: every endpoint answers in the SDK's own shapes."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Keys, Server

WITHIN_S = 15.0


@pytest.fixture
def keys(server: Server) -> Keys:
    return server.account()


@pytest.fixture
def client(server: Server, keys: Keys) -> StripeClient:
    return server.stripe(keys.secret_key)


def shaped(cls: Any, answer: Any) -> Any:
    assert_shape(cls, answer.to_dict())
    return answer


def told(metadata: Any) -> dict[str, str]:
    return {} if metadata is None else metadata.to_dict()


def until(read: Callable[[], Any], status: str) -> Any:
    """Read until the worker has brought it to *status*."""
    end = time.monotonic() + WITHIN_S
    while (found := read()).status != status:
        assert time.monotonic() < end, f"it is still {found.status}"
        time.sleep(0.2)
    return found


def account_of(account_number: str = "000123456789", **more: Any) -> Any:
    return {
        "object": "bank_account",
        "account_number": account_number,
        "routing_number": "110000000",
        "country": "US",
        "currency": "usd",
        **more,
    }


def with_money(client: StripeClient, keys: Keys, number: str = "000123456789") -> Any:
    client.v1.charges.create({"amount": 10000, "currency": "usd", "source": "tok_bypassPending"})
    return client.v1.accounts.external_accounts.create(keys.account, {"external_account": account_of(number)})


def test_bank_accounts_live_and_are_deleted(client: StripeClient, keys: Keys) -> None:
    accounts = client.v1.accounts.external_accounts
    first = shaped(
        stripe.BankAccount,
        accounts.create(
            keys.account,
            {
                "external_account": account_of(account_holder_name="Jenny", account_holder_type="individual"),
                "metadata": {"a": "1"},
            },
        ),
    )
    token = shaped(stripe.Token, client.v1.tokens.create({"bank_account": account_of("000111111116")}))
    second = accounts.create(keys.account, {"external_account": token.id, "default_for_currency": True})
    listed = accounts.list(keys.account, {"object": "bank_account"})

    assert (first.last4, first.routing_number, first.bank_name) == ("6789", "110000000", "STRIPE TEST BANK")
    assert token.bank_account.id == second.id
    assert [one.id for one in listed.data] == [second.id, first.id]
    assert accounts.retrieve(keys.account, first.id).default_for_currency is False
    changed = accounts.update(keys.account, first.id, {"metadata": {"b": "2"}, "default_for_currency": True})
    assert (told(changed.metadata), changed.default_for_currency) == ({"a": "1", "b": "2"}, True)
    gone = accounts.delete(keys.account, second.id)
    assert (gone.id, gone.deleted) == (second.id, True)
    with pytest.raises(stripe.InvalidRequestError):
        accounts.delete(keys.account, first.id)
    with pytest.raises(stripe.InvalidRequestError) as used:
        accounts.create(keys.account, {"external_account": token.id})
    assert used.value.code == "token_already_used"
    assert client.v1.tokens.retrieve(token.id).used


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"routing_number": "110000001"}, "routing_number_invalid"),
        ({"account_number": "12"}, "account_number_invalid"),
        ({"country": "DE", "account_number": "DE89370400440532013001"}, "account_number_invalid"),
    ],
)
def test_numbers_that_cannot_be_are_refused(
    client: StripeClient, keys: Keys, wrong: dict[str, str], code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.accounts.external_accounts.create(keys.account, {"external_account": account_of(**wrong)})

    assert refusal.value.code == code


def test_another_accounts_bank_accounts_are_not_there(
    client: StripeClient, keys: Keys, server: Server
) -> None:
    other = server.account("Other")

    with pytest.raises(stripe.InvalidRequestError):
        client.v1.accounts.external_accounts.list(other.account)


def test_a_payout_is_paid(client: StripeClient, keys: Keys) -> None:
    bank = with_money(client, keys)
    made = client.v1.payouts.create(
        {
            "amount": 5000,
            "currency": "usd",
            "method": "instant",
            "description": "Friday",
            "statement_descriptor": "SHOP",
            "metadata": {"run": "1"},
            "source_type": "card",
        }
    )
    shaped(stripe.Payout, made)
    paid = shaped(stripe.Payout, until(lambda: client.v1.payouts.retrieve(made.id), "paid"))

    shown = client.v1.payouts.retrieve(made.id, {"expand": ["balance_transaction", "destination"]})
    assert (made.destination, paid.method) == (bank.id, "instant")
    assert isinstance(shown.balance_transaction, stripe.BalanceTransaction)
    assert (shown.balance_transaction.type, shown.balance_transaction.amount) == ("payout", -5000)
    assert isinstance(shown.destination, stripe.BankAccount)
    balance = shaped(stripe.Balance, client.v1.balance.retrieve())
    assert balance.available[0].amount == 10000 - 320 - 5000 == balance.instant_available[0].amount
    types = {event.type for event in client.v1.events.list({"limit": 50}).data}
    assert {"payout.created", "payout.updated", "payout.paid", "account.external_account.created"} <= types


def test_a_payout_that_fails_brings_the_money_back(client: StripeClient, keys: Keys) -> None:
    with_money(client, keys, "000111111113")
    made = client.v1.payouts.create({"amount": 5000, "currency": "usd", "method": "instant"})

    failed = shaped(stripe.Payout, until(lambda: client.v1.payouts.retrieve(made.id), "failed"))

    assert failed.failure_code == "account_closed"
    lines = client.v1.balance_transactions.list({"source": made.id}).data
    assert sorted((line.type, line.net) for line in lines) == [("payout", -5000), ("payout_failure", 5000)]
    assert client.v1.balance.retrieve().available[0].amount == 9680


def test_payouts_are_changed_listed_and_canceled(client: StripeClient, keys: Keys) -> None:
    bank = with_money(client, keys)
    first = client.v1.payouts.create({"amount": 100, "currency": "usd"})
    second = client.v1.payouts.create({"amount": 200, "currency": "usd"})
    canceled = shaped(stripe.Payout, client.v1.payouts.cancel(second.id))
    changed = client.v1.payouts.update(first.id, {"metadata": {"a": "1"}})

    assert canceled.status == "canceled"
    assert canceled.failure_balance_transaction
    assert told(changed.metadata) == {"a": "1"}
    found = client.v1.payouts.list
    assert [one.id for one in found({"status": "pending"}).data] == [first.id]
    assert [one.id for one in found({"destination": bank.id, "limit": 1}).data] == [second.id]
    assert len(found({"arrival_date": {"gte": first.arrival_date}}).data) == 2
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payouts.cancel(second.id)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payouts.reverse(first.id)


def test_more_than_there_is_is_refused(client: StripeClient, keys: Keys) -> None:
    with_money(client, keys)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.payouts.create({"amount": 9681, "currency": "usd"})

    assert refusal.value.code == "balance_insufficient"
