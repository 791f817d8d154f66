"""The bank's page of the sandbox: a cardholder proves who they are, by a button. In live mode there is none.

Works without scripts. Within a frame of payments.js a small script tells the frame's owner that the challenge is over.
"""

from typing import Any, Final
from urllib.parse import parse_qs

import attrs
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments_core.errors import PaymentsError
from payments_core.gateway import Gateway
from payments_core.money.amounts import display
from payments_core.operations.authentication import authentication_outcome, complete_authentication
from payments_core.operations.structuring import structure
from payments_core.operations.work import Caller, Work
from payments_core.payments.authentications import Authentication, AuthenticationState
from payments_core.platform.accounts import Account, AccountId
from payments_web.objects.authentication import AuthenticationObject
from payments_web.pages.rendering import Renderer
from payments_web.pages.safety import ANYWHERE, headers, is_ours
from payments_web.pages.wording import Tongue

BODY_MAX: Final = 2_000
PLACE: Final = "/3ds/{id}"
ID_MAX: Final = 100
ACCEPT_MAX: Final = 400


@attrs.frozen(eq=False)
class ChallengePages:
    """The page, and the answer to its buttons."""

    gateway: Gateway
    renderer: Renderer

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(PLACE, self._page, methods=["GET"]),
            Route(PLACE, self._answer, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        told = request.query_params
        return await self._shown(request, told.get("account", ""), told.get("client_secret", ""))

    async def _shown(self, request: Request, account_id: str, secret: str) -> Response:
        found = await self._find(request.path_params["id"], account_id, secret)
        if found is None:
            return self._html("message.html", 404, **_unknown(request))
        account, challenge = found
        if challenge.status is not AuthenticationState.CHALLENGED:
            return await self._over(request, account, challenge)
        tongue = _tongue(request)
        amount = (
            display(challenge.amount, challenge.currency, str(tongue.locale))
            if challenge.currency and challenge.amount
            else None
        )
        return self._html(
            "challenge.html",
            200,
            lang="en",
            challenge=challenge,
            amount=amount,
            secret=secret,
            account=account.id,
        )

    async def _answer(self, request: Request) -> Response:
        if not is_ours(request):
            return Response("This is for the bank's page alone.", 403, headers(), "text/plain")
        told = await _form(request)
        if told is None:
            return Response("The page sends a small form.", 400, headers(), "text/plain")
        account_id, secret = told.get("account", ""), told.get("client_secret", "")
        found = await self._find(request.path_params["id"], account_id, secret)
        if found is None:
            return self._html("message.html", 404, **_unknown(request))
        account, challenge = found
        succeeded = told.get("answer") == "complete"
        command = structure(
            complete_authentication.command,
            {"id": challenge.id, "client_secret": secret, "succeeded": str(succeeded).lower()},
        )
        caller = Caller(account=account, path=request.url.path, publishable=True)
        # A refusal means that somebody was faster: then the page says how it ended.
        await self.gateway.performer.perform(complete_authentication, command, caller)
        return await self._shown(request, account_id, secret)

    async def _over(self, request: Request, account: Account, challenge: Authentication) -> Response:
        """Send the payer on, or say that it is over."""
        work = Work(Caller(account=account), self.gateway.ports)
        try:
            challenge = await authentication_outcome(work, self.gateway.ports, challenge.id)
        except PaymentsError:
            return self._html("message.html", 404, **_unknown(request))
        target = AuthenticationObject.of(challenge, account.livemode).redirect_to
        if target is not None:
            return RedirectResponse(
                target, 303, {"cache-control": "no-store", "referrer-policy": "no-referrer"}
            )
        passed = challenge.status is AuthenticationState.AUTHENTICATED
        return self._html("challenge_over.html", 200, lang="en", passed=passed, challenge=challenge)

    async def _find(
        self, challenge_id: str, account_id: str, secret: str
    ) -> tuple[Account, Authentication] | None:
        if not account_id or max(len(challenge_id), len(account_id)) > ID_MAX:
            return None
        store, owner = self.gateway.ports.store, AccountId(account_id)
        account = await store.find(Account, owner, account_id)
        found = await store.find(Authentication, owner, challenge_id) if account else None
        if account is None or found is None or not found[0].is_known_by(secret):
            return None
        return account[0], found[0]

    def _html(self, template: str, status: int, **shown: Any) -> Response:
        # Banks' pages are shown in frames of merchants' pages; where the form leads is the merchant's own page.
        told = headers(framed_by=ANYWHERE, posts_to="https: http:")
        return Response(self.renderer.page(template, **shown), status, told, "text/html")


def _tongue(request: Request) -> Tongue:
    return Tongue.of(None, request.headers.get("accept-language", "")[:ACCEPT_MAX])


def _unknown(request: Request) -> dict[str, Any]:
    tongue = _tongue(request)
    return {
        "lang": tongue.language,
        "brand": None,
        "brand_css": None,
        "title": tongue.say("unknown_title"),
        "text": tongue.say("unknown_text"),
        "sign": "unknown",
        "amount": None,
        "link": None,
        "link_text": "",
        "powered": tongue.say("powered"),
    }


async def _form(request: Request) -> dict[str, str] | None:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > BODY_MAX:
                return None
        told = parse_qs(body.decode("ascii"), max_num_fields=10)
    except (ClientDisconnect, UnicodeDecodeError, ValueError):
        return None
    return {name: values[0] for name, values in told.items()}
