"""Payments inside an async program: charge, refund, decline; no server. Run it in an empty folder."""

import asyncio
from pathlib import Path

from payments_core.errors import Declined
from payments_core.gateway import Gateway
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.balance import RetrieveBalance
from payments_core.operations.charges import CreateCharge
from payments_core.operations.refunds import CreateRefund

USD = CurrencyCode("usd")


async def main(folder: Path) -> None:
    async with Gateway.open(database=f"sqlite:///{folder}/shop.db", data=str(folder)) as gateway:
        shop = await gateway.open_account("Corner shop")
        charge = await shop.do(
            CreateCharge(amount=2000, currency=USD, source="tok_visa"), idempotency_key="order-1"
        )
        refund = await shop.do(CreateRefund(charge=charge.id, amount=500))
        print(f"charged {charge.amount}: {charge.status}; gave back {refund.amount}: {refund.status}")
        try:
            await shop.do(
                CreateCharge(amount=900, currency=USD, source="tok_chargeDeclinedInsufficientFunds")
            )
        except Declined as no:
            print(f"declined: {no.decline_code}: {no.message}")
        balance = await shop.do(RetrieveBalance())
        print(f"pending: {dict(balance.pending)}")


if __name__ == "__main__":
    asyncio.run(main(Path.cwd()))
