"""Subscriptions that begin at the checkout: one, however often its payer tries, and none without a card."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.billing.subscriptions import Subscription
from payments_core.checkout.sessions import CheckoutSession
from payments_core.errors import Declined, InvalidRequest
from payments_core.operations.authentication import CompleteAuthentication
from payments_core.operations.billing_params import ProductDataParams
from payments_core.operations.checkout_confirming import ConfirmCheckoutSession, confirm_checkout_session
from payments_core.operations.checkout_params import LineParams, LinePriceParams
from payments_core.operations.checkout_sessions import (
    CreateCheckoutSession,
    ExpireCheckoutSession,
    RetrieveCheckoutSession,
)
from payments_core.operations.checkout_subscribing import SubscriptionDataParams
from payments_core.operations.declaring import Ask
from payments_core.operations.events import ListEvents
from payments_core.operations.invoices import RetrieveInvoice
from payments_core.operations.jobs import BY_NAME
from payments_core.operations.payment_intents import ListPaymentIntents
from payments_core.operations.pricing import RecurringParams
from payments_core.operations.recovering import recover
from payments_core.operations.subscriptions import ListSubscriptions
from payments_core.operations.work import Caller, Work
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.setup_intents import SetupIntent
from payments_core.tokenization.payment_methods import PaymentMethod
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


def line(amount: int = 2000, interval: Any = "month") -> LineParams:
    recurring = RecurringParams(interval=interval) if interval else None
    product = ProductDataParams(name="Tea")
    data = LinePriceParams(currency="usd", unit_amount=amount, product_data=product, recurring=recurring)
    return LineParams(price_data=data, quantity=1)


async def opened(shop: Shop, *lines: LineParams, **data: Any) -> CheckoutSession:
    return await shop.merchant.do(
        CreateCheckoutSession(
            mode="subscription",
            line_items=lines or (line(),),
            customer_email="jenny@example.com",
            success_url="https://shop.example/thanks",
            subscription_data=SubscriptionDataParams(**data),
        )
    )


async def pay(shop: Shop, session: CheckoutSession, card: str = "pm_card_visa") -> CheckoutSession:
    return await shop.merchant.do(ConfirmCheckoutSession(id=session.id, payment_method=card))


async def subscriptions(shop: Shop) -> tuple[Subscription, ...]:
    return (await shop.merchant.do(ListSubscriptions(status="all"))).items


async def completions(shop: Shop) -> int:
    return len((await shop.merchant.do(ListEvents(type="checkout.session.completed"))).items)


async def test_paying_starts_a_subscription_that_keeps_the_card(shop: Shop) -> None:
    session = await opened(shop, line(), line(500, None), metadata={"seat": "1"}, description="Tea club")

    paid = await pay(shop, session)

    (subscription,) = await subscriptions(shop)
    invoice = await shop.merchant.do(RetrieveInvoice(id=paid.invoice or ""))
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 2500)
    assert (paid.subscription, paid.customer) == (subscription.id, subscription.customer)
    assert (subscription.status, subscription.description) == ("active", "Tea club")
    assert subscription.metadata == {"seat": "1"}
    assert [item.price.unit_amount for item in subscription.items] == [2000]
    assert (invoice.status, invoice.amount_paid) == ("paid", 2500)
    method = await shop.read(PaymentMethod, subscription.default_payment_method or "")
    assert method.customer == subscription.customer


async def test_after_a_decline_another_card_pays_the_same_subscription(shop: Shop) -> None:
    session = await opened(shop)

    with pytest.raises(Declined):
        await pay(shop, session, "pm_card_chargeDeclined")
    (before,) = await subscriptions(shop)
    paid = await pay(shop, session)

    (after,) = await subscriptions(shop)
    assert (before.status, after.status) == ("incomplete", "active")
    assert (before.id, paid.status, await completions(shop)) == (after.id, "complete", 1)


async def test_confirming_twice_pays_once(shop: Shop) -> None:
    session = await opened(shop)

    first, second = await pay(shop, session), await pay(shop, session)

    assert first == second
    assert len(await subscriptions(shop)) == await completions(shop) == 1
    assert len((await shop.merchant.do(ListPaymentIntents())).items) == 1


async def test_a_trial_keeps_the_card_and_takes_no_money(shop: Shop) -> None:
    session = await opened(shop, trial_period_days=14)

    with pytest.raises(Declined):
        await pay(shop, session, "pm_card_chargeDeclined")
    assert await subscriptions(shop) == ()
    done = await pay(shop, session)

    (subscription,) = await subscriptions(shop)
    assert (done.status, done.payment_status, done.amount_total) == ("complete", "no_payment_required", 0)
    assert (subscription.status, done.subscription) == ("trialing", subscription.id)
    assert subscription.default_payment_method is not None
    assert await completions(shop) == 1


@pytest.mark.parametrize(("days", "status"), [(None, "active"), (14, "trialing")])
async def test_a_challenge_comes_before_the_subscription(shop: Shop, days: int | None, status: str) -> None:
    session = await opened(shop, trial_period_days=days)
    waiting = await pay(shop, session, "pm_card_threeDSecure2Required")
    assert waiting.status == "open"
    kind, intent_id = (SetupIntent, waiting.setup_intent) if days else (PaymentIntent, waiting.payment_intent)
    intent = await shop.read(kind, intent_id or "")

    await shop.merchant.do(CompleteAuthentication(id=intent.next_action.authentication, succeeded=True))

    done = await shop.merchant.do(RetrieveCheckoutSession(id=session.id))
    (subscription,) = await subscriptions(shop)
    assert (done.status, done.subscription, subscription.status) == ("complete", subscription.id, status)


async def test_recovery_starts_what_a_dead_server_had_charged(shop: Shop) -> None:
    session = await opened(shop)
    work = Work(Caller(account=shop.merchant.account), shop.ports)
    command = ConfirmCheckoutSession(id=session.id, payment_method="pm_card_visa")
    ask = await confirm_checkout_session.handler(command, work, shop.ports)
    assert isinstance(ask, Ask)
    work.put(ask.attempt)
    await work.commit()
    await ask.message.answer()
    shop.clock.advance(minutes=5)

    await recover(shop.ports, BY_NAME.get)

    after = await shop.read(CheckoutSession, session.id)
    (subscription,) = await subscriptions(shop)
    assert (after.payment_status, subscription.status) == ("paid", "active")


async def test_expiring_ends_the_subscription_that_nobody_paid(shop: Shop) -> None:
    session = await opened(shop)
    with pytest.raises(Declined):
        await pay(shop, session, "pm_card_chargeDeclined")

    await shop.merchant.do(ExpireCheckoutSession(id=session.id))

    (subscription,) = await subscriptions(shop)
    invoice = await shop.merchant.do(RetrieveInvoice(id=subscription.latest_invoice or ""))
    assert (subscription.status, invoice.status) == ("incomplete_expired", "void")


async def test_one_time_prices_alone_are_no_subscription(shop: Shop) -> None:
    with pytest.raises(InvalidRequest, match="recurring"):
        await opened(shop, line(500, None))
