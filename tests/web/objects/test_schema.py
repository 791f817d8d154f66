"""The schemas say what the objects show."""

from typing import Any

import msgspec
import pytest

from payments_web.objects.presenter import ApiPresenter, encode
from payments_web.objects.registry import BY_NAME
from payments_web.objects.schema import components
from tests.web.objects import nouns

PRESENTER = ApiPresenter()
SCHEMAS = components()


def references(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*(references(item) for item in schema))
    if isinstance(schema, dict):
        own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*(references(value) for value in schema.values()))
    return set()


def test_every_object_has_a_component() -> None:
    assert set(BY_NAME) <= set(SCHEMAS)


def test_every_reference_leads_somewhere() -> None:
    assert references(SCHEMAS) <= {f"#/components/schemas/{name}" for name in SCHEMAS}


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("account", nouns.ACCOUNTS["platform"]),
        ("charge", nouns.charge()),
        ("customer", nouns.customer()),
        ("event", nouns.EVENTS["update"]),
        ("payment_method", nouns.method()),
        ("refund", nouns.refund()),
        ("token", nouns.TOKENS["fresh"]),
    ],
)
def test_the_keys_of_an_object_are_those_of_its_schema(name: str, noun: Any) -> None:
    answer = msgspec.json.decode(encode(PRESENTER.show(noun, livemode=False)))
    schema = SCHEMAS[name]

    assert set(schema["required"]) <= set(answer) <= set(schema["properties"])
    in_order = [key for key in schema["properties"] if key in answer]
    assert list(answer) == in_order


def test_an_expandable_id_may_be_an_object() -> None:
    assert {"$ref": "#/components/schemas/customer"} in SCHEMAS["charge"]["properties"]["customer"]["anyOf"]
