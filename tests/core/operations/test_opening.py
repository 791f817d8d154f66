"""A process may die at each commit of making, changing and deleting a connected account: afterwards all is there once, or nothing is."""

from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from payments_core.errors import InvalidRequest, NotFound
from payments_core.gateway import Gateway, Merchant
from payments_core.operations.accounts import (
    CreateAccount,
    DeleteAccount,
    ListAccounts,
    RetrieveAccount,
    UpdateAccount,
)
from payments_core.operations.audit_log import read_log
from payments_core.operations.external_accounts import ListExternalAccounts
from payments_core.operations.opening import finish_accounts
from payments_core.operations.resealing import reseal, rotate
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.connected_accounts import ConnectedAccount
from payments_core.platform.events import Event
from payments_core.ports import Batch, Query
from payments_core.settlement.external_accounts import SealedAccountNumber
from payments_core.settlement.openings import AccountOpening
from payments_core.settlement.schedules import PayoutSchedule
from payments_core.testing.clock import SettableClock
from payments_core.testing.memory import MemoryStore

pytestmark = pytest.mark.anyio

COMMITS: Final = pytest.mark.parametrize(
    ("commit", "written"), [(commit, written) for commit in (1, 2, 3) for written in (False, True)]
)


class Killed(BaseException):
    """SIGKILL, as near as one process comes to it: nothing catches it."""


class DyingStore(MemoryStore):
    """Dies at a commit, before or after it is durable."""

    commit: int = 0
    written: bool = False
    _seen: int = 0

    def die_at(self, commit: int, *, written: bool) -> None:
        self.commit, self.written, self._seen = commit, written, 0

    async def apply(self, batch: Batch) -> None:
        self._seen += 1
        dies = self._seen == self.commit
        if dies and not self.written:
            raise Killed
        await super().apply(batch)
        if dies:
            raise Killed


@attrs.frozen(eq=False)
class World:
    """A platform over a store that dies, and the life after."""

    folder: Path
    store: DyingStore = attrs.field(factory=DyingStore)
    clock: SettableClock = attrs.field(factory=SettableClock)

    def open(self) -> Any:
        return Gateway.open(store=self.store, clock=self.clock, data=str(self.folder))

    async def dies_in(self, platform: AccountId, command: Any, commit: int, written: bool) -> bool:
        """Do a command in a process that is killed; say whether it was, or had no such commit."""
        async with self.open() as gateway:
            merchant = await gateway.merchant(platform)
            self.store.die_at(commit, written=written)
            try:
                await merchant.do(command, idempotency_key="once")
            except Killed:
                return True
            finally:
                self.store.die_at(0, written=False)
            return False

    async def platform(self) -> AccountId:
        async with self.open() as gateway:
            merchant: Merchant = await gateway.open_account("Platform")
            return merchant.account.id

    async def count(self, kind: type[Any], account: AccountId) -> int:
        return len((await self.store.select(kind, account, Query())).items)

    async def events(self, account: Any) -> list[str]:
        page = await self.store.select(Event, account, Query(limit=100))
        return [event.type for event in page.items]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


CREATE = CreateAccount(email="shop@shop.example", external_account="btok_us_verified")


@COMMITS
async def test_an_account_is_made_once_whenever_the_process_dies(
    world: World, commit: int, written: bool
) -> None:
    own = await world.platform()
    died = await world.dies_in(own, CREATE, commit, written)
    promised = commit > 1 or written

    async with world.open() as gateway:
        platform = await gateway.merchant(own)
        listed = (await platform.do(ListAccounts())).items
        made = await platform.do(CREATE, idempotency_key="once")
        listed_later = (await platform.do(ListAccounts())).items
        banks = (await platform.do(ListExternalAccounts(account=made.id))).items
        world.clock.advance(60)
        await finish_accounts(gateway.ports)
        audited = [entry.action for entry in await read_log(gateway.ports, made.id)]

    assert died
    assert [account.id for account in listed] == ([made.id] if promised else [])
    assert [account.id for account in listed_later] == [made.id]
    assert [(bank.last4, bank.default_for_currency) for bank in banks] == [("6789", True)]
    assert audited == ["account.opened", "external_account.added"]
    assert await world.events(made.id) == ["account.external_account.created"]
    assert await world.count(SealedAccountNumber, made.id) == 1
    assert await world.count(PayoutSchedule, made.id) == 1
    assert await world.count(ConnectedAccount, own) == 1
    assert await world.count(AccountOpening, own) == 0


@COMMITS
async def test_a_job_opens_what_nobody_asks_for(world: World, commit: int, written: bool) -> None:
    own = await world.platform()
    await world.dies_in(own, CREATE, commit, written)
    world.clock.advance(60)

    async with world.open() as gateway:
        done = await finish_accounts(gateway.ports)
        again = await finish_accounts(gateway.ports)

    lines = (await world.store.select(ConnectedAccount, own, Query())).items
    found = [await world.store.find(Account, line.id, line.id) for line in lines]
    assert None not in found
    assert (await world.store.select(AccountOpening, own, Query())).items == ()
    assert (done, again) == (0 if (commit, written) in ((1, False), (3, True)) else 1, 0)


async def test_a_promised_account_can_be_acted_for_at_once(world: World) -> None:
    own = await world.platform()
    await world.dies_in(own, CREATE, 2, False)
    [line] = (await world.store.select(ConnectedAccount, own, Query())).items

    async with world.open() as gateway:
        platform = await gateway.merchant(own)
        changed = await platform.do(UpdateAccount(account=line.id, metadata={"a": "1"}))

    assert changed.metadata == {"a": "1"}


@pytest.mark.parametrize("written", [False, True])
async def test_a_change_is_one_commit_and_told_once(world: World, written: bool) -> None:
    own = await world.platform()
    async with world.open() as gateway:
        made = await (await gateway.merchant(own)).do(CreateAccount())
    command = UpdateAccount(account=made.id, email="new@new.example")
    first = await world.dies_in(own, command, 1, written)

    async with world.open() as gateway:
        platform = await gateway.merchant(own)
        seen = await platform.do(RetrieveAccount(account=made.id))
        changed = await platform.do(command, idempotency_key="once")

    assert first
    assert seen.email == ("new@new.example" if written else None)
    assert changed.email == "new@new.example"
    assert await world.events(made.id) == ["account.updated"]


@COMMITS
async def test_an_account_is_deleted_once_and_leaves_the_list(
    world: World, commit: int, written: bool
) -> None:
    own = await world.platform()
    async with world.open() as gateway:
        made = await (await gateway.merchant(own)).do(CreateAccount())
    died = await world.dies_in(own, DeleteAccount(account=made.id), commit, written)
    gone = commit > 1 or written
    world.clock.advance(60)

    async with world.open() as gateway:
        platform = await gateway.merchant(own)
        listed = (await platform.do(ListAccounts())).items
        await finish_accounts(gateway.ports)
        if gone:
            with pytest.raises(NotFound):
                await platform.do(RetrieveAccount(account=made.id))
        again = await finish_accounts(gateway.ports)

    assert died
    assert len(listed) == (0 if gone else 1)
    assert len((await world.store.select(ConnectedAccount, own, Query())).items) == (0 if gone else 1)
    assert again == 0


async def test_the_store_is_full_right_after_the_promise(world: World) -> None:
    """What is refused after the answer is durable is no error of the request: the account comes later."""

    class Full(DyingStore):
        async def apply(self, batch: Batch) -> None:
            if self._seen >= 0 and any(type(write.noun) is Account for write in batch.writes) and self.commit:
                raise InvalidRequest("full")
            await super().apply(batch)

    full = World(world.folder, Full())
    own = await full.platform()
    async with full.open() as gateway:
        platform = await gateway.merchant(own)
        full.store.commit = 99
        made = await platform.do(CreateAccount())
        full.store.commit = 0
        found = await platform.do(RetrieveAccount(account=made.id))

    assert found == made


async def test_a_rotation_reaches_the_number_of_an_account_that_is_still_to_be_opened(world: World) -> None:
    own = await world.platform()
    await world.dies_in(own, CREATE, 2, False)
    [before] = (await world.store.select(AccountOpening, own, Query())).items

    async with world.open() as gateway:
        await rotate(gateway.ports)
        await reseal(gateway.ports)
        [after] = (await world.store.select(AccountOpening, own, Query())).items
        [account] = (await (await gateway.merchant(own)).do(ListAccounts())).items
        [kept] = (await world.store.select(SealedAccountNumber, account.id, Query())).items
        number = gateway.ports.vault.open_number(account.id, kept.id, kept.sealed)

    assert after.sealed not in (before.sealed, None)
    assert kept.sealed == after.sealed
    assert number.last4 == "6789"
