"""A query: clauses that are all true, or of which any is. Its text is somebody else's to read and to point at."""

from enum import StrEnum
from typing import Final

import attrs

CLAUSES_MAX: Final = 10
SUBSTRING_MIN: Final = 3


class Relation(StrEnum):
    """How a field stands to a value."""

    IS = ":"
    """Equal; texts whatever their case. Null: there is none."""
    HAS = "~"
    """The text occurs in it."""
    ABOVE = ">"
    BELOW = "<"
    AT_LEAST = ">="
    AT_MOST = "<="


COMPARES: Final = (Relation.ABOVE, Relation.BELOW, Relation.AT_LEAST, Relation.AT_MOST)


@attrs.frozen(kw_only=True)
class Clause:
    """One statement about one field. `value` is None for null, and a text whatever the field is."""

    field: str
    key: str | None = None
    """Of a hash such as metadata."""
    relation: Relation
    value: str | None
    negated: bool = False
    position: int = 0
    """Where in the text it begins, for people who must correct it."""


@attrs.frozen(kw_only=True)
class SearchQuery:
    """What somebody looks for."""

    clauses: tuple[Clause, ...]
    any: bool = False
    """Whether one true clause is enough."""
