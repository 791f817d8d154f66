"""Documents, each parsed, limited, validated and compiled once, and kept while they are in use."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import graphql as gql
from cachetools import LRUCache

from payments_web.graphql.compiling import Root, compiled
from payments_web.graphql.limits import TOKENS_MAX, check_document, check_text

KEPT_MAX: Final = 2_000_000
"""Characters of all kept documents together."""
ERRORS_MAX: Final = 20


class Refusal(Exception):
    """A document that cannot be used, and why."""

    def __init__(self, errors: list[gql.GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


@attrs.frozen(eq=False)
class Prepared:
    """One operation of a document, ready to be run."""

    node: gql.OperationDefinitionNode
    roots: tuple[Root, ...] | None
    """Its root fields, if it is plain."""

    @property
    def is_mutation(self) -> bool:
        """Whether it changes anything."""
        return self.node.operation is gql.OperationType.MUTATION


@attrs.frozen(eq=False)
class Document:
    """A valid document."""

    node: gql.DocumentNode
    operations: Mapping[str, Prepared]

    def operation(self, name: str | None) -> Prepared:
        """The operation that is to be run."""
        if name:
            found = self.operations.get(name)
            if found is None:
                raise Refusal([gql.GraphQLError(f"Unknown operation named '{name[:60]}'.")])
            return found
        if len(self.operations) != 1:
            raise Refusal(
                [gql.GraphQLError("Must provide an operation name: the document has several operations.")]
            )
        return next(iter(self.operations.values()))


@attrs.define(eq=False)
class Documents:
    """The documents of one schema."""

    schema: gql.GraphQLSchema
    compiles: bool = True
    _kept: LRUCache[str, Document] = attrs.field(
        factory=lambda: LRUCache(KEPT_MAX, getsizeof=_weight), init=False
    )

    def read(self, text: str) -> Document:
        """The document, or `Refusal`."""
        found = self._kept.get(text)
        if found is not None:
            return found
        document = self._read(text)
        _keep(self._kept, text, document)
        return document

    def _read(self, text: str) -> Document:
        try:
            check_text(text)
            node = gql.parse(text, max_tokens=TOKENS_MAX)
            check_document(node, self.schema)
        except gql.GraphQLError as error:
            raise Refusal([error]) from None
        except RecursionError:
            raise Refusal([gql.GraphQLError("The document nests too deeply.")]) from None
        errors = gql.validate(self.schema, node, max_errors=ERRORS_MAX, hide_suggestions=False)
        if errors:
            raise Refusal(errors)
        operations = {
            (part.name.value if part.name else ""): Prepared(part, self._compiled(node, part))
            for part in node.definitions
            if isinstance(part, gql.OperationDefinitionNode)
        }
        if not operations:
            raise Refusal([gql.GraphQLError("The document has no operation.")])
        return Document(node, operations)

    def _compiled(
        self, document: gql.DocumentNode, operation: gql.OperationDefinitionNode
    ) -> tuple[Root, ...] | None:
        return compiled(self.schema, document, operation) if self.compiles else None


def _weight(document: Document) -> int:
    location = document.node.loc
    return 1_000 + (len(location.source.body) if location else 0)


def _keep(kept: LRUCache[str, Document], text: str, document: Document) -> None:
    if _weight(document) <= kept.maxsize:
        kept[text] = document


Read = Callable[[str], Document]
Variables = Mapping[str, Any]
