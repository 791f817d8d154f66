"""The OpenAPI document tells what is declared, no less and no more."""

import json

import pytest

from payments_core.operations import ALL
from payments_core.operations.declaring import Operation
from payments_web.describing import fields_of
from payments_web.openapi import document


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_operation_is_told_with_all_its_parameters(operation: Operation) -> None:
    told = document()["paths"][operation.path][operation.method.lower()]

    named = {parameter["name"] for parameter in told["parameters"]} - {"Idempotency-Key", "expand"}
    for content in told.get("requestBody", {}).get("content", {}).values():
        named |= content["schema"]["properties"].keys() - {"expand"}
    assert named == {field.name for field in fields_of(operation.command)}


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(document())

    schemas = document()["components"]["schemas"]
    for part in text.split('"$ref": "#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas


def test_required_is_what_has_no_default() -> None:
    body = document()["paths"]["/v1/charges"]["post"]["requestBody"]

    schema = body["content"]["application/x-www-form-urlencoded"]["schema"]
    assert schema["required"] == ["amount", "currency"]
    assert schema["properties"]["currency"]["pattern"] == "^[A-Za-z]{3}$"
    assert {"type": "string", "enum": [""]} in schema["properties"]["description"]["anyOf"]


def test_answers_are_the_objects_and_refusals_what_the_operation_declares() -> None:
    told = document()["paths"]["/v1/charges"]["post"]["responses"]

    assert told["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/charge"}
    assert {"400", "401", "402", "403", "404", "409", "429"} <= told.keys()


def test_a_parameter_of_several_kinds_has_them_all() -> None:
    from payments_core.operations.charges import CreateCharge

    source = next(field for field in fields_of(CreateCharge) if field.name == "source")

    assert len(source.hint) == 2
