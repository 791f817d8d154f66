"""How a field of an answer is found: by its key in the rendered object, by a small function, or by a look-up.

Answers are rendered once, as the REST door renders them; GraphQL picks from what is rendered. The compiler reads these marks,
and graphql-core runs them as resolvers: both find the same.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs
import graphql as gql

Rendered = dict[str, Any]

MARK: Final = "payments:pick"


@attrs.frozen(eq=False)
class Key:
    """The value under a key; null where it is left out."""

    key: str

    def __call__(self, source: Rendered, info: Any) -> Any:
        return source.get(self.key)


@attrs.frozen(eq=False)
class Derived:
    """What a function makes of the object. It sees what is rendered and who asks, and waits for nothing."""

    make: Callable[[Rendered, Any], Any]

    def __call__(self, source: Rendered, info: Any) -> Any:
        return self.make(source, info.context)


@attrs.frozen(eq=False)
class Looked:
    """What must be looked up: `find(source, context, arguments)` answers later."""

    find: Callable[[Rendered, Any, dict[str, Any]], Any]

    def __call__(self, source: Rendered, info: Any, **arguments: Any) -> Any:
        return self.find(source, info.context, arguments)


Pick = Key | Derived | Looked


def field(kind: Any, pick: Pick, *, description: str | None = None, args: Any = None) -> gql.GraphQLField:
    """A field that is found so."""
    return gql.GraphQLField(kind, args=args, resolve=pick, description=description, extensions={MARK: pick})


def pick_of(defined: gql.GraphQLField) -> Any:
    """How the field is found, or None for one that is not an answer's."""
    return defined.extensions.get(MARK)
