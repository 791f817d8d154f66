"""Envelopes: lists, search results, and what remains of a deleted object."""

from typing import Any, Literal

import attrs
from msgspec import UNSET, UnsetType


@attrs.frozen(kw_only=True, slots=False)
class ListObject:
    """A part of a list, newest first."""

    object: Literal["list"] = "list"
    data: list[Any]
    has_more: bool = False
    url: str


@attrs.frozen(kw_only=True, slots=False)
class SearchResultObject:
    """A part of what a search found; `next_page` is the `page` of the next request."""

    object: Literal["search_result"] = "search_result"
    data: list[Any]
    has_more: bool = False
    next_page: str | None = None
    total_count: int | UnsetType = UNSET
    url: str


@attrs.frozen(kw_only=True, slots=False)
class DeletedObject:
    """All that is left to say of a deleted object."""

    id: str
    object: str
    deleted: Literal[True] = True
