"""The OpenAPI 3.1 document, made from the declared operations and the API objects. Says nothing of its own about payments."""

import inspect
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any, Final, get_args, get_origin

import attrs

from payments_core import errors
from payments_core.money.currencies import CurrencyCode
from payments_core.operations import ALL
from payments_core.operations.declaring import LIMIT_MAX, Listing, Operation
from payments_core.operations.structuring import STRING_MAX
from payments_core.settlement.external_accounts import AccountNumber
from payments_core.tokenization.cards import Cvc, Pan
from payments_web.describing import (
    Field,
    alternatives,
    fields_of,
    is_text_map,
    item_of,
    objects_of,
    path_names,
    plain,
    words_of,
)
from payments_web.objects.api_error import ApiErrorObject
from payments_web.objects.common import API_VERSION
from payments_web.objects.listing import SearchResultObject
from payments_web.objects.registry import OBJECTS
from payments_web.objects.replies import STATUS
from payments_web.objects.schema import REF, component_name, components

Schema = dict[str, Any]

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
_ALWAYS: Final = (errors.InvalidRequest, errors.Unauthenticated, errors.Forbidden, errors.RateLimited)
_STATUS_WORDS: Final = {
    400: "The request cannot be carried out.",
    401: "No valid key.",
    402: "The card was refused.",
    403: "The key may not do this.",
    404: "No such object.",
    408: "The body did not arrive in time.",
    409: "The idempotency key is in use.",
    413: "The body is too large.",
    429: "Too much at once.",
    503: "The storage or a network cannot be reached now.",
}


@cache
def document() -> Schema:
    """The document of everything the library can do."""
    return document_of(ALL)


def document_of(operations: Iterable[Operation], server: str = "/") -> Schema:
    """The document of *operations*."""
    paths: dict[str, Schema] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    keys = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer sk_…`"},
        "basic": {"type": "http", "scheme": "basic", "description": "The key as user name, no password."},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "payments-core",
            "version": API_VERSION,
            "description": "A payment gateway in the shape of Stripe's API: forms in, JSON out.",
        },
        "servers": [{"url": server}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": keys},
    }


def _schemas() -> Schema:
    schemas = components((*OBJECTS, ApiErrorObject))
    schemas["error"] = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"$ref": _ref(ApiErrorObject)}},
    }
    return schemas


def _ref(cls: type) -> str:
    return REF.format(name=component_name(cls))


def _operation(operation: Operation) -> Schema:
    fields = {field.name: field for field in fields_of(operation.command)}
    in_path = path_names(operation)
    told: Schema = {
        "operationId": operation.name.replace(".", "_"),
        "summary": operation.summary.partition("\n")[0],
        "description": inspect.getdoc(operation.handler) or operation.summary,
        "tags": [operation.noun],
        "parameters": [_path_parameter(name) for name in in_path],
        "responses": _responses(operation),
    }
    others = [field for name, field in fields.items() if name not in in_path]
    if operation.method == "POST":
        told["parameters"].append(_IDEMPOTENCY)
        told["requestBody"] = _body([*others, EXPAND])
    else:
        told["parameters"] += [
            _query_parameter(field, operation) for field in (*others, *_expandable(operation))
        ]
    if operation.publishable:
        told["x-publishable"] = True
    return told


_IDEMPOTENCY: Final[Schema] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A repetition with the same key does nothing and gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]+$"},
}
EXPAND: Final = Field("expand", tuple[str, ...], required=False, default=None, unsets=False)


def _expandable(operation: Operation) -> tuple[Field, ...]:
    return (EXPAND,) if operation.method == "GET" else ()


def _path_parameter(name: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_.-]+$"},
    }


def _query_parameter(field: Field, operation: Operation) -> Schema:
    schema = _schema(field)
    if field.name == "limit" and issubclass(operation.command, Listing):
        schema |= {"minimum": 1, "maximum": LIMIT_MAX}
    told: Schema = {"name": field.name, "in": "query", "required": field.required, "schema": schema}
    return told | ({"style": "deepObject", "explode": True} if _is_deep(field) else {})


def _body(fields: list[Field]) -> Schema:
    required = [field.name for field in fields if field.required]
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: _schema(field) for field in fields},
    }
    if required:
        schema["required"] = required
    deep = {field.name: {"style": "deepObject", "explode": True} for field in fields if _is_deep(field)}
    return {"required": bool(required), "content": {FORM: {"schema": schema, "encoding": deep}}}


def _is_deep(field: Field) -> bool:
    hints = field.hint if isinstance(field.hint, tuple) else (field.hint,)
    return any(attrs.has(hint) or is_text_map(hint) or _is_list(hint) for hint in hints)


def _is_list(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return origin is tuple


def _schema(field: Field) -> Schema:
    hints = field.hint if isinstance(field.hint, tuple) else (field.hint,)
    options = [_of(hint) for hint in hints]
    if field.unsets and not any("" in option.get("enum", ()) for option in options):
        options.append({"type": "string", "enum": [""]})
    schema = options[0] if len(options) == 1 else {"anyOf": options}
    if not field.required and isinstance(field.default, bool | int | str):
        schema = {**schema, "default": field.default}
    return schema


def _of(hint: Any) -> Schema:
    words = words_of(hint)
    if words is not None:
        return {"type": "string", "enum": list(words)}
    if is_text_map(hint):
        return {"type": "object", "additionalProperties": {"type": "string"}}
    if _is_list(hint):
        return {"type": "array", "items": _of_one(get_args(hint)[0])}
    if attrs.has(hint):
        return _object(hint)
    return dict(_PLAIN.get(hint) or _PLAIN.get(plain(hint)) or _PLAIN[str])


def _of_one(hint: Any) -> Schema:
    options = [_of(part) for part in alternatives(hint)]
    return options[0] if len(options) == 1 else {"anyOf": options}


def _object(cls: type) -> Schema:
    fields = fields_of(cls)
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: _schema(field) for field in fields},
    }
    required = [field.name for field in fields if field.required]
    return schema | ({"required": required} if required else {})


_PLAIN: Final[dict[Any, Schema]] = {
    int: {"type": "integer", "format": "int64"},
    bool: {"type": "boolean"},
    str: {"type": "string", "maxLength": STRING_MAX},
    Decimal: {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,12})?$"},
    CurrencyCode: {"type": "string", "minLength": 3, "maxLength": 3, "pattern": "^[A-Za-z]{3}$"},
    AccountNumber: {"type": "string", "pattern": "^[A-Za-z0-9 -]{4,50}$"},
    Pan: {"type": "string", "pattern": "^[0-9]{12,19}$"},
    Cvc: {"type": "string", "pattern": "^[0-9]{3,4}$"},
}


def _responses(operation: Operation) -> Schema:
    refused = {_status(error) for error in (*operation.raises, *_ALWAYS)}
    if path_names(operation):
        refused.add(404)
    if operation.method == "POST":
        refused |= {404, 408, 409, 413}
    answers: Schema = {"200": {"description": "Done.", "content": {JSON: {"schema": _result(operation)}}}}
    for status in sorted(refused | {503}):
        answers[str(status)] = _error(_STATUS_WORDS.get(status, "Refused."))
    # Said by the HTTP server itself, which knows no JSON.
    answers["414"] = answers["431"] = {"description": "The address or a header is too long."}
    return answers


def _error(words: str) -> Schema:
    return {"description": words, "content": {JSON: {"schema": {"$ref": REF.format(name="error")}}}}


def _status(error: type[errors.PaymentsError]) -> int:
    return next(STATUS[cls] for cls in error.__mro__ if cls in STATUS)


def _result(operation: Operation) -> Schema:
    item = item_of(operation)
    if item is None:
        return _shown(operation.result)
    envelope = _ref(SearchResultObject) if operation.name.endswith(".search") else REF.format(name="list")
    return {
        "allOf": [{"$ref": envelope}],
        "type": "object",
        "properties": {"data": {"type": "array", "items": _shown(item)}},
    }


def _shown(noun: Any) -> Schema:
    options = [{"$ref": _ref(cls)} for cls in objects_of(noun)]
    return options[0] if len(options) == 1 else ({"anyOf": options} if options else {"type": "object"})
