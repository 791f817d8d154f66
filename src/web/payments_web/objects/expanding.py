"""`expand[]`: ids replaced by the objects they name, and lists that are left out until somebody asks.

Works on rendered answers (dicts), level by level: all paths and all rows of a list share one look-up for each kind and
level. Where objects come from is the loader's affair.
"""

import typing
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Final, Protocol

import attrs
from msgspec import UnsetType

from payments_core.errors import InvalidRequest
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable, Includable
from payments_web.objects.registry import BY_NAME, PREFIXES

__all__ = ["LEVELS_MAX", "Expandable", "Includable", "Loader", "expand", "kind_of"]

LEVELS_MAX: Final = 4

Rendered = dict[str, Any]
Tree = dict[str, "Tree"]


class Loader(Protocol):
    """Finds objects, rendered, each time many at once."""

    async def find_many(self, kind: str, ids: Collection[str]) -> Mapping[str, Rendered]:
        """Return those of *ids* that exist, rendered, by id. *kind* is the `object` of what is wanted."""
        ...

    async def list_of(self, kind: str, by: str, owner_ids: Collection[str]) -> Mapping[str, Rendered]:
        """Return for each owner the list (`data` and `has_more`) of objects of *kind* whose column *by* is its id."""
        ...


@attrs.frozen
class _Place:
    """A rendered hash on the way of a path, and the class that says what its fields are."""

    hash: Rendered
    shape: type | None
    tree: Tree
    path: str


@attrs.frozen
class _Want:
    """A field to be replaced when its object is there."""

    place: _Place
    field: str
    key: str


async def expand(rendered: Rendered, paths: Iterable[str], loader: Loader) -> Rendered:
    """Expand *paths* in *rendered*, in place, and return it. Raises `InvalidRequest` for a path that leads nowhere."""
    places = [_Place(rendered, _shape_of(rendered, None), _tree(paths), "")]
    while places:
        places = await _level(places, loader)
    return rendered


def check(shape: type | None, paths: Iterable[str]) -> None:
    """Refuse paths that lead nowhere in objects of *shape*, before anything is done. Raises `InvalidRequest`."""
    for path in paths:
        _tree((path,))
        shapes = {shape} - {None}
        names = path.split(".")
        for depth, name in enumerate(names):
            if not shapes:
                return  # what this may be, only the answer will tell
            if not any(name in _fields(one) for one in shapes):
                there = ".".join(names[: depth + 1])
                raise InvalidRequest(
                    f"This property cannot be expanded because it doesn't exist: {there}.", param="expand"
                )
            shapes = {below for one in shapes for below in _below(one, name)}


def _below(shape: type | None, field: str) -> set[type | None]:
    """The shapes that a field of *shape* may lead to."""
    mark = _marks(shape).get(field)
    if isinstance(mark, Expandable):
        return {BY_NAME.get(kind) for kind in mark.kinds} - {None}
    if isinstance(mark, Includable):
        return {ListObject}
    return {_nested(shape, field)} - {None}


async def _level(places: list[_Place], loader: Loader) -> list[_Place]:
    """Walk one step of every path: fetch what the fields name, in one look-up for each kind, and return where to go on."""
    ids: dict[str, list[_Want]] = defaultdict(list)
    lists: dict[Includable, list[_Want]] = defaultdict(list)
    steps = [(place, field) for place in places for field in place.tree]
    for place, field in steps:
        mark = _mark(place, field)
        value = place.hash.get(field)
        if isinstance(mark, Includable) and value is None:
            lists[mark].append(_Want(place, field, place.hash["id"]))
        elif isinstance(mark, Expandable) and isinstance(value, str):
            ids[kind_of(value, mark)].append(_Want(place, field, value))
        elif isinstance(mark, Expandable) and isinstance(value, list):
            await _expand_ids(value, mark, loader)
    for kind, wants in ids.items():
        _put(wants, await loader.find_many(kind, {want.key for want in wants}))
    for mark, wants in lists.items():
        found = await loader.list_of(mark.kind, mark.by, {want.key for want in wants})
        _put(wants, {owner: _envelope(mark, owner, part) for owner, part in found.items()})
    return [deeper for place, field in steps for deeper in _onwards(place, field)]


async def _expand_ids(ids: list[Any], mark: Expandable, loader: Loader) -> None:
    """Replace the ids in a field that is a list of them."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for item in ids:
        if isinstance(item, str):
            by_kind[kind_of(item, mark)].add(item)
    found: dict[str, Rendered] = {}
    for kind, wanted in by_kind.items():
        found |= await loader.find_many(kind, wanted)
    ids[:] = [found.get(item, item) if isinstance(item, str) else item for item in ids]


def _put(wants: list[_Want], found: Mapping[str, Rendered]) -> None:
    """Put what was found in its places, in each a copy of its own; an id that names nothing stays an id."""
    for want in wants:
        if want.key in found:
            want.place.hash[want.field] = _copy(found[want.key])


def _copy(value: Any) -> Any:
    """A copy that further expansion may change."""
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _envelope(mark: Includable, owner: str, part: Rendered) -> Rendered:
    return {
        "object": "list",
        "data": part["data"],
        "has_more": part.get("has_more", False),
        "url": mark.path.format(id=owner),
    }


def _onwards(place: _Place, field: str) -> list[_Place]:
    """Where the paths through *field* go on, now that it was fetched."""
    tree = place.tree[field]
    value = place.hash.get(field)
    if not tree or value is None:
        return []
    path = f"{place.path}{field}."
    below = _nested(place.shape, field)
    hashes = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
    return [_Place(item, _shape_of(item, below), tree, path) for item in hashes]


def _mark(place: _Place, field: str) -> Expandable | Includable | None:
    """The mark of a field, None for one that is only passed through; raises where the path ends."""
    path = place.path + field
    mark = _marks(place.shape).get(field)
    if mark is not None:
        return mark
    if field not in place.hash and field not in _fields(place.shape):
        raise InvalidRequest(
            f"This property cannot be expanded because it doesn't exist: {path}.", param="expand"
        )
    if field in _left_out(place.shape):
        place.hash.setdefault(field, None)
        return None
    value = place.hash.get(field)
    passes = value is None or isinstance(value, dict | list)
    if not place.tree[field] or not passes:
        raise InvalidRequest(f"This property cannot be expanded ({path}).", param="expand")
    return None


def kind_of(noun_id: str, mark: Expandable) -> str:
    """Which kind of object an id names, where a field may hold several."""
    if len(mark.kinds) == 1:
        return mark.kinds[0]
    prefix, under, _ = noun_id.partition("_")
    kind = PREFIXES.get(prefix + under)
    return kind if kind in mark.kinds else mark.kinds[0]


def _tree(paths: Iterable[str]) -> Tree:
    tree: Tree = {}
    for path in paths:
        names = path.split(".")
        if len(names) > LEVELS_MAX:
            raise InvalidRequest(
                f"You cannot expand more than {LEVELS_MAX} levels of a property. Property: {path}",
                param="expand",
            )
        branch = tree
        for name in names:
            branch = branch.setdefault(name, {})
    return tree


def _shape_of(rendered: Rendered, below: type | None) -> type | None:
    name = rendered.get("object")
    return (BY_NAME.get(name) if isinstance(name, str) else None) or below


@cache
def _hints(shape: type | None) -> Mapping[str, Any]:
    return {} if shape is None else typing.get_type_hints(shape, include_extras=True)


@cache
def _fields(shape: type | None) -> frozenset[str]:
    return frozenset(_hints(shape))


@cache
def _marks(shape: type | None) -> Mapping[str, Expandable | Includable]:
    return {
        name: mark
        for name, hint in _hints(shape).items()
        for part in (hint, *typing.get_args(hint))
        for mark in getattr(part, "__metadata__", ())
        if isinstance(mark, Expandable | Includable)
    }


@cache
def _left_out(shape: type | None) -> frozenset[str]:
    """The fields that may be absent: asking for one makes it null where it holds nothing."""
    return frozenset(name for name, hint in _hints(shape).items() if UnsetType in _parts(hint))


def _parts(hint: Any) -> frozenset[Any]:
    inner = typing.get_args(hint)
    return frozenset(inner).union(*map(_parts, inner))


@cache
def _nested(shape: type | None, field: str) -> type | None:
    """The class of a hash, or of the hashes in a list, in a field."""
    waiting = [_hints(shape).get(field)]
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and attrs.has(hint):
            return hint
        waiting.extend(typing.get_args(hint))
    return None
