"""What is done to accounts, keys, endpoints, banks and the vault is written down where nobody can take it back."""

import inspect
import re
from pathlib import Path
from typing import Final

import pytest

import payments_core
import payments_web
from payments_core.errors import ParamInvalid
from payments_core.operations.account_params import SettingsParams
from payments_core.operations.accounts import (
    CreateAccount,
    DeleteAccount,
    RejectAccount,
    UnrejectAccount,
    UpdateAccount,
    UpdateCapability,
)
from payments_core.operations.audit_log import check_log, read_log
from payments_core.operations.external_accounts import (
    CreateExternalAccount,
    DeleteExternalAccount,
    UpdateExternalAccount,
)
from payments_core.operations.onboarding import issue_key, revoke_key, roll_key
from payments_core.operations.resealing import reseal, rotate
from payments_core.operations.webhook_endpoints import (
    CreateWebhookEndpoint,
    DeleteWebhookEndpoint,
    RollWebhookSecret,
    UpdateWebhookEndpoint,
)
from payments_core.platform.audit import AuditRecord
from payments_core.platform.beats import NOBODY
from payments_core.ports import Batch, Write
from payments_core.values import evolve
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

AUDITED: Final = {
    "account.changed",
    "account.deleted",
    "account.opened",
    "account.rejected",
    "account.unrejected",
    "database.upgraded",
    "external_account.added",
    "external_account.changed",
    "external_account.removed",
    "key.issued",
    "key.revoked",
    "key.rolled",
    "payouts.imported",
    "payouts.run",
    "settlement.imported",
    "settlement.run",
    "settlement_exception.represented",
    "settlement_exception.written_off",
    "vault.resealed",
    "vault.rotated",
    "vault.rotating",
    "webhook_endpoint.changed",
    "webhook_endpoint.created",
    "webhook_endpoint.deleted",
    "webhook_endpoint.gave_up",
    "webhook_endpoint.secret_rolled",
}
"""Every act that leaves a record. Whoever adds one names it here, and in docs/keys.md."""

_RECORDED: Final = re.compile(r'record(?:_alone)?\(\s*[\w.]+,\s*"([a-z_]+\.[a-z_]+)"')
_CHANGED: Final = re.compile(r'await _change\([^"]*"([a-z_]+\.[a-z_]+)"')


async def live(shop: Shop) -> str:
    """Do to a platform and its seller all that a merchant can; return the seller."""
    ports, platform = shop.ports, shop.merchant
    key, _ = await issue_key(ports, platform.account)
    rolled, _ = await roll_key(ports, platform.account, key.id)
    await revoke_key(ports, platform.account, rolled.id)
    endpoint = await platform.do(
        CreateWebhookEndpoint(url="http://127.0.0.1:9/x?token=1", enabled_events=("*",))
    )
    await platform.do(UpdateWebhookEndpoint(id=endpoint.id, disabled=True))
    await platform.do(RollWebhookSecret(id=endpoint.id))
    await platform.do(DeleteWebhookEndpoint(id=endpoint.id))
    seller = (await platform.do(CreateAccount(email="s@s.example"))).id
    await platform.do(UpdateAccount(account=seller, settings=SettingsParams(), metadata={"a": "1"}))
    await platform.do(UpdateCapability(account=seller, capability="transfers", requested=False))
    first = await platform.do(CreateExternalAccount(account=seller, external_account="btok_us_verified"))
    await platform.do(
        CreateExternalAccount(account=seller, external_account="btok_us", default_for_currency=True)
    )
    await platform.do(UpdateExternalAccount(account=seller, id=first.id, account_holder_name="S"))
    await platform.do(DeleteExternalAccount(account=seller, id=first.id))
    await platform.do(RejectAccount(account=seller, reason="other"))
    await platform.do(UnrejectAccount(account=seller))
    await platform.do(DeleteAccount(account=seller))
    await rotate(ports)
    await reseal(ports)
    return seller


def test_the_list_of_audited_acts_is_what_the_code_records() -> None:
    told = set()
    for package in (payments_core, payments_web):
        for path in Path(inspect.getfile(package)).parent.rglob("*.py"):
            text = path.read_text()
            told |= set(_RECORDED.findall(text)) | set(_CHANGED.findall(text))

    assert told == AUDITED


async def test_each_act_leaves_its_record(tmp_path: Path) -> None:
    async with a_shop(tmp_path, webhooks_allow_private="1") as shop:
        seller = await live(shop)
        logs = {owner: await read_log(shop.ports, owner) for owner in (shop.id, seller, NOBODY)}  # type: ignore[arg-type]
        faults = [await check_log(shop.ports, owner) for owner in (shop.id, seller, NOBODY)]  # type: ignore[arg-type]

    assert faults == [[], [], []]
    assert [entry.action for entry in logs[shop.id]] == [
        "account.opened",
        "key.issued",
        "key.rolled",
        "key.revoked",
        "webhook_endpoint.created",
        "webhook_endpoint.changed",
        "webhook_endpoint.secret_rolled",
        "webhook_endpoint.deleted",
    ]
    assert [entry.action for entry in logs[seller]] == [
        "account.opened",
        "account.changed",
        "account.changed",
        "external_account.added",
        "external_account.added",
        "external_account.changed",
        "external_account.removed",
        "account.rejected",
        "account.unrejected",
        "account.deleted",
    ]
    assert [entry.action for entry in logs[NOBODY]] == ["vault.rotating", "vault.rotated", "vault.resealed"]
    assert "token" not in str(logs[shop.id])


@pytest.mark.parametrize("number", [1, 4, 8])
async def test_a_record_that_was_changed_is_noticed(tmp_path: Path, number: int) -> None:
    async with a_shop(tmp_path, webhooks_allow_private="1") as shop:
        await live(shop)
        entry = (await read_log(shop.ports, shop.id))[number - 1]
        found = await shop.ports.store.find(AuditRecord, shop.id, entry.id)
        assert found is not None
        forged = Write(evolve(found[0], actor="somebody else"), found[1])
        await shop.ports.store.apply(Batch(account_id=shop.id, writes=(forged,)))

        assert f"record {number} was changed" in await check_log(shop.ports, shop.id)


@pytest.mark.parametrize("number", [1, 4, 8])
async def test_a_record_that_was_taken_out_is_noticed(tmp_path: Path, number: int) -> None:
    async with a_shop(tmp_path, webhooks_allow_private="1") as shop:
        await live(shop)
        entry = (await read_log(shop.ports, shop.id))[number - 1]
        found = await shop.ports.store.find(AuditRecord, shop.id, entry.id)
        assert found is not None
        gone = Write(found[0], found[1], drop=True)
        await shop.ports.store.apply(Batch(account_id=shop.id, writes=(gone,)))

        assert await check_log(shop.ports, shop.id)


async def test_a_refused_act_leaves_no_record(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        with pytest.raises(ParamInvalid):
            await shop.merchant.do(CreateWebhookEndpoint(url="ftp://x", enabled_events=("*",)))

        assert [entry.action for entry in await read_log(shop.ports, shop.id)] == ["account.opened"]
