"""The owner's GraphQL documents run as they are written, with real ids for `customer_id` and its like.

`tests/spec/graphql_documents.txt` is quoted from the owner's specification, word by word.
"""

import re
from pathlib import Path
from typing import Any

import graphql as gql
import pytest

from payments_core.operations import ALL
from payments_web.graphql.schema import build_schema
from tests.web.graphql.asking import Asker

DOCUMENTS = Path(__file__).parents[2] / "spec" / "graphql_documents.txt"


def documents() -> dict[str, str]:
    """The documents by their titles."""
    found: dict[str, str] = {}
    for part in re.split(r"^\s*#\s*", DOCUMENTS.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        depth = 0
        for at, character in enumerate(text):
            depth += {"{": 1, "}": -1}.get(character, 0)
            if character == "}" and depth == 0:
                found[title.strip()] = text[: at + 1]
                break
    return found


ALL_DOCUMENTS = documents()
SEARCHES = any(operation.name.endswith(".search") for operation in ALL)


def test_there_are_as_many_as_the_owner_wrote() -> None:
    assert len(ALL_DOCUMENTS) == 28


async def _ids(asker: Asker) -> dict[str, str]:
    """One of everything."""
    customer = await asker.rest("POST", "/v1/customers", name="John Doe", source="tok_visa")
    charge = await asker.rest("POST", "/v1/charges", amount="500", currency="usd", source="tok_visa")
    refund = await asker.rest("POST", "/v1/refunds", charge=charge["id"], amount="100")
    invoice = await asker.ask(ALL_DOCUMENTS["Create an invoice"])
    ids = {
        "customer_id": customer["id"],
        "charge_id": charge["id"],
        "refund_id": refund["id"],
        "invoice_id": invoice["createInvoice"]["id"],
        "transaction_id": charge["balance_transaction"],
    }
    session = await asker.ask(ALL_DOCUMENTS["Create a session"])
    return {**ids, "session_id": session["createSession"]["sessionId"]}


@pytest.mark.anyio
@pytest.mark.parametrize("title", ALL_DOCUMENTS)
async def test_a_document_runs_as_written(title: str, asker: Asker) -> None:
    text = ALL_DOCUMENTS[title]
    if not SEARCHES and "search" in text:
        pytest.skip("nothing can be searched")
    for name, noun_id in (await _ids(asker)).items():
        text = text.replace(f'"{name}"', f'"{noun_id}"')
    assert '_id"' not in text

    data = await asker.ask(text)

    (field,) = data
    asked = gql.parse(text).definitions[0]
    assert isinstance(asked, gql.OperationDefinitionNode)
    selection: Any = asked.selection_set.selections[0]
    names = {inner.name.value for inner in selection.selection_set.selections}
    answers = data[field] if isinstance(data[field], list) else [data[field]]
    assert answers or "earch" in title or "line items" in title
    for answer in answers:
        assert answer.keys() == names


@pytest.mark.anyio
async def test_what_the_documents_say_is_what_happens(asker: Asker) -> None:
    created = (await asker.ask(ALL_DOCUMENTS["Create a customer"]))["createCustomer"]
    text = ALL_DOCUMENTS["Update a customer's information"].replace("customer_id", created["id"])
    updated = (await asker.ask(text))["updateCustomer"]
    shown = await asker.rest("GET", f"/v1/customers/{created['id']}")

    assert created["address"] == "123 Street"
    assert updated == {**created, "name": "Jane Doe", "address": "456 New Street"}
    assert shown["address"]["line1"] == "456 New Street"


@pytest.mark.anyio
async def test_a_session_takes_what_it_is_told_and_shows_its_lines(asker: Asker) -> None:
    created = (await asker.ask(ALL_DOCUMENTS["Create a session"]))["createSession"]
    line = {
        "priceData": {"currency": "usd", "unitAmount": 500, "productData": {"name": "Tea"}},
        "quantity": 2,
    }
    sold = await asker.ask(
        "mutation($input: CreateSessionInput!) { createSession(input: $input) { sessionId } }",
        {"input": {"mode": "payment", "successUrl": "https://example.com", "lineItems": [line]}},
    )
    text = ALL_DOCUMENTS["Retrieve line items from a session"]

    lines = (await asker.ask(text.replace("session_id", sold["createSession"]["sessionId"])))[
        "sessionLineItems"
    ]

    assert (created["paymentMode"], created["shippingInfo"]) == ("card", "456 Shipping St.")
    assert [(line["description"], line["quantity"], line["price"]) for line in lines] == [("Tea", 2, 500)]


@pytest.mark.anyio
async def test_a_charge_is_paid_by_the_customers_card_in_the_accounts_currency(asker: Asker) -> None:
    ids = await _ids(asker)

    made = await asker.ask(ALL_DOCUMENTS["Create a charge"].replace("customer_id", ids["customer_id"]))

    charge = made["createCharge"]
    assert charge["status"] == "succeeded"
    assert charge["billingDetails"] == {"name": "John Doe"}
    shown = await asker.rest("GET", f"/v1/charges/{charge['id']}")
    assert (shown["currency"], shown["customer"]) == ("usd", ids["customer_id"])


@pytest.mark.anyio
async def test_an_invoice_of_plain_amounts_is_drafted_changed_and_paid(asker: Asker) -> None:
    ids = await _ids(asker)
    update = ALL_DOCUMENTS["Update an invoice"].replace("invoice_id", ids["invoice_id"])
    pay = ALL_DOCUMENTS["Pay an invoice"].replace("invoice_id", ids["invoice_id"])

    updated = (await asker.ask(update))["updateInvoice"]
    paid = (await asker.ask(pay))["payInvoice"]

    assert (updated["tax"], updated["dueAmount"]) == (15, 120)
    assert paid["status"] == "paid"


@pytest.mark.anyio
async def test_a_due_amount_that_is_not_the_sum_is_refused(asker: Asker) -> None:
    query = "mutation { createInvoice(input: { applicationCharges: 100, tax: 10, dueAmount: 111 }) { id } }"

    told = await asker.answer(query)

    assert told["data"] == {"createInvoice": None}
    assert told["errors"][0]["extensions"]["param"] == "due_amount"


@pytest.mark.anyio
async def test_the_balance_is_one_amount_in_the_accounts_currency(asker: Asker) -> None:
    await _ids(asker)

    balance = (await asker.ask("{ balance { available pending currency availableFunds { currency } } }"))[
        "balance"
    ]

    assert balance["currency"] == "usd"
    assert balance["pending"] > 0
    assert balance["availableFunds"] == [{"currency": "usd"}]


def test_the_schema_is_valid() -> None:
    assert gql.validate_schema(build_schema()) == []
