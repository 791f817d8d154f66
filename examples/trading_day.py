"""A trading day in one script: sales, a hold, a refund, a decline; then the night's settlement, and a report.

    python examples/trading_day.py

Nothing is simulated in the books: what you see is what `payments ledger` would show of a real shop, on a clock that jumps.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from payments_core.errors import Declined
from payments_core.gateway import Gateway, Merchant
from payments_core.money.amounts import display
from payments_core.money.currencies import currency_code
from payments_core.operations.auditing import trial_balance, verify
from payments_core.operations.charges import CaptureCharge, CreateCharge
from payments_core.operations.refunds import CreateRefund
from payments_core.operations.settlement_reporting import report
from payments_core.operations.settling import day_end, settle
from payments_core.testing.clock import SettableClock

USD: Final = currency_code("usd")


async def sell(shop: Merchant, clock: SettableClock) -> None:
    """What happens between nine and six."""
    print(f"{clock.moment:%A %H:%M}  the shop opens")
    coffee = await shop.do(CreateCharge(amount=480, currency=USD, source="tok_visa", description="Coffee"))
    clock.advance(hours=1)
    bicycle = await shop.do(
        CreateCharge(
            amount=149_000, currency=USD, source="tok_mastercard", capture=False, description="Bicycle"
        )
    )
    print(f"{clock.moment:%A %H:%M}  {display(bicycle.amount, USD)} held for a bicycle")
    try:
        await shop.do(CreateCharge(amount=2_000, currency=USD, source="tok_chargeDeclined"))
    except Declined as refusal:
        print(f"{clock.moment:%A %H:%M}  declined: {refusal.message}")
    clock.advance(hours=3)
    await shop.do(CaptureCharge(id=bicycle.id, amount=139_000))
    print(f"{clock.moment:%A %H:%M}  {display(139_000, USD)} of it captured, the rest let go")
    await shop.do(CreateRefund(charge=coffee.id, amount=80))
    print(f"{clock.moment:%A %H:%M}  {display(80, USD)} refunded, the milk was sour")
    await shop.do(CreateCharge(amount=25_000, currency=USD, source="tok_bypassPending", description="Lamp"))


async def close(gateway: Gateway, shop: Merchant, clock: SettableClock) -> None:
    """What happens in the night."""
    clock.advance(hours=14)
    print(f"{clock.moment:%A %H:%M}  settlement")
    counted: dict[str, int] = {}

    def progress(phase: str, count: int) -> None:
        counted[phase] = counted.get(phase, 0) + count

    yesterday = f"{clock.moment - timedelta(days=1):%Y-%m-%d}"
    done = await settle(gateway.ports, day_end(yesterday), None, progress)
    _print_counts(counted)
    for account, batch in done.batches:
        async for line in report(gateway.ports, account, batch):
            print(f"    {line}")


def _print_counts(counted: Mapping[str, int]) -> None:
    for phase, count in counted.items():
        print(f"    {phase:<8} {count} records")


async def show(gateway: Gateway, shop: Merchant) -> None:
    """The books, and whether they are right."""
    told = await trial_balance(gateway.ports.store, shop.account.id)
    print(f"\n{'ledger account':<22}{'debit':>14}{'credit':>14}")
    for line in told.lines:
        if line.amount:
            debit, credit = (display(amount, USD) if amount else "" for amount in (line.debit, line.credit))
            print(f"{line.account:<22}{debit:>14}{credit:>14}")
    verdict = await verify(gateway.ports.store)
    print(f"\n{verdict.entries} entries, {verdict.transactions} balance transactions: ", end="")
    print("the books are sound." if verdict.is_sound else "THE BOOKS ARE NOT SOUND.")


async def main() -> None:
    """One day."""
    clock = SettableClock()
    with tempfile.TemporaryDirectory() as folder:
        async with Gateway.open(database=f"sqlite:///{folder}/shop.db", data=folder, clock=clock) as gateway:
            shop = await gateway.open_account("Corner shop")
            await sell(shop, clock)
            await close(gateway, shop, clock)
            await show(gateway, shop)


if __name__ == "__main__":
    asyncio.run(main())
