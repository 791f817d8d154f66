"""Keys: what each kind may do, how they end, roll and are remembered; whose work a platform may do; and what the audit log says."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from payments_core.errors import ParamInvalid
from payments_core.gateway import Gateway
from payments_core.operations.audit_log import check_log, read_log
from payments_core.operations.onboarding import issue_key, list_keys, revoke_key, roll_key
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.api_keys import KeyKind
from payments_core.platform.audit import AuditHead, AuditRecord
from payments_core.ports import Query
from payments_core.testing.clock import SettableClock
from payments_core.testing.memory import MemoryStore
from payments_core.values import evolve
from payments_web.app import App
from tests.support.asking import Told, ask

pytestmark = pytest.mark.anyio


@attrs.frozen(eq=False)
class Office:
    gateway: Gateway
    app: App
    account: Account
    secret: str
    clock: SettableClock

    async def ask(self, method: str, path: str, params: Any = b"", *, key: str = "", **headers: str) -> Told:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await ask(self.app, method, path, params, key=key or self.secret, headers=named)

    async def key(self, kind: KeyKind = KeyKind.RESTRICTED, *scopes: str) -> str:
        return (await issue_key(self.gateway.ports, self.account, kind, scopes=scopes))[1]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = SettableClock()
    async with Gateway.open(
        store=MemoryStore(), clock=clock, data=str(tmp_path), rate_limit="off"
    ) as gateway:
        account = (await gateway.open_account("Shop")).account
        _, secret = await issue_key(gateway.ports, account)
        yield Office(gateway, App(gateway), account, secret, clock)


async def test_a_restricted_key_does_what_its_scopes_say(office: Office) -> None:
    reads = await office.key(KeyKind.RESTRICTED, "customer:read")
    writes = await office.key(KeyKind.RESTRICTED, "customer:write")

    statuses = [
        (await office.ask(method, path, key=key)).status
        for key in (reads, writes)
        for method, path in (("GET", "/v1/customers"), ("POST", "/v1/customers"), ("GET", "/v1/charges"))
    ]

    assert statuses == [200, 403, 403, 200, 200, 403]


async def test_scopes_that_mean_nothing_are_refused(office: Office) -> None:
    for scopes in (("customer",), ("customer:admin",), ("CUSTOMER:read",), ()):
        with pytest.raises(ParamInvalid):
            await office.key(KeyKind.RESTRICTED, *scopes)
    with pytest.raises(ParamInvalid):
        await office.key(KeyKind.SECRET, "customer:read")


async def test_a_rolled_key_is_good_for_a_while_longer(office: Office) -> None:
    (key,) = await list_keys(office.gateway.ports, office.account)
    _, new = await roll_key(office.gateway.ports, office.account, key.id, 60)

    during = [(await office.ask("GET", "/v1/customers", key=text)).status for text in (office.secret, new)]
    office.clock.advance(60)
    after = [await office.ask("GET", "/v1/customers", key=text) for text in (office.secret, new)]

    assert during == [200, 200]
    assert [told.status for told in after] == [401, 200]
    assert after[0].json["error"]["code"] == "api_key_expired"


async def test_a_revoked_key_opens_nothing(office: Office) -> None:
    (key,) = await list_keys(office.gateway.ports, office.account)
    await revoke_key(office.gateway.ports, office.account, key.id)

    assert (await office.ask("GET", "/v1/customers")).status == 401


async def test_the_last_use_is_remembered_once_a_minute(office: Office) -> None:
    uses = office.app._door.uses
    versions = []
    for wait in (0, 1, 61):
        office.clock.advance(wait)
        await office.ask("GET", "/v1/customers")
        await uses.settle()
        (key,) = await list_keys(office.gateway.ports, office.account)
        versions.append(key.last_used)

    assert versions[0] == versions[1]
    assert versions[2] == (versions[0] or 0) + 62


async def test_live_keys_are_not_served_in_test_mode(office: Office) -> None:
    live = (await office.gateway.open_account("Live", livemode=True)).account
    _, key = await issue_key(office.gateway.ports, live)

    assert (await office.ask("GET", "/v1/customers", key=key)).status == 403


async def test_test_tokens_are_refused_in_live_mode(tmp_path: Path) -> None:
    async with Gateway.open(store=MemoryStore(), data=str(tmp_path), live="1", rate_limit="off") as gateway:
        live = (await gateway.open_account("Live", livemode=True)).account
        _, key = await issue_key(gateway.ports, live)
        charge = {"amount": 100, "currency": "usd", "source": "tok_visa"}

        told = await ask(App(gateway), "POST", "/v1/charges", charge, key=key)

    assert told.status == 404
    assert told.json["error"]["code"] == "resource_missing"


async def test_a_platform_acts_for_accounts_that_it_made_and_for_no_others(office: Office) -> None:
    ports = office.gateway.ports
    stranger = (await office.gateway.open_account("Stranger")).account
    mine = (await office.gateway.open_account("Mine")).account
    work = Work(Caller(account=mine), ports)
    work.put(evolve(await work.get(Account, mine.id), platform=office.account.id))
    await work.commit()

    made = await office.ask("POST", "/v1/customers", {"name": "Jenny"}, Stripe_Account=mine.id)
    there = await office.ask("GET", f"/v1/customers/{made.json['id']}", Stripe_Account=mine.id)
    here = await office.ask("GET", f"/v1/customers/{made.json['id']}")
    refused = [
        await office.ask("GET", "/v1/customers", Stripe_Account=name)
        for name in (stranger.id, f"acct_{'0' * 22}", "acct_1", "nonsense", "\xff")
    ]

    assert (made.status, there.status, here.status) == (200, 200, 404)
    assert {told.status for told in refused} == {403}
    assert len({told.body for told in refused}) == 1


async def test_what_is_done_to_keys_is_in_the_audit_log(office: Office) -> None:
    ports = office.gateway.ports
    (key,) = await list_keys(ports, office.account)
    new, _ = await roll_key(ports, office.account, key.id)
    await revoke_key(ports, office.account, new.id)

    log = await read_log(ports, office.account.id)

    assert [entry.action for entry in log] == ["account.opened", "key.issued", "key.rolled", "key.revoked"]
    assert log[2].subject == key.id
    assert await check_log(ports, office.account.id) == []


@pytest.mark.parametrize("harm", ["changed", "left out", "cut off", "head"])
async def test_whoever_changes_the_log_is_found_out(office: Office, harm: str) -> None:
    ports = office.gateway.ports
    store: Any = ports.store
    shelf = store._shelves[AuditRecord, office.account.id]
    await office.key(KeyKind.PUBLISHABLE)
    ids = sorted(shelf, key=lambda noun_id: shelf[noun_id][0].number)
    if harm == "changed":
        shelf[ids[1]] = evolve(shelf[ids[1]][0], actor="somebody else"), 1
    elif harm == "left out":
        del shelf[ids[1]]
    elif harm == "cut off":
        del shelf[ids[-1]]
    else:
        heads = store._shelves[AuditHead, office.account.id]
        del shelf[ids[-1]]
        before = shelf[ids[-2]][0]
        heads["head"] = evolve(heads["head"][0], number=before.number, digest=before.digest), 9

    assert await check_log(ports, office.account.id) != []


async def test_the_log_survives_many_writers(office: Office) -> None:
    import asyncio

    ports = office.gateway.ports
    made = await asyncio.gather(*(office.key(KeyKind.PUBLISHABLE) for _ in range(8)), return_exceptions=True)

    assert await check_log(ports, office.account.id) == []
    assert any(isinstance(one, str) for one in made)


async def test_no_text_of_a_key_is_kept(office: Office) -> None:
    store: Any = office.gateway.ports.store

    assert office.secret not in repr(store)
    assert AccountId(office.account.id) in repr(store)
    assert (await store.select(AuditRecord, office.account.id, Query())).items
