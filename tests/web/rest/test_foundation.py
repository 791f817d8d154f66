"""The first endpoints, driven by the unmodified official SDK over a real socket; its own types judge every answer."""

import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Keys, Server

CARD: Any = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123", "name": "Jo Doe"}


@pytest.fixture(scope="module")
def keys(server: Server) -> Keys:
    return server.account("Corner shop")


@pytest.fixture
def client(server: Server, keys: Keys) -> stripe.StripeClient:
    return server.stripe(keys.secret_key)


def charge_of(client: stripe.StripeClient, **params: Any) -> stripe.Charge:
    wanted: Any = {"amount": 2000, "currency": "usd", "source": "tok_visa", **params}
    return client.v1.charges.create(wanted)


def judged(answer: Any) -> None:
    assert_shape(type(answer), answer.to_dict())


class TestTokens:
    def test_a_card_becomes_a_token_that_shows_no_number(self, client: stripe.StripeClient) -> None:
        token = client.v1.tokens.create({"card": CARD})

        judged(token)
        assert token.card is not None
        assert (token.card.last4, token.card.brand, token.used) == ("4242", "Visa", False)
        assert "4242424242424242" not in str(token)

    def test_a_publishable_key_makes_tokens_and_nothing_else(self, server: Server, keys: Keys) -> None:
        browser = server.stripe(keys.publishable_key)

        assert browser.v1.tokens.create({"card": CARD}).id.startswith("tok_")
        with pytest.raises(stripe.PermissionError) as refused:
            browser.v1.charges.list()
        assert refused.value.http_status == 403
        assert refused.value.json_body["error"]["code"] == "secret_key_required"  # type: ignore[index]

    @pytest.mark.parametrize(
        ("wrong", "code", "param"),
        [
            ({"number": "4242424242424241"}, "incorrect_number", "number"),
            ({"number": "42"}, "invalid_number", "number"),
            ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
            ({"exp_year": 1995}, "invalid_expiry_year", "exp_year"),
            ({"cvc": "99"}, "invalid_cvc", "cvc"),
        ],
    )
    def test_a_mistyped_card_is_refused_by_name(
        self, client: stripe.StripeClient, wrong: dict[str, Any], code: str, param: str
    ) -> None:
        card: Any = {**CARD, **wrong}

        with pytest.raises(stripe.CardError) as refused:
            client.v1.tokens.create({"card": card})

        assert (refused.value.code, refused.value.http_status) == (code, 402)
        assert refused.value.param is not None
        assert refused.value.param.endswith(param)

    def test_a_token_is_spent_once(self, client: stripe.StripeClient) -> None:
        token = client.v1.tokens.create({"card": CARD})
        charge_of(client, source=token.id)

        with pytest.raises(stripe.InvalidRequestError) as refused:
            charge_of(client, source=token.id)

        assert refused.value.code == "token_already_used"


class TestCharges:
    def test_a_charge_is_taken_at_once_and_booked(self, client: stripe.StripeClient) -> None:
        charge = charge_of(
            client, description="Two books", metadata={"order": "6735"}, expand=["balance_transaction"]
        )

        judged(charge)
        assert (charge.status, charge.captured, charge.paid, charge.amount_captured) == (
            "succeeded",
            True,
            True,
            2000,
        )
        line = charge.balance_transaction
        assert isinstance(line, stripe.BalanceTransaction)
        assert (line.amount, line.fee, line.net, line.source) == (2000, 88, 1912, charge.id)
        judged(line)

    def test_a_hold_is_captured_in_part_and_the_rest_let_go(self, client: stripe.StripeClient) -> None:
        held = charge_of(client, capture=False)
        assert (held.captured, held.balance_transaction) == (False, None)

        taken = client.v1.charges.capture(held.id, {"amount": 1500})

        judged(taken)
        assert (taken.captured, taken.amount_captured, taken.amount_refunded, taken.refunded) == (
            True,
            1500,
            500,
            False,
        )
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.charges.capture(held.id)
        assert refused.value.code == "charge_already_captured"

    def test_a_decline_is_kept(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.CardError) as refused:
            charge_of(client, source="tok_chargeDeclinedInsufficientFunds")

        error = refused.value.error
        assert error is not None
        assert (error.code, error.decline_code) == ("card_declined", "insufficient_funds")
        kept = client.v1.charges.retrieve(str(error.charge))
        assert (kept.status, kept.failure_code, kept.paid) == ("failed", "card_declined", False)
        judged(kept)

    def test_what_a_charge_says_of_itself_can_change(self, client: stripe.StripeClient) -> None:
        charge = charge_of(client, metadata={"a": "1", "b": "2"})

        changed = client.v1.charges.update(charge.id, {"metadata": {"a": "", "c": "3"}, "description": "new"})

        assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
        assert changed.description == "new"

    def test_lists_go_both_ways(self, client: stripe.StripeClient) -> None:
        ids = [charge_of(client, transfer_group="pages").id for _ in range(5)][::-1]

        first = client.v1.charges.list({"limit": 2, "transfer_group": "pages"})
        rest = client.v1.charges.list({"starting_after": ids[1], "transfer_group": "pages"})
        back = client.v1.charges.list({"ending_before": ids[4], "limit": 3, "transfer_group": "pages"})

        assert ([c.id for c in first.data], first.has_more) == (ids[:2], True)
        assert ([c.id for c in rest.data], rest.has_more) == (ids[2:], False)
        assert ([c.id for c in back.data], back.has_more) == (ids[1:4], True)

    def test_created_filters_hold(self, client: stripe.StripeClient) -> None:
        charge = charge_of(client)

        after = client.v1.charges.list({"created": {"gt": charge.created}, "limit": 100})
        at = client.v1.charges.list({"created": {"gte": charge.created, "lte": charge.created}, "limit": 100})

        assert charge.id not in {c.id for c in after.data}
        assert charge.id in {c.id for c in at.data}


class TestFailedCharges:
    def test_cannot_be_captured_and_say_why(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.CardError) as declined:
            charge_of(client, source="tok_chargeDeclined", capture=False)
        charge = str(declined.value.json_body["error"]["charge"])  # type: ignore[index]

        with pytest.raises(stripe.InvalidRequestError, match="was not successful and cannot be captured"):
            client.v1.charges.capture(charge)


class TestRefunds:
    def test_parts_up_to_the_whole(self, client: stripe.StripeClient) -> None:
        charge = charge_of(client)

        refund = client.v1.refunds.create(
            {"charge": charge.id, "amount": 500, "reason": "requested_by_customer"}
        )
        judged(refund)
        client.v1.refunds.create({"charge": charge.id})

        assert client.v1.charges.retrieve(charge.id).refunded
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v1.refunds.create({"charge": charge.id})
        assert refused.value.code == "charge_already_refunded"

    def test_more_than_is_left_is_refused_with_both_amounts(self, client: stripe.StripeClient) -> None:
        charge = charge_of(client)
        client.v1.refunds.create({"charge": charge.id, "amount": 1500})

        with pytest.raises(stripe.InvalidRequestError, match=r"\$10\.00.*\$5\.00"):
            client.v1.refunds.create({"charge": charge.id, "amount": 1000})

    def test_of_a_charge_can_be_found_under_it(self, server: Server, keys: Keys) -> None:
        client = server.stripe(keys.secret_key)
        charge, other = charge_of(client), charge_of(client)
        refund = client.v1.refunds.create({"charge": charge.id, "amount": 500})

        listed, one = (
            dict(client.raw_request("get", f"/v1/charges/{charge.id}/refunds{more}").data)
            for more in ("", f"/{refund.id}")
        )

        assert [found["id"] for found in listed["data"]] == [refund.id]
        assert one["amount"] == 500
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.raw_request("get", f"/v1/charges/{other.id}/refunds/{refund.id}")
        assert refused.value.http_status == 404

    def test_of_an_intent_that_was_never_paid_is_refused_for_that(self, client: stripe.StripeClient) -> None:
        intent = client.v1.payment_intents.create({"amount": 500, "currency": "usd"})

        with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
            client.v1.refunds.create({"payment_intent": intent.id})

    def test_refunding_a_hold_lets_it_go(self, client: stripe.StripeClient) -> None:
        held = charge_of(client, capture=False)

        refund = client.v1.refunds.create({"charge": held.id})

        assert (refund.status, refund.balance_transaction) == ("succeeded", None)
        assert client.v1.charges.retrieve(held.id).refunded

    def test_fifty_at_once_give_the_money_back_once(self, client: stripe.StripeClient) -> None:
        charge = charge_of(client)

        def refund(_: int) -> str | None:
            try:
                return client.v1.refunds.create({"charge": charge.id}).id
            except stripe.InvalidRequestError:
                return None

        with ThreadPoolExecutor(25) as pool:
            done = [refund_id for refund_id in pool.map(refund, range(50)) if refund_id]

        assert len(done) == 1
        assert client.v1.charges.retrieve(charge.id).amount_refunded == 2000


class TestCustomers:
    def test_a_saved_card_pays_again_and_again(self, client: stripe.StripeClient) -> None:
        customer = client.v1.customers.create({"email": "jo@example.com", "source": "tok_visa"})
        judged(customer)

        charges = [
            client.v1.charges.create({"amount": 700, "currency": "usd", "customer": customer.id})
            for _ in range(2)
        ]

        assert {c.customer for c in charges} == {customer.id}
        assert {c.payment_method for c in charges} == {customer.default_source}

    def test_a_declining_card_cannot_be_saved(self, client: stripe.StripeClient) -> None:
        with pytest.raises(stripe.CardError) as refused:
            client.v1.customers.create({"source": "tok_chargeDeclined"})

        assert refused.value.http_status == 402

    def test_a_deleted_customer_is_a_tombstone(self, client: stripe.StripeClient) -> None:
        customer = client.v1.customers.create({"name": "Jo", "email": "gone@example.com"})

        assert client.v1.customers.delete(customer.id).deleted
        assert client.v1.customers.retrieve(customer.id).deleted
        assert client.v1.customers.list({"email": "gone@example.com"}).data == []
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.customers.update(customer.id, {"name": "back"})

    def test_payment_methods_are_attached_and_detached_for_good(self, client: stripe.StripeClient) -> None:
        customer = client.v1.customers.create({})
        method = client.v1.payment_methods.create({"type": "card", "card": {"token": "tok_mastercard"}})
        judged(method)

        attached = client.v1.payment_methods.attach(method.id, {"customer": customer.id})
        assert attached.customer == customer.id
        assert [m.id for m in client.v1.customers.payment_methods.list(customer.id).data] == [method.id]
        assert client.v1.payment_methods.detach(method.id).customer is None
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.payment_methods.attach(method.id, {"customer": customer.id})

    def test_a_saved_card_can_be_changed_without_a_new_number(self, client: stripe.StripeClient) -> None:
        customer = client.v1.customers.create({"source": "tok_visa"})
        card = str(customer.default_source)

        changed: Any = client.v1.customers.payment_sources.update(
            customer.id, card, {"exp_month": "1", "exp_year": "2039", "name": "Jo", "metadata": {"k": "v"}}
        )
        cleared: Any = client.v1.customers.payment_sources.update(customer.id, card, {"name": ""})

        assert (changed.exp_month, changed.exp_year, changed.name) == (1, 2039, "Jo")
        assert (cleared.exp_month, cleared.name, cleared.metadata.to_dict()) == (1, None, {"k": "v"})
        (event,) = client.v1.events.list({"type": "customer.source.updated", "limit": 1}).data
        assert event.data.to_dict()["previous_attributes"] == {"name": "Jo"}

    def test_a_payment_method_of_another_customer_says_so(self, client: stripe.StripeClient) -> None:
        first, second = (client.v1.customers.create({}) for _ in range(2))
        method = client.v1.payment_methods.attach("pm_card_visa", {"customer": first.id})

        with pytest.raises(stripe.InvalidRequestError, match="already been attached to a customer"):
            client.v1.payment_methods.attach(method.id, {"customer": second.id})


class TestBalanceAndEvents:
    def test_events_can_be_asked_for_by_a_group_of_types(self, client: stripe.StripeClient) -> None:
        charge = charge_of(client, capture=False)
        client.v1.charges.capture(charge.id)

        told = client.v1.events.list({"type": "charge.*", "limit": 2}).data

        assert [event.type for event in told] == ["charge.captured", "charge.succeeded"]

    def test_the_balance_is_the_sum_of_its_lines(self, server: Server) -> None:
        client = server.stripe(server.account("Sums").secret_key)
        charge = charge_of(client)
        client.v1.refunds.create({"charge": charge.id, "amount": 300})

        balance = client.v1.balance.retrieve()

        judged(balance)
        lines = client.v1.balance_transactions.list({"limit": 100}).data
        assert balance.pending[0].amount == sum(line.net for line in lines) == 2000 - 88 - 300
        for line in lines:
            judged(client.v1.balance_transactions.retrieve(line.id))

    def test_every_change_was_told(self, server: Server) -> None:
        client = server.stripe(server.account("Told").secret_key)
        charge = charge_of(client)
        client.v1.charges.update(charge.id, {"description": "x"})
        client.v1.refunds.create({"charge": charge.id})

        events = client.v1.events.list({"limit": 100}).data

        assert [event.type for event in reversed(events)] == [
            "charge.succeeded",
            "charge.updated",
            "refund.created",
            "charge.refunded",
        ]
        for event in events:
            judged(client.v1.events.retrieve(event.id))
        updated = next(event for event in events if event.type == "charge.updated")
        assert updated.data.previous_attributes.to_dict() == {"description": None}  # type: ignore[union-attr]


class TestIdempotency:
    def test_one_key_at_once_is_one_charge_and_one_body(self, client: stripe.StripeClient) -> None:
        options: Any = {"idempotency_key": "fifty-at-once"}

        def pay(_: int) -> str:
            return str(charge_of_key(client, options).to_dict())

        with ThreadPoolExecutor(25) as pool:
            bodies = set(pool.map(pay, range(50)))

        assert len(bodies) == 1

    def test_a_decline_is_repeated_too(self, client: stripe.StripeClient) -> None:
        told = []
        for _ in range(2):
            with pytest.raises(stripe.CardError) as refused:
                client.v1.charges.create(
                    {"amount": 900, "currency": "usd", "source": "tok_chargeDeclined"},
                    {"idempotency_key": "declined"},
                )
            told.append(refused.value.json_body)

        assert told[0] == told[1]

    def test_other_parameters_under_a_key_are_refused(self, client: stripe.StripeClient) -> None:
        options: Any = {"idempotency_key": "other"}
        client.v1.customers.create({"name": "a"}, options)

        with pytest.raises(stripe.IdempotencyError, match="only be used with the same parameters"):
            client.v1.customers.create({"name": "b"}, options)

    def test_the_same_parameters_in_another_order_and_spelling_are_the_same(
        self, server: Server, keys: Keys
    ) -> None:
        bodies = (
            b"name=a+b&metadata[x]=1&preferred_locales[]=en&preferred_locales[]=de",
            b"preferred_locales[0]=en&preferred_locales[1]=de&metadata%5Bx%5D=1&name=a%20b",
        )
        headers = {"authorization": f"Bearer {keys.secret_key}", "idempotency-key": "spelling"}
        told = []
        for body in bodies:
            request = urllib.request.Request(f"{server.url}/v1/customers", data=body, headers=headers)
            with urllib.request.urlopen(request, timeout=30) as reply:
                told.append(reply.read())

        assert told[0] == told[1]


def charge_of_key(client: stripe.StripeClient, options: Any) -> stripe.Charge:
    return client.v1.charges.create({"amount": 2000, "currency": "usd", "source": "tok_visa"}, options)
