"""Checkout sessions through the official SDK, over a real server: every endpoint, in its shape."""

import json
import time
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Server

Session = stripe.checkout.Session
TEA = {"price_data": {"currency": "usd", "unit_amount": 700, "product_data": {"name": "Tea"}}, "quantity": 2}


@pytest.fixture(scope="module")
def client(server: Server) -> StripeClient:
    return server.stripe(server.account("SDK shop").secret_key)


def opened(client: StripeClient, **told: Any) -> Any:
    params = {"mode": "payment", "success_url": "https://shop.example/thanks", "line_items": [TEA], **told}
    return client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]


def shape(cls: type[stripe.StripeObject], answer: stripe.StripeObject) -> None:
    assert_shape(cls, json.loads(json.dumps(answer.to_dict(), default=str)))


def test_a_session_has_the_shape_that_the_sdk_declares(client: StripeClient) -> None:
    shape(Session, opened(client))


def test_so_has_one_that_says_all_there_is_to_say(client: StripeClient) -> None:
    customer = client.v1.customers.create({"email": "jenny@example.com"})
    rate = {
        "display_name": "Post",
        "type": "fixed_amount",
        "fixed_amount": {"amount": 500, "currency": "usd"},
        "delivery_estimate": {"minimum": {"unit": "day", "value": 2}, "maximum": {"unit": "day", "value": 4}},
    }
    session = opened(
        client,
        ui_mode="hosted_page",
        cancel_url="https://shop.example/cart",
        customer=customer.id,
        customer_update={"address": "auto", "shipping": "auto"},
        client_reference_id="order-7",
        expires_at=int(time.time()) + 3600,
        locale="de",
        submit_type="book",
        metadata={"order": "7"},
        billing_address_collection="required",
        phone_number_collection={"enabled": True},
        shipping_address_collection={"allowed_countries": ["US", "DE"]},
        shipping_options=[{"shipping_rate_data": rate}],
        payment_intent_data={
            "capture_method": "manual",
            "description": "Tea",
            "setup_future_usage": "off_session",
        },
        payment_method_types=["card"],
        payment_method_options={"card": {"request_three_d_secure": "any"}},
        custom_text={"submit": {"message": "Soon."}},
        branding_settings={"button_color": "#0b6b4f", "display_name": "Tea"},
        automatic_tax={"enabled": False},
        allow_promotion_codes=False,
        consent_collection={"terms_of_service": "none"},
        adaptive_pricing={"enabled": False},
    )

    shape(Session, session)
    assert (session.amount_subtotal, session.amount_total) == (1400, 1900)
    assert session.customer_details.email == "jenny@example.com"


def test_it_is_retrieved_updated_listed_and_expired(client: StripeClient) -> None:
    session = opened(client, metadata={"order": "8"})
    updated = client.v1.checkout.sessions.update(session.id, {"metadata": {"packed": "no"}})
    shape(Session, updated)
    assert updated.to_dict()["metadata"] == {"order": "8", "packed": "no"}

    listed = client.v1.checkout.sessions.list({"limit": 1, "status": "open"})
    assert [one.id for one in listed.data] == [session.id]

    expired = client.v1.checkout.sessions.expire(session.id)
    shape(Session, expired)
    shape(Session, client.v1.checkout.sessions.retrieve(session.id))
    assert (expired.status, expired.url) == ("expired", None)


def test_lines_are_listed_and_expanded(client: StripeClient) -> None:
    price = client.v1.prices.create({"currency": "usd", "unit_amount": 250, "product_data": {"name": "Milk"}})
    session = opened(client, line_items=[TEA, {"price": price.id, "quantity": 1}])

    lines = client.v1.checkout.sessions.line_items.list(session.id)
    expanded = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items.data.price.product"]})

    for line in lines.data:
        shape(stripe.LineItem, line)
    assert [(line.description, line.amount_total) for line in lines.data] == [("Tea", 1400), ("Milk", 250)]
    shown = expanded.to_dict()["line_items"]
    assert [line["price"]["product"]["name"] for line in shown["data"]] == ["Tea", "Milk"]


def test_a_setup_session_has_the_shape_too(client: StripeClient) -> None:
    session = client.v1.checkout.sessions.create({"mode": "setup", "success_url": "https://shop.example/"})

    shape(Session, session)
    assert (session.amount_total, session.payment_status) == (None, "no_payment_required")


def test_a_session_that_sells_a_subscription_has_the_shape_too(client: StripeClient) -> None:
    plan = {**TEA["price_data"], "recurring": {"interval": "month"}}  # type: ignore[dict-item]
    data = {"trial_period_days": 7, "metadata": {"seat": "1"}}
    session = opened(
        client,
        mode="subscription",
        customer_email="jenny@example.com",
        line_items=[{"price_data": plan, "quantity": 1}],
        subscription_data=data,
    )

    shape(Session, session)
    assert (session.mode, session.amount_total, session.subscription) == ("subscription", 0, None)


def test_the_events_show_the_session(client: StripeClient) -> None:
    session = opened(client)
    client.v1.checkout.sessions.expire(session.id)

    (event,) = client.v1.events.list({"type": "checkout.session.expired", "limit": 1}).data

    shape(Session, event.data.object)
    assert event.data.object["id"] == session.id
