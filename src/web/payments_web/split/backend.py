"""The backend's side: signed GraphQL requests of a gateway, performed by the very door that REST requests come in by.

Keys are checked here, as everything else is: a gateway only carries.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

import attrs
import graphql as gql
import msgspec

from payments_core.errors import InvalidRequest, PaymentsError, Unauthenticated
from payments_core.operations import ALL
from payments_core.operations.declaring import Operation
from payments_core.operations.onboarding import acting_for, authenticate, named_account
from payments_core.operations.performing import Performer
from payments_core.operations.work import Caller, Work
from payments_core.ports import Ports
from payments_web.graphql.scalars import JSON
from payments_web.objects.loading import NounLoader
from payments_web.objects.presenter import ApiPresenter, encode
from payments_web.rest.door import Receive, Scope, Send, read_request
from payments_web.split.signing import HEADER, Guard, fit

LOG: Final = logging.getLogger("payments.split")
BY_NAME: Final[Mapping[str, Operation]] = {operation.name: operation for operation in ALL}
IDS_MAX: Final = 1_000
UNKNOWN: Final = ""
"""The operation of a path that nothing lives at: the backend says so, once it knows who asks."""

Asgi = Any


@attrs.define(eq=False)
class BackendDoor:
    """Answers gateways; whatever is not signed goes to the public GraphQL door."""

    public: Asgi
    rest: Asgi
    performer: Performer
    presenter: ApiPresenter
    guard: Guard
    owns: frozenset[str] | None = None
    """Nouns that this backend serves; all of them unless said."""
    _schema: gql.GraphQLSchema = attrs.field(init=False)
    _documents: dict[str, gql.DocumentNode] = attrs.field(factory=dict, init=False)

    @_schema.default
    def _make_schema(self) -> gql.GraphQLSchema:
        return _schema()

    @classmethod
    def over(cls, public: Asgi, rest: Asgi, ports: Ports, performer: Performer) -> "BackendDoor":
        """The door of a backend; the secret and what it owns are settings."""
        presenter: Any = ports.presenter
        guard = Guard(fit(ports.settings["split_secret"]), ports.clock)
        owned = [name.strip() for name in ports.settings.get("split_owns", "").split(",") if name.strip()]
        return cls(public, rest, performer, presenter, guard, frozenset(owned) if owned else None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        signature = dict(scope["headers"]).get(HEADER.encode())
        if signature is None:
            await self.public(scope, receive, send)
            return
        try:
            request = await read_request(scope, receive)
            self.guard.check(signature.decode("latin-1"), request.body)
            answer = await self._answer(msgspec.json.decode(request.body))
            status = 200
        except Unauthenticated as refusal:
            status, answer = 401, {"errors": [{"message": refusal.message}]}
        except (PaymentsError, msgspec.DecodeError) as refusal:
            status, answer = 400, {"errors": [{"message": str(refusal)}]}
        await _send(send, status, encode(answer))

    async def _answer(self, told: dict[str, Any]) -> dict[str, Any]:
        document = self._documents.get(told["query"])
        if document is None:
            document = gql.parse(told["query"], max_tokens=500)
            if gql.validate(self._schema, document):
                raise InvalidRequest("This is not what gateways ask: is it of another version?")
            self._documents = (
                {**self._documents, told["query"]: document} if len(self._documents) < 50 else {}
            )
        done: Any = gql.execute(
            self._schema, document, context_value=self, variable_values=told.get("variables") or {}
        )
        done = done if isinstance(done, gql.ExecutionResult) else await done
        if done.errors:
            LOG.error(
                "a gateway's request failed: %s",
                done.errors[0].message,
                exc_info=done.errors[0].original_error,
            )
            return {"errors": [{"message": error.message} for error in done.errors]}
        return {"data": done.data}

    async def perform(self, operation: str, input: str, context: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002 - the argument's name in GraphQL
        """Carry out a request as the REST door does, and return what it answers."""
        noun = operation.partition(".")[0]
        if self.owns is not None and operation != UNKNOWN and noun not in self.owns:
            raise InvalidRequest(f"This backend does not serve {noun}.")
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": input.encode("latin-1")}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.rest(_scope(context), receive, send)
        start, body = sent
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        return {"status": start["status"], "body": body["body"].decode(), "headers": headers}

    async def look_up(self, kind: str, ids: list[str], by: str | None, context: Mapping[str, Any]) -> Any:
        """Objects of *kind* by their ids; or with *by*, the lists of those whose column it is."""
        credentials = await authenticate(self.performer.ports, context["key"])
        named = named_account(context.get("headers", {}), credentials.account.id)
        account = await acting_for(self.performer.ports, credentials, named)
        work = Work(Caller(account=account), self.performer.ports)
        loader = NounLoader(
            find=work.find_many,
            select=work.select,
            presenter=self.presenter,
            livemode=account.livemode,
        )
        wanted = ids[:IDS_MAX]
        return await (loader.find_many(kind, wanted) if by is None else loader.list_of(kind, by, wanted))


def _scope(context: Mapping[str, Any]) -> dict[str, Any]:
    """The request as the REST door would have got it."""
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in context["headers"].items()
    ]
    return {
        "type": "http",
        "method": context["method"],
        "path": context["path"],
        "query_string": context["query"].encode("latin-1"),
        "headers": headers,
        "client": (context["clientIp"], 0) if context.get("clientIp") else None,
    }


def _schema() -> gql.GraphQLSchema:
    text = gql.GraphQLNonNull(gql.GraphQLString)
    reply = gql.GraphQLObjectType(
        "Reply",
        {
            "status": gql.GraphQLField(gql.GraphQLNonNull(gql.GraphQLInt)),
            "body": gql.GraphQLField(text),
            "headers": gql.GraphQLField(JSON),
        },
    )
    perform = gql.GraphQLField(
        gql.GraphQLNonNull(reply),
        args={
            "operation": gql.GraphQLArgument(text),
            "input": gql.GraphQLArgument(text),
            "context": gql.GraphQLArgument(gql.GraphQLNonNull(JSON)),
        },
        resolve=lambda root, info, **told: info.context.perform(**told),
    )
    ids = gql.GraphQLNonNull(gql.GraphQLList(gql.GraphQLNonNull(gql.GraphQLID)))
    look_up = gql.GraphQLField(
        JSON,
        args={
            "kind": gql.GraphQLArgument(text),
            "ids": gql.GraphQLArgument(ids),
            "by": gql.GraphQLArgument(gql.GraphQLString),
            "context": gql.GraphQLArgument(gql.GraphQLNonNull(JSON)),
        },
        resolve=lambda root, info, kind, ids, context, by=None: info.context.look_up(kind, ids, by, context),
    )
    owns = gql.GraphQLField(
        gql.GraphQLList(text),
        resolve=lambda root, info: None if info.context.owns is None else sorted(info.context.owns),
    )
    questions = {"perform": perform, "lookUp": look_up, "owns": owns}
    return gql.GraphQLSchema(
        gql.GraphQLObjectType("Query", questions), gql.GraphQLObjectType("Mutation", {"perform": perform})
    )


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
