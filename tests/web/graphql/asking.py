"""A merchant who asks in GraphQL, through the whole application and without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2

from payments_core.operations.onboarding import issue_key
from payments_core.platform.api_keys import KeyKind
from payments_web.app import App
from tests.support.shops import Shop, a_shop


@attrs.frozen(eq=False)
class Asker:
    """Asks, and insists on an answer."""

    shop: Shop
    http: httpx2.AsyncClient
    key: str

    async def send(self, body: Any, *, key: str | None = None, **headers: str) -> httpx2.Response:
        told = {"authorization": f"Bearer {self.key if key is None else key}", **headers}
        return await self.http.post("/graphql", json=body, headers=told)

    async def answer(self, query: str, variables: Any = None, **headers: str) -> dict[str, Any]:
        """The whole answer, errors and all."""
        response = await self.send({"query": query, "variables": variables}, **headers)
        told: dict[str, Any] = response.json()
        return told

    async def ask(self, query: str, variables: Any = None, **headers: str) -> Any:
        """The data, of an answer without errors."""
        told = await self.answer(query, variables, **headers)
        assert "errors" not in told, told["errors"]
        return told["data"]

    async def rest(self, method: str, path: str, **data: Any) -> Any:
        """What the REST door answers."""
        headers = {"authorization": f"Bearer {self.key}"}
        params, form = (data, None) if method == "GET" else (None, data)
        response = await self.http.request(method, path, headers=headers, params=params, data=form)
        return response.json()

    async def new_key(self, kind: KeyKind, *scopes: str) -> str:
        return (await issue_key(self.shop.ports, self.shop.merchant.account, kind, scopes=scopes))[1]


@asynccontextmanager
async def an_asker(folder: Path, **options: Any) -> AsyncIterator[Asker]:
    """A merchant with a shop in memory, or wherever *options* say."""
    async with a_shop(folder, **options) as shop:
        _, key = await issue_key(shop.ports, shop.merchant.account)
        transport = httpx2.ASGITransport(app=App(shop.gateway))
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as http:
            yield Asker(shop, http, key)
