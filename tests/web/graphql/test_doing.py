"""Mutations are the REST door's operations: the same replies, refusals and idempotency."""

import asyncio
from typing import Any

import pytest

from payments_core.platform.api_keys import KeyKind
from tests.web.graphql.asking import Asker

CHARGE = (
    'mutation($amount: Long!) { createCharge(input: {amount: $amount, source: "tok_visa"}) { id amount } }'
)


@pytest.mark.anyio
async def test_a_repetition_with_the_same_key_does_nothing_and_is_told_the_same(asker: Asker) -> None:
    headers = {"idempotency-key": "once"}

    first = await asker.ask(CHARGE, {"amount": 500}, **headers)
    again = await asker.ask(CHARGE, {"amount": 500}, **headers)
    other = await asker.answer(CHARGE, {"amount": 501}, **headers)

    assert first == again
    assert other["errors"][0]["extensions"]["type"] == "idempotency_error"
    assert len((await asker.ask("{ charges { id } }"))["charges"]) == 1


@pytest.mark.anyio
async def test_the_key_may_be_an_argument_and_several_mutations_do_not_share_one(asker: Asker) -> None:
    text = 'mutation { a: createCustomer(input: {name: "A"}) { id } b: createCustomer(input: {name: "B"}) { id } }'
    by_argument = 'mutation { createCustomer(input: {name: "C"}, idempotencyKey: "c") { id } }'

    first = await asker.ask(text, **{"idempotency-key": "two"})
    again = await asker.ask(text, **{"idempotency-key": "two"})
    third, fourth = [await asker.ask(by_argument) for _ in range(2)]

    assert first == again
    assert first["a"] != first["b"]
    assert third == fourth


@pytest.mark.anyio
async def test_racers_with_one_key_make_one_charge(asker: Asker) -> None:
    answers = await asyncio.gather(
        *(asker.answer(CHARGE, {"amount": 700}, **{"idempotency-key": "race"}) for _ in range(8))
    )

    assert {answer["data"]["createCharge"]["id"] for answer in answers if "errors" not in answer}
    assert len((await asker.ask("{ charges { id } }"))["charges"]) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("given", "form"),
    [
        ({"amount": 100, "source": "tok_chargeDeclinedInsufficientFunds"}, None),
        ({"amount": 0, "source": "tok_visa"}, None),
        ({"amount": 100}, None),
        ({"amount": 100, "source": "tok_nobody"}, None),
        ({"amount": 100, "currency": "xxx", "source": "tok_visa"}, None),
        ({"amount": 100, "customerId": "cus_nobody"}, {"amount": 100, "customer": "cus_nobody"}),
    ],
)
async def test_a_refusal_says_what_rest_says(asker: Asker, given: Any, form: Any) -> None:
    told = await asker.answer(
        "mutation($input: CreateChargeInput!) { createCharge(input: $input) { id } }", {"input": given}
    )
    rest = (await asker.rest("POST", "/v1/charges", **{"currency": "usd", **(form or given)}))["error"]

    error = told["errors"][0]
    assert told["data"] == {"createCharge": None}
    assert error["message"] == rest["message"]
    names = {"code": "code", "type": "type", "param": "param", "decline_code": "declineCode"}
    assert {name: error["extensions"].get(ours) for name, ours in names.items()} == {
        name: rest.get(name) for name in names
    }


@pytest.mark.anyio
async def test_null_clears_and_what_is_not_named_stays(asker: Asker) -> None:
    made = await asker.ask(
        'mutation { createCustomer(input: {name: "A", email: "a@b.co", metadata: {x: "1", y: "2"}, '
        'addressDetails: {line1: "1 Road", city: "Town"}}) { id addressDetails { city } } }'
    )
    customer = made["createCustomer"]

    changed = await asker.ask(
        "mutation($id: ID!) { updateCustomer(id: $id, input: {email: null, metadata: {x: null}}) "
        "{ name email metadata address } }",
        {"id": customer["id"]},
    )

    assert customer["addressDetails"] == {"city": "Town"}
    assert changed["updateCustomer"] == {
        "name": "A",
        "email": None,
        "metadata": {"y": "2"},
        "address": "1 Road",
    }


@pytest.mark.anyio
async def test_keys_may_do_what_they_may_at_the_rest_door(asker: Asker) -> None:
    publishable = await asker.new_key(KeyKind.PUBLISHABLE)
    reading = await asker.new_key(KeyKind.RESTRICTED, "customer:read")
    text = 'mutation { createCustomer(input: {name: "A"}) { id } }'

    answers = [(await asker.send({"query": text}, key=key)).json() for key in (publishable, reading)]
    read = (await asker.send({"query": "{ customers { id } }"}, key=reading)).json()
    nobody = await asker.send({"query": "{ customers { id } }"}, key="sk_test_nobody")

    assert [answer["errors"][0]["extensions"]["status"] for answer in answers] == [403, 403]
    assert read == {"data": {"customers": []}}
    assert nobody.status_code == 401


@pytest.mark.anyio
async def test_connections_walk_a_list_by_cursor(asker: Asker) -> None:
    names = ["A", "B", "C", "D", "E"]
    for name in names:
        await asker.rest("POST", "/v1/customers", name=name)
    text = "query($after: String) { customersConnection(first: 2, after: $after) { nodes { name } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"

    seen, after = [], None
    while True:
        page = (await asker.ask(text, {"after": after}))["customersConnection"]
        seen += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == names[::-1]
