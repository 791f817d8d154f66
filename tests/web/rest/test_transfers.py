"""Transfers and application fees over HTTP with the official client: every endpoint answers in the SDK's own shapes."""

from concurrent.futures import ThreadPoolExecutor
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


@pytest.fixture
def seller(client: StripeClient) -> str:
    made = client.v1.accounts.create({"type": "custom", "country": "US"})
    return str(made.id)


def shaped(cls: Any, answer: Any) -> Any:
    assert_shape(cls, answer.to_dict())
    return answer


def charge(client: StripeClient, amount: int = 10_000, options: Any = None, **more: Any) -> Any:
    params: Any = {"amount": amount, "currency": "usd", "source": "tok_bypassPending", **more}
    return shaped(stripe.Charge, client.v1.charges.create(params, options))


def available(client: StripeClient, account: str | None = None) -> int:
    options: Any = {"stripe_account": account} if account else {}
    balance = client.v1.balance.retrieve({}, options)
    return next(part.amount for part in balance.available if part.currency == "usd")


def test_a_transfer_and_its_reversals(client: StripeClient, seller: str) -> None:
    charge(client)
    transfers = client.v1.transfers
    sent = shaped(
        stripe.Transfer,
        transfers.create(
            {"amount": 4000, "currency": "usd", "destination": seller, "metadata": {"a": "1"}},
        ),
    )
    first = shaped(stripe.TransferReversal, transfers.reversals.create(sent.id, {"amount": 1000}))
    changed = shaped(
        stripe.TransferReversal, transfers.reversals.update(sent.id, first.id, {"metadata": {"b": "2"}})
    )
    rest = transfers.reversals.create(sent.id)
    shown = shaped(stripe.Transfer, transfers.retrieve(sent.id))

    assert (sent.destination, sent.reversed, sent.amount_reversed) == (seller, False, 0)
    assert (rest.amount, shown.reversed, shown.amount_reversed) == (3000, True, 4000)
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2"}
    assert [one.id for one in shown.reversals.data] == [rest.id, first.id]
    assert [one.id for one in transfers.reversals.list(sent.id, {"limit": 1}).data] == [rest.id]
    assert transfers.reversals.retrieve(sent.id, first.id).amount == 1000
    assert available(client, seller) == 0


def test_the_other_side_sees_a_payment_and_its_refund(client: StripeClient, seller: str) -> None:
    charge(client)
    sent = client.v1.transfers.create({"amount": 4000, "currency": "usd", "destination": seller})
    reversal = client.v1.transfers.reversals.create(sent.id, {"amount": 1500})
    theirs: Any = {"stripe_account": seller}

    payment = shaped(
        stripe.Charge,
        client.v1.charges.retrieve(
            str(sent.destination_payment), {"expand": ["balance_transaction.source"]}, theirs
        ),
    )
    refund = shaped(
        stripe.Refund, client.v1.refunds.retrieve(str(reversal.destination_payment_refund), {}, theirs)
    )
    listed = client.v1.charges.list({}, theirs)

    assert (payment.amount, payment.amount_refunded, payment.source_transfer) == (4000, 1500, sent.id)
    assert payment.payment_method_details.type == "stripe_account"
    assert payment.balance_transaction.type == "payment"
    assert payment.balance_transaction.source.id == payment.id
    assert (refund.charge, refund.source_transfer_reversal) == (payment.id, reversal.id)
    assert [one.id for one in listed.data] == [payment.id]


def test_a_platform_expands_what_its_transfers_name_and_no_more(
    server: Server, client: StripeClient, seller: str
) -> None:
    paid = charge(client, transfer_data={"destination": seller}, application_fee_amount=500)
    theirs: Any = {"stripe_account": seller}
    direct = charge(client, options=theirs, application_fee_amount=100)
    own = charge(client, options=theirs)
    reversal = client.v1.transfers.reversals.create(
        paid.transfer, {"amount": 10, "expand": ["destination_payment_refund.charge"]}
    )
    sent: Any = client.v1.transfers.retrieve(
        paid.transfer, {"expand": ["destination", "destination_payment"]}
    )
    fee: Any = client.v1.application_fees.retrieve(direct.application_fee, {"expand": ["account", "charge"]})
    refund: Any = reversal.destination_payment_refund

    assert (sent.destination.object, sent.destination.id) == ("account", seller)
    assert (sent.destination_payment.object, sent.destination_payment.amount) == ("charge", 10_000)
    assert (refund.object, refund.amount, refund.charge.object) == ("refund", 10, "charge")
    assert (fee.account.id, fee.charge.id) == (seller, direct.id)
    for unseen in (own.id, sent.destination_payment.id, direct.id):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.charges.retrieve(unseen)


def test_a_destination_payment_and_its_fee(client: StripeClient, seller: str) -> None:
    intent = client.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "usd",
            "payment_method": "pm_card_bypassPending",
            "confirm": True,
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "application_fee_amount": 1_000,
            "transfer_data": {"destination": seller},
            "on_behalf_of": seller,
            "expand": ["latest_charge.transfer", "latest_charge.application_fee"],
        }
    )
    paid: Any = intent.latest_charge
    fee = shaped(stripe.ApplicationFee, paid.application_fee)
    refunds = client.v1.application_fees.refunds
    back = shaped(stripe.ApplicationFeeRefund, refunds.create(fee.id, {"amount": 300}))
    refunds.update(fee.id, back.id, {"metadata": {"why": "kindness"}})
    line: Any = client.v1.balance_transactions.retrieve(fee.balance_transaction, {"expand": ["source"]})

    assert shaped(stripe.Transfer, paid.transfer).amount == 10_000
    assert (fee.account, fee.amount, fee.originating_transaction) == (seller, 1_000, paid.id)
    assert (line.type, line.source.id) == ("application_fee", fee.id)
    assert available(client, seller) == 9_300
    noted: Any = refunds.retrieve(fee.id, back.id).metadata
    assert noted.to_dict() == {"why": "kindness"}
    assert [one.id for one in refunds.list(fee.id).data] == [back.id]
    assert [one.id for one in client.v1.application_fees.list({"charge": fee.charge}).data] == [fee.id]
    assert client.v1.application_fees.retrieve(fee.id).amount_refunded == 300


def test_a_direct_payment_refunded_with_its_fee(client: StripeClient, seller: str) -> None:
    theirs: Any = {"stripe_account": seller}
    paid = charge(client, options=theirs, application_fee_amount=500)
    fees = client.v1.application_fees.list()
    client.v1.refunds.create({"charge": paid.id, "refund_application_fee": True}, theirs)
    line = client.v1.balance_transactions.retrieve(paid.balance_transaction, {}, theirs)

    assert [one.id for one in fees.data] == [paid.application_fee]
    assert {detail.type for detail in line.fee_details} == {"stripe_fee", "application_fee"}
    assert client.v1.application_fees.retrieve(paid.application_fee).refunded is True
    assert available(client) == 0


def test_a_refund_that_takes_the_transfer_back(client: StripeClient, seller: str) -> None:
    paid = charge(client, transfer_data={"destination": seller}, application_fee_amount=1_000)
    refund = shaped(
        stripe.Refund,
        client.v1.refunds.create(
            {
                "charge": paid.id,
                "reverse_transfer": True,
                "refund_application_fee": True,
                "expand": ["transfer_reversal"],
            }
        ),
    )

    assert refund.transfer_reversal.source_refund == refund.id
    assert available(client, seller) == 0
    assert client.v1.transfers.retrieve(paid.transfer).reversed is True


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 100, "destination": "acct_0000000000000000000000"}, "resource_missing", "destination"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({}, "parameter_missing", "amount"),
        ({"amount": 100}, "balance_insufficient", None),
        ({"amount": 100, "currency": "xxx"}, None, "currency"),
        ({"amount": 100, "source_transaction": "ch_none"}, "resource_missing", "source_transaction"),
        ({"amount": 100, "colour": "red"}, "parameter_unknown", "colour"),
    ],
)
def test_refusals_say_what_is_wrong(
    client: StripeClient, seller: str, params: Any, code: str | None, param: str | None
) -> None:
    wished: Any = {"currency": "usd", "destination": seller, **params}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create(wished)

    assert refused.value.error is not None
    assert refused.value.error.param == param
    if code is not None:
        assert refused.value.code == code


def test_fifty_transfers_at_once_send_no_more_than_there_is(client: StripeClient, seller: str) -> None:
    charge(client)
    had = available(client)

    def send(_: int) -> bool:
        try:
            client.v1.transfers.create({"amount": 1_000, "currency": "usd", "destination": seller})
        except stripe.InvalidRequestError as refused:
            if refused.code != "balance_insufficient":
                raise
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        done = sum(pool.map(send, range(50)))

    assert done == had // 1_000
    assert (available(client), available(client, seller)) == (had - done * 1_000, done * 1_000)


def test_other_platforms_see_nothing(server: Server, client: StripeClient, seller: str) -> None:
    paid = charge(client, transfer_data={"destination": seller}, application_fee_amount=1_000)
    stranger = server.stripe(server.account().secret_key)
    reversal = client.v1.transfers.reversals.create(paid.transfer, {"amount": 10})

    for ask in (
        lambda: stranger.v1.transfers.retrieve(paid.transfer),
        lambda: stranger.v1.transfers.update(paid.transfer, {"description": "mine"}),
        lambda: stranger.v1.transfers.reversals.create(paid.transfer),
        lambda: stranger.v1.transfers.reversals.list(paid.transfer),
        lambda: stranger.v1.transfers.reversals.retrieve(paid.transfer, reversal.id),
        lambda: stranger.v1.application_fees.retrieve(paid.application_fee),
        lambda: stranger.v1.application_fees.refunds.create(paid.application_fee),
        lambda: stranger.v1.application_fees.refunds.list(paid.application_fee),
        lambda: stranger.v1.transfers.create({"amount": 1, "currency": "usd", "destination": seller}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            ask()
        assert refused.value.code == "resource_missing"
    assert stranger.v1.transfers.list().data == []
    assert stranger.v1.application_fees.list().data == []


def test_a_subscription_shows_who_shares_its_bills(client: StripeClient, seller: str) -> None:
    customer = client.v1.customers.create({"source": "tok_bypassPending"})
    price = client.v1.prices.create(
        {
            "currency": "usd",
            "unit_amount": 10_000,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Tea"},
        }
    )
    wished: Any = {
        "customer": customer.id,
        "items": [{"price": price.id}],
        "application_fee_percent": 10,
        "transfer_data": {"destination": seller},
        "on_behalf_of": seller,
    }
    made: Any = client.v1.subscriptions.create(wished)
    changed = client.v1.subscriptions.update(made.id, {"application_fee_percent": 2.5})

    assert made.application_fee_percent == 10.0
    assert (made.transfer_data.destination, made.on_behalf_of) == (seller, seller)
    assert changed.application_fee_percent == 2.5
    assert available(client, seller) == 9_000


def test_a_repeated_key_sends_once(client: StripeClient, seller: str) -> None:
    charge(client)
    params: Any = {"amount": 1_000, "currency": "usd", "destination": seller}
    once: Any = {"idempotency_key": "send-1"}
    first = client.v1.transfers.create(params, once)
    reverse: Any = {"idempotency_key": "back-1"}
    back = client.v1.transfers.reversals.create(first.id, {"amount": 400}, reverse)

    assert client.v1.transfers.create(params, once).id == first.id
    assert client.v1.transfers.reversals.create(first.id, {"amount": 400}, reverse).id == back.id
    assert available(client, seller) == 600
