"""Payment intents, setup intents and challenges over a real socket, as the official SDK sees them."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Keys, Server


@pytest.fixture(scope="module")
def keys(server: Server) -> Keys:
    return server.account()


@pytest.fixture(scope="module")
def client(server: Server, keys: Keys) -> stripe.StripeClient:
    return server.stripe(keys.secret_key)


def post(server: Server, key: str, path: str, **form: str) -> tuple[int, dict[str, Any]]:
    """A request as a browser's script makes it."""
    request = urllib.request.Request(
        f"{server.url}{path}",
        data=urllib.parse.urlencode(form).encode(),
        headers={"authorization": f"Bearer {key}"},
    )
    return answer(request)


def get(server: Server, key: str, path: str) -> tuple[int, dict[str, Any]]:
    return answer(urllib.request.Request(f"{server.url}{path}", headers={"authorization": f"Bearer {key}"}))


def answer(request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def shape(intent: Any) -> dict[str, Any]:
    shown: dict[str, Any] = intent.to_dict()
    assert_shape(stripe.PaymentIntent if shown["object"] == "payment_intent" else stripe.SetupIntent, shown)
    return shown


def create(client: stripe.StripeClient, **more: Any) -> stripe.PaymentIntent:
    intent = client.v1.payment_intents.create({"amount": 2000, "currency": "usd", **more})  # type: ignore[typeddict-item]
    shape(intent)
    return intent


def pay(client: stripe.StripeClient, method: str = "pm_card_visa", **more: Any) -> stripe.PaymentIntent:
    return create(client, payment_method=method, confirm=True, **more)


def refused(call: Callable[[], Any]) -> stripe.StripeError:
    with pytest.raises(stripe.StripeError) as caught:
        call()
    return caught.value


def challenge_of(intent: Any) -> tuple[str, str]:
    url = urllib.parse.urlsplit(intent.next_action.redirect_to_url.url)
    return url.path.rsplit("/", 1)[1], urllib.parse.parse_qs(url.query)["client_secret"][0]


class TestPaymentIntents:
    def test_are_begun_looked_up_changed_listed_and_paid(self, client: stripe.StripeClient) -> None:
        bare = create(client, metadata={"order": "1"}, description="Tea")
        same = client.v1.payment_intents.retrieve(bare.id)
        changed = client.v1.payment_intents.update(
            bare.id, {"payment_method": "pm_card_visa", "amount": 2500}
        )
        listed = client.v1.payment_intents.list({"limit": 1})
        paid = client.v1.payment_intents.confirm(bare.id, {"expand": ["latest_charge.balance_transaction"]})

        assert shape(same) == bare.to_dict()
        assert bare.automatic_payment_methods is not None
        assert bare.automatic_payment_methods.enabled
        assert (bare.payment_method_types, bare.capture_method) == (["card"], "automatic_async")
        assert bare.client_secret is not None
        assert bare.client_secret.startswith(f"{bare.id}_secret_")
        assert (changed.status, changed.amount) == ("requires_confirmation", 2500)
        assert [intent.id for intent in listed.data] == [bare.id]
        assert (paid.status, paid.amount_received) == ("succeeded", 2500)
        assert_shape(stripe.Charge, paid.latest_charge.to_dict())  # type: ignore[union-attr]
        assert paid.latest_charge.balance_transaction.net < 2500  # type: ignore[union-attr]

    def test_show_every_state(self, client: stripe.StripeClient) -> None:
        states = {
            create(client).status,
            create(client, payment_method="pm_card_visa").status,
            pay(client, "pm_card_authenticationRequired").status,
            pay(client, capture_method="manual").status,
            pay(client).status,
            client.v1.payment_intents.cancel(create(client).id).status,
        }

        assert states == {
            "requires_payment_method",
            "requires_confirmation",
            "requires_action",
            "requires_capture",
            "succeeded",
            "canceled",
        }

    def test_tell_a_decline_with_the_whole_intent(self, client: stripe.StripeClient) -> None:
        intent = create(client)
        error = refused(
            lambda: client.v1.payment_intents.confirm(
                intent.id, {"payment_method": "pm_card_visa_chargeDeclinedLostCard"}
            )
        )

        assert isinstance(error, stripe.CardError)
        assert (error.http_status, error.code) == (402, "card_declined")
        told = error.error.payment_intent.to_dict()  # type: ignore[union-attr]
        assert_shape(stripe.PaymentIntent, told)
        assert (told["status"], told["payment_method"]) == ("requires_payment_method", None)
        assert told["last_payment_error"]["charge"] == told["latest_charge"] == error.error.charge  # type: ignore[union-attr]
        assert_shape(stripe.PaymentMethod, told["last_payment_error"]["payment_method"])
        assert client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == (
            "succeeded"
        )

    def test_hold_increment_and_capture(self, client: stripe.StripeClient) -> None:
        intent = pay(client, capture_method="manual")
        raised = client.v1.payment_intents.increment_authorization(intent.id, {"amount": 2600})
        taken = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2100})

        assert (shape(raised)["amount_capturable"], shape(taken)["amount_received"]) == (2600, 2100)

    def test_are_captured_in_parts_where_that_was_wished(self, client: stripe.StripeClient) -> None:
        options = {"card": {"request_multicapture": "if_available"}}
        intent = pay(client, capture_method="manual", payment_method_options=options)
        part = client.v1.payment_intents.capture(
            intent.id, {"amount_to_capture": 500, "final_capture": False}
        )
        rest = client.v1.payment_intents.capture(intent.id)

        assert (part.status, shape(part)["amount_capturable"]) == ("requires_capture", 1500)
        assert (rest.status, shape(rest)["amount_received"]) == ("succeeded", 2000)

    def test_give_held_money_back_when_canceled(self, client: stripe.StripeClient) -> None:
        intent = pay(client, capture_method="manual")
        ended = client.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
        charge = client.v1.charges.retrieve(str(intent.latest_charge))

        assert (shape(ended)["cancellation_reason"], charge.refunded) == ("abandoned", True)

    def test_that_are_over_refuse_with_the_documented_code(self, client: stripe.StripeClient) -> None:
        paid = pay(client)

        for call in (
            lambda: client.v1.payment_intents.confirm(paid.id, {"payment_method": "pm_card_visa"}),
            lambda: client.v1.payment_intents.capture(paid.id),
            lambda: client.v1.payment_intents.cancel(paid.id),
            lambda: client.v1.payment_intents.increment_authorization(paid.id, {"amount": 3000}),
            lambda: client.v1.payment_intents.update(paid.id, {"amount": 3000}),
        ):
            error = refused(call)
            assert (error.http_status, error.code) == (400, "payment_intent_unexpected_state")
            assert error.error.payment_intent.id == paid.id  # type: ignore[union-attr]

    def test_take_cards_and_everything_else_inline(self, client: stripe.StripeClient) -> None:
        customer = client.v1.customers.create({"email": "payer@example.com"})
        address = {"line1": "1 High Street", "city": "London", "postal_code": "N1 9GU", "country": "GB"}
        intent = create(
            client,
            customer=customer.id,
            confirm=True,
            off_session=False,
            return_url="https://shop.example/done",
            payment_method_data={
                "type": "card",
                "card": {"number": "5555555555554444", "exp_month": 12, "exp_year": 2040, "cvc": "123"},
                "billing_details": {"name": "A. Payer"},
            },
            setup_future_usage="off_session",
            shipping={"name": "A. Payer", "address": address},
            statement_descriptor_suffix="ORDER 1",
            receipt_email="payer@example.com",
            metadata={"order": "1"},
            mandate_data={"customer_acceptance": {"type": "offline"}},
            radar_options={"session": "rse_1"},
            expand=["payment_method", "customer"],
        )
        saved = client.v1.customers.payment_methods.list(customer.id)

        assert intent.status == "succeeded"
        assert intent.payment_method.card.brand == "mastercard"  # type: ignore[union-attr]
        assert [method.id for method in saved.data] == [intent.payment_method.id]  # type: ignore[union-attr]

    def test_refuse_what_they_do_not_know_by_its_name(self, client: stripe.StripeClient) -> None:
        for more, param in (
            ({"colour": "red"}, "colour"),
            ({"hooks": {"inputs": {"tax": {"calculation": "x"}}}}, "hooks[inputs]"),
            ({"statement_descriptor": "SHOP"}, "statement_descriptor"),
            ({"payment_method_options": {"card": {"installments": {"enabled": True}}}},
             "payment_method_options[card][installments][enabled]"),
        ):  # fmt: skip
            error = refused(lambda more=more: create(client, **more))  # type: ignore[misc]
            assert (error.http_status, error.param) == (400, param)  # type: ignore[attr-defined]

    def test_announce_themselves(self, client: stripe.StripeClient) -> None:
        intent = pay(client, capture_method="manual")
        client.v1.payment_intents.capture(intent.id)
        events = client.v1.events.list({"limit": 10})
        types = [event.type for event in reversed(events.data) if intent.id in str(event.data)]

        assert types == [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded",
        ]
        for event in events.data:
            if event.type.startswith("payment_intent."):
                assert_shape(stripe.PaymentIntent, event.data.to_dict()["object"])

    def test_confirmed_by_many_at_once_make_one_charge(self, client: stripe.StripeClient) -> None:
        intent = create(client, payment_method="pm_card_visa")

        def confirm(_: int) -> str:
            try:
                return client.v1.payment_intents.confirm(intent.id).status
            except stripe.StripeError as error:
                return str(error.code)

        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(confirm, range(8)))
        charges = client.v1.charges.list({"payment_intent": intent.id})

        assert told.count("succeeded") == 1
        assert set(told) <= {"succeeded", "payment_intent_unexpected_state"}
        assert len(charges.data) == 1

    def test_repeat_the_reply_to_the_same_key(self, client: stripe.StripeClient) -> None:
        params: Any = {
            "amount": 2000,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
        first = client.v1.payment_intents.create(params, {"idempotency_key": "intent-1"})
        second = client.v1.payment_intents.create(params, {"idempotency_key": "intent-1"})

        assert first.to_dict() == second.to_dict()


class TestChallenges:
    def test_redirect_to_a_page_and_lead_to_the_money(
        self, server: Server, keys: Keys, client: stripe.StripeClient
    ) -> None:
        intent = pay(client, "pm_card_authenticationRequired", return_url="https://shop.example/done?a=b")
        challenge, secret = challenge_of(intent)
        status, open_challenge = get(
            server, keys.publishable_key, f"/v1/3ds/{challenge}?client_secret={secret}"
        )
        _, done = post(
            server,
            keys.publishable_key,
            f"/v1/3ds/{challenge}/complete",
            succeeded="true",
            client_secret=secret,
        )
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(done["redirect_to"]).query)

        assert (status, open_challenge["status"], open_challenge["redirect_to"]) == (200, "challenged", None)
        assert (done["status"], done["intent_status"]) == ("authenticated", "succeeded")
        assert query == {
            "a": ["b"],
            "payment_intent": [intent.id],
            "payment_intent_client_secret": [intent.client_secret],
            "redirect_status": ["succeeded"],
        }
        assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"

    def test_are_left_to_the_sdk_where_nothing_can_be_redirected(self, client: stripe.StripeClient) -> None:
        intent = pay(client, "pm_card_authenticationRequired", use_stripe_sdk=True)

        assert intent.next_action is not None
        assert intent.next_action.type == "use_stripe_sdk"

    def test_are_the_business_of_whoever_knows_the_secret(
        self, server: Server, keys: Keys, client: stripe.StripeClient
    ) -> None:
        intent = pay(client, "pm_card_authenticationRequired", return_url="https://shop.example/done")
        challenge, _ = challenge_of(intent)
        path = f"/v1/3ds/{challenge}/complete"
        bare, _ = post(server, keys.publishable_key, path, succeeded="true")
        wrong, _ = post(server, keys.publishable_key, path, succeeded="true", client_secret="guess")

        assert (bare, wrong) == (400, 404)
        assert client.v1.payment_intents.retrieve(intent.id).status == "requires_action"

    def test_cannot_be_had_without_the_payer(self, client: stripe.StripeClient) -> None:
        error = refused(lambda: pay(client, "pm_card_authenticationRequired", off_session=True))

        assert (error.http_status, error.code) == (402, "authentication_required")
        assert error.error.payment_intent.status == "requires_payment_method"  # type: ignore[union-attr]


class TestAPublishableKey:
    def test_with_the_client_secret_sees_and_pays(
        self, server: Server, keys: Keys, client: stripe.StripeClient
    ) -> None:
        intent = create(client, metadata={"note": "for the merchant alone"}, transfer_group="g")
        path = f"/v1/payment_intents/{intent.id}"
        status, seen = get(server, keys.publishable_key, f"{path}?client_secret={intent.client_secret}")
        paid_status, paid = post(
            server,
            keys.publishable_key,
            f"{path}/confirm",
            client_secret=str(intent.client_secret),
            payment_method="pm_card_visa",
        )

        assert (status, paid_status, paid["status"]) == (200, 200, "succeeded")
        for shown in (seen, paid):
            assert_shape(stripe.PaymentIntent, shown)
            assert (shown["metadata"], shown["transfer_group"], shown["latest_charge"]) == ({}, None, None)
        assert client.v1.payment_intents.retrieve(intent.id).metadata["note"] == "for the merchant alone"

    def test_is_told_of_a_decline_without_the_merchants_notes(
        self, server: Server, keys: Keys, client: stripe.StripeClient
    ) -> None:
        intent = create(client, metadata={"note": "secret"})
        status, told = post(
            server,
            keys.publishable_key,
            f"/v1/payment_intents/{intent.id}/confirm",
            client_secret=str(intent.client_secret),
            payment_method="pm_card_chargeDeclined",
        )

        assert (status, told["error"]["code"]) == (402, "card_declined")
        assert told["error"]["payment_intent"]["metadata"] == {}
        assert "charge" not in told["error"]

    @pytest.mark.parametrize(
        ("form", "status"),
        [
            ({}, 400),
            ({"client_secret": "pi_x_secret_y"}, 404),
            ({"client_secret": "{secret}", "off_session": "true"}, 400),
            ({"client_secret": "{secret}", "payment_method_options[card][capture_method]": "manual"}, 400),
            ({"client_secret": "{secret}", "expand[]": "latest_charge"}, 400),
        ],
    )
    def test_cannot_do_more_than_a_payer(
        self, server: Server, keys: Keys, client: stripe.StripeClient, form: dict[str, str], status: int
    ) -> None:
        intent = create(client, payment_method="pm_card_visa")
        filled = {name: value.format(secret=intent.client_secret) for name, value in form.items()}
        told, _ = post(server, keys.publishable_key, f"/v1/payment_intents/{intent.id}/confirm", **filled)

        assert told == status
        assert client.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"

    def test_cannot_confirm_what_the_server_confirms(
        self, server: Server, keys: Keys, client: stripe.StripeClient
    ) -> None:
        intent = create(client, payment_method="pm_card_visa", confirmation_method="manual")
        status, told = post(
            server,
            keys.publishable_key,
            f"/v1/payment_intents/{intent.id}/confirm",
            client_secret=str(intent.client_secret),
        )

        assert (status, told["error"]["code"]) == (400, "secret_key_required")

    def test_cannot_list_create_capture_or_cancel(
        self, server: Server, keys: Keys, client: stripe.StripeClient
    ) -> None:
        intent = pay(client, capture_method="manual")
        path = f"/v1/payment_intents/{intent.id}"

        assert get(server, keys.publishable_key, "/v1/payment_intents")[0] == 403
        for verb in ("capture", "cancel", "increment_authorization"):
            assert post(server, keys.publishable_key, f"{path}/{verb}")[0] == 403


class TestSetupIntents:
    def test_are_begun_looked_up_changed_listed_and_confirmed(self, client: stripe.StripeClient) -> None:
        customer = client.v1.customers.create()
        setup = client.v1.setup_intents.create({"customer": customer.id})
        same = client.v1.setup_intents.retrieve(setup.id)
        noted = client.v1.setup_intents.update(setup.id, {"metadata": {"a": "b"}})
        done = client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
        listed = client.v1.setup_intents.list({"customer": customer.id})
        by_method = client.v1.setup_intents.list({"payment_method": str(done.payment_method)})
        later = pay(client, str(done.payment_method), customer=customer.id, off_session=True)

        assert shape(setup) == shape(same)
        assert shape(noted)["metadata"] == {"a": "b"}
        assert shape(done)["status"] == "succeeded"
        assert [s.id for s in listed.data] == [s.id for s in by_method.data] == [setup.id]
        assert later.status == "succeeded"

    def test_tell_a_decline_with_the_whole_intent(self, client: stripe.StripeClient) -> None:
        params: Any = {"payment_method": "pm_card_chargeDeclined", "confirm": True}
        error = refused(lambda: client.v1.setup_intents.create(params))

        assert (error.http_status, error.code) == (402, "card_declined")
        told = error.error.setup_intent.to_dict()  # type: ignore[union-attr]
        assert_shape(stripe.SetupIntent, told)
        assert told["last_setup_error"]["code"] == "card_declined"

    def test_challenge_and_cancel(self, server: Server, keys: Keys, client: stripe.StripeClient) -> None:
        params: Any = {
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "https://shop.example/done",
        }
        passed = client.v1.setup_intents.create(params)
        challenge, secret = challenge_of(passed)
        _, done = post(
            server,
            keys.publishable_key,
            f"/v1/3ds/{challenge}/complete",
            succeeded="true",
            client_secret=secret,
        )
        ended = client.v1.setup_intents.cancel(client.v1.setup_intents.create(params).id)

        assert shape(passed)["status"] == "requires_action"
        assert f"setup_intent={passed.id}" in done["redirect_to"]
        assert client.v1.setup_intents.retrieve(passed.id).status == "succeeded"
        assert shape(ended)["status"] == "canceled"

    def test_are_seen_and_confirmed_with_the_client_secret(
        self, server: Server, keys: Keys, client: stripe.StripeClient
    ) -> None:
        setup = client.v1.setup_intents.create({"metadata": {"note": "x"}})
        path = f"/v1/setup_intents/{setup.id}"
        bare, _ = get(server, keys.publishable_key, path)
        status, done = post(
            server,
            keys.publishable_key,
            f"{path}/confirm",
            client_secret=str(setup.client_secret),
            payment_method="pm_card_visa",
        )

        assert bare == 400
        assert (status, done["status"], done["metadata"]) == (200, "succeeded", {})


def test_an_older_api_version_gets_its_own_defaults(client: stripe.StripeClient) -> None:
    params: Any = {"amount": 2000, "currency": "usd"}
    intent = client.v1.payment_intents.create(params, {"stripe_version": "2022-11-15"})

    assert (intent.automatic_payment_methods, intent.capture_method) == (None, "automatic")


def test_another_merchants_intent_is_not_there(server: Server, client: stripe.StripeClient) -> None:
    other = server.stripe(server.account("Other").secret_key)
    intent = create(client)

    assert refused(lambda: other.v1.payment_intents.retrieve(intent.id)).http_status == 404
