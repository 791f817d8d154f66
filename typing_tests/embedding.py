"""The public API as a type checker sees it. Never run, only checked."""

from typing import assert_type

from payments_core.gateway import BlockingGateway, Gateway
from payments_core.operations.balance import MerchantBalance, RetrieveBalance
from payments_core.operations.charges import CreateCharge, ListCharges
from payments_core.operations.customers import CreateCustomer
from payments_core.operations.refunds import CreateRefund
from payments_core.payments.charges import Charge
from payments_core.payments.refunds import Refund
from payments_core.ports import Page


async def asynchronous() -> None:
    """A command says what comes back."""
    async with Gateway.open(database="sqlite:///x.db", data=".") as gateway:
        shop = await gateway.open_account("Shop")
        charge = await shop.do(
            CreateCharge(amount=2000, currency="usd", source="tok_visa"), idempotency_key="k"
        )
        assert_type(charge, Charge)
        assert_type(await shop.do(CreateRefund(charge=charge.id)), Refund)
        assert_type(await shop.do(ListCharges(limit=3)), Page[Charge])
        assert_type(await shop.do(RetrieveBalance()), MerchantBalance)
        await shop.do(CreateCharge(amount="2000", currency="usd"))  # type: ignore[arg-type]
        await shop.do(CreateCustomer(nickname="Jo"))  # type: ignore[call-arg]


def blocking() -> None:
    """The same without async."""
    with BlockingGateway.open(database="sqlite:///x.db", data=".") as gateway:
        shop = gateway.open_account("Shop")
        assert_type(shop.do(CreateCharge(amount=2000, currency="usd", source="tok_visa")), Charge)
