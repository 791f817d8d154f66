"""The plain presenter: nouns as JSON of their own fields, for embedders who bring no public shapes.

Whoever installs the web part gets the public API's shapes instead, through the `payments_presenter` hook.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

import cattrs

from payments_core.errors import PaymentsError
from payments_core.platform.idempotency import Reply
from payments_core.ports import Page, Reader

DONE = 200
REFUSED = 400


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
    return converter


class PlainPresenter:
    """Shows nouns as they are."""

    def __init__(self) -> None:
        self._converter = _make_converter()

    def event_data(self, noun: Any, previous: Any | None, *, livemode: bool) -> str:
        """JSON text of an event's data."""
        shown = {"object": self._converter.unstructure(noun)}
        if previous is not None:
            before = self._converter.unstructure(previous)
            shown["previous_attributes"] = {
                key: value for key, value in before.items() if shown["object"].get(key) != value
            }
        return json.dumps(shown, default=str)

    async def reply(
        self, reader: Reader, result: Any, *, livemode: bool, expand: Sequence[str] = (), path: str = ""
    ) -> Reply:
        """What a caller is told, as JSON."""
        if isinstance(result, PaymentsError):
            told = {"code": result.code, "message": result.message, "param": result.param}
            return Reply(REFUSED, json.dumps({"error": told}).encode())
        shown = result.items if isinstance(result, Page) else result
        return Reply(DONE, json.dumps(self._converter.unstructure(shown), default=str).encode())
