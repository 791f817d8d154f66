"""Connected accounts: made, listed, changed and shown by their platform, and by nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.errors import InvalidRequest, NotFound, ParamInvalid
from payments_core.gateway import Gateway, Merchant
from payments_core.operations.account_identity import BusinessProfileParams, DateParams, IndividualParams
from payments_core.operations.account_params import (
    BrandingParams,
    ControllerParams,
    PayoutsParams,
    ReceiptsParams,
    ScheduleParams,
    SettingsParams,
)
from payments_core.operations.accounts import (
    CreateAccount,
    ListAccounts,
    RetrieveAccount,
    RetrieveOwnAccount,
    UpdateAccount,
)
from payments_core.operations.mailing import sends_receipts
from payments_core.operations.onboarding import open_account
from payments_core.platform.events import Event
from payments_core.ports import Query
from payments_core.settlement.schedules import Interval
from payments_core.testing.memory import MemoryStore
from payments_web.objects.account import AccountObject

pytestmark = pytest.mark.anyio

MADE_UP = "acct_0000000000000000000000"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    async with Gateway.open(store=MemoryStore(), data=str(tmp_path)) as gateway:
        yield gateway


@pytest.fixture
async def platform(gateway: Gateway) -> Merchant:
    return await gateway.open_account("Platform")


def schedule(**more: Any) -> SettingsParams:
    return SettingsParams(payouts=PayoutsParams(schedule=ScheduleParams(**more)))


async def test_a_platform_makes_and_lists_its_accounts(gateway: Gateway, platform: Merchant) -> None:
    one = await platform.do(
        CreateAccount(country="de", business_profile=BusinessProfileParams(name="One"), type="express")
    )
    two = await platform.do(CreateAccount(email="two@two.example", metadata={"a": "1"}))
    three = await open_account(gateway.ports, name="Three", platform=platform.account.id)

    listed = await platform.do(ListAccounts())
    assert {account.id for account in listed.items} == {one.id, two.id, three.id}
    assert (one.platform, one.country, one.name) == (platform.account.id, "DE", "One")
    assert (two.name, two.metadata) == ("two@two.example", {"a": "1"})
    assert await platform.do(RetrieveAccount(account=one.id)) == one


async def test_pages_of_accounts_follow_each_other(platform: Merchant) -> None:
    made = {(await platform.do(CreateAccount())).id for _ in range(3)}

    first = await platform.do(ListAccounts(limit=2))
    rest = await platform.do(ListAccounts(limit=2, starting_after=first.items[-1].id))

    assert (first.has_more, rest.has_more) == (True, False)
    assert {account.id for account in (*first.items, *rest.items)} == made


async def test_an_account_of_another_platform_looks_like_none(gateway: Gateway, platform: Merchant) -> None:
    other = await gateway.open_account("Other")
    theirs = await other.do(CreateAccount())

    for noun_id in (theirs.id, other.account.id, MADE_UP, "nobody"):
        for command in (
            RetrieveAccount(account=noun_id),
            UpdateAccount(account=noun_id, metadata={"a": "1"}),
        ):
            with pytest.raises(NotFound) as refusal:
                await platform.do(command)
            assert str(refusal.value).replace(noun_id, "") == str(NotFound("account", "", param="account"))
    with pytest.raises(NotFound):
        await platform.do(ListAccounts(starting_after=theirs.id))
    assert await other.do(RetrieveAccount(account=theirs.id)) == theirs
    assert (await platform.do(ListAccounts())).items == ()


async def test_settings_are_kept_under_the_names_that_others_read(platform: Merchant) -> None:
    made = await platform.do(CreateAccount(settings=schedule(interval="weekly", weekly_anchor="friday")))
    changed = await platform.do(
        UpdateAccount(
            account=made.id,
            settings=SettingsParams(
                branding=BrandingParams(primary_color="#0055ff"), receipts=ReceiptsParams(enabled=True)
            ),
        )
    )

    assert Interval.of(changed.settings) == Interval(name="weekly", weekly=("friday",))
    assert changed.settings["branding.primary_color"] == "#0055ff"
    assert sends_receipts(changed)


async def test_an_empty_text_removes_a_setting_and_an_anchor_ends_a_list_of_days(platform: Merchant) -> None:
    own = platform.account.id
    await platform.do(
        UpdateAccount(account=own, settings=SettingsParams(branding=BrandingParams(logo="logo")))
    )
    await platform.do(UpdateAccount(account=own, settings=schedule(monthly_payout_days=(1, 15))))
    await platform.do(UpdateAccount(account=own, settings=SettingsParams(branding=BrandingParams(logo=""))))
    changed = await platform.do(UpdateAccount(account=own, settings=schedule(monthly_anchor=9)))

    assert "branding.logo" not in changed.settings
    assert Interval.of(changed.settings).monthly == (9,)
    assert await platform.do(RetrieveOwnAccount()) == changed


async def test_a_change_is_told_among_the_connected_accounts_events(
    gateway: Gateway, platform: Merchant
) -> None:
    made = await platform.do(CreateAccount())
    await platform.do(UpdateAccount(account=made.id, email="new@new.example"))

    theirs = (await gateway.ports.store.select(Event, made.id, Query())).items
    assert [(event.type, event.subject) for event in theirs] == [("account.updated", made.id)]
    assert not (await gateway.ports.store.select(Event, platform.account.id, Query())).items


@pytest.mark.parametrize(
    "command",
    [
        CreateAccount(type="custom", controller=ControllerParams()),
        CreateAccount(country="Germany"),
        CreateAccount(email="nobody"),
        CreateAccount(settings=schedule(delay_days=1)),
        CreateAccount(settings=schedule(monthly_anchor=32)),
        CreateAccount(settings=SettingsParams(branding=BrandingParams(primary_color="red;}"))),
        CreateAccount(business_profile=BusinessProfileParams(mcc="tea")),
        CreateAccount(individual=IndividualParams(dob=DateParams(day=32, month=1, year=1990))),
        CreateAccount(settings=SettingsParams(payouts=PayoutsParams(debit_negative_balances=True))),
    ],
)
async def test_what_cannot_be_kept_is_refused(platform: Merchant, command: CreateAccount) -> None:
    with pytest.raises(ParamInvalid):
        await platform.do(command)

    assert (await platform.do(ListAccounts())).items == ()


async def test_a_connected_account_has_none_of_its_own(gateway: Gateway, platform: Merchant) -> None:
    made = await open_account(gateway.ports, name="Shop", platform=platform.account.id)
    shop = await gateway.merchant(made.id)

    with pytest.raises(InvalidRequest):
        await shop.do(CreateAccount())
    assert (await shop.do(RetrieveAccount(account=made.id))).id == made.id


async def test_an_account_shows_what_was_said(platform: Merchant) -> None:
    made = await platform.do(
        CreateAccount(
            type="express",
            business_type="company",
            business_profile=BusinessProfileParams(name="Tea", mcc="5499", url="https://tea.example"),
            settings=schedule(interval="monthly", monthly_payout_days=(1, 15)),
        )
    )

    shown = AccountObject.of(made, livemode=False)
    assert (shown.type, shown.business_type, shown.business_profile.mcc) == ("express", "company", "5499")
    assert shown.settings.payouts.schedule.monthly_payout_days == (1, 15)
