"""Whether a query is true of a noun. Pure; storages may find candidates as they like, this says which of them are meant."""

from collections.abc import Iterator, Mapping
from enum import Enum
from operator import ge, gt, le, lt
from typing import Any, Final

import attrs

from payments_core.searching.queries import COMPARES, Relation


class Kind(Enum):
    """What a field holds, and so what can be said of it."""

    TEXT = "text"
    """Words: equality and parts."""
    TOKEN = "token"
    """A name out of a list, or an id: equality."""
    NUMBER = "number"
    FLAG = "flag"
    HASH = "hash"
    """Keys of the merchant's own, each with a text: equality and parts."""


@attrs.frozen(kw_only=True)
class Sought:
    """A clause whose field is known: `path` is where the noun has it."""

    path: str
    kind: Kind
    key: str | None = None
    relation: Relation
    value: str | int | bool | None
    """Texts as `folded` has them."""
    raw: str | None = None
    """The text as it was written."""
    negated: bool = False


@attrs.frozen(kw_only=True)
class Search:
    """What to look for in nouns of one kind, newest first, and how many at most."""

    sought: tuple[Sought, ...]
    any: bool = False
    live: bool = False
    """Whether deleted nouns are left out."""
    after: str | None = None
    """Older than the noun of this id."""
    limit: int = 10


_COMPARE: Final = {Relation.ABOVE: gt, Relation.BELOW: lt, Relation.AT_LEAST: ge, Relation.AT_MOST: le}


def matches(noun: Any, search: Search) -> bool:
    """Say whether *search* means *noun*."""
    if search.live and getattr(noun, "deleted", False):
        return False
    found = (_is_true(noun, sought) is not sought.negated for sought in search.sought)
    return any(found) if search.any else all(found)


def _is_true(noun: Any, sought: Sought) -> bool:
    value = value_at(noun, sought.path)
    if sought.kind is Kind.HASH:
        value = (value or {}).get(sought.key)
    if sought.value is None:
        return value is None
    if value is None:
        return False
    if sought.relation in COMPARES:
        return bool(_COMPARE[sought.relation](int(value), sought.value))
    if isinstance(sought.value, str):
        text = folded(str(value))
        return sought.value in text if sought.relation is Relation.HAS else text == sought.value
    return bool(value == sought.value)


def value_at(noun: Any, path: str) -> Any:
    """What stands at a dotted path, None where it breaks off."""
    for name in path.split("."):
        if noun is None:
            return None
        noun = getattr(noun, name)
    return noun


def folded(text: str) -> str:
    """A text as it is compared: in lower case, where nothing but ASCII becomes ASCII, so that databases agree."""
    if text.isascii():
        return text.lower()
    return "".join(_lower(character) for character in text)


def _lower(character: str) -> str:
    low = character.lower()
    return low if character.isascii() or not any(part.isascii() for part in low) else character


def terms(noun: Any, paths: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """What a storage may keep an index of: (path, key, folded text) of every text at *paths*, hashes key by key."""
    for path in paths:
        value = value_at(noun, path)
        if isinstance(value, Mapping):
            for key, item in value.items():
                yield path, key, folded(item)
        elif value is not None:
            yield path, "", folded(str(value))
