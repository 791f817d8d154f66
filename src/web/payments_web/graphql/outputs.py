"""Output types, from the API objects. An id that can be expanded is two fields: `customerId`, and `customer` for the object."""

import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any, Final, get_args, get_origin

import attrs
import graphql as gql
import msgspec

from payments_web.describing import is_text_map, objects_of, plain, words_of
from payments_web.graphql.names import camel
from payments_web.graphql.picking import Derived, Key, Looked, field
from payments_web.graphql.scalars import JSON, Long
from payments_web.graphql.scalars import Decimal as DecimalScalar
from payments_web.graphql.specified import EXTRAS, Extra
from payments_web.objects.common import AddressObject
from payments_web.objects.expanding import kind_of
from payments_web.objects.listing import DeletedObject, ListObject
from payments_web.objects.markers import Expandable, Includable
from payments_web.objects.registry import BY_NAME, SHOWS, object_name

Fields = dict[str, gql.GraphQLField]

PLAIN: Final[Mapping[Any, gql.GraphQLScalarType]] = {
    int: Long,
    bool: gql.GraphQLBoolean,
    str: gql.GraphQLString,
    float: gql.GraphQLFloat,
    Decimal: DecimalScalar,
}
_LISTED: Final[Mapping[tuple[str, str], str]] = {
    ("ApplicationFeeObject", "refunds"): "fee_refund",
    ("InvoiceObject", "lines"): "line_item",
    ("CreditNoteObject", "lines"): "credit_note_line_item",
    ("SubscriptionObject", "items"): "subscription_item",
    ("TransferObject", "reversals"): "transfer_reversal",
}
"""What is in lists that are part of an object."""


@attrs.define(eq=False)
class Outputs:
    """The output types of one schema, each made once."""

    _types: dict[type, gql.GraphQLObjectType] = attrs.field(factory=dict, init=False)
    _unions: dict[str, gql.GraphQLUnionType] = attrs.field(factory=dict, init=False)

    def object(self, cls: type) -> gql.GraphQLObjectType:
        """The type of an API object, or of a part of one."""
        if cls not in self._types:
            self._types[cls] = gql.GraphQLObjectType(
                type_name(cls), lambda: self._fields(cls), description=cls.__doc__
            )
        return self._types[cls]

    def one_of(self, classes: tuple[type, ...]) -> Any:
        """The type of an object of one of *classes*, told apart by its `object`."""
        kinds = [self.object(cls) for cls in dict.fromkeys(classes)]
        if len(kinds) == 1:
            return kinds[0]
        name = "Or".join(kind.name for kind in kinds)
        if name not in self._unions:
            names = {object_name(cls): self.object(cls).name for cls in classes}
            self._unions[name] = gql.GraphQLUnionType(
                name, kinds, resolve_type=lambda source, info, union: names.get(source["object"])
            )
        return self._unions[name]

    def _fields(self, cls: type) -> Fields:
        fields: Fields = {}
        hints = typing.get_type_hints(cls, include_extras=True)
        for name, hint in hints.items():
            fields |= self._field(cls, name, hint)
        for name, extra in EXTRAS.get(type_name(cls), {}).items():
            if name in fields:
                fields[extra.moved_to or name + "Details"] = fields[name]
            fields[name] = _extra(extra)
        return fields

    def _field(self, cls: type, name: str, hint: Any) -> Fields:
        core, marks = _unwrapped(hint)
        told = " ".join(
            mark.description for mark in marks if isinstance(mark, msgspec.Meta) and mark.description
        )
        for mark in marks:
            if isinstance(mark, Includable):
                return self._included(name, mark)
        expandable = next((mark for mark in marks if isinstance(mark, Expandable)), None)
        parts = [part for part in _parts(core) if part not in (type(None), msgspec.UnsetType)]
        if expandable is None and len(parts) == 1 and get_origin(parts[0]) in (tuple, list):
            expandable = _mark_of_items(parts[0])
        if expandable is not None:
            return self._expandable(name, expandable, many=get_origin(parts[0]) in (tuple, list))
        if parts == [ListObject]:
            return {camel(name): self._listed(cls, name)}
        kind = self._kind(parts)
        if name == "id":
            kind = gql.GraphQLID
        always = len(parts) == len(_parts(core)) and (name == "id" or cls not in _tombstones())
        made = field(gql.GraphQLNonNull(kind) if always else kind, Key(name), description=told or None)
        if parts == [AddressObject]:
            line1 = field(gql.GraphQLString, Derived(lambda source, _: (source.get(name) or {}).get("line1")))
            return {camel(name): line1, camel(name) + "Details": made}
        return {camel(name): made}

    def _kind(self, parts: list[Any]) -> Any:
        first = parts[0]
        if all(words_of(part) is not None for part in parts):
            return gql.GraphQLBoolean if get_args(first) == (True,) else gql.GraphQLString
        classes = [part for part in parts if attrs.has(part)]
        if len(parts) == 1 and classes:
            return self.object(first)
        if len(classes) == len(parts) and all(_is_object(cls) for cls in classes):
            return self.one_of(tuple(classes))
        if len(parts) > 1 or is_text_map(first):
            return self.object(classes[0]) if len(classes) == 1 and msgspec.Raw in parts else JSON
        if get_origin(first) in (tuple, list):
            item = [part for part in _parts(_unwrapped(get_args(first)[0])[0]) if part is not type(None)]
            return gql.GraphQLList(gql.GraphQLNonNull(self._kind(item)))
        return PLAIN.get(plain(first), JSON)

    def _expandable(self, name: str, mark: Expandable, *, many: bool) -> Fields:
        ids, known = camel(name) + "Id", tuple(BY_NAME[kind] for kind in mark.kinds if kind in BY_NAME)
        if many:
            ids = camel(name).removesuffix("s") + "Ids"
            kind: Any = gql.GraphQLList(gql.GraphQLNonNull(gql.GraphQLID))
            fields = {ids: field(kind, Derived(lambda source, _: _all_ids(source.get(name))))}
        else:
            fields = {ids: field(gql.GraphQLID, Derived(lambda source, _: _id(source.get(name))))}
        if known:
            shown = self.one_of(known)
            fields[camel(name)] = field(
                gql.GraphQLList(shown) if many else shown, Looked(_finder(name, mark))
            )
        return fields

    def _included(self, name: str, mark: Includable) -> Fields:
        if mark.kind not in BY_NAME:
            return {}
        shown = gql.GraphQLList(gql.GraphQLNonNull(self.object(BY_NAME[mark.kind])))

        async def find(source: Any, context: Any, arguments: Any) -> Any:
            if isinstance(source.get(name), dict):
                return source[name]["data"]
            return await context.lists(mark.kind, mark.by, source["id"])

        return {camel(name): field(shown, Looked(find), description="The first ten, newest first.")}

    def _listed(self, cls: type, name: str) -> gql.GraphQLField:
        kind = BY_NAME.get(_LISTED.get((cls.__name__, name), ""))
        shown = gql.GraphQLList(gql.GraphQLNonNull(self.object(kind))) if kind else JSON
        return field(shown, Derived(lambda source, _: (source.get(name) or {}).get("data")))


def _extra(extra: Extra) -> gql.GraphQLField:
    return field(extra.type, Derived(extra.make), description=extra.description)


@cache
def _tombstones() -> frozenset[type]:
    """Objects of which only id and `deleted` may be left: nothing else of them is promised."""
    shown = [objects_of(noun) for noun, _ in SHOWS]
    return frozenset(cls for classes in shown if DeletedObject in classes for cls in classes)


def type_name(cls: type) -> str:
    """What the type of an API object is called."""
    return cls.__name__.removesuffix("Object")


def _is_object(cls: type) -> bool:
    return any(attribute.name == "object" for attribute in attrs.fields(cls))


def _unwrapped(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is typing.Annotated:
        return get_args(hint)[0], hint.__metadata__
    return hint, ()


def _parts(hint: Any) -> list[Any]:
    if get_origin(hint) in (typing.Union, types.UnionType):
        return [_unwrapped(part)[0] for part in get_args(hint)]
    return [hint]


def _mark_of_items(hint: Any) -> Expandable | None:
    marks = _unwrapped(get_args(hint)[0])[1]
    return next((mark for mark in marks if isinstance(mark, Expandable)), None)


def _id(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) else value


def _all_ids(values: Any) -> Any:
    return None if values is None else [_id(value) for value in values]


def _finder(name: str, mark: Expandable) -> Any:
    async def find(source: Any, context: Any, arguments: Any) -> Any:
        value = source.get(name)
        if isinstance(value, str):
            return await context.objects(kind_of(value, mark), value)
        if isinstance(value, list):
            return await context.all_objects(
                [(kind_of(one, mark), one) for one in value if isinstance(one, str)]
            )
        return value

    return find
