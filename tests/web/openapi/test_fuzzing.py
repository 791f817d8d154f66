"""The OpenAPI document against the server: data that fits it and data that does not, over a socket."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from payments_core.operations import ALL
from tests.support.server import Server

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def keyed(server: Server) -> tuple[Server, Any, str]:
    """A server with a merchant, and its document as the fuzzer loads it."""
    config = schemathesis.Config.from_dict({"generation": {"mode": "all"}})
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json", config=config)
    _speak_brackets()
    return server, schema, server.account().secret_key


def _speak_brackets() -> None:
    """The fuzzer knows no nested forms."""

    @schemathesis.serializer(FORM)
    def bracketed(ctx: Any, value: Any) -> Any:
        pairs = value.items() if isinstance(value, dict) else value
        if not isinstance(value, dict | list):
            return {"data": str(value).encode("utf-8", "replace")}
        try:
            return {
                "data": urlencode([pair for name, item in pairs for pair in _flat(str(name), item)]).encode()
            }
        except (ValueError, TypeError, UnicodeEncodeError):
            return {"data": b"amount=%FF"}


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{name}[{key}]", item)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _flat(f"{name}[{at}]", item)
    elif value is not None:
        yield (
            name,
            {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value),
        )


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_what_the_server_answers_is_in_the_document(operation: Any, mode: GenerationMode, keyed: Any) -> None:
    server, schema, key = keyed
    headers = {"authorization": f"Bearer {key}"}

    @hypothesis.given(case=schema[operation.path][operation.method].as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=4,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def fits(case: Any) -> None:
        case.headers.pop("Idempotency-Key", None)
        response = case.call(base_url=server.url, headers=headers)
        case.validate_response(
            response, checks=[not_a_server_error, response_schema_conformance, status_code_conformance]
        )

    fits()
