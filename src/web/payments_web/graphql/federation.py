"""Apollo Federation 2: this schema as a subgraph. `_service` tells it, `_entities` finds objects by their ids.

Every object that can be retrieved by its id is an entity; other subgraphs may refer to it and add to it.
"""

from collections.abc import Mapping
from typing import Any, Final

import graphql as gql

from payments_core.operations.declaring import Operation
from payments_web.graphql.picking import Looked, field
from payments_web.objects.registry import BY_NAME, NOUNS

SPECIFICATION: Final = "https://specs.apollo.dev/federation/v2.3"
_LINK: Final = f'extend schema @link(url: "{SPECIFICATION}", import: ["@key", "@shareable"])\n\n'
_SHARED: Final = ("PageInfo", "Deletion")
"""Types that other subgraphs are likely to have too, with the same fields."""

_Any: Final = gql.GraphQLScalarType(
    "_Any", description="The name of a type and its key, as a gateway sends them."
)


def entities(outputs: Any, readers: Mapping[str, Operation]) -> dict[str, str]:
    """Kinds of objects by the names of their types: all that one id leads to."""
    return {
        outputs.object(cls).name: kind for kind, cls in BY_NAME.items() if kind in readers and kind in NOUNS
    }


def federated(
    schema: gql.GraphQLSchema, outputs: Any, readers: Mapping[str, Operation]
) -> dict[str, gql.GraphQLField]:
    """The two fields that a gateway asks for, over a schema without them."""
    known = entities(outputs, readers)
    told = sdl(schema, frozenset(known))
    service = gql.GraphQLObjectType("_Service", {"sdl": gql.GraphQLField(gql.GraphQLString)})
    kinds: list[Any] = [schema.get_type(name) for name in known]
    union = gql.GraphQLUnionType(
        "_Entity", kinds, resolve_type=lambda source, info, kind: source["__typename"]
    )

    async def find(root: Any, context: Any, arguments: dict[str, Any]) -> Any:
        named = [_named(known, one) for one in arguments["representations"]]
        found = await context.all_objects([(known[name], noun_id) for name, noun_id in named])
        return [
            None if one is None else {**one, "__typename": name}
            for (name, _), one in zip(named, found, strict=True)
        ]

    representations = gql.GraphQLNonNull(gql.GraphQLList(gql.GraphQLNonNull(_Any)))
    return {
        "_service": gql.GraphQLField(gql.GraphQLNonNull(service), resolve=lambda root, info: {"sdl": told}),
        "_entities": field(
            gql.GraphQLNonNull(gql.GraphQLList(union)),
            Looked(find),
            args={"representations": gql.GraphQLArgument(representations)},
        ),
    }


def _named(known: Mapping[str, str], told: Any) -> tuple[str, str]:
    name, noun_id = (told.get("__typename"), told.get("id")) if isinstance(told, dict) else (None, None)
    if name not in known or not isinstance(noun_id, str):
        raise gql.GraphQLError("An entity is named by its __typename and its id.")
    return str(name), noun_id


def sdl(schema: gql.GraphQLSchema, known: frozenset[str]) -> str:
    """The schema as text, with the directives that make it a subgraph."""
    lines = []
    for line in gql.print_schema(schema).splitlines():
        name = line.removeprefix("type ").removesuffix(" {") if line.startswith("type ") else ""
        mark = ' @key(fields: "id")' if name in known else " @shareable" if name in _SHARED else ""
        lines.append(line.removesuffix(" {") + mark + " {" if mark else line)
    return _LINK + "\n".join(lines) + "\n"
