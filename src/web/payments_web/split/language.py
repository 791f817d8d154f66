"""What gateway and backend say to each other: three questions and one command, in GraphQL."""

from typing import Final

PERFORM: Final = (
    "mutation perform($operation: String!, $input: String!, $context: JSON!) "
    "{ perform(operation: $operation, input: $input, context: $context) { status body headers } }"
)
ASK: Final = (
    "query ask($operation: String!, $input: String!, $context: JSON!) "
    "{ perform(operation: $operation, input: $input, context: $context) { status body headers } }"
)
LOOK_UP: Final = (
    "query lookUp($kind: String!, $ids: [ID!]!, $by: String, $context: JSON!) "
    "{ lookUp(kind: $kind, ids: $ids, by: $by, context: $context) }"
)
OWNS: Final = "{ owns }"
