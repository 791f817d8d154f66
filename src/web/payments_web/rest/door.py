"""The door: from an HTTP request to a performed operation, and back. One ASGI callable for everything under `/v1/`.

In: the caller from the key, the tree from the form, the command from the tree. Out: the reply's bytes as they are stored.
No decision about payments is made here.
"""

import asyncio
import base64
import binascii
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import attrs
import msgspec

from payments_core.errors import Forbidden, InvalidRequest, ParamInvalid, PaymentsError, RateLimited
from payments_core.operations.declaring import Operation
from payments_core.operations.onboarding import Credentials, acting_for, authenticate, named_account
from payments_core.operations.performing import Performer
from payments_core.operations.structuring import structure
from payments_core.operations.work import Caller
from payments_core.platform.api_keys import KeyKind
from payments_core.platform.idempotency import Reply
from payments_core.tokenization.cards import redact
from payments_web.limits.rates import Limits
from payments_web.limits.uses import KeyUses
from payments_web.objects.presenter import encode
from payments_web.objects.replies import ReplyingPresenter, error_body, status_of
from payments_web.observing.requests import Seen, Watcher, hashed, recording
from payments_web.rest.forms import parse
from payments_web.rest.routes import Routes

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LOG: Final = logging.getLogger("payments.rest")
BODY_MAX: Final = 1_000_000
BODY_TIMEOUT_S: Final = 20.0
QUERY_MAX: Final = 16_000
API_VERSION: Final = "2026-10-28.endive"
EXPANSIONS_MAX: Final = 50
_VERSION: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}(\.[a-z_]{1,40})?\Z", re.ASCII)
_CANON: Final = msgspec.json.Encoder(order="sorted")
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = (b"content-type", b"application/json")
_CORS: Final = (b"access-control-allow-origin", b"*")


class TooLarge(InvalidRequest):
    """The body is larger than any request needs to be."""


class TooSlow(InvalidRequest):
    """The body did not arrive in time."""


STATUS: Final[dict[type[PaymentsError], int]] = {TooLarge: 413, TooSlow: 408}


@attrs.frozen(slots=False)
class Request:
    """One HTTP request, read."""

    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    client_ip: str | None
    body: bytes


@attrs.frozen(eq=False)
class Door:
    """Answers every request under `/v1/`."""

    performer: Performer
    presenter: ReplyingPresenter
    routes: Routes
    limits: Limits = attrs.field(factory=lambda: Limits(rate=None))
    watchers: Sequence[Watcher] = ()
    uses: KeyUses = attrs.field()

    @uses.default
    def _make_uses(self) -> KeyUses:
        return KeyUses(self.performer.ports)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever happens, the answer is an API answer."""
        request_id = self.performer.ports.ids.new("req")
        seen = Seen(request_id, scope["method"], time.time_ns())
        headers: list[tuple[bytes, bytes]] = [_JSON, _CORS, (b"request-id", request_id.encode())]
        if scope["method"] == "OPTIONS":
            await _send(send, 204, _preflight(headers), b"")
            return
        try:
            request = await read_request(scope, receive)
            with recording(seen, self.watchers):
                reply, more = await self._answer(request, seen)
            headers += more
        except PaymentsError as refusal:
            reply = self._refused(refusal)
            seen.code = refusal.code
            headers += hints(refusal)
        except Exception:
            LOG.exception("unexpected", extra={"request_id": request_id})
            reply = self._refused(
                PaymentsError("An unknown error occurred. The request id helps us to find out which.")
            )
        await _send(send, reply.status, headers, reply.body)
        seen.status, seen.ended_ns = reply.status, time.time_ns()
        for watch in self.watchers:
            watch(seen)

    def _refused(self, refusal: PaymentsError) -> Reply:
        status = STATUS.get(type(refusal)) or status_of(refusal)
        return Reply(status, encode(error_body(refusal, self.presenter, livemode=False)))

    async def _answer(self, request: Request, seen: Seen) -> tuple[Reply, list[tuple[bytes, bytes]]]:
        ports = self.performer.ports
        credentials = await authenticate(ports, key_of(request.headers))
        seen.account, seen.key = credentials.account.id, credentials.key.id
        self.uses.note(credentials.key)
        named = named_account(request.headers, credentials.account.id)
        account = await acting_for(ports, credentials, named)
        version = request.headers.get("stripe-version", API_VERSION)
        if not _VERSION.match(version):
            raise InvalidRequest(f"Invalid Stripe API version: {version[:40]}")
        found = self.routes.find(request.method, request.path)
        if found is None:
            raise _unrecognized(request)
        operation, told = found
        seen.operation = operation.name
        may(credentials, operation)
        tree = _tree(request)
        expand = _expansions(tree.pop("expand", None))
        self.presenter.check_expansions(operation.result, expand)
        if not told.keys().isdisjoint(tree):
            raise InvalidRequest("Received unknown parameter: id", code="parameter_unknown", param="id")
        command = structure(operation.command, {**tree, **told})
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        caller = Caller(
            account=account,
            request_id=seen.request_id,
            idempotency_key=key,
            fingerprint=_fingerprint(ports.vault.digest, request.path, tree, expand) if key else "",
            expand=expand,
            path=request.path,
            publishable=credentials.key.kind is KeyKind.PUBLISHABLE,
            client_ip=request.client_ip,
            api_version=version,
            platform=credentials.account.id if account is not credentials.account else None,
        )
        seen.idempotency = hashed(key) if key else None
        search = operation.name.endswith(".search")
        with self.limits.admit(credentials.account.id, reads=operation.reads, search=search):
            done = await asyncio.shield(self.performer.perform(operation, command, caller))
        seen.replayed = done.replayed
        headers = [(b"stripe-version", version.encode())]
        if key is not None:
            headers.append((b"idempotency-key", key.encode("latin-1", "replace")))
        if done.replayed:
            headers.append((b"idempotent-replayed", b"true"))
            headers.append((b"original-request", (done.first_request or "").encode()))
        if isinstance(done.result, PaymentsError):
            seen.code = done.result.code
            headers += hints(done.result)
        return done.reply, headers


async def read_request(scope: Scope, receive: Receive) -> Request:
    if len(scope["query_string"]) > QUERY_MAX:
        raise InvalidRequest("The query string is too long.")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    client = scope.get("client")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await _body(receive, _announced(headers))
    except TimeoutError:
        raise TooSlow("The request's body did not arrive in time.") from None
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"],
        headers=headers,
        client_ip=client[0] if client else None,
        body=body,
    )


def _announced(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


async def _body(receive: Receive, announced: int) -> bytes:
    if announced > BODY_MAX:
        raise TooLarge(f"A request's body has at most {BODY_MAX} bytes.")
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if size > BODY_MAX:
            raise TooLarge(f"A request's body has at most {BODY_MAX} bytes.")
    if message["type"] == "http.disconnect":
        raise TooSlow("The connection ended before the request did.")
    return b"".join(parts)


def key_of(headers: Mapping[str, str]) -> str | None:
    scheme, _, value = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0] or None
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def may(credentials: Credentials, operation: Operation) -> None:
    """Refuse what the key is not for."""
    key = credentials.key
    if key.kind is KeyKind.PUBLISHABLE and not operation.publishable:
        raise Forbidden(
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            code="secret_key_required",
        )
    if key.kind is KeyKind.PUBLISHABLE and key.scopes and operation.name not in key.scopes:
        raise Forbidden("The key of a checkout page is for sealing cards and nothing else.")
    if key.kind is KeyKind.RESTRICTED:
        verb = "read" if operation.reads else "write"
        if not {f"{operation.noun}:{verb}", f"{operation.noun}:write", f"*:{verb}", "*:write"} & set(
            key.scopes
        ):
            raise Forbidden(
                f"The provided key does not have the required permission: {operation.noun}:{verb}."
            )


def _tree(request: Request) -> dict[str, Any]:
    if request.method != "POST":
        if request.body:
            return {**parse(request.query), **parse(request.body)}
        return parse(request.query)
    if request.query:
        raise InvalidRequest("Parameters of a POST request go into its body, never into its address.")
    if not request.body:
        return {}
    kind = request.headers.get("content-type", _FORM).partition(";")[0].strip().lower()
    if kind != _FORM:
        raise InvalidRequest(
            f"Invalid request: send the body as {_FORM}, not as {redact(kind)[:80] or 'nothing'}."
        )
    return parse(request.body)


def _expansions(told: Any) -> tuple[str, ...]:
    if told is None or told == "":
        return ()
    if not isinstance(told, list) or not all(isinstance(path, str) for path in told):
        raise ParamInvalid("Invalid array: expand is a list of property paths.", param="expand")
    if len(told) > EXPANSIONS_MAX:
        raise ParamInvalid(f"At most {EXPANSIONS_MAX} properties can be expanded.", param="expand")
    return tuple(told)


def _fingerprint(digest: Callable[[str, bytes], bytes], path: str, *told: Any) -> str:
    """The same for the same parameters, in whatever order and spelling the client sent them."""
    return digest("parameters", b"\n".join((path.encode(), _CANON.encode(told)))).hex()


def _unrecognized(request: Request) -> InvalidRequest:
    shown = redact(unquote(request.path, errors="replace"))[:200]
    return _NoSuchRoute(
        f"Unrecognized request URL ({request.method}: {shown}). Please see the API reference."
    )


class _NoSuchRoute(InvalidRequest):
    """Nothing lives at this path."""


STATUS[_NoSuchRoute] = 404


def hints(refusal: PaymentsError) -> list[tuple[bytes, bytes]]:
    if isinstance(refusal, RateLimited):
        return [(b"stripe-rate-limited-reason", refusal.reason.encode()), (b"retry-after", b"1")]
    return []


def _preflight(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [
        *headers[1:],
        (b"access-control-allow-methods", b"GET, POST, DELETE"),
        (
            b"access-control-allow-headers",
            b"authorization, content-type, idempotency-key, stripe-version, stripe-account, stripe-context",
        ),
        (b"access-control-max-age", b"86400"),
    ]


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
