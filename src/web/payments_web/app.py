"""The web application: the REST door, and the pages and probes around it, as one ASGI callable."""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from payments_core.gateway import Gateway
from payments_core.operations import ALL
from payments_web import pages
from payments_web.graphql import explorer
from payments_web.graphql.door import GraphQLDoor
from payments_web.limits.rates import Limits
from payments_web.objects.presenter import encode
from payments_web.observing.metrics import Metrics
from payments_web.observing.readiness import Readiness
from payments_web.observing.watching import watchers
from payments_web.openapi import document
from payments_web.rest.door import Door, Receive, Scope, Send
from payments_web.rest.routes import Routes
from payments_web.split.backend import BackendDoor


class App:
    """Everything under `/v1/` goes to the door, `/graphql` to its own, both at once; the rest is Starlette's to route."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        presenter: Any = gateway.ports.presenter
        ports = gateway.ports
        self.limits = Limits.of(ports.settings, ports.clock)
        self.watchers = watchers(ports.settings)
        self._readiness = Readiness(gateway)
        self._door = Door(gateway.performer, presenter, Routes.of(ALL), self.limits, self.watchers)
        self._graphql: Any = GraphQLDoor.over(gateway.performer, presenter, self.limits, self.watchers)
        self._speaks_rest = ports.settings.get("role") != "backend"
        if ports.settings.get("split_secret"):
            self._graphql = BackendDoor.over(self._graphql, self._door, ports, gateway.performer)
        self._others = Starlette(
            routes=[
                Route("/healthz", self._healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._metrics),
                Route("/openapi.json", self._openapi),
                *explorer.routes(),
                *pages.routes(gateway),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith("/v1/") and self._speaks_rest:
            await self._door(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/graphql":
            await self._graphql(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    async def _healthz(self, request: Request) -> Response:
        """The process runs and answers."""
        return JSONResponse({"status": "ok"})

    async def _readyz(self, request: Request) -> Response:
        """Requests can be served: the storage takes and keeps what is written, and the worker works."""
        trouble = await self._readiness.trouble()
        if trouble is not None:
            return JSONResponse({"status": "unavailable", "reason": trouble}, status_code=503)
        return JSONResponse({"status": "ready"})

    async def _metrics(self, request: Request) -> Response:
        """What Prometheus reads, if metrics are on."""
        for watcher in self.watchers:
            if isinstance(watcher, Metrics):
                page, kind = watcher.page()
                return Response(page, media_type=kind)
        return JSONResponse({"status": "metrics are off"}, status_code=404)

    async def _openapi(self, request: Request) -> Response:
        """The description of everything under `/v1/`."""
        return Response(encode(document()), media_type="application/json")
