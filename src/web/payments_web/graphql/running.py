"""Running an operation: by its compiled functions where it is plain, by graphql-core otherwise."""

import asyncio
import logging
from typing import Any, Final

import attrs
import graphql as gql
from graphql.execution.values import get_argument_values, get_variable_values

from payments_web.graphql.asking import Asking
from payments_web.graphql.compiling import Root
from payments_web.graphql.documents import Document, Prepared
from payments_web.graphql.refusing import shown

LOG: Final = logging.getLogger("payments.graphql")
ASK: Final = "payments:ask"

Answer = dict[str, Any]


@attrs.frozen(eq=False)
class Runner:
    """Runs operations of one schema."""

    schema: gql.GraphQLSchema

    async def run(self, document: Document, prepared: Prepared, variables: Any, asking: Asking) -> Answer:
        """The answer, with its errors."""
        if prepared.is_mutation:
            asking.mutations = len(prepared.node.selection_set.selections)
        if prepared.roots is None:
            return await self._by_graphql_core(document, prepared, variables, asking)
        told = get_variable_values(self.schema, prepared.node.variable_definitions or (), variables or {})
        if isinstance(told, list):
            return {"errors": [shown(error) for error in told]}
        return await _by_functions(prepared, prepared.roots, told, asking)

    async def _by_graphql_core(
        self, document: Document, prepared: Prepared, variables: Any, asking: Asking
    ) -> Answer:
        result = gql.execute(
            self.schema,
            document.node,
            context_value=asking,
            variable_values=variables or {},
            operation_name=prepared.node.name.value if prepared.node.name else None,
        )
        done: Any = result if isinstance(result, gql.ExecutionResult) else await result
        answer: Answer = {}
        if done.errors:
            answer["errors"] = [_told(error) for error in done.errors]
        if done.data is not None or not done.errors or any(error.path for error in done.errors):
            answer["data"] = done.data
        return answer


async def _by_functions(prepared: Prepared, roots: tuple[Root, ...], told: Any, asking: Asking) -> Answer:
    errors: list[gql.GraphQLError] = []
    if prepared.is_mutation or len(roots) == 1:
        values = [await _one(root, told, asking, errors) for root in roots]
    else:
        values = await asyncio.gather(*(_one(root, told, asking, errors) for root in roots))
    data = {root.place: value for root, value in zip(roots, values, strict=True)}
    if not errors:
        return {"data": data}
    return {"errors": [_told(error) for error in errors], "data": data}


async def _one(root: Root, told: Any, asking: Asking, errors: list[gql.GraphQLError]) -> Any:
    """The answer of one root field. All root fields may be null, so a refusal leaves the others as they are."""
    try:
        arguments = get_argument_values(root.defined, root.node, told)
        rendered = await root.defined.extensions[ASK](asking, arguments, root.place)
        return root.project(rendered, asking)
    except Exception as error:  # noqa: BLE001 - as graphql-core does: an error of a field is part of the answer
        errors.append(gql.located_error(error, [root.node], [root.place]))
        return None


def _told(error: gql.GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    if cause is not None and not isinstance(cause, gql.GraphQLError):
        LOG.error("unexpected", exc_info=cause)
    return shown(error)
