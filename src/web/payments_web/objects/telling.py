"""From settings by dotted name to objects: the inverse of how `account_identity` keeps what was said. No noun of its own."""

import json
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_origin

import attrs
from msgspec import UnsetType

Shown = TypeVar("Shown")

_READ: Final[Mapping[Any, Callable[[str], Any]]] = {
    str: str,
    int: int,
    float: float,
    bool: lambda text: text == "true",
}


def told(cls: type[Shown], said: Mapping[str, str], place: str, **more: Any) -> Shown | None:
    """A *cls* of what is said below *place*, or None if nothing is; *more* is what is not said there."""
    below = {name[len(place) + 1 :]: text for name, text in said.items() if name.startswith(f"{place}.")}
    if not below and not more:
        return None
    found: dict[str, Any] = {}
    shape: Any = cls
    for name, kind in _kinds(shape).items():
        value = _value(kind, below, name)
        if value is not None:
            found[name] = value
    return cls(**found, **more)


def _value(kind: Any, below: Mapping[str, str], name: str) -> Any:
    if attrs.has(kind):
        return told(kind, below, name)
    text = below.get(name)
    if text is None:
        return None
    if get_origin(kind) is tuple:
        return tuple(json.loads(text))
    read = _READ.get(kind)
    return json.loads(text) if read is None else read(text)


@cache
def _kinds(cls: type) -> Mapping[str, Any]:
    """What each field holds when it holds anything."""
    hints = typing.get_type_hints(cls)
    return {field.name: _kind(hints[field.name]) for field in attrs.fields(cls)}


def _kind(hint: Any) -> Any:
    if get_origin(hint) in (typing.Union, types.UnionType):
        return next(part for part in get_args(hint) if part not in (type(None), UnsetType))
    return hint
