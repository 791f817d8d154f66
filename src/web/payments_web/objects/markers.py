"""Marks on fields of API objects: which ids can be expanded to objects, which lists can be asked for. Carries no behaviour."""

import attrs


class Expandable:
    """The field holds an id; `expand[]` replaces it by the object. Several kinds are told apart by the id's prefix."""

    __slots__ = ("kinds",)

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def __repr__(self) -> str:
        return f"Expandable{self.kinds}"


@attrs.frozen
class Includable:
    """The field is a list that is absent until `expand[]` asks for it: objects of *kind* whose column *by* is the owner's id."""

    kind: str
    by: str
    path: str
    """Where the whole list is, with `{id}` for the owner's."""
