"""The web application: the REST door, and the pages and probes around it, as one ASGI callable."""

import logging
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from payments_core.errors import PaymentsError
from payments_core.gateway import Gateway
from payments_core.operations import ALL
from payments_core.platform.accounts import Account, AccountId
from payments_web import pages
from payments_web.graphql.door import GraphQLDoor
from payments_web.objects.presenter import encode
from payments_web.openapi import document
from payments_web.rest.door import Door, Receive, Scope, Send
from payments_web.rest.routes import Routes

LOG: Final = logging.getLogger("payments.web")


class App:
    """Everything under `/v1/` goes to the door, `/graphql` to its own, both at once; the rest is Starlette's to route."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        presenter: Any = gateway.ports.presenter
        self._door = Door(gateway.performer, presenter, Routes.of(ALL))
        self._graphql = GraphQLDoor.over(gateway.performer, presenter)
        self._others = Starlette(
            routes=[
                Route("/healthz", self._healthz),
                Route("/readyz", self._readyz),
                Route("/openapi.json", self._openapi),
                *pages.routes(gateway),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith("/v1/"):
            await self._door(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/graphql":
            await self._graphql(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    async def _healthz(self, request: Request) -> Response:
        """The process runs and answers."""
        return JSONResponse({"status": "ok"})

    async def _readyz(self, request: Request) -> Response:
        """The storage answers, so that requests can be served."""
        nobody = AccountId("acct_nobody")
        try:
            await self.gateway.ports.store.find(Account, nobody, nobody)
        except (PaymentsError, OSError) as error:
            LOG.warning("not ready: %s", error)
            return JSONResponse({"status": "unavailable"}, status_code=503)
        return JSONResponse({"status": "ready"})

    async def _openapi(self, request: Request) -> Response:
        """The description of everything under `/v1/`."""
        return Response(encode(document()), media_type="application/json")
