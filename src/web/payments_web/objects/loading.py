"""The loader of `expand[]` over nouns: whoever can find and list nouns, such as a `Work`, can feed it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import attrs
import msgspec

from payments_core.ports import Page, Query
from payments_web.objects.presenter import ApiPresenter, encode
from payments_web.objects.registry import NOUNS, OLDER_SHAPES

LIST_LIMIT = 10
"""How many items a list within an object shows."""


@attrs.frozen(kw_only=True)
class NounLoader:
    """Finds nouns of one merchant and shows them."""

    find: Callable[[type[Any], Collection[str]], Awaitable[Mapping[str, Any]]]
    """As `Work.find_many`."""
    select: Callable[[type[Any], Query], Awaitable[Page[Any]]]
    """As `Work.select`."""
    presenter: ApiPresenter
    livemode: bool

    async def find_many(self, kind: str, ids: Collection[str]) -> Mapping[str, dict[str, Any]]:
        """Return those of *ids* that exist, rendered, by id."""
        noun = NOUNS.get(kind)
        found = await self.find(noun, ids) if noun is not None else {}
        return {noun_id: self.render(kind, item) for noun_id, item in found.items()}

    async def list_of(self, kind: str, by: str, owner_ids: Collection[str]) -> Mapping[str, dict[str, Any]]:
        """Return for each owner the first objects of *kind* whose column *by* is its id."""
        noun = NOUNS.get(kind)
        parts: dict[str, dict[str, Any]] = {}
        for owner in owner_ids:
            if noun is None:
                parts[owner] = {"data": [], "has_more": False}
                continue
            page = await self.select(noun, Query(equal={by: owner}, limit=LIST_LIMIT))
            parts[owner] = {
                "data": [self.render(kind, item) for item in page.items],
                "has_more": page.has_more,
            }
        return parts

    def render(self, kind: str, noun: Any) -> dict[str, Any]:
        """*noun* as a dict, in the shape of *kind*."""
        older = OLDER_SHAPES.get(kind)
        shown = older(noun, self.livemode) if older else self.presenter.show(noun, livemode=self.livemode)
        rendered: dict[str, Any] = msgspec.json.decode(encode(shown))
        return rendered
