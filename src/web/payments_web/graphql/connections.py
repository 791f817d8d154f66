"""Envelopes of GraphQL's own: connections with cursors, and what deletions and expiries answer."""

from collections.abc import Mapping
from typing import Any

import attrs
import graphql as gql

from payments_web.graphql.names import camel
from payments_web.graphql.picking import Derived, Key, field
from payments_web.graphql.scalars import Long


def _true(source: Any, context: Any) -> bool:
    return True


@attrs.define(eq=False)
class Connections:
    """The envelope types of one schema."""

    page_info: gql.GraphQLObjectType = attrs.field(init=False)
    deletion: gql.GraphQLObjectType = attrs.field(init=False)
    _made: dict[str, gql.GraphQLObjectType] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        boolean, text = gql.GraphQLNonNull(gql.GraphQLBoolean), gql.GraphQLString
        self.page_info = gql.GraphQLObjectType(
            "PageInfo",
            {
                "hasNextPage": field(boolean, Key("has_next")),
                "hasPreviousPage": field(boolean, Key("has_previous")),
                "startCursor": field(text, Key("start")),
                "endCursor": field(text, Key("end")),
            },
            description="Where a part of a list lies.",
        )
        self.deletion = gql.GraphQLObjectType(
            "Deletion",
            {
                "success": field(boolean, Derived(_true), description="True; what fails is an error."),
                "id": field(gql.GraphQLID, Key("id")),
                "object": field(text, Key("object")),
                "deleted": field(gql.GraphQLBoolean, Key("deleted")),
            },
            description="What is left to say of an object that is gone.",
        )

    def of(self, item: Any) -> gql.GraphQLObjectType:
        """The connection of objects of type *item*."""
        name = f"{item.name}Connection"
        if name not in self._made:
            edge = gql.GraphQLObjectType(
                f"{item.name}Edge",
                {
                    "cursor": field(gql.GraphQLNonNull(gql.GraphQLString), Key("cursor")),
                    "node": field(item, Key("node")),
                },
            )
            nodes = gql.GraphQLNonNull(gql.GraphQLList(gql.GraphQLNonNull(item)))
            edges = gql.GraphQLNonNull(gql.GraphQLList(gql.GraphQLNonNull(edge)))
            self._made[name] = gql.GraphQLObjectType(
                name,
                {
                    "nodes": field(nodes, Key("nodes")),
                    "edges": field(edges, Key("edges")),
                    "pageInfo": field(gql.GraphQLNonNull(self.page_info), Key("page_info")),
                    "totalCount": field(Long, Key("total_count"), description="Where a search counts."),
                },
                description="A part of a list, and the cursors to go on with.",
            )
        return self._made[name]

    def outcome(self, name: str, noun: str, shown: Any) -> gql.GraphQLObjectType:
        """What an operation answers that is asked for a success only."""
        made = name + shown.name
        if made not in self._made:
            self._made[made] = gql.GraphQLObjectType(
                made,
                {
                    "success": field(
                        gql.GraphQLNonNull(gql.GraphQLBoolean),
                        Derived(_true),
                        description="True; what fails is an error.",
                    ),
                    camel(noun): field(shown, Derived(lambda source, _: source)),
                },
            )
        return self._made[made]


def cut(rendered: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    """A list of the REST door as a connection."""
    nodes = rendered["data"]
    backwards = "ending_before" in tree
    page = rendered.get("next_page")
    info = {
        "has_next": rendered["has_more"] and not backwards,
        "has_previous": rendered["has_more"] and backwards,
        "start": nodes[0]["id"] if nodes else None,
        "end": page or (nodes[-1]["id"] if nodes else None),
    }
    return {
        "nodes": nodes,
        "edges": [{"cursor": node["id"], "node": node} for node in nodes],
        "page_info": info,
        "total_count": rendered.get("total_count"),
    }
