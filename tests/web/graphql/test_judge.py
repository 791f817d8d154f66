"""graphql-core judges the compiler: for every document that is compiled, both give the same answer."""

from collections.abc import Iterator
from typing import Any

import graphql as gql
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments_core.operations.onboarding import authenticate
from payments_web.graphql.asking import Asking
from payments_web.graphql.documents import Document, Documents
from payments_web.graphql.running import Runner
from payments_web.graphql.schema import build_schema, readers
from tests.web.graphql.asking import Asker

SCHEMA = build_schema()
RUNNER = Runner(SCHEMA)


async def both(asker: Asker, text: str, variables: Any = None) -> tuple[Any, Any]:
    """What the compiled functions answer, and what graphql-core does."""
    credentials = await authenticate(asker.shop.ports, asker.key)
    answers = []
    for compiles in (True, False):
        document: Document = Documents(SCHEMA, compiles=compiles).read(text)
        prepared = document.operation(None)
        assert (prepared.roots is not None) == compiles, "this document is plain"
        asking = Asking(
            performer=asker.shop.gateway.performer,
            presenter=asker.shop.ports.presenter,  # type: ignore[arg-type]
            credentials=credentials,
            account=credentials.account,
            readers=readers(),
            request_id="req_1",
        )
        answers.append(await RUNNER.run(document, prepared, variables, asking))
    return answers[0], answers[1]


def plain_fields(kind: Any, depth: int = 3) -> Iterator[str]:
    """Everything that can be selected on a type without a look-up, some levels deep."""
    for name, field in kind.fields.items():
        inner = gql.get_named_type(field.type)
        if gql.is_leaf_type(inner):
            yield name
        elif isinstance(inner, gql.GraphQLObjectType) and depth and "Looked" not in repr(field.resolve):
            below = " ".join(plain_fields(inner, depth - 1))
            if below:
                yield f"{name} {{ __typename {below} }}"


async def goods(asker: Asker) -> dict[str, str]:
    customer = await asker.rest("POST", "/v1/customers", name="Jenny", source="tok_visa")
    charge = await asker.rest("POST", "/v1/charges", amount="500", currency="usd", customer=customer["id"])
    await asker.rest("POST", "/v1/refunds", charge=charge["id"], amount="100")
    gone = await asker.rest("POST", "/v1/customers", name="Gone")
    await asker.rest("DELETE", f"/v1/customers/{gone['id']}")
    return {"customer": customer["id"], "charge": charge["id"], "gone": gone["id"]}


@pytest.mark.anyio
async def test_all_plain_fields_of_all_lists(asker: Asker) -> None:
    ids = await goods(asker)
    roots = SCHEMA.query_type
    assert roots is not None
    texts = [
        f"{{ {root} {{ {' '.join(plain_fields(SCHEMA.get_type(kind)))} }} }}"
        for root, kind in (
            (f'charge(id: "{ids["charge"]}")', "Charge"),
            (f'customer(id: "{ids["customer"]}")', "Customer"),
            (f'customer(id: "{ids["gone"]}")', "Customer"),
            ("charges(limit: 10)", "Charge"),
            ("customers(limit: 10)", "Customer"),
            ("refunds(limit: 10)", "Refund"),
            ("events(limit: 5)", "Event"),
            ("balance", "Balance"),
            ("balanceTransactions", "BalanceTransaction"),
            ("chargesConnection(first: 1)", "ChargeConnection"),
        )
    ]

    for text in texts:
        compiled, judged = await both(asker, text)

        assert "errors" not in judged
        assert compiled == judged
        assert repr(compiled) == repr(judged), "in the same order too"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "text",
    [
        "{ a: balance { x: available } b: balance { currency __typename } }",
        (
            "{ charges { id ...a } charges { amount } } fragment a on Charge { id billingDetails { name ...b } } "
            "fragment b on BillingDetails { email name }"
        ),
        "{ charges { ... on Charge { id } ... { amount } billingDetails { name } billingDetails { email } } }",
        '{ charge(id: "ch_nobody") { id } balance { currency } }',
        "{ charges(limit: 0) { id } }",
        "{ charges(limit: 101) { id } customers { id } }",
        '{ customers(email: "nobody@example.com") { id } }',
        "query q($limit: Int = 1, $id: String) { charges(limit: $limit, after: $id) { id } }",
        'mutation { a: createCustomer(input: {name: "A", metadata: {k: "v"}}) { name metadata } }',
        'mutation { createCharge(input: {amount: 100, source: "tok_chargeDeclined"}) { id } b: createCustomer { object } }',
        'mutation { createCharge(input: {amount: 1, customer: "cus_1", customerId: "cus_1"}) { id } }',
        'mutation { deleteCustomer(id: "cus_none") { success id deleted } }',
    ],
)
async def test_shapes_errors_and_orders(asker: Asker, text: str) -> None:
    await goods(asker)

    compiled, judged = await both(asker, text)

    for answer in (compiled, judged):
        for error in answer.get("errors", ()):
            error["extensions"].pop("charge", None)
    assert compiled == judged
    assert repr(compiled.get("data")) == repr(judged.get("data"))


@pytest.mark.anyio
async def test_any_choice_of_fields(asker: Asker) -> None:
    await goods(asker)
    charge = list(plain_fields(SCHEMA.get_type("Charge")))

    @settings(max_examples=20)
    @given(st.lists(st.sampled_from(charge), min_size=1, max_size=12), st.integers(1, 3))
    def choose(fields: list[str], limit: int) -> None:
        texts.append(f"{{ charges(limit: {limit}) {{ {' '.join(fields)} }} }}")

    texts: list[str] = []
    choose()
    answers = [await both(asker, text) for text in texts[:20]]

    assert all(compiled == judged for compiled, judged in answers)
