"""Hostile documents are refused before they cost anything, and introspection is for those with a key."""

import gc
import time
import tracemalloc
from typing import Any

import graphql as gql
import pytest

from payments_web.graphql.documents import Documents, Refusal
from payments_web.graphql.limits import DEPTH_MAX
from payments_web.graphql.schema import build_schema
from tests.web.graphql.asking import Asker

SCHEMA = build_schema()
WITHIN_S = 0.25
"""Far above what it takes, on a machine that does other things too."""


def deep(depth: int) -> str:
    return '{ charge(id: "ch_1") ' + "{ customer { defaultSource " * depth + "{ id }" + "} }" * depth + "}"


def spread(count: int) -> str:
    """Fragments of which each spreads the next one twice: small to write, endless to spread out."""
    parts = [f"fragment f{n} on Charge {{ a{n}: id ...f{n + 1} b{n}: id ...f{n + 1} }}" for n in range(count)]
    return '{ charge(id: "c") { ...f0 } } ' + " ".join(parts) + f" fragment f{count} on Charge {{ id }}"


HOSTILE = {
    "nested ten thousand deep": "{ a" * 10_000 + "}" * 10_000,
    "lists in lists": "{ customers(created: " + "[" * 10_000 + "]" * 10_000 + ") { id } }",
    "objects in objects": "{ customers(created: " + "{a:" * 10_000 + "1" + "}" * 10_000 + ") { id } }",
    "thousands of aliases": "{ " + " ".join(f"a{n}: customers {{ id }}" for n in range(1_000)) + " }",
    "some aliases": "{ " + " ".join(f"a{n}: customers {{ id }}" for n in range(60)) + " }",
    "aliases inside": '{ charge(id: "c") { ' + " ".join(f"a{n}: id" for n in range(60)) + " } }",
    "one field over and over": "{ customers { " + "id " * 900 + "} }",
    "fields over and over in fragments": "{ customers { "
    + " ".join(f"...f{n}" for n in range(40))
    + " } } "
    + " ".join(f"fragment f{n} on Customer {{ {'id name ' * 9} }}" for n in range(40)),
    "a fragment in a circle": "{ customers { ...a } } fragment a on Customer { ...b } fragment b on Customer { ...a }",
    "a fragment within itself": "{ customers { ...a } } fragment a on Customer { id ...a }",
    "fragments that double": spread(30),
    "a hundred definitions": " ".join(f"query q{n} {{ balance {{ currency }} }}" for n in range(100)),
    "long lists in long lists": "{ charges(limit: 100) { customer { sources { customer { sources { customer { id } } } } } } }",
    "too deep": deep(DEPTH_MAX // 2 + 1),
    "a huge list": "{ events(types: [" + '"a",' * 5_000 + "]) { id } }",
    "a huge text": '{ customer(id: "' + "x" * 90_000 + '") { ' + "id " * 50 + "} }",
    "quotes": '{ customer(id: "' * 5_000,
    "backslashes": '"' + "\\" * 90_000,
    "block quotes": '"""' * 20_000,
    "comments": "#\n" * 40_000 + "{ customers { id } } }",
    "introspection in circles": "{ __schema { types "
    + "{ fields { type " * 7
    + "{ name }"
    + "} }" * 7
    + "} }",
    "directives": "{ customers " + "@skip(if: false) " * 500 + "{ id } }",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_document_is_refused_at_once(text: str) -> None:
    documents = Documents(SCHEMA)
    started = time.perf_counter()

    with pytest.raises(Refusal):
        documents.read(text)

    assert time.perf_counter() - started < WITHIN_S


def test_refusals_hold_no_memory() -> None:
    documents = Documents(SCHEMA)

    def all_refused() -> None:
        for text in HOSTILE.values():
            with pytest.raises(Refusal):
                documents.read(text)

    all_refused()
    gc.collect()
    tracemalloc.start()
    all_refused()
    gc.collect()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert after < 300_000
    assert peak < 30_000_000


def test_kept_documents_are_bounded() -> None:
    documents = Documents(SCHEMA)

    for number in range(70):
        documents.read(f"query q{number} {{ balance {{ currency }} }} #" + "x" * 45_000)

    assert len(documents._kept) < 50


def test_what_people_ask_is_within_the_limits() -> None:
    documents = Documents(SCHEMA)
    charge = SCHEMA.get_type("Charge")
    assert isinstance(charge, gql.GraphQLObjectType)
    plain = " ".join(
        name for name, field in charge.fields.items() if gql.is_leaf_type(gql.get_named_type(field.type))
    )

    documents.read("{ charges(limit: 100) { " + plain + " customer { id name email } } }")
    documents.read(gql.get_introspection_query())


@pytest.mark.anyio
async def test_introspection_needs_a_key(asker: Asker) -> None:
    without = await asker.send({"query": "{ __schema { queryType { name } } }"}, key="")
    within = await asker.ask("{ __schema { queryType { name } } }")

    assert without.status_code == 401
    assert within["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([{"query": "{ balance { currency } }"}], 400),
        ("{ balance }", 400),
        ({}, 400),
        ({"query": 1}, 400),
        ({"query": ""}, 400),
        ({"query": "{ nothing }"}, 400),
        ({"query": "query a { balance { currency } } query b { balance { currency } }"}, 400),
        ({"query": "{ balance { currency } }", "operationName": "x"}, 400),
        ({"query": "{ balance { currency } }", "variables": []}, 200),
        ({"query": "{ balance { currency } }", "variables": [1]}, 400),
        (
            {"query": "query($a: [String!]) { events(types: $a) { id } }", "variables": {"a": ["x"] * 6_000}},
            400,
        ),
        ({"query": "query($a: Int) { charges(limit: $a) { id } }", "variables": {"a": "x"}}, 400),
        ({"query": "{ balance { currency } }" + " " * 200_000}, 400),
    ],
)
async def test_a_body_that_is_no_question(asker: Asker, body: Any, status: int) -> None:
    response = await asker.send(body)

    assert response.status_code == status
    assert status == 200 or response.json()["errors"][0]["message"]


@pytest.mark.anyio
async def test_only_json_by_post(asker: Asker) -> None:
    headers = {"authorization": f"Bearer {asker.key}"}
    got = await asker.http.get("/graphql", params={"query": "{ balance { currency } }"}, headers=headers)
    form = await asker.http.post("/graphql", data={"query": "{ balance { currency } }"}, headers=headers)
    broken = await asker.http.post(
        "/graphql", content=b"{", headers={**headers, "content-type": "application/json"}
    )

    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    assert form.status_code == 415
    assert broken.status_code == 400
