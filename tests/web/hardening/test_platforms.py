"""Two platforms, each with a connected account: what one made, the other reaches by no verb, list, search, expansion or GraphQL."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from payments_core.gateway import Gateway
from payments_core.operations import ALL
from payments_core.operations.declaring import Operation
from payments_core.operations.onboarding import issue_key
from payments_core.platform.api_keys import KeyKind
from payments_core.testing.memory import MemoryStore
from payments_web.app import App
from tests.support.asking import Told, ask

pytestmark = pytest.mark.anyio

MADE_UP: Final = "acct_0000000000000000000000"
MARKER: Final = "Marker-of-the-seller"
NAMED: Final = [operation for operation in ALL if operation.whose is not None]


@attrs.frozen(eq=False)
class World:
    """Another platform's key, and what must stay out of its reach."""

    app: App
    store: MemoryStore
    own: str
    """Key of the platform that made the seller."""
    key: str
    """Key of the other platform."""
    seller: str
    charge: str
    customer: str

    async def graphql(self, query: str, key: str, **headers: str) -> Told:
        body = json.dumps({"query": query}).encode()
        return await ask(
            self.app,
            "POST",
            "/graphql",
            body,
            key=key,
            headers={"content-type": "application/json", **headers},
        )

    def snapshot(self) -> dict[Any, Any]:
        return {
            (kind, noun_id): noun
            for (kind, owner), shelf in self.store._shelves.items()
            if owner == self.seller
            for noun_id, noun in shelf.items()
        }


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("platforms")
    store = MemoryStore()
    async with Gateway.open(
        store=store, data=str(folder), rate_limit="off", webhooks_allow_private="1"
    ) as gateway:
        app = App(gateway)
        keys = []
        for name in ("One", "Two"):
            platform = await gateway.open_account(name)
            keys.append((await issue_key(gateway.ports, platform.account))[1])
        seller = (await ask(app, "POST", "/v1/accounts", {"email": "s@s.example"}, key=keys[0])).json["id"]
        await ask(app, "POST", "/v1/accounts", {}, key=keys[1])
        acting = {"stripe-account": seller}
        customer = await ask(
            app, "POST", "/v1/customers", {"name": MARKER, "source": "tok_visa"}, key=keys[0], headers=acting
        )
        charge = await ask(
            app,
            "POST",
            "/v1/charges",
            {"amount": 900, "currency": "usd", "customer": customer.json["id"], "description": MARKER},
            key=keys[0],
            headers=acting,
        )
        assert charge.status == 200, charge.body
        yield World(app, store, keys[0], keys[1], seller, charge.json["id"], customer.json["id"])


@pytest.mark.parametrize("header", ["stripe-account", "stripe-context"])
@pytest.mark.parametrize("operation", ALL, ids=lambda o: o.name)
async def test_no_operation_is_done_for_the_account_of_another_platform(
    world: World, operation: Operation, header: str
) -> None:
    before = world.snapshot()
    path = re.sub(r"\{\w+\}", world.charge, operation.path)
    told = await ask(world.app, operation.method, path, key=world.key, headers={header: world.seller})
    nobody = await ask(world.app, operation.method, path, key=world.key, headers={header: MADE_UP})

    assert (told.status, told.body) == (403, nobody.body)
    assert world.snapshot() == before


@pytest.mark.parametrize("operation", NAMED, ids=lambda o: o.name)
async def test_no_operation_reaches_an_account_of_another_platform_by_its_path(
    world: World, operation: Operation
) -> None:
    before = world.snapshot()
    bank = {"external_account": "btok_us_verified"} if operation.name == "external_account.create" else {}
    reason = {"reason": "other"} if operation.name == "account.reject" else {}

    async def told(account: str) -> Told:
        path = operation.path.replace("{account}", account).replace("{capability}", "transfers")
        return await ask(
            world.app, operation.method, path.replace("{id}", "ba_1"), {**bank, **reason}, key=world.key
        )

    seen, nobody = await told(world.seller), await told(MADE_UP)
    assert seen.status == 404, seen.body
    assert seen.body.replace(world.seller.encode(), b"") == nobody.body.replace(MADE_UP.encode(), b"")
    assert world.snapshot() == before


async def test_lists_searches_and_expansions_show_nothing_of_another_platform(world: World) -> None:
    for path, params in (
        ("/v1/accounts", {}),
        ("/v1/charges", {"expand": ["data.customer"]}),
        ("/v1/customers", {}),
        ("/v1/events", {}),
        ("/v1/customers/search", {"query": f'name:"{MARKER}"'}),
        ("/v1/charges/search", {"query": 'amount>"1"'}),
    ):
        told = await ask(world.app, "GET", path, params, key=world.key)
        assert told.status == 200, told.body
        assert world.seller.encode() not in told.body
        assert MARKER.encode() not in told.body
    with_cursor = await ask(world.app, "GET", "/v1/accounts", {"starting_after": world.seller}, key=world.key)
    assert with_cursor.status == 404


async def test_the_platform_itself_sees_what_it_does_not_act_for_as_nothing(world: World) -> None:
    plain = await ask(world.app, "GET", f"/v1/charges/{world.charge}", key=world.own)
    acting = await ask(
        world.app,
        "GET",
        f"/v1/charges/{world.charge}",
        key=world.own,
        headers={"stripe-account": world.seller},
    )

    assert (plain.status, acting.status) == (404, 200)


async def test_graphql_acts_for_an_account_as_rest_does(world: World) -> None:
    query = f'{{ charge(id: "{world.charge}") {{ id description customer {{ name }} }} }}'
    for header in ("stripe-account", "stripe-context"):
        theirs = await world.graphql(query, world.own, **{header: world.seller})
        strange = await world.graphql(query, world.key, **{header: world.seller})
        nobody = await world.graphql(query, world.key, **{header: MADE_UP})

        assert theirs.json["data"]["charge"]["customer"]["name"] == MARKER, theirs.body
        assert strange.status == 403
        assert strange.json["errors"][0]["extensions"]["code"] == "account_invalid"
        assert strange.body == nobody.body
    plain = await world.graphql(query, world.own)
    assert MARKER.encode() not in plain.body


async def test_what_graphql_makes_for_an_account_is_the_accounts(world: World) -> None:
    made = await world.graphql(
        'mutation { createCustomer(input: {name: "By GraphQL"}) { id } }',
        world.own,
        **{"stripe-account": world.seller},
    )
    noun_id = next(iter(made.json["data"].values()))["id"]
    own = await ask(world.app, "GET", f"/v1/customers/{noun_id}", key=world.own)
    theirs = await ask(
        world.app, "GET", f"/v1/customers/{noun_id}", key=world.own, headers={"stripe-account": world.seller}
    )

    assert (own.status, theirs.status) == (404, 200)


async def test_a_context_may_lead_from_the_own_account(world: World) -> None:
    own = (await ask(world.app, "GET", "/v1/account", key=world.own)).json["id"]

    async def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await ask(world.app, "GET", "/v1/account", key=world.own, headers=named)).status

    assert await status(stripe_context=f"{own}/{world.seller}") == 200
    assert await status(stripe_context=f"{MADE_UP}/{world.seller}") == 403
    assert await status(stripe_context=f"{own}/{own}/{world.seller}") == 403
    assert await status(stripe_context=world.seller, stripe_account=world.seller) == 200
    assert await status(stripe_context=world.seller, stripe_account=own) == 400


async def test_a_seller_does_not_act_for_its_platform(world: World) -> None:
    gateway = world.app.gateway
    seller = await gateway.merchant(world.seller)
    _, key = await issue_key(gateway.ports, seller.account, KeyKind.SECRET)
    own = (await ask(world.app, "GET", "/v1/account", key=world.own)).json["id"]

    by_header = await ask(world.app, "GET", "/v1/account", key=key, headers={"stripe-account": own})
    by_path = await ask(world.app, "GET", f"/v1/accounts/{own}", key=key)

    assert (by_header.status, by_path.status) == (403, 404)
