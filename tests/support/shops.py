"""A gateway over a store and the sandbox network, with a clock that tests move: what money tests start from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs

from payments_core.gateway import Gateway, Merchant
from payments_core.ledger.accounts import GROWS_ON, LedgerAccount, Side
from payments_core.operations.charges import CaptureCharge, CreateCharge
from payments_core.operations.refunds import CreateRefund
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund
from payments_core.ports import Ports, Store
from payments_core.testing.clock import SettableClock
from payments_core.testing.memory import MemoryStore


@attrs.frozen(eq=False)
class Shop:
    """One merchant, the gateway it is on, and the clock on the wall."""

    gateway: Gateway
    merchant: Merchant
    clock: SettableClock

    @property
    def ports(self) -> Ports:
        return self.gateway.ports

    @property
    def id(self) -> Any:
        return self.merchant.account.id

    async def charge(self, amount: int = 1000, source: str = "tok_visa", **more: Any) -> Charge:
        more.setdefault("currency", "usd")
        return await self.merchant.do(CreateCharge(amount=amount, source=source, **more))

    async def capture(self, charge: Charge, amount: int | None = None) -> Charge:
        return await self.merchant.do(CaptureCharge(id=charge.id, amount=amount))

    async def refund(self, charge: Charge, amount: int | None = None) -> Refund:
        return await self.merchant.do(CreateRefund(charge=charge.id, amount=amount))

    async def read(self, kind: type[Any], noun_id: str) -> Any:
        found = await self.ports.store.find(kind, self.id, noun_id)
        assert found is not None, f"{noun_id} is there"
        return found[0]

    async def books(self, currency: str = "usd") -> dict[str, int]:
        """What stands on each ledger account that is not empty, on the side on which it grows."""
        standing: dict[str, int] = {}
        for balance in await self.ports.store.balances(self.id):
            if balance.currency == currency and balance.amount:
                on_its_side = GROWS_ON[balance.account] is Side.DEBIT
                standing[str(balance.account)] = balance.amount if on_its_side else -balance.amount
        return standing

    async def balance(self, account: LedgerAccount) -> int:
        return (await self.books()).get(str(account), 0)


@asynccontextmanager
async def a_shop(folder: Path, store: Store | None = None, **options: Any) -> AsyncIterator[Shop]:
    """A shop in memory, or in any other store; `database=` opens one."""
    clock = options.pop("clock", None) or SettableClock()
    if store is None and "database" not in options:
        store = MemoryStore()
    async with Gateway.open(store=store, clock=clock, data=str(folder), **options) as gateway:
        yield Shop(gateway, await gateway.open_account("Corner shop"), clock)
