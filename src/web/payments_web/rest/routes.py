"""Which operation a path and a method mean: a tree of path segments, made once from the declarations.

A literal segment wins over an `{id}` one, so that `/v1/charges/search` is not a charge called search.
"""

from collections.abc import Iterable
from typing import Any, Final

import attrs

from payments_core.operations.declaring import Operation

ID_MAX: Final = 255


@attrs.define
class _Node:
    operations: dict[str, Operation] = attrs.field(factory=dict)
    literal: "dict[str, _Node]" = attrs.field(factory=dict)
    named: "tuple[str, _Node] | None" = None


@attrs.frozen
class Routes:
    """Finds the operation for a request."""

    _root: _Node

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> "Routes":
        """The routes of *operations*; two with one route are a programming mistake."""
        root = _Node()
        for operation in operations:
            node = root
            for segment in operation.path.strip("/").split("/"):
                node = _below(node, segment)
            assert operation.method not in node.operations, (
                f"two operations at {operation.method} {operation.path}"
            )
            node.operations[operation.method] = operation
        return cls(root)

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, Any]] | None:
        """Return the operation and what the path says, or None."""
        return _walk(self._root, path.strip("/").split("/"), method, {})


def _below(node: _Node, segment: str) -> _Node:
    if not segment.startswith("{"):
        return node.literal.setdefault(segment, _Node())
    name = segment.strip("{}")
    if node.named is None:
        node.named = name, _Node()
    assert node.named[0] == name, f"one place in a path has one name: {name} or {node.named[0]}"
    return node.named[1]


def _walk(
    node: _Node, segments: list[str], method: str, told: dict[str, Any]
) -> tuple[Operation, dict[str, Any]] | None:
    if not segments:
        operation = node.operations.get(method)
        return None if operation is None else (operation, told)
    first, rest = segments[0], segments[1:]
    below = node.literal.get(first)
    found = _walk(below, rest, method, told) if below else None
    if found is None and node.named is not None and 0 < len(first) <= ID_MAX:
        name, named = node.named
        found = _walk(named, rest, method, {**told, name: first})
    return found
