"""Bracketed forms: `a[b][c]=1&l[0]=x&l[]=y` to a tree of dicts, lists and strings, within limits.

No meaning here: every value stays text. A malformed body is one `InvalidRequest`, and nothing is guessed: bytes that are
not UTF-8, a name that is a value and a hash at once, or a broken bracket are refused.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from payments_core.errors import InvalidRequest

FIELDS_MAX: Final = 1_000
DEPTH_MAX: Final = 8
ITEMS_MAX: Final = 1_000

Tree = dict[str, Any]


class Indexed(list[Any]):
    """A list as a form spelt it; `indices` are the keys that it was spelt with."""

    indices: tuple[str, ...] = ()


class _Slots(dict[str, Any]):
    """A hash whose keys so far are list indices."""


def parse(body: bytes) -> Tree:
    """Return the tree that *body* spells; raises `InvalidRequest`."""
    if not body:
        return {}
    pairs = body.split(b"&")
    if len(pairs) > FIELDS_MAX:
        raise InvalidRequest(f"A request has at most {FIELDS_MAX} parameters.")
    tree: Tree = {}
    for pair in pairs:
        if pair:
            name, _, value = pair.partition(b"=")
            _put(tree, _path(name), _text(value))
    listed: Tree = _listed(tree)
    return listed


def _text(raw: bytes) -> str:
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        raw = unquote_to_bytes(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InvalidRequest(
            "The request has bytes that are not UTF-8 text.", code="invalid_characters"
        ) from None


@lru_cache(maxsize=4096)
def _path(raw: bytes) -> tuple[str, ...]:
    """`a[b][]` as `("a", "b", "")`."""
    if len(raw) > 2_000:
        raise InvalidRequest("A parameter's name is too long.")
    name = _text(raw)
    if "\x00" in name:
        raise InvalidRequest("A parameter's name has a NUL character.", code="invalid_characters")
    first, bracket, rest = name.partition("[")
    if not first or "]" in first or (bracket and not rest.endswith("]")):
        raise _malformed(name)
    path = (first, *rest[:-1].split("][")) if bracket else (first,)
    if len(path) > DEPTH_MAX:
        raise InvalidRequest(f"A parameter nests at most {DEPTH_MAX - 1} levels deep: {name[:100]}")
    if any("[" in part or "]" in part for part in path):
        raise _malformed(name)
    return path


def _malformed(name: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid parameter name: {name[:100]}", param=name[:100])


def _put(tree: Tree, path: tuple[str, ...], value: str) -> None:
    here = tree
    for part, below in pairwise(path):
        indexed = below == "" or (below.isdecimal() and below.isascii())
        if part == "":
            part = str(len(here) - (1 if here and _may_join(here, below) else 0))
        inner = here.get(part)
        if inner is None:
            inner = here[part] = _Slots() if indexed else {}
        elif not isinstance(inner, dict):
            raise InvalidRequest(f"{path[0]} cannot be a value and a hash at once.", param=path[0])
        elif isinstance(inner, _Slots) and not indexed:
            inner = here[part] = dict(inner)
        here = inner
    last = path[-1]
    if last == "":
        last = str(len(here))
        if len(here) >= ITEMS_MAX:
            raise InvalidRequest(f"A list has at most {ITEMS_MAX} items.", param=path[0])
    if isinstance(here.get(last), dict):
        raise InvalidRequest(f"{path[0]} cannot be a value and a hash at once.", param=path[0])
    here[last] = value


def _may_join(items: Tree, field: str) -> bool:
    """`a[][b]=1&a[][c]=2` is one item, `a[][b]=1&a[][b]=2` are two."""
    newest = items.get(str(len(items) - 1))
    return isinstance(newest, dict) and field not in newest


def _listed(value: Any) -> Any:
    """Hashes whose keys are indices become lists, in the order of the indices."""
    if not isinstance(value, dict):
        return value
    if isinstance(value, _Slots):
        keys = sorted(value, key=int)
        items = Indexed(_listed(value[key]) for key in keys)
        items.indices = tuple(keys)
        return items
    for key, item in value.items():
        if isinstance(item, dict):
            value[key] = _listed(item)
    return value
