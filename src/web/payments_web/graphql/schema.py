"""The schema: a field of the root types for every operation that is declared, and nothing else.

`customer(id)`, `customers(limit, after, …)`, `customersConnection(first, after, …)`, `createCustomer(input)`,
`searchCustomers(query)`: what a field is called follows from the operation's name. Differences that the owner's documents ask
for are in `specified`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs
import graphql as gql

from payments_core.errors import InvalidRequest
from payments_core.operations import ALL
from payments_core.operations.declaring import LIMIT_DEFAULT, LIMIT_MAX, Deleted, Operation
from payments_web.describing import Field, fields_of, item_of, objects_of, path_names
from payments_web.graphql.connections import Connections, cut
from payments_web.graphql.federation import federated
from payments_web.graphql.inputs import Inputs, Said, Shape
from payments_web.graphql.names import camel, field_of, noun_of, pascal
from payments_web.graphql.outputs import Outputs
from payments_web.graphql.picking import Key, field
from payments_web.graphql.refusing import refusal_of
from payments_web.graphql.scalars import JSON
from payments_web.graphql.searching import as_query
from payments_web.graphql.specified import PATH_NAMES, TREES
from payments_web.objects.listing import DeletedObject
from payments_web.objects.registry import BY_NAME, object_name

ASK: Final = "payments:ask"
_KEY: Final = "idempotencyKey"


@attrs.frozen(eq=False, kw_only=True)
class Ask:
    """What a field of a root type does: perform an operation, and show its answer."""

    operation: Operation
    arguments: Shape
    input: Shape | None = None
    connection: bool = False

    async def __call__(self, context: Any, arguments: dict[str, Any], place: str) -> Any:
        """The rendered answer."""
        told = context.key_for(arguments.pop(_KEY, None), place)
        tree = await self._tree(context, arguments)
        rendered = await context.perform(self.operation, tree, key=None if self.operation.reads else told)
        if self.connection:
            return cut(rendered, tree)
        if item_of(self.operation) is not None:
            return rendered["data"]
        return rendered

    async def resolve(self, root: Any, info: gql.GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """As graphql-core calls it."""
        return await self(info.context, arguments, str(info.path.key))

    async def _tree(self, context: Any, arguments: dict[str, Any]) -> dict[str, Any]:
        said = arguments.pop("input", None) or {}
        try:
            tree = self.arguments.tree(arguments)
            if self.input is not None:
                tree |= self.input.tree(said)
        except InvalidRequest as refusal:
            raise refusal_of(refusal, context.presenter, livemode=context.account.livemode) from None
        if _wants_currency(self.operation) and "currency" not in tree:
            tree["currency"] = context.account.default_currency
        if self.operation.name.endswith(".search"):
            tree["query"] = as_query(noun_of(self.operation), tree.get("query", ""), context.now)
        change = TREES.get(self.operation.name)
        return await change(tree, context) if change else tree


def _wants_currency(operation: Operation) -> bool:
    return operation.method == "POST" and any(
        field.name == "currency" and field.required for field in fields_of(operation.command)
    )


@attrs.define(eq=False)
class Builder:
    """Builds one schema."""

    operations: tuple[Operation, ...]
    inputs: Inputs = attrs.field(factory=Inputs, init=False)
    outputs: Outputs = attrs.field(factory=Outputs, init=False)
    connections: Connections = attrs.field(factory=Connections, init=False)

    def build(self) -> gql.GraphQLSchema:
        """The schema with all types."""
        questions: dict[str, gql.GraphQLField] = {}
        commands: dict[str, gql.GraphQLField] = {}
        for operation in self.operations:
            name = field_of(operation)
            if operation.reads:
                questions[name] = self._question(name, operation)
                if item_of(operation) is not None:
                    questions[name + "Connection"] = self._connection(name, operation)
            else:
                commands[name] = self._command(operation)
        plain = self._schema(questions, commands)
        return self._schema(
            {**questions, **federated(plain, self.outputs, readers(self.operations))}, commands
        )

    def _schema(
        self, questions: dict[str, gql.GraphQLField], commands: dict[str, gql.GraphQLField]
    ) -> gql.GraphQLSchema:
        return gql.GraphQLSchema(
            query=gql.GraphQLObjectType("Query", questions, description="What can be asked."),
            mutation=gql.GraphQLObjectType("Mutation", commands, description="What can be done."),
            types=[self.outputs.object(cls) for cls in BY_NAME.values()],
        )

    def _question(self, name: str, operation: Operation) -> gql.GraphQLField:
        arguments = _renamed(_listing(self._asked(operation)), PATH_NAMES.get(name, {}))
        ask = Ask(operation=operation, arguments=arguments)
        return _root_field(ask, self._answer(operation), arguments.arguments())

    def _connection(self, name: str, operation: Operation) -> gql.GraphQLField:
        arguments = _renamed(
            _listing(self._asked(operation), limit="first"),
            PATH_NAMES.get(name, {}),
        )
        ask = Ask(operation=operation, arguments=arguments, connection=True)
        item = self._shown(item_of(operation))
        return _root_field(ask, self.connections.of(item), arguments.arguments())

    def _asked(self, operation: Operation) -> Shape:
        """The arguments of a question: what stands in the path, and all other parameters."""
        fields = fields_of(operation.command)
        in_path = path_names(operation)
        others = self.inputs.shape(f for f in fields if f.name not in in_path)
        return Shape({**self._path_shape(fields, in_path).parts, **others.parts})

    def _path_shape(self, fields: Iterable[Field], in_path: Iterable[str]) -> Shape:
        names = {f.name for f in fields}
        return Shape(
            {
                camel(name): Said(camel(name), name, gql.GraphQLID, str, required=True)
                for name in in_path
                if name in names
            }
        )

    def _command(self, operation: Operation) -> gql.GraphQLField:
        fields = fields_of(operation.command)
        in_path = path_names(operation)
        arguments = self._path_shape(fields, in_path)
        others = self.inputs.shape(f for f in fields if f.name not in in_path)
        told = arguments.arguments()
        if others.parts:
            name = pascal(field_of(operation)) + "Input"
            kind: Any = self.inputs.named(name, others, operation.command.__doc__)
            demanded = any(part.required for part in others.parts.values())
            told["input"] = gql.GraphQLArgument(gql.GraphQLNonNull(kind) if demanded else kind)
        told[_KEY] = gql.GraphQLArgument(
            gql.GraphQLString, description="A repetition with the same key does nothing and is told the same."
        )
        ask = Ask(operation=operation, arguments=arguments, input=others if others.parts else None)
        return _root_field(ask, self._outcome(operation), told)

    def _outcome(self, operation: Operation) -> Any:
        """What a command answers; whatever is deleted or expired answers that it is so."""
        verb = operation.name.rpartition(".")[2]
        if operation.method == "DELETE" or operation.result is Deleted:
            return self.connections.deletion
        if verb == "expire":
            return self.connections.outcome("Expired", noun_of(operation), self._answer(operation))
        return self._answer(operation)

    def _answer(self, operation: Operation) -> Any:
        item = item_of(operation)
        if item is None:
            return self._shown(operation.result)
        shown = self._shown(item)
        return gql.GraphQLList(gql.GraphQLNonNull(shown))

    def _shown(self, noun: Any) -> Any:
        classes = tuple(cls for cls in objects_of(noun) if cls is not DeletedObject)
        return self.outputs.one_of(classes) if classes else JSON


_LISTING: Final = {"startingAfter": "after", "endingBefore": "before"}


def _listing(shape: Shape, limit: str = "limit") -> Shape:
    """Cursors by their short names, and a limit that is a plain Int."""
    parts: dict[str, Said] = {}
    for name, part in shape.parts.items():
        short = _LISTING.get(name, limit if name == "limit" else name)
        changes: dict[str, Any] = {"name": short}
        if name == "limit":
            changes |= {
                "type": gql.GraphQLInt,
                "description": f"From 1 to {LIMIT_MAX}; {LIMIT_DEFAULT} unless said.",
            }
        parts[short] = attrs.evolve(part, **changes)
    return Shape(parts)


def _renamed(shape: Shape, names: Mapping[str, str]) -> Shape:
    parts = {names.get(name, name): part for name, part in shape.parts.items()}
    return Shape({name: attrs.evolve(part, name=name) for name, part in parts.items()})


def _root_field(ask: Ask, kind: Any, arguments: dict[str, gql.GraphQLArgument]) -> gql.GraphQLField:
    return gql.GraphQLField(
        kind,
        args=arguments,
        resolve=ask.resolve,
        description=ask.operation.summary.replace("\n", " "),
        extensions={ASK: ask},
    )


def build_schema(operations: Iterable[Operation] = ALL) -> gql.GraphQLSchema:
    """The schema of *operations*."""
    return Builder(tuple(operations)).build()


def readers(operations: Iterable[Operation] = ALL) -> Mapping[str, Operation]:
    """The operation that retrieves each kind of object."""
    found: dict[str, Operation] = {}
    for operation in operations:
        if operation.reads and operation.name.endswith(".retrieve"):
            for cls in set(objects_of(operation.result)) - {DeletedObject}:
                found.setdefault(object_name(cls), operation)
    return found


__all__ = ["ASK", "Ask", "Builder", "Key", "build_schema", "field", "readers"]
