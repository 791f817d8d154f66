"""The GraphQL door: one POST of JSON, one answer of JSON. Keys, limits and replies are those of the REST door."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import graphql as gql
import msgspec

from payments_core.errors import InvalidRequest, PaymentsError
from payments_core.operations.declaring import Operation
from payments_core.operations.onboarding import acting_for, authenticate, named_account
from payments_core.operations.performing import Performer
from payments_web.graphql.asking import Asking
from payments_web.graphql.documents import Documents, Refusal
from payments_web.graphql.limits import BODY_MAX, TooMuch, check_values
from payments_web.graphql.refusing import refusal_of, shown
from payments_web.graphql.running import Answer, Runner
from payments_web.graphql.schema import build_schema, readers
from payments_web.limits.rates import Limits
from payments_web.limits.uses import KeyUses
from payments_web.objects.presenter import ApiPresenter, encode
from payments_web.objects.replies import status_of
from payments_web.observing.requests import Seen, Watcher, recording
from payments_web.rest.door import STATUS, Receive, Request, Scope, Send, key_of, read_request

LOG: Final = logging.getLogger("payments.graphql")
_JSON: Final = ("application/json", "application/graphql-response+json")
_HEADERS: Final = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"*")]
_BATCHED: Final = (
    "Send one request at a time: batches are not answered. One document may ask for several things."
)


class NotJson(InvalidRequest):
    """The body is of another kind."""


class NoPost(InvalidRequest):
    """GraphQL is spoken by POST only."""


_STATUS: Final[Mapping[type[PaymentsError], int]] = {**STATUS, NotJson: 415, NoPost: 405}


@attrs.frozen(eq=False)
class Question:
    """A request's body, read."""

    text: str
    variables: dict[str, Any]
    operation: str | None


@attrs.frozen(eq=False)
class GraphQLDoor:
    """Answers every request at `/graphql`."""

    performer: Performer
    presenter: ApiPresenter
    documents: Documents
    runner: Runner
    readers: Mapping[str, Operation]
    limits: Limits
    watchers: Sequence[Watcher]
    uses: KeyUses = attrs.field()

    @uses.default
    def _make_uses(self) -> KeyUses:
        return KeyUses(self.performer.ports)

    @classmethod
    def over(
        cls,
        performer: Performer,
        presenter: ApiPresenter,
        limits: Limits | None = None,
        watchers: Sequence[Watcher] = (),
    ) -> "GraphQLDoor":
        """The door to everything that is declared."""
        schema = build_schema()
        limits = limits or Limits(rate=None)
        return cls(performer, presenter, Documents(schema), Runner(schema), readers(), limits, watchers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever happens, the answer is a GraphQL answer."""
        request_id = self.performer.ports.ids.new("req")
        seen = Seen(request_id, scope["method"], time.time_ns(), operation="graphql")
        if scope["method"] == "OPTIONS":
            await _send(send, 204, request_id, b"", _PREFLIGHT)
            return
        try:
            request = await read_request(scope, receive)
            with recording(seen, self.watchers):
                status, answer = await self._answer(request, seen)
        except PaymentsError as refusal:
            status = _STATUS.get(type(refusal)) or status_of(refusal)
            told = refusal_of(refusal, self.presenter, livemode=False)
            answer = {
                "errors": [{**shown(told), "extensions": {**(told.extensions or {}), "status": status}}]
            }
        except Exception:
            LOG.exception("unexpected", extra={"request_id": request_id})
            told = refusal_of(PaymentsError("An unknown error occurred."), self.presenter, livemode=False)
            status, answer = 500, {"errors": [shown(told)]}
        await _send(send, status, request_id, encode(answer))
        seen.status, seen.ended_ns = status, time.time_ns()
        for watch in self.watchers:
            watch(seen)

    async def _answer(self, request: Request, seen: Seen) -> tuple[int, Answer]:
        if request.method != "POST":
            raise NoPost("GraphQL requests are sent by POST, as JSON.")
        ports = self.performer.ports
        credentials = await authenticate(ports, key_of(request.headers))
        seen.account, seen.key = credentials.account.id, credentials.key.id
        self.uses.note(credentials.key)
        named = named_account(request.headers, credentials.account.id)
        account = await acting_for(ports, credentials, named)
        try:
            question = _question(request)
            document = self.documents.read(question.text)
            prepared = document.operation(question.operation)
        except Refusal as refusal:
            return 400, {"errors": [shown(error) for error in refusal.errors]}
        except TooMuch as error:
            return 400, {"errors": [shown(error)]}
        asking = Asking(
            performer=self.performer,
            presenter=self.presenter,
            credentials=credentials,
            account=account,
            readers=self.readers,
            request_id=seen.request_id,
            idempotency_key=request.headers.get("idempotency-key"),
            client_ip=request.client_ip,
        )
        with self.limits.admit(credentials.account.id, reads=False):
            answer = await self.runner.run(document, prepared, question.variables, asking)
        return (200 if "data" in answer else 400), answer


def _question(request: Request) -> Question:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _JSON:
        raise NotJson("Invalid request: send the body as application/json.")
    if len(request.body) > BODY_MAX:
        raise TooMuch(f"A GraphQL request has at most {BODY_MAX} bytes.")
    try:
        told = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidRequest("Invalid request: the body is no JSON.") from None
    if isinstance(told, list):
        raise Refusal([gql.GraphQLError(_BATCHED)])
    if not isinstance(told, dict) or not isinstance(told.get("query"), str):
        raise Refusal([gql.GraphQLError('Must provide a query string: {"query": "…"}.')])
    variables, name = told.get("variables") or {}, told.get("operationName")
    if not isinstance(variables, dict) or not isinstance(name, str | None):
        raise Refusal([gql.GraphQLError("Variables are an object, and the operation's name is a text.")])
    check_values(variables)
    return Question(told["query"], variables, name)


_PREFLIGHT: Final = [
    (b"access-control-allow-methods", b"POST"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, idempotency-key, stripe-account, stripe-context",
    ),
    (b"access-control-max-age", b"86400"),
]


async def _send(
    send: Send, status: int, request_id: str, body: bytes, more: list[tuple[bytes, bytes]] | None = None
) -> None:
    headers = [
        *_HEADERS,
        (b"request-id", request_id.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *(more or ()),
    ]
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
