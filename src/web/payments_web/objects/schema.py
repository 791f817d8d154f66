"""JSON Schema of all API objects, as the components of an OpenAPI document. Made from the classes; says nothing of its own."""

import re
import typing
from collections.abc import Iterable
from typing import Any, Final

import attrs
import msgspec

from payments_web.objects.expanding import Expandable
from payments_web.objects.listing import DeletedObject, ListObject, SearchResultObject
from payments_web.objects.registry import BY_NAME, OBJECTS

REF: Final = "#/components/schemas/{name}"
ENVELOPES: Final = (ListObject, SearchResultObject, DeletedObject)


def component_name(cls: type) -> str:
    """What the schema of *cls* is called: its `object`, or else its name without `Object`, in snake case."""
    return _NAMES.get(cls.__name__) or _rename(cls.__name__)


def components(objects: Iterable[type] = OBJECTS) -> dict[str, Any]:
    """Schemas by component name, of *objects* and all that they hold."""
    classes = (*objects, *ENVELOPES)
    _, schemas = msgspec.json.schema_components(classes, ref_template=REF, schema_hook=_opaque)
    by_name = {cls.__name__: cls for cls in _reachable(classes)}
    for name, schema in schemas.items():
        if name in by_name:
            _complete(by_name[name], schema)
    return {_rename(name): _renamed(schema) for name, schema in schemas.items()}


def _opaque(cls: type) -> dict[str, Any]:
    if cls is msgspec.Raw:
        return {"type": "object"}
    raise NotImplementedError


def _reachable(classes: Iterable[type]) -> set[type]:
    """The classes and all classes inside them."""
    seen: set[type] = set()
    waiting: list[Any] = list(classes)
    while waiting:
        found = waiting.pop()
        if isinstance(found, type) and attrs.has(found):
            if found not in seen:
                seen.add(found)
                waiting.extend(typing.get_type_hints(found, include_extras=True).values())
        else:
            waiting.extend(typing.get_args(found))
    return seen


def _complete(cls: type, schema: dict[str, Any]) -> None:
    """Say in *schema* which keys are always there, and which ids can be objects."""
    hints = typing.get_type_hints(cls, include_extras=True)
    schema["required"] = [
        name for name, hint in hints.items() if msgspec.UnsetType not in _alternatives(hint)
    ]
    schema["properties"] = {name: schema["properties"][name] for name in hints}
    for name, hint in hints.items():
        marks = [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Expandable)]
        known = [BY_NAME[kind] for mark in marks for kind in mark.kinds if kind in BY_NAME]
        if known:
            _mark_expandable(schema["properties"][name], known)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    return typing.get_args(hint)


def _mark_expandable(shown: dict[str, Any], known: list[type]) -> None:
    refs = [{"$ref": REF.format(name=cls.__name__)} for cls in known]
    shown["x-expansionResources"] = {"oneOf": refs}
    if shown.get("type") == "array":
        shown["items"] = {"anyOf": [shown["items"], *refs]}
        return
    options = shown.pop("anyOf", None) or [{"type": shown.pop("type")}]
    shown["anyOf"] = [*options, *refs]


_NAMES: Final = {cls.__name__: name for name, cls in BY_NAME.items()}


def _rename(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.removesuffix("Object"))
    return _NAMES.get(name) or words.lower()


def _renamed(schema: Any) -> Any:
    """*schema* with its references and title in component names."""
    if isinstance(schema, list):
        return [_renamed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: _renamed(value) for key, value in schema.items()}
    if isinstance(schema.get("$ref"), str):
        result["$ref"] = REF.format(name=_rename(schema["$ref"].rpartition("/")[2]))
    if isinstance(schema.get("title"), str) and "properties" in schema:
        result["title"] = _rename(schema["title"])
    return result
