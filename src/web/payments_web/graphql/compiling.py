"""The selection compiler: a plain selection becomes one function from a rendered answer to what is told of it.

Plain is what needs no look-up and has no directive; that is most of what is ever asked. Anything else returns None here and
is left to graphql-core, which is also the judge: tests ask both, and both must say the same.
"""

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any, Final

import attrs
import graphql as gql

from payments_web.graphql.picking import Derived, Key, Rendered, pick_of

Project = Callable[[Any, Any], Any]
"""`(rendered, context)` to the answer."""

TYPENAME: Final = "__typename"


class _NotPlain(Exception):
    """Something that graphql-core must do."""


@attrs.frozen
class Root:
    """One field of a root type, ready to be asked."""

    place: str
    node: gql.FieldNode
    defined: gql.GraphQLField
    project: Project


@attrs.frozen
class _Asked:
    """One key of an answer: its field, and all selections that were made on it."""

    node: gql.FieldNode
    selections: tuple[gql.SelectionSetNode, ...]


@attrs.frozen(eq=False)
class _Compiler:
    schema: gql.GraphQLSchema
    fragments: Mapping[str, gql.FragmentDefinitionNode]

    def collected(
        self, selections: tuple[gql.SelectionSetNode, ...], on: gql.GraphQLObjectType
    ) -> dict[str, _Asked]:
        """The fields of a selection on an object, merged by their names in the answer."""
        found: dict[str, _Asked] = {}
        for selection in selections:
            for node in self._fields(selection, on):
                name = (node.alias or node.name).value
                before = found[name].selections if name in found else ()
                more = (node.selection_set,) if node.selection_set else ()
                found[name] = _Asked(found[name].node if name in found else node, (*before, *more))
        return found

    def _fields(self, selection: gql.SelectionSetNode, on: gql.GraphQLObjectType) -> Iterator[gql.FieldNode]:
        for node in selection.selections:
            if node.directives:
                raise _NotPlain
            if isinstance(node, gql.FieldNode):
                yield node
                continue
            fragment = self.fragments[node.name.value] if isinstance(node, gql.FragmentSpreadNode) else node
            assert isinstance(fragment, gql.InlineFragmentNode | gql.FragmentDefinitionNode)
            if fragment.directives:
                raise _NotPlain
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, on):
                yield from self._fields(fragment.selection_set, on)

    def _applies(self, name: str, on: gql.GraphQLObjectType) -> bool:
        kind = self.schema.get_type(name)
        return kind is on or (isinstance(kind, gql.GraphQLUnionType) and self.schema.is_sub_type(kind, on))

    def project(self, kind: Any, selections: tuple[gql.SelectionSetNode, ...]) -> Project | None:
        """What makes the answer of a value of type *kind*; None if the value is its own answer."""
        if isinstance(kind, gql.GraphQLNonNull):
            return self.project(kind.of_type, selections)
        if isinstance(kind, gql.GraphQLList):
            inner = self.project(kind.of_type, selections)
            return None if inner is None else _each(inner)
        if isinstance(kind, gql.GraphQLObjectType):
            return self._object(kind, selections)
        if isinstance(kind, gql.GraphQLUnionType):
            return self._union(kind, selections)
        return None

    def _union(self, kind: gql.GraphQLUnionType, selections: tuple[gql.SelectionSetNode, ...]) -> Project:
        made = {part.name: self._object(part, selections) for part in kind.types}
        name_of: Any = kind.resolve_type

        def project(value: Any, context: Any) -> Any:
            return None if value is None else made[name_of(value, None, kind)](value, context)

        return project

    def _object(self, kind: gql.GraphQLObjectType, selections: tuple[gql.SelectionSetNode, ...]) -> Project:
        names: list[str] = []
        keys: list[str] = []
        later: list[tuple[str, Callable[[Rendered, Any], Any] | None, Project | None]] = []
        for name, asked in self.collected(selections, kind).items():
            names.append(name)
            if asked.node.name.value == TYPENAME:
                keys.append("")
                later.append((name, lambda source, context, told=kind.name: told, None))  # type: ignore[misc]
                continue
            defined = kind.fields[asked.node.name.value]
            pick = pick_of(defined)
            inner = self.project(defined.type, asked.selections)
            if isinstance(pick, Key):
                keys.append(pick.key)
                if inner is not None:
                    later.append((name, None, inner))
            elif isinstance(pick, Derived):
                keys.append("")
                later.append((name, pick.make, inner))
            else:
                raise _NotPlain
        # What is made later keeps its place in the order of the answer; until then it holds the first value.
        first = next((key for key in keys if key), "")
        return _picker(tuple(names), tuple(key or first for key in keys), tuple(later))


def _each(inner: Project) -> Project:
    return lambda values, context: None if values is None else [inner(value, context) for value in values]


def _picker(
    names: tuple[str, ...],
    keys: tuple[str, ...],
    later: tuple[tuple[str, Callable[[Rendered, Any], Any] | None, Project | None], ...],
) -> Project:
    """Pick all keys at once; an object that lacks some of them is asked for one after the other."""
    get = itemgetter(*keys) if len(keys) > 1 else None

    def project(source: Any, context: Any) -> Any:
        if source is None:
            return None
        try:
            answer = dict(zip(names, get(source), strict=True)) if get else {names[0]: source.get(keys[0])}
        except KeyError:
            answer = {name: source.get(key) for name, key in zip(names, keys, strict=True)}
        for name, make, inner in later:
            value = answer[name] if make is None else make(source, context)
            answer[name] = value if inner is None else inner(value, context)
        return answer

    return project


def compiled(
    schema: gql.GraphQLSchema, document: gql.DocumentNode, operation: gql.OperationDefinitionNode
) -> tuple[Root, ...] | None:
    """The root fields of a plain operation with their functions, or None."""
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, gql.FragmentDefinitionNode)
    }
    compiler = _Compiler(schema, fragments)
    root = schema.get_root_type(operation.operation)
    if root is None or operation.directives:
        return None
    try:
        roots = []
        for name, asked in compiler.collected((operation.selection_set,), root).items():
            defined = root.fields.get(asked.node.name.value)
            if defined is None or "payments:ask" not in defined.extensions:
                return None
            project = compiler.project(defined.type, asked.selections)
            roots.append(Root(name, asked.node, defined, project or (lambda value, context: value)))
    except _NotPlain:
        return None
    return tuple(roots)
