"""The library's front door: `Gateway` for async code, `BlockingGateway` for the rest. No server, nothing global.

A gateway holds the ports; a `Merchant` is one account of it, and does commands:

    async with Gateway.open(database="sqlite:///shop.db", data="shop-data") as gateway:
        shop = await gateway.open_account("Corner shop")
        charge = await shop.do(CreateCharge(amount=2000, currency="usd", source="tok_visa"))
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, TypeVar

import attrs

from payments_core.assembly import assemble, load_plugins
from payments_core.clock import Clock
from payments_core.errors import InvalidRequest, NotFound, PaymentsError
from payments_core.operations import ALL
from payments_core.operations.declaring import Command, Deleted, Operation
from payments_core.operations.onboarding import find_account, open_account
from payments_core.operations.opening import find_connected
from payments_core.operations.performing import Done, Performer
from payments_core.operations.structuring import structure
from payments_core.operations.work import Caller
from payments_core.platform.accounts import Account, AccountId
from payments_core.ports import Connected, Ports, Store
from payments_core.worker import Worker

Result = TypeVar("Result")

OPERATIONS: Final[dict[type[Command[Any]], Operation]] = {operation.command: operation for operation in ALL}


@attrs.frozen(eq=False)
class Merchant:
    """One account, and everything it can do."""

    account: Account
    performer: Performer
    platform: AccountId | None = None
    """The platform that acts for the account."""

    async def acting_for(self, account_id: str) -> "Merchant":
        """A connected account of this one, with this one as its platform; raises `NotFound`."""
        account = await find_connected(self.performer.ports, self.account, account_id)
        return Merchant(account, self.performer, self.account.id)

    async def do(self, command: Command[Result], *, idempotency_key: str | None = None) -> Result:
        """Carry out *command* and return what comes of it; a refusal is raised as its `PaymentsError`.

        With an idempotency key a repetition does nothing and returns the object as it is now.
        """
        operation = OPERATIONS[type(command)]
        command = structure(operation.command, _fields(command))
        digest = self.performer.ports.vault.digest("parameters", repr(command).encode())
        caller = Caller(
            account=self.account,
            idempotency_key=idempotency_key,
            fingerprint=digest.hex(),
            platform=self.platform,
        )
        done = await self.performer.perform(operation, command, caller)
        result = await self._again(operation, command, done) if done.replayed else done.result
        if isinstance(result, PaymentsError):
            raise result
        return result  # type: ignore[return-value]

    async def _again(self, operation: Operation, command: Any, done: Done) -> Any:
        told = json.loads(done.reply.body)
        if "error" in told:
            error = told["error"]
            return InvalidRequest(error["message"], code=error.get("code"), param=error.get("param"))
        if told.get("deleted"):
            return Deleted(told["id"], told["object"])
        ports = self.performer.ports
        whose = told["id"] if operation.result is Account else self.account.id
        if operation.whose is not None:
            whose = getattr(command, operation.whose)
        if whose != self.account.id:
            await find_connected(ports, self.account, whose)
        found = await ports.store.find(operation.result, AccountId(whose), told["id"])
        return found[0] if found else NotFound(operation.noun, told["id"])


def _fields(command: Command[Any]) -> dict[str, Any]:
    """What was set, so that library callers are checked by the same rules as everybody."""
    return {
        field.name: value
        for field in type(command).__attrs_attrs__  # type: ignore[attr-defined]
        if (value := getattr(command, field.name)) != field.default
    }


@attrs.frozen(eq=False)
class Gateway:
    """Payments inside your own process."""

    ports: Ports
    performer: Performer
    worker: Worker

    @classmethod
    def over(cls, ports: Ports) -> "Gateway":
        """A gateway over ports that you assembled yourself."""
        return cls(ports, Performer(ports), Worker(ports))

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Mapping[str, str] | None = None,
        *,
        store: Store | None = None,
        plugins: Iterable[Any] = (),
        clock: Clock | None = None,
        **more: str,
    ) -> "AsyncIterator[Gateway]":
        """Assemble a gateway from installed plugins and *plugins*, open its storage, and close it at the end.

        Settings may be given as a mapping or by name: `database` (`sqlite:///file`, `postgresql://…`), `data` (folder of the vault's keys), `network`, and what
        plugins document. Raises `AssemblyError` when a part is missing.
        """
        ports = assemble({**(settings or {}), **more}, load_plugins(plugins), store=store, clock=clock)
        lines = [acquirer for acquirer in ports.acquirers.values() if isinstance(acquirer, Connected)]
        await ports.store.open()
        try:
            for line in lines:
                await line.open()
            yield cls.over(ports)
        finally:
            for line in lines:
                await line.close()
            if ports.courier is not None:
                await ports.courier.close()
            await ports.store.close()

    async def open_account(self, name: str, **details: Any) -> Merchant:
        """Make an account and return it as a merchant."""
        return Merchant(await open_account(self.ports, name=name, **details), self.performer)

    async def merchant(self, account_id: str) -> Merchant:
        """The merchant with this account id; raises `NotFound`."""
        return Merchant(await find_account(self.ports, account_id), self.performer)


@attrs.frozen(eq=False)
class BlockingMerchant:
    """One account for code without async."""

    merchant: Merchant
    _run: Callable[[Coroutine[Any, Any, Any]], Any]

    @property
    def account(self) -> Account:
        """The account."""
        return self.merchant.account

    def acting_for(self, account_id: str) -> "BlockingMerchant":
        """As `Merchant.acting_for`."""
        return BlockingMerchant(self._run(self.merchant.acting_for(account_id)), self._run)

    def do(self, command: Command[Result], *, idempotency_key: str | None = None) -> Result:
        """As `Merchant.do`, waiting for the result."""
        result: Result = self._run(self.merchant.do(command, idempotency_key=idempotency_key))
        return result


@attrs.frozen(eq=False)
class BlockingGateway:
    """The same gateway for code without async: a portal to an event loop in a thread of its own, not a second copy."""

    gateway: Gateway
    _run: Callable[[Coroutine[Any, Any, Any]], Any]

    @classmethod
    @contextmanager
    def open(cls, **options: Any) -> "Iterator[BlockingGateway]":
        """As `Gateway.open`."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="payments-gateway", daemon=True)
        thread.start()

        def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

        opening = Gateway.open(**options)
        try:
            gateway = run(opening.__aenter__())
            try:
                yield cls(gateway, run)
            finally:
                run(opening.__aexit__(None, None, None))
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    def open_account(self, name: str, **details: Any) -> BlockingMerchant:
        """As `Gateway.open_account`."""
        return BlockingMerchant(self._run(self.gateway.open_account(name, **details)), self._run)

    def merchant(self, account_id: str) -> BlockingMerchant:
        """As `Gateway.merchant`."""
        return BlockingMerchant(self._run(self.gateway.merchant(account_id)), self._run)
