"""What an operation takes and gives, read off its declaration: for the documents and the schemas, not for requests.

OpenAPI and GraphQL both start from here, so that they cannot tell different tales.
"""

import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

import attrs

from payments_core.operations.declaring import Deleted, Operation, page_of
from payments_web.objects.listing import DeletedObject
from payments_web.objects.registry import SHOWS

UNIONS: Final = (typing.Union, types.UnionType)


@attrs.frozen
class Field:
    """One parameter of a command, or of a class inside one. `hint` has lost its None and its empty string."""

    name: str
    hint: Any
    """A type, or a tuple of types of which one applies."""
    required: bool
    default: Any
    unsets: bool
    """Whether an empty string clears what is there."""


def fields_of(cls: type) -> tuple[Field, ...]:
    """The parameters that *cls* declares."""
    hints = typing.get_type_hints(cls)
    return tuple(
        _field(attribute, hints[attribute.name]) for attribute in attrs.fields(cls) if attribute.init
    )


def _field(attribute: "attrs.Attribute[Any]", hint: Any) -> Field:
    parts = [part for part in alternatives(hint) if part is not type(None)]
    kept = [part for part in parts if part != Literal[""]]
    default = attribute.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = None
    return Field(
        name=attribute.name,
        hint=kept[0] if len(kept) == 1 else tuple(kept),
        required=attribute.default is attrs.NOTHING,
        default=None if default is attrs.NOTHING else default,
        unsets=len(kept) < len(parts) or any(_has_empty(part) for part in kept),
    )


def _has_empty(part: Any) -> bool:
    return get_origin(part) is Literal and "" in get_args(part)


def alternatives(hint: Any) -> tuple[Any, ...]:
    """The parts of a union; a type by itself is one."""
    return get_args(hint) if get_origin(hint) in UNIONS else (hint,)


def plain(hint: Any) -> Any:
    """The type behind a `NewType`."""
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    return hint


def words_of(hint: Any) -> tuple[str, ...] | None:
    """The words that a literal or an enumeration allows, or None for anything else."""
    if get_origin(hint) is Literal:
        return tuple(str(word) for word in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(str(member) for member in hint)
    return None


def is_text_map(hint: Any) -> bool:
    """Say whether it is a hash of free keys, such as metadata."""
    return get_origin(hint) in (dict, Mapping)


def path_names(operation: Operation) -> tuple[str, ...]:
    """The parameters that stand in the path."""
    return tuple(part.strip("{}") for part in operation.path.split("/") if part.startswith("{"))


@cache
def objects_of(noun: Any) -> tuple[type, ...]:
    """The objects that *noun* may be shown as; none if nobody can see it."""
    if noun is Deleted:
        return (DeletedObject,)
    found = []
    for part in alternatives(noun):
        show = dict(SHOWS).get(part)
        if show is None:
            continue
        shown = getattr(show, "__self__", None) or typing.get_type_hints(show)["return"]
        found += [cls for cls in alternatives(shown) if attrs.has(cls)]
    return tuple(dict.fromkeys(found))


def item_of(operation: Operation) -> Any | None:
    """The noun in the pages of a list operation, or None."""
    return page_of(operation)
