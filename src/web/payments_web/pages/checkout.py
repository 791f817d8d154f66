"""The checkout page of a session: shows it, takes the payer's confirmation, and says how things stand.

The page speaks to the core through the same operations as everybody. Card numbers do not come this way: the page seals them with
the API first, and only the payment method's id arrives here.
"""

import logging
from typing import Any, Final
from urllib.parse import quote, urlencode

import attrs
import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from payments_core.checkout.sessions import SessionState
from payments_core.errors import PaymentsError
from payments_core.gateway import Gateway
from payments_core.operations.checkout_adjusting import adjust_checkout_session
from payments_core.operations.checkout_confirming import confirm_checkout_session
from payments_core.operations.performing import Performer
from payments_core.operations.structuring import structure
from payments_core.operations.work import Caller
from payments_core.payments.payment_intents import PaymentIntentState
from payments_web.objects.authentication import challenge_url
from payments_web.objects.replies import status_of
from payments_web.pages.assets import Assets
from payments_web.pages.branding import Brand
from payments_web.pages.rendering import Renderer
from payments_web.pages.safety import headers, is_ours, origin_of
from payments_web.pages.sessions import Visit, rows, visit
from payments_web.pages.showing import amount, data_of, price_of, shown
from payments_web.pages.wording import Tongue

LOG: Final = logging.getLogger("payments.pages")
BODY_MAX: Final = 16_000
ACCEPT_MAX: Final = 400
NO_STORE: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
PAGE: Final = "/c/pay/{id}"


class _Refused(Exception):
    """A request that no page of ours sends."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@attrs.frozen(eq=False)
class CheckoutPages:
    """The page and its two questions."""

    gateway: Gateway
    renderer: Renderer
    assets: Assets

    @property
    def _performer(self) -> Performer:
        return self.gateway.performer

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(PAGE, self._page, methods=["GET"]),
            Route(PAGE + "/brand.css", self._style, methods=["GET"]),
            Route(PAGE + "/confirm", self._confirm, methods=["POST"]),
            Route(PAGE + "/status", self._status, methods=["POST"]),
            Route(PAGE + "/adjust", self._adjust, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        found = await visit(self.gateway, request)
        tongue = tongue_of(request, found.session.locale if found else None)
        if found is None:
            return self._message(tongue, None, "unknown", "unknown", 404)
        brand = Brand.of(found.account, found.session.look)
        session = found.session
        if session.status is SessionState.COMPLETE:
            return self._done(request, found, tongue, brand)
        now = self.gateway.ports.clock.now_ms() // 1000
        if session.status is SessionState.EXPIRED or session.expires_at <= now:
            link = session.cancel_url
            return self._message(
                tongue, brand, "expired", "clock", 410, link=link, link_word="back", brand_css=css_of(found)
            )
        if not session.is_ready:
            return self._message(tongue, brand, "unready", "clock", 200, brand_css=css_of(found))
        address = address_of(found)
        lines = await rows(self.gateway, found.account, session)
        told = shown(found, lines, tongue, brand, address, self._alert(request, found, tongue))
        data = data_of(self.gateway.ports, found, lines, tongue, address, self.assets)
        return self._html(self.renderer.page("checkout.html", **told, data=data), brand)

    def _alert(self, request: Request, found: Visit, tongue: Tongue) -> str | None:
        """What a payer who comes back from their bank is told."""
        if found.intent is None or found.is_processing:
            return None
        if found.intent.next_action is not None:
            return tongue.say("challenge_left")
        error = found.intent.last_error
        if error is not None and (error.code or "").endswith("authentication_failure"):
            return tongue.say("challenge_failed")
        came_back = "redirect_status" in request.query_params
        return found.message if came_back else None

    def _done(self, request: Request, found: Visit, tongue: Tongue, brand: Brand) -> Response:
        session = found.session
        if "redirect_status" in request.query_params and session.return_address:
            return RedirectResponse(
                session.return_address, 303, {**NO_STORE, "referrer-policy": "no-referrer"}
            )
        word = "saved" if session.mode == "setup" else "done"
        total = amount(session, session.amount_total or None, tongue)
        link = session.return_address
        return self._message(
            tongue,
            brand,
            word,
            "done",
            200,
            link=link,
            link_word="go_on",
            amount=total,
            brand_css=css_of(found),
        )

    def _message(
        self,
        tongue: Tongue,
        brand: Brand | None,
        word: str,
        sign: str,
        status: int,
        *,
        link: str | None = None,
        link_word: str = "back",
        amount: str | None = None,
        brand_css: str | None = None,
    ) -> Response:
        merchant = brand.name if brand else ""
        page = self.renderer.page(
            "message.html",
            lang=tongue.language,
            brand=brand,
            brand_css=brand_css,
            title=tongue.say(f"{word}_title"),
            text=tongue.say(f"{word}_text", merchant=merchant),
            sign=sign,
            amount=amount,
            link=link,
            link_text=tongue.say(link_word, merchant=merchant),
            powered=tongue.say("powered"),
        )
        return self._html(page, brand, status)

    def _html(self, page: str, brand: Brand | None, status: int = 200) -> Response:
        pictures = origin_of(brand.logo) if brand and brand.logo else ""
        return Response(page, status, headers(pictures=pictures), "text/html")

    async def _style(self, request: Request) -> Response:
        found = await visit(self.gateway, request)
        if found is None:
            return Response("", 404, NO_STORE, "text/css")
        style = Brand.of(found.account, found.session.look).style
        return Response(
            style, headers={**NO_STORE, "cache-control": "private, max-age=300"}, media_type="text/css"
        )

    async def _confirm(self, request: Request) -> Response:
        try:
            found, told = await self._asked(request)
        except _Refused as refused:
            return _problem(str(refused), refused.status)
        told["return_url"] = f"{request.base_url}".rstrip("/") + address_of(found)
        try:
            command = structure(confirm_checkout_session.command, {**told, "id": found.session.id})
            result = (
                await self._performer.perform(confirm_checkout_session, command, caller(request, found))
            ).result
        except PaymentsError as refusal:
            result = refusal
        if isinstance(result, PaymentsError):
            if result.code == "checkout_session_payment_in_progress":
                return JSONResponse({"status": "processing"}, headers=NO_STORE)
            return JSONResponse({"error": _told(result)}, status_of(result), NO_STORE)
        return await self._standing(request)

    async def _adjust(self, request: Request) -> Response:
        """Another quantity or a promotion code, and what everything costs then."""
        try:
            found, told = await self._asked(request)
        except _Refused as refused:
            return _problem(str(refused), refused.status)
        try:
            command = structure(adjust_checkout_session.command, {**told, "id": found.session.id})
            done = await self._performer.perform(adjust_checkout_session, command, caller(request, found))
        except PaymentsError as refusal:
            return JSONResponse({"error": _told(refusal)}, status_of(refusal), NO_STORE)
        if isinstance(done.result, PaymentsError):
            return JSONResponse({"error": _told(done.result)}, status_of(done.result), NO_STORE)
        now = await visit(self.gateway, request)
        assert now is not None, "sessions are never deleted"
        lines = await rows(self.gateway, now.account, now.session)
        price = price_of(now.session, lines, tongue_of(request, now.session.locale))
        return JSONResponse({"price": price}, headers=NO_STORE)

    async def _status(self, request: Request) -> Response:
        try:
            await self._asked(request)
        except _Refused as refused:
            return _problem(str(refused), refused.status)
        return await self._standing(request)

    async def _standing(self, request: Request) -> Response:
        """How things stand now, read again."""
        found = await visit(self.gateway, request)
        assert found is not None, "sessions are never deleted"
        return JSONResponse(standing(found), headers=NO_STORE)

    async def _asked(self, request: Request) -> tuple[Visit, dict[str, Any]]:
        """The session and what the page says, if it is our page that asks and it was given to somebody."""
        if not is_ours(request):
            raise _Refused(403, "This is for the checkout page alone.")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise _Refused(415, "The page sends JSON.")
        told = _read(await _body(request))
        found = await visit(self.gateway, request)
        if found is None or not found.knows(told.get("client_secret")):
            raise _Refused(404, "No such checkout session.")
        return found, told


def standing(found: Visit) -> dict[str, Any]:
    """What the page does next: go somewhere, wait, or show why it came to nothing."""
    session, intent = found.session, found.intent
    if session.status is SessionState.COMPLETE:
        return {"status": "complete", "redirect": session.return_address or address_of(found)}
    if session.status is SessionState.EXPIRED:
        return {"status": "expired", "redirect": address_of(found)}
    if found.is_processing:
        return {"status": "processing"}
    if intent is not None and intent.next_action is not None:
        return {"status": "challenge", "redirect": challenge_url(intent.next_action, None)}
    if intent is not None and intent.status == PaymentIntentState.REQUIRES_PAYMENT_METHOD and found.message:
        return {"status": "open", "error": {"message": found.message}}
    return {"status": "open"}


def address_of(found: Visit) -> str:
    """The page's path, as the session's `url` has it."""
    session = found.session
    return f"/c/pay/{quote(session.id)}?{urlencode({'account': session.account_id})}"


def css_of(found: Visit) -> str:
    """Where the merchant's colours are."""
    return address_of(found).replace("?", "/brand.css?", 1)


def caller(request: Request, found: Visit) -> Caller:
    """A payer: no more may be told to them than to anybody with a publishable key."""
    return Caller(
        account=found.account,
        path=request.url.path,
        publishable=True,
        client_ip=request.client.host if request.client else None,
    )


def tongue_of(request: Request, told: str | None) -> Tongue:
    """The reader's language."""
    return Tongue.of(told, request.headers.get("accept-language", "")[:ACCEPT_MAX])


def _told(error: PaymentsError) -> dict[str, str]:
    told = {
        "message": error.message,
        "code": error.code,
        "decline_code": error.decline_code,
        "param": error.param,
    }
    return {name: value for name, value in told.items() if value is not None}


def _problem(message: str, status: int) -> Response:
    return JSONResponse({"error": {"message": message}}, status, NO_STORE)


async def _body(request: Request) -> bytes:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_MAX:
                raise _Refused(413, "The page sends less than that.")
    except ClientDisconnect:
        raise _Refused(400, "The connection ended before the request did.") from None
    return body


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _Refused(400, "The page sends a JSON object.") from None
    return {name: value for name, value in told.items() if value is not None}
