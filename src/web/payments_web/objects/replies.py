"""Replies: results and refusals as status and JSON. The one place that knows which error has which HTTP status."""

import typing
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from payments_core import errors
from payments_core.operations.declaring import Deleted
from payments_core.platform.idempotency import Reply
from payments_core.ports import Found, Page, Reader
from payments_core.tokenization.cards import redact
from payments_web.objects.expanding import check
from payments_web.objects.expanding import expand as expand_in
from payments_web.objects.listing import DeletedObject, ListObject, SearchResultObject
from payments_web.objects.loading import NounLoader
from payments_web.objects.presenter import ApiPresenter, encode
from payments_web.objects.registry import SHOWS

OK: Final = 200
TOTAL: Final = "total_count"
"""What a search counts when `expand[]` asks for it."""

STATUS: Final[Mapping[type[errors.PaymentsError], int]] = {
    errors.InvalidRequest: 400,
    errors.KeyReused: 400,
    errors.Unauthenticated: 401,
    errors.CardRefused: 402,
    errors.Declined: 402,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.KeyInUse: 409,
    errors.RateLimited: 429,
    errors.Conflict: 429,
    errors.Unavailable: 503,
    errors.PaymentsError: 500,
}

DOCS: Final = "https://stripe.com/docs/error-codes/"


def status_of(error: errors.PaymentsError) -> int:
    """The HTTP status of a refusal: of its own class, or of the nearest class above."""
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def error_body(error: errors.PaymentsError, presenter: ApiPresenter, *, livemode: bool) -> dict[str, Any]:
    """The error object, with the objects it is about shown as the API shows them."""
    body: dict[str, Any] = {}
    if error.code is not None:
        body["code"] = error.code
        body["doc_url"] = DOCS + error.code.replace("_", "-")
    if error.decline_code is not None:
        body["decline_code"] = error.decline_code
    body["message"] = redact(error.message)
    if error.param is not None:
        body["param"] = redact(error.param)
    body["type"] = error.type
    for name, about in error.about.items():
        body[name] = about if isinstance(about, str | list) else presenter.show(about, livemode=livemode)
    return {"error": body}


async def reply(
    presenter: ApiPresenter,
    reader: Reader,
    result: Any,
    *,
    livemode: bool,
    expand: Sequence[str] = (),
    path: str = "",
) -> Reply:
    """What a caller is told of *result*."""
    if isinstance(result, errors.PaymentsError):
        return Reply(status_of(result), encode(error_body(result, presenter, livemode=livemode)))
    if isinstance(result, Found):
        expand = [name for name in expand if name != TOTAL]
    if isinstance(result, Page | Deleted):
        text = encode(_shown(presenter, result, livemode, path))
    else:
        text = presenter.encode(result, livemode=livemode)
    if not expand:
        return Reply(OK, text)
    rendered = msgspec.json.decode(text)
    loader = NounLoader(
        find=reader.find_many, select=reader.select_staged, presenter=presenter, livemode=livemode
    )
    return Reply(OK, encode(await expand_in(rendered, expand, loader)))


def _shown(presenter: ApiPresenter, result: Page[Any] | Deleted, livemode: bool, path: str) -> Any:
    if isinstance(result, Deleted):
        return DeletedObject(id=result.id, object=result.object)
    data = [presenter.show(noun, livemode=livemode) for noun in result.items]
    if isinstance(result, Found):
        total = UNSET if result.total is None else result.total
        return SearchResultObject(
            data=data, has_more=result.has_more, next_page=result.next_page, total_count=total, url=path
        )
    return ListObject(data=data, has_more=result.has_more, url=path)


class ReplyingPresenter(ApiPresenter):
    """The presenter as the gateway uses it: shows nouns, and says what a caller is told."""

    def check_expansions(self, result: Any, expand: Sequence[str]) -> None:
        """Refuse, before anything is done, paths that lead nowhere in an operation's *result*."""
        if not expand:
            return
        if typing.get_origin(result) in (Page, Found):
            left_out = ("data", TOTAL) if typing.get_origin(result) is Found else ("data",)
            paths = [path.removeprefix("data.") for path in expand if path not in left_out]
            shown = typing.get_args(result)[0]
        else:
            paths, shown = list(expand), result
        shape = next((getattr(show, "__self__", None) for noun, show in SHOWS if noun is shown), None)
        check(shape, paths)

    async def reply(
        self, reader: Reader, result: Any, *, livemode: bool, expand: Sequence[str] = (), path: str = ""
    ) -> Reply:
        """What a caller is told, as status and JSON."""
        return await reply(self, reader, result, livemode=livemode, expand=expand, path=path)
