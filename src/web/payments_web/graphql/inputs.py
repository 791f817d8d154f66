"""Input types and arguments, from the command classes; and what was said in them, as the tree that commands are read from.

Checks nothing about payments: the tree is read by the same `structure` as a form.
"""

import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, get_args, get_origin

import attrs
import graphql as gql

from payments_core.errors import InvalidRequest
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.declaring import TimeRange
from payments_core.operations.params import AddressParams
from payments_web.describing import Field, alternatives, fields_of, is_text_map, plain, words_of
from payments_web.graphql.names import camel
from payments_web.graphql.scalars import JSON, Long
from payments_web.graphql.scalars import Decimal as DecimalScalar
from payments_web.objects.registry import BY_NAME, PREFIXES

Tree = dict[str, Any]

KINDS: Final = frozenset(BY_NAME) | frozenset(PREFIXES.values())
"""What ids can name: such a parameter may also be called by its name with `Id`."""
PLAIN: Final[Mapping[Any, gql.GraphQLInputType]] = {
    int: Long,
    bool: gql.GraphQLBoolean,
    str: gql.GraphQLString,
    float: gql.GraphQLFloat,
    Decimal: DecimalScalar,
}


@attrs.frozen(eq=False)
class Said:
    """One thing that can be said: its type here, the key in the tree, and how its value gets there."""

    name: str
    key: str
    type: gql.GraphQLInputType
    read: Callable[[Any], Any]
    required: bool = False
    unsets: bool = False
    description: str | None = None


@attrs.frozen(eq=False)
class Shape:
    """All that can be said in one place."""

    parts: Mapping[str, Said]

    def tree(self, values: Mapping[str, Any]) -> Tree:
        """What was said, by the names that forms use. Null clears what can be cleared."""
        tree: Tree = {}
        for name, value in values.items():
            part = self.parts[name]
            if value is None:
                if part.unsets:
                    tree[part.key] = ""
                continue
            if part.key in tree:
                raise InvalidRequest(
                    f"{name} says what another parameter says, too.",
                    code="parameters_exclusive",
                    param=part.key,
                )
            tree[part.key] = part.read(value)
        return tree

    def arguments(self) -> dict[str, gql.GraphQLArgument]:
        """As arguments of a field."""
        return {
            part.name: gql.GraphQLArgument(_demanded(part), description=part.description)
            for part in self.parts.values()
        }

    def fields(self) -> dict[str, gql.GraphQLInputField]:
        """As fields of an input type."""
        return {
            part.name: gql.GraphQLInputField(_demanded(part), description=part.description)
            for part in self.parts.values()
        }


def _demanded(part: Said) -> Any:
    return gql.GraphQLNonNull(part.type) if part.required else part.type


@attrs.define(eq=False)
class Inputs:
    """The input types of one schema, each made once."""

    _types: dict[type, tuple[gql.GraphQLInputObjectType, Shape]] = attrs.field(factory=dict, init=False)
    _names: set[str] = attrs.field(factory=set, init=False)

    def shape(self, fields: typing.Iterable[Field]) -> Shape:
        """What can be said with *fields*."""
        parts = [part for field in fields for part in self._said(field)]
        return Shape({part.name: part for part in parts})

    def object(self, cls: type) -> tuple[gql.GraphQLInputObjectType, Shape]:
        """The input type of a class inside commands."""
        if cls not in self._types:
            shape = self.shape(fields_of(cls))
            self._types[cls] = (self.named(_input_name(cls), shape, cls.__doc__), shape)
        return self._types[cls]

    def named(self, name: str, shape: Shape, description: str | None) -> gql.GraphQLInputObjectType:
        """An input type of this shape."""
        while name in self._names:
            name = name.removesuffix("Input") + "_Input"
        self._names.add(name)
        return gql.GraphQLInputObjectType(name, shape.fields(), description=description)

    def _said(self, field: Field) -> list[Said]:
        name = camel(field.name)
        hints = field.hint if isinstance(field.hint, tuple) else (field.hint,)
        classes = [hint for hint in hints if attrs.has(hint)]
        others = [hint for hint in hints if hint not in classes]
        if AddressParams in classes:
            others = [str]
        if TimeRange in classes:
            others = []
        alone = len(classes) + bool(others) == 1 and field.name not in KINDS
        required = field.required and alone and CurrencyCode not in hints
        said = []
        if others:
            kind, read = self._kind(others)
            if AddressParams in classes:
                read = _first_line
            said.append(Said(name, field.name, kind, read, required, field.unsets))
        for cls in classes[:1]:
            if not fields_of(cls):
                said.append(Said(name, field.name, JSON, _same, unsets=field.unsets))
                continue
            made, shape = self.object(cls)
            called = name + "Details" if others else name
            said.append(
                Said(called, field.name, made, shape.tree, required and not others, field.unsets, cls.__doc__)
            )
        if field.name in KINDS and others:
            said.append(attrs.evolve(said[0], name=name + "Id", type=gql.GraphQLID, read=str))
        return said

    def _kind(self, hints: list[Any]) -> tuple[gql.GraphQLInputType, Callable[[Any], Any]]:
        hint = hints[0]
        if len(hints) > 1 and not all(words_of(other) is not None for other in hints):
            scalar = plain(hint)
            return (PLAIN[scalar], _same) if scalar in PLAIN else (JSON, _same)
        if words_of(hint) is not None:
            return gql.GraphQLString, _same
        if is_text_map(hint):
            return JSON, _cleared
        if get_origin(hint) is tuple:
            return self._list(get_args(hint)[0])
        return PLAIN.get(plain(hint), gql.GraphQLString), _same

    def _list(self, item: Any) -> tuple[gql.GraphQLInputType, Callable[[Any], Any]]:
        parts = [part for part in alternatives(item) if part is not type(None)]
        if len(parts) == 1 and attrs.has(parts[0]):
            made, shape = self.object(parts[0])
            return gql.GraphQLList(gql.GraphQLNonNull(made)), lambda items: [shape.tree(one) for one in items]
        if len(parts) > 1:
            return JSON, _same
        kind, read = self._kind(parts)
        return gql.GraphQLList(gql.GraphQLNonNull(kind)), lambda items: [read(one) for one in items]


def _input_name(cls: type) -> str:
    return cls.__name__.removesuffix("Params").removesuffix("Input") + "Input"


def _same(value: Any) -> Any:
    return value


def _first_line(text: str) -> Any:
    """An address that is one line of text."""
    return {"line1": text} if text else ""


def _cleared(value: Any) -> Any:
    """A hash whose keys are unset by null, as forms unset them by an empty text."""
    if not isinstance(value, dict):
        return value
    return {key: "" if item is None else item for key, item in value.items()}
