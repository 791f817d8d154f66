"""Nouns shown as the public API shows them, one by one: as objects, as JSON, and as the data of events."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from payments_web.objects.registry import LINKED, SHOWS

encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
"""An API object as JSON."""


class ApiPresenter:
    """Shows each noun as its API object. Links in objects start with `base_url`; without it they are null."""

    def __init__(self, base_url: str | None = None) -> None:
        link = base_url.rstrip("/") if base_url else None
        self._latest: tuple[Any, bool, bytes] = (None, False, b"")
        self._shows = {noun: partial(show, base_url=link) if noun in LINKED else show for noun, show in SHOWS}

    def show(self, noun: Any, *, livemode: bool) -> Any:
        """Return the API object of *noun*."""
        return self._shows[type(noun)](noun, livemode)

    def encode(self, noun: Any, *, livemode: bool) -> bytes:
        """Return the JSON of *noun*.

        The latest one is remembered: what an event tells is, as a rule, what the caller is told next.
        """
        latest, mode, text = self._latest
        if latest is not noun or mode is not livemode:
            text = encode(self.show(noun, livemode=livemode))
            self._latest = noun, livemode, text
        return text

    def event_data(self, noun: Any, previous: Any | None, *, livemode: bool) -> str:
        """JSON text of an event's data: `object`, and `previous_attributes` where *previous* is given."""
        text = self.encode(noun, livemode=livemode).decode()
        if previous is None:
            return f'{{"object":{text}}}'
        before = changed(self.show(previous, livemode=livemode), self.show(noun, livemode=livemode))
        return f'{{"object":{text},"previous_attributes":{encode(before).decode()}}}'


def changed(old: Any, new: Any) -> dict[str, Any]:
    """What *old* said where *new* says something else. Hashes show only their changed keys; added keys were null."""
    before, after = _items(old), _items(new)
    result: dict[str, Any] = {}
    for key in before if before.keys() == after.keys() else before | after:
        was, now = before.get(key, UNSET), after.get(key, UNSET)
        if was is now:
            continue
        if _is_hash(was) and _is_hash(now):
            # Not `==`: it would walk the hash once to compare and once more to tell.
            if inner := changed(was, now):
                result[key] = inner
        elif was != now:
            result[key] = None if was is UNSET else was
    return result


def _is_hash(value: Any) -> bool:
    return isinstance(value, dict) or hasattr(type(value), "__attrs_attrs__")


def _items(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else vars(value)
