"""The gateway: REST for clients, carried to the backend that owns the noun; objects of several backends are joined here.

It has no storage and knows no keys. With one backend it carries everything as it is; with several, `expand[]` is taken off,
and done here with one look-up for each kind and level, wherever the objects live.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote_plus

import attrs
import msgspec

from payments_core.clock import SystemClock
from payments_core.errors import PaymentsError
from payments_core.ids import Ids, RandomIds
from payments_core.operations import ALL
from payments_core.operations.declaring import Operation
from payments_web.graphql.schema import readers
from payments_web.objects.expanding import expand
from payments_web.objects.presenter import encode
from payments_web.objects.replies import TOTAL, ReplyingPresenter, error_body, status_of
from payments_web.openapi import document
from payments_web.rest.door import STATUS, Receive, Request, Scope, Send, key_of, read_request
from payments_web.rest.routes import Routes
from payments_web.split.backend import UNKNOWN
from payments_web.split.language import ASK, LOOK_UP, PERFORM
from payments_web.split.remote import Backend

LOG: Final = logging.getLogger("payments.split")
CARRIED: Final = (
    "authorization",
    "content-type",
    "idempotency-key",
    "stripe-account",
    "stripe-context",
    "stripe-version",
    "user-agent",
)
"""Headers that say something to an operation."""
_DROPPED: Final = ("content-length",)

Answer = tuple[int, dict[str, str], bytes]


@attrs.frozen(eq=False)
class GatewayApp:
    """The whole application of a gateway."""

    backends: Sequence[Backend]
    routes: Routes = attrs.field(factory=lambda: Routes.of(ALL))
    presenter: ReplyingPresenter = attrs.field(factory=ReplyingPresenter)
    readers: Mapping[str, Operation] = attrs.field(factory=readers)
    ids: Ids = attrs.field(factory=lambda: RandomIds(SystemClock()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        match scope["path"]:
            case "/healthz":
                answer = _said(200, {"status": "ok"})
            case "/readyz":
                ready = [await backend.is_ready() for backend in self.backends]
                answer = (
                    _said(200, {"status": "ready"}) if all(ready) else _said(503, {"status": "unavailable"})
                )
            case "/openapi.json":
                answer = _said(200, document())
            case _:
                answer = await self._rest(scope, receive)
        await _send(send, *answer)

    async def _rest(self, scope: Scope, receive: Receive) -> Answer:
        try:
            return await self._carried(await read_request(scope, receive))
        except PaymentsError as refusal:
            return self._refused(refusal)
        except Exception:
            LOG.exception("unexpected")
            return self._refused(PaymentsError("An unknown error occurred."))

    def _refused(self, refusal: PaymentsError) -> Answer:
        status = STATUS.get(type(refusal)) or status_of(refusal)
        told = _said(status, error_body(refusal, self.presenter, livemode=False))
        return told[0], {**told[1], "request-id": self.ids.new("req")}, told[2]

    async def _carried(self, request: Request) -> Answer:
        found = self.routes.find(request.method, request.path)
        operation = None if found is None else found[0]
        backend = await self._owner(operation.noun if operation else None)
        paths: tuple[str, ...] = ()
        if operation is not None and len(self.backends) > 1:
            query, wanted = _taken_off(request.query)
            form, more = _taken_off(request.body)
            paths = (*wanted, *more)
            self.presenter.check_expansions(operation.result, paths)
            paths = tuple(path for path in paths if path != TOTAL)
            request = attrs.evolve(request, query=query, body=form)
        status, headers, body = await self._performed(backend, request, operation)
        if paths and status == 200:
            rendered = msgspec.json.decode(body)
            body = encode(await expand(rendered, paths, _Joined(self, request)))
        return status, headers, body

    async def _performed(self, backend: Backend, request: Request, operation: Operation | None) -> Answer:
        reads = request.method == "GET"
        context = {
            "method": request.method,
            "path": request.path,
            "query": request.query.decode("latin-1"),
            "clientIp": request.client_ip,
            "headers": _carried(request),
        }
        variables = {
            "operation": operation.name if operation else UNKNOWN,
            "input": request.body.decode("latin-1"),
            "context": context,
        }
        again = reads or "idempotency-key" in request.headers
        told = (await backend.ask(ASK if reads else PERFORM, variables, again=again))["perform"]
        headers = {name: value for name, value in told["headers"].items() if name not in _DROPPED}
        return told["status"], headers, told["body"].encode()

    async def _owner(self, noun: str | None) -> Backend:
        """The backend that serves *noun*: one that says so, or else one that serves everything."""
        if len(self.backends) == 1:
            return self.backends[0]
        others = None
        for backend in self.backends:
            owns = await backend.owns()
            if owns is None:
                others = others or backend
            elif noun in owns:
                return backend
        return others or self.backends[0]

    async def owner_of_kind(self, kind: str) -> Backend:
        """The backend where objects of *kind* live."""
        reader = self.readers.get(kind)
        return await self._owner(reader.noun if reader else None)


@attrs.frozen(eq=False)
class _Joined:
    """Finds objects wherever they live, each time many at once."""

    app: GatewayApp
    request: Request

    async def find_many(self, kind: str, ids: Collection[str]) -> Mapping[str, dict[str, Any]]:
        return await self._look_up(kind, ids, None)

    async def list_of(self, kind: str, by: str, owner_ids: Collection[str]) -> Mapping[str, dict[str, Any]]:
        return await self._look_up(kind, owner_ids, by)

    async def _look_up(self, kind: str, ids: Iterable[str], by: str | None) -> Mapping[str, dict[str, Any]]:
        backend = await self.app.owner_of_kind(kind)
        variables = {
            "kind": kind,
            "ids": sorted(ids),
            "by": by,
            "context": {"key": key_of(self.request.headers), "headers": _carried(self.request)},
        }
        told = (await backend.ask(LOOK_UP, variables, again=True))["lookUp"]
        return defaultdict(dict, told) if by is not None else dict(told)


def _carried(request: Request) -> dict[str, str]:
    return {name: request.headers[name] for name in CARRIED if name in request.headers}


def _taken_off(text: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Parameters without `expand`, and what it asked for. What a search counts is asked for where it is counted."""
    kept, paths = [], []
    for pair in text.split(b"&"):
        name, _, value = pair.partition(b"=")
        if unquote_plus(name.decode("latin-1")).partition("[")[0] != "expand":
            kept.append(pair)
            continue
        paths.append(unquote_plus(value.decode("latin-1")))
        if paths[-1] == TOTAL:
            kept.append(pair)
    return b"&".join(kept), tuple(paths)


def _said(status: int, told: Any) -> Answer:
    return status, {"content-type": "application/json", "cache-control": "no-store"}, encode(told)


async def _send(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    told = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    told.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
