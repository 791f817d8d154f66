"""Limits on what may be asked, checked before anything is validated, and cheaply: first on the text, then on the parsed document.

A hostile query is refused in milliseconds and holds no memory.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import attrs
import graphql as gql

from payments_core.operations.declaring import LIMIT_DEFAULT, LIMIT_MAX

BODY_MAX: Final = 100_000
TOKENS_MAX: Final = 2_000
NESTING_MAX: Final = 32
"""Brackets of all kinds within each other, in the text."""
DEPTH_MAX: Final = 16
"""Fields within fields. The usual introspection query is this deep."""
ALIASES_MAX: Final = 50
FIELDS_MAX: Final = 1_000
"""Fields written in one document."""
PAIRS_MAX: Final = 1_000
"""Fields of one name in one place, as pairs: a validation compares each with each other, and all that is below them."""
ROOTS_MAX: Final = 20
COST_MAX: Final = 20_000
OBJECT_COST: Final = 5
DEFINITIONS_MAX: Final = 25
VALUES_MAX: Final = 5_000
"""Values in all variables together."""
_INTROSPECTION: Final = ("__schema", "__type")

_TOKEN: Final = re.compile(
    r'"""(?:[^"\\]|\\"""|\\|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|[{}()\[\]]|[A-Za-z_0-9.+-]+|[!$&:=@|]'
)


class TooMuch(gql.GraphQLError):
    """A document asks for more than anybody needs at once."""


def check_text(text: str) -> None:
    """Refuse a text of too many tokens, or nested too deeply to be parsed."""
    depth = count = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] == "#":
            continue
        count += 1
        if token in ("{", "(", "["):
            depth += 1
        elif token in ("}", ")", "]"):
            depth -= 1
        if count > TOKENS_MAX:
            raise TooMuch(f"A document has at most {TOKENS_MAX} tokens.")
        if depth > NESTING_MAX:
            raise TooMuch(f"A document nests at most {NESTING_MAX} brackets deep.")


def check_values(values: Any) -> None:
    """Refuse variables with more values than anybody sends."""
    waiting, seen = [values], 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value[: VALUES_MAX + 1])
        if seen + len(waiting) > VALUES_MAX:
            raise TooMuch(f"All variables together have at most {VALUES_MAX} values.")


@attrs.frozen
class Size:
    """What a selection asks for, with its fragments spread out."""

    depth: int = 0
    cost: int = 0
    aliases: int = 0


def check_document(document: gql.DocumentNode, schema: gql.GraphQLSchema) -> None:
    """Refuse a document that is too deep, too wide or too costly, or whose fragments go in circles."""
    if len(document.definitions) > DEFINITIONS_MAX:
        raise TooMuch(f"A document has at most {DEFINITIONS_MAX} definitions.")
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, gql.FragmentDefinitionNode)
    }
    meter = _Meter(schema, fragments)
    meter.check_written(document)
    for node in document.definitions:
        if isinstance(node, gql.OperationDefinitionNode):
            root = schema.get_root_type(node.operation)
            if len(node.selection_set.selections) > ROOTS_MAX:
                raise TooMuch(f"At most {ROOTS_MAX} things can be asked for at once.", node)
            _check(meter.size(node.selection_set, root, 1), node)
            _Pairs(fragments).count([node.selection_set])


def _check(size: Size, node: gql.Node) -> None:
    if size.depth > DEPTH_MAX:
        raise TooMuch(f"A document is at most {DEPTH_MAX} fields deep.", node)
    if size.aliases > ALIASES_MAX:
        raise TooMuch(f"A document has at most {ALIASES_MAX} aliases.", node)
    if size.cost > COST_MAX:
        raise TooMuch(
            f"This costs {size.cost}, and at most {COST_MAX} is allowed: ask for shorter lists or fewer fields.",
            node,
        )


@attrs.define(eq=False)
class _Meter:
    schema: gql.GraphQLSchema
    fragments: Mapping[str, gql.FragmentDefinitionNode]
    _sizes: dict[str, Size] = attrs.field(factory=dict, init=False)
    _open: set[str] = attrs.field(factory=set, init=False)

    def check_written(self, document: gql.DocumentNode) -> None:
        """Count what is written, whatever it means."""
        count = 0
        waiting: list[Any] = list(document.definitions)
        while waiting:
            node = waiting.pop()
            selections = getattr(node, "selection_set", None)
            if selections is None:
                continue
            count += len(selections.selections)
            if count > FIELDS_MAX:
                raise TooMuch(f"A document has at most {FIELDS_MAX} fields.")
            waiting.extend(selections.selections)

    def size(self, selection: gql.SelectionSetNode | None, parent: Any, level: int) -> Size:
        """The size of a selection on *parent*, the type if it is known."""
        if selection is None:
            return Size()
        if level > DEPTH_MAX + len(self.fragments) + 1:
            raise TooMuch(f"A document is at most {DEPTH_MAX} fields deep.", selection)
        sizes = [self._of(node, parent, level) for node in selection.selections]
        return Size(
            max((size.depth for size in sizes), default=0),
            sum(size.cost for size in sizes),
            sum(size.aliases for size in sizes),
        )

    def _of(self, node: gql.SelectionNode, parent: Any, level: int) -> Size:
        if isinstance(node, gql.FieldNode):
            return self._field(node, parent, level)
        if isinstance(node, gql.InlineFragmentNode):
            on = self.schema.get_type(node.type_condition.name.value) if node.type_condition else parent
            return self.size(node.selection_set, on, level + 1)
        assert isinstance(node, gql.FragmentSpreadNode)
        return self._spread(node, level)

    def _spread(self, node: gql.FragmentSpreadNode, level: int) -> Size:
        name = node.name.value
        if name in self._open:
            raise TooMuch(f"The fragment {name[:60]} leads back to itself.", node)
        if name not in self._sizes:
            fragment = self.fragments.get(name)
            if fragment is None:
                return Size()
            self._open.add(name)
            on = self.schema.get_type(fragment.type_condition.name.value)
            self._sizes[name] = self.size(fragment.selection_set, on, level + 1)
            self._open.discard(name)
        return self._sizes[name]

    def _field(self, node: gql.FieldNode, parent: Any, level: int) -> Size:
        defined = getattr(parent, "fields", {}).get(node.name.value)
        kind = defined.type if defined is not None else None
        below = self.size(node.selection_set, None if kind is None else gql.get_named_type(kind), level + 1)
        times = _length(node) if kind is not None and _is_many(kind) else 1
        if node.name.value in _INTROSPECTION:
            times = 1
        own = OBJECT_COST if node.selection_set is not None and level == 1 else 1
        cost = min(own + times * below.cost, 10 * COST_MAX)
        return Size(below.depth + 1, cost, below.aliases + (node.alias is not None))


@attrs.define(eq=False)
class _Pairs:
    """Counts what must be compared before the fields of one name become one: stops when it is too much."""

    fragments: Mapping[str, gql.FragmentDefinitionNode]
    pairs: int = 0

    def count(self, selections: Sequence[gql.SelectionSetNode]) -> None:
        """Count the pairs in what these selections are together."""
        named: dict[str, list[gql.FieldNode]] = {}
        for node in self._fields(selections, set()):
            alike = named.setdefault((node.alias or node.name).value, [])
            self.pairs += 1 + len(alike)
            if self.pairs > PAIRS_MAX:
                raise TooMuch("The document asks for the same fields too many times.", node)
            alike.append(node)
        for nodes in named.values():
            below = [node.selection_set for node in nodes if node.selection_set is not None]
            if below:
                self.count(below)

    def _fields(self, selections: Iterable[gql.SelectionSetNode], seen: set[str]) -> Iterator[gql.FieldNode]:
        for node in chain.from_iterable(selection.selections for selection in selections):
            if isinstance(node, gql.FieldNode):
                yield node
            elif isinstance(node, gql.InlineFragmentNode):
                yield from self._fields((node.selection_set,), seen)
            elif isinstance(node, gql.FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.fragments.get(node.name.value)
                yield from self._fields((fragment.selection_set,) if fragment else (), seen)


def _is_many(kind: Any) -> bool:
    while isinstance(kind, gql.GraphQLNonNull):
        kind = kind.of_type
    return isinstance(kind, gql.GraphQLList) or kind.name.endswith("Connection")


def _length(node: gql.FieldNode) -> int:
    """How many items a list may have: what is asked for, or the most if a variable will say."""
    for argument in node.arguments or ():
        if argument.name.value in ("limit", "first"):
            value = argument.value
            return (
                min(int(value.value), LIMIT_MAX)
                if isinstance(value, gql.IntValueNode) and len(value.value) < 9
                else LIMIT_MAX
            )
    return LIMIT_DEFAULT
