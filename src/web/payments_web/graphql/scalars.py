"""Scalars: whole numbers of 64 bits, decimals, and hashes with keys of the merchant's own."""

from typing import Any, Final

import graphql as gql

_NUMBER_MAX: Final = 2**63 - 1


def _long(value: Any) -> int:
    if type(value) is not int or abs(value) > _NUMBER_MAX:
        raise gql.GraphQLError(f"Long cannot represent {str(value)[:40]}: it is no whole number of 64 bits.")
    return value


def _long_literal(node: gql.ValueNode, variables: dict[str, Any] | None = None) -> int:
    if not isinstance(node, gql.IntValueNode) or len(node.value) > 20:
        raise gql.GraphQLError("Long cannot represent what is not a whole number.", node)
    return _long(int(node.value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise gql.GraphQLError('Decimal is written as text, such as "9.99".')
    return value


def _decimal_literal(node: gql.ValueNode, variables: dict[str, Any] | None = None) -> str:
    if not isinstance(node, gql.StringValueNode | gql.IntValueNode | gql.FloatValueNode):
        raise gql.GraphQLError("Decimal cannot represent what is not a number.", node)
    return node.value


def _same(value: Any) -> Any:
    return value


Long: Final = gql.GraphQLScalarType(
    "Long",
    description="A whole number of up to 64 bits. Amounts are in the smallest unit of their currency.",
    serialize=_same,
    parse_value=_long,
    parse_literal=_long_literal,
)
Decimal: Final = gql.GraphQLScalarType(
    "Decimal",
    description="A decimal number, as text.",
    serialize=_same,
    parse_value=_text,
    parse_literal=_decimal_literal,
)
JSON: Final = gql.GraphQLScalarType(
    "JSON", description="A hash, or whatever else JSON can say.", serialize=_same, parse_value=_same
)
