"""A server that dies between asking the network and noting the answer: the session is completed by whoever comes after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from payments_core.checkout.sessions import CheckoutSession
from payments_core.errors import InvalidRequest
from payments_core.gateway import OPERATIONS
from payments_core.operations.billing_params import ProductDataParams
from payments_core.operations.checkout_confirming import ConfirmCheckoutSession, confirm_checkout_session
from payments_core.operations.checkout_params import LineParams, LinePriceParams
from payments_core.operations.checkout_sessions import CreateCheckoutSession, ExpireCheckoutSession
from payments_core.operations.checkout_settling import expire_sessions
from payments_core.operations.declaring import Ask
from payments_core.operations.jobs import BY_NAME
from payments_core.operations.params import BillingParams
from payments_core.operations.recovering import recover
from payments_core.operations.work import Caller, Work
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def dying(shop: Shop) -> CheckoutSession:
    """A session whose payment was asked for by a server that died before it heard the answer."""
    tea = LinePriceParams(currency="usd", unit_amount=700, product_data=ProductDataParams(name="Tea"))
    session = await shop.merchant.do(
        CreateCheckoutSession(
            mode="payment",
            success_url="https://shop.example/",
            line_items=(LineParams(price_data=tea, quantity=1),),
        )
    )
    command = ConfirmCheckoutSession(
        id=session.id,
        payment_method="pm_card_visa",
        billing_details=BillingParams(email="jenny@example.com"),
    )
    work = Work(Caller(account=shop.merchant.account), shop.ports)
    ask = await confirm_checkout_session.handler(command, work, shop.ports)
    assert isinstance(ask, Ask)
    work.put(ask.attempt)
    await work.commit()
    await ask.message.answer()
    return session


async def test_recovery_completes_the_session(shop: Shop) -> None:
    session = await dying(shop)
    shop.clock.advance(minutes=5)

    await recover(shop.ports, BY_NAME.get)

    after = await shop.read(CheckoutSession, session.id)
    assert (after.status, after.payment_status) == ("complete", "paid")


async def test_nobody_closes_or_pays_it_again_meanwhile(shop: Shop) -> None:
    session = await dying(shop)

    for command in (ExpireCheckoutSession(id=session.id), ConfirmCheckoutSession(id=session.id)):
        with pytest.raises(InvalidRequest) as refused:
            await shop.merchant.do(command)
        assert refused.value.code == "checkout_session_payment_in_progress"


async def test_the_worker_waits_for_the_payment_before_it_expires_the_session(shop: Shop) -> None:
    session = await dying(shop)
    shop.clock.advance(hours=25)

    assert await expire_sessions(shop.ports) == 0
    await recover(shop.ports, BY_NAME.get)

    assert (await shop.read(CheckoutSession, session.id)).status == "complete"


def test_the_operation_is_known_to_embedders() -> None:
    assert OPERATIONS[ConfirmCheckoutSession] is confirm_checkout_session
