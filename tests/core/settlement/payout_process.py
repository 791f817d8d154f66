"""One of several processes that want a merchant's money at once: a payout of all of it, or today's automatic ones."""

import asyncio
import sys

from payments_core.errors import PaymentsError
from payments_core.gateway import Gateway
from payments_core.operations.automatic_payouts import pay_automatically
from payments_core.operations.paying_out import advance_payouts
from payments_core.operations.payouts import CreatePayout
from payments_core.testing.clock import SettableClock


async def main(database: str, data: str, account: str, ms: int, amount: int) -> None:
    async with Gateway.open(database=database, data=data, clock=SettableClock(ms)) as gateway:
        merchant = await gateway.merchant(account)
        if not amount:
            print(await pay_automatically(gateway.ports) + await advance_payouts(gateway.ports))  # noqa: T201
            return
        made = await asyncio.gather(
            *(merchant.do(CreatePayout(amount=amount, currency="usd")) for _ in range(8)),
            return_exceptions=True,
        )
        print(sum(not isinstance(one, PaymentsError) for one in made))  # noqa: T201 - told outside


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
