"""A platform with a connected account, over a store and the sandbox network: what tests of transfers and fees start from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs

from payments_core.clock import now as clock_now
from payments_core.gateway import Gateway, Merchant
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.balance_transactions import BalanceTransaction
from payments_core.operations.auditing import verify
from payments_core.operations.charges import CreateCharge
from payments_core.operations.crossing import deliver_crossings
from payments_core.operations.settling import settle
from payments_core.payments.charges import Charge
from payments_core.platform.accounts import AccountId
from payments_core.ports import Query, Store
from payments_core.settlement.crossings import Crossing
from payments_core.testing.clock import SettableClock
from payments_core.testing.memory import MemoryStore

AVAILABLE = "tok_bypassPending"
"""A card whose money is available at once."""


@attrs.frozen(eq=False)
class House:
    """One platform, one account that it made, and the clock on the wall."""

    gateway: Gateway
    platform: Merchant
    seller: Merchant
    """The connected account with its own keys."""
    for_seller: Merchant
    """The platform acting for the connected account."""
    clock: SettableClock

    async def charge(
        self, who: Merchant | None = None, amount: int = 10_000, source: str = AVAILABLE, **more: Any
    ) -> Charge:
        more.setdefault("currency", "usd")
        return await (who or self.platform).do(CreateCharge(amount=amount, source=source, **more))

    async def stands(self, who: Merchant, account: LedgerAccount, currency: str = "usd") -> int:
        """What stands on a ledger account that grows on the credit side."""
        balances = await self.gateway.ports.store.balances(who.account.id)
        return -sum(b.amount for b in balances if b.account is account and b.currency == currency)

    async def balance(self, who: Merchant) -> tuple[int, int]:
        """What is available and what is pending."""
        return (
            await self.stands(who, LedgerAccount.MERCHANT_AVAILABLE),
            await self.stands(who, LedgerAccount.MERCHANT_PENDING),
        )

    async def under_way(self) -> int:
        """What has left one account and not arrived in another."""
        return sum([await self.stands(who, LedgerAccount.TRANSFERS) for who in (self.platform, self.seller)])

    async def read(self, who: Merchant, kind: type[Any], noun_id: str) -> Any:
        found = await self.gateway.ports.store.find(kind, who.account.id, noun_id)
        assert found is not None, f"{noun_id} is there"
        return found[0]

    async def all_of(self, who: Merchant, kind: type[Any], **equal: Any) -> tuple[Any, ...]:
        page = await self.gateway.ports.store.select(kind, who.account.id, Query(equal=equal, limit=100))
        return page.items

    async def owed(self) -> tuple[Crossing, ...]:
        return (*await self.all_of(self.platform, Crossing), *await self.all_of(self.seller, Crossing))

    async def lines(self, who: Merchant) -> dict[str, tuple[int, int, str]]:
        """Balance transactions by type: amount, fee and status of the latest."""
        found = await self.all_of(who, BalanceTransaction)
        return {line.type: (line.amount, line.fee, str(line.status)) for line in reversed(found)}

    async def settle(self) -> None:
        """Let a day go by and everything that is pending be funded."""
        self.clock.advance(86_400)
        await settle(self.gateway.ports, clock_now(self.gateway.ports.clock))
        while await deliver_crossings(self.gateway.ports):
            pass

    async def check(self) -> None:
        """Nothing is on its way, and both accounts' books fit."""
        assert await self.owed() == ()
        assert await self.under_way() == 0
        verdict = await verify(self.gateway.ports.store)
        assert verdict.is_sound, "\n".join(map(str, verdict.findings))


@asynccontextmanager
async def a_house(folder: Path, store: Store | None = None, **options: Any) -> AsyncIterator[House]:
    """A platform and its connected account, in memory or in any other store; `database=` opens one."""
    clock = SettableClock()
    if store is None and "database" not in options:
        store = MemoryStore()
    async with Gateway.open(store=store, clock=clock, data=str(folder), **options) as gateway:
        platform = await gateway.open_account("Platform")
        made = await gateway.open_account("Seller", platform=platform.account.id)
        seller = await gateway.merchant(made.account.id)
        acting = await platform.acting_for(AccountId(made.account.id))
        yield House(gateway, platform, seller, acting, clock)
