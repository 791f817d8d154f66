"""Coupons, promotion codes, quantities and taxes at the checkout: what the payer pays, and that the last coupon is given once."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import pytest

from payments_core.billing.coupons import Coupon, Duration, PromotionCode
from payments_core.billing.prices import Interval
from payments_core.billing.subscriptions import Subscription
from payments_core.checkout.sessions import CheckoutSession
from payments_core.errors import Declined, InvalidRequest, PaymentsError
from payments_core.operations.billing_params import ProductDataParams
from payments_core.operations.checkout_adjusting import AdjustCheckoutSession
from payments_core.operations.checkout_confirming import ConfirmCheckoutSession
from payments_core.operations.checkout_offers import OfferParams
from payments_core.operations.checkout_params import AdjustableParams, LineParams, LinePriceParams
from payments_core.operations.checkout_sessions import (
    CreateCheckoutSession,
    ExpireCheckoutSession,
    ListCheckoutSessions,
    ListLineItems,
    UpdateCheckoutSession,
)
from payments_core.operations.checkout_subscribing import SubscriptionDataParams
from payments_core.operations.coupons import CreateCoupon, RetrieveCoupon
from payments_core.operations.params import BillingParams
from payments_core.operations.payment_intents import RetrievePaymentIntent
from payments_core.operations.pricing import RecurringParams
from payments_core.operations.promotion_codes import (
    CreatePromotionCode,
    PromotionParams,
    RestrictionsParams,
    RetrievePromotionCode,
)
from payments_core.operations.subscriptions import RetrieveSubscription
from payments_core.operations.tax_rates import CreateTaxRate
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

PAYER = BillingParams(name="Jenny Rosen", email="jenny@example.com")
DECLINING = "pm_card_chargeDeclinedInsufficientFunds"


@pytest.fixture
async def shop(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


def line(amount: int = 1000, quantity: int = 1, *, monthly: bool = False, **told: Any) -> LineParams:
    data = LinePriceParams(
        currency="usd",
        unit_amount=amount,
        product_data=ProductDataParams(name="Tea"),
        recurring=RecurringParams(interval=Interval.MONTH) if monthly else None,
    )
    return LineParams(price_data=data, quantity=quantity, **told)


async def opened(shop: Shop, *lines: LineParams, mode: Any = "payment", **told: Any) -> CheckoutSession:
    command = CreateCheckoutSession(
        mode=mode, line_items=lines or (line(),), success_url="https://shop.example/thanks", **told
    )
    return await shop.merchant.do(command)


async def half_off(shop: Shop, **told: Any) -> Coupon:
    return await shop.merchant.do(CreateCoupon(percent_off=Decimal(50), duration=Duration.ONCE, **told))


async def word(shop: Shop, coupon: Coupon, code: str = "HALF", **told: Any) -> PromotionCode:
    promotion = PromotionParams(type="coupon", coupon=coupon.id)
    return await shop.merchant.do(CreatePromotionCode(promotion=promotion, code=code, **told))


async def pay(shop: Shop, session: CheckoutSession, method: str = "pm_card_visa") -> CheckoutSession:
    command = ConfirmCheckoutSession(
        id=session.id,
        payment_method=method,
        billing_details=PAYER,
        expected_amount=session.amount_total,
    )
    return await shop.merchant.do(command)


async def type_code(shop: Shop, session: CheckoutSession, code: str) -> CheckoutSession:
    return await shop.merchant.do(AdjustCheckoutSession(id=session.id, promotion_code=code))


async def redeemed(shop: Shop, coupon: Coupon) -> int:
    return (await shop.merchant.do(RetrieveCoupon(id=coupon.id))).times_redeemed


async def test_what_the_merchant_offers_is_taken_off_and_redeemed(shop: Shop) -> None:
    coupon = await half_off(shop)
    session = await opened(shop, line(1001, 3), discounts=(OfferParams(coupon=coupon.id),))
    assert (session.amount_subtotal, session.amount_discount, session.amount_total) == (3003, 1502, 1501)
    assert await redeemed(shop, coupon) == 0

    paid = await pay(shop, session)

    intent = await shop.merchant.do(RetrievePaymentIntent(id=paid.payment_intent or ""))
    assert (paid.payment_status, intent.amount) == ("paid", 1501)
    assert await redeemed(shop, coupon) == 1


async def test_the_rows_say_what_is_taken_off_each(shop: Shop) -> None:
    coupon = await half_off(shop)
    session = await opened(shop, line(1000), line(3000), discounts=(OfferParams(coupon=coupon.id),))

    rows = (await shop.merchant.do(ListLineItems(id=session.id))).items

    assert [(row.amount, row.discount, row.total) for row in rows] == [(1000, 500, 500), (3000, 1500, 1500)]


class TestPromotionCodes:
    async def test_a_code_in_any_case_is_taken(self, shop: Shop) -> None:
        promotion = await word(shop, await half_off(shop))
        session = await opened(shop, allow_promotion_codes=True)

        session = await type_code(shop, session, " half ")

        assert session.offer is not None
        assert (session.offer.code, session.offer.promotion_code) == ("HALF", promotion.id)
        assert session.amount_total == 500

    async def test_an_empty_code_takes_the_discount_away(self, shop: Shop) -> None:
        await word(shop, await half_off(shop))
        session = await type_code(shop, await opened(shop, allow_promotion_codes=True), "HALF")

        session = await type_code(shop, session, "")

        assert (session.offer, session.amount_total) == (None, 1000)

    @pytest.mark.parametrize("code", ["NOPE", "x" * 600, "\N{SNOWMAN}"])
    async def test_an_unknown_code_is_refused(self, shop: Shop, code: str) -> None:
        session = await opened(shop, allow_promotion_codes=True)

        with pytest.raises(InvalidRequest, match="not valid"):
            await type_code(shop, session, code)

    async def test_no_code_is_taken_where_the_merchant_allows_none(self, shop: Shop) -> None:
        await word(shop, await half_off(shop))
        session = await opened(shop)

        with pytest.raises(InvalidRequest, match="takes no promotion codes"):
            await type_code(shop, session, "HALF")

    async def test_a_code_for_large_orders_is_not_for_small_ones(self, shop: Shop) -> None:
        least = RestrictionsParams(minimum_amount=2000, minimum_amount_currency="usd")
        await word(shop, await half_off(shop), restrictions=least)
        adjustable = AdjustableParams(enabled=True)
        session = await opened(
            shop, line(1000, 2, adjustable_quantity=adjustable), allow_promotion_codes=True
        )
        session = await type_code(shop, session, "HALF")
        (row,) = (await shop.merchant.do(ListLineItems(id=session.id))).items

        smaller = await shop.merchant.do(AdjustCheckoutSession(id=session.id, quantities={row.id: 1}))

        assert (session.amount_total, smaller.amount_total, smaller.offer) == (1000, 1000, None)
        with pytest.raises(InvalidRequest, match="too small"):
            await type_code(shop, smaller, "HALF")

    async def test_of_all_who_pay_at_once_one_gets_the_last(self, shop: Shop) -> None:
        coupon = await half_off(shop, max_redemptions=1)
        promotion = await word(shop, coupon, max_redemptions=1)
        sessions = [await opened(shop, allow_promotion_codes=True) for _ in range(4)]
        sessions = [await type_code(shop, session, "HALF") for session in sessions]
        done: list[str] = []

        async def try_it(session: CheckoutSession) -> None:
            try:
                done.append((await pay(shop, session)).payment_status)
            except PaymentsError as refusal:
                done.append(str(refusal.code))

        async with anyio.create_task_group() as group:
            for session in sessions:
                group.start_soon(try_it, session)

        assert sorted(done) == ["coupon_expired"] * 3 + ["paid"]
        found = await shop.merchant.do(RetrievePromotionCode(id=promotion.id))
        assert (found.times_redeemed, await redeemed(shop, coupon)) == (1, 1)

    async def test_a_session_that_ends_unpaid_gives_it_back(self, shop: Shop) -> None:
        coupon = await half_off(shop, max_redemptions=1)
        await word(shop, coupon)
        session = await type_code(shop, await opened(shop, allow_promotion_codes=True), "HALF")
        with pytest.raises(Declined):
            await pay(shop, session, DECLINING)
        assert await redeemed(shop, coupon) == 1

        await shop.merchant.do(ExpireCheckoutSession(id=session.id))

        assert await redeemed(shop, coupon) == 0

    async def test_a_card_that_is_refused_uses_it_up_once(self, shop: Shop) -> None:
        coupon = await half_off(shop)
        await word(shop, coupon)
        session = await type_code(shop, await opened(shop, allow_promotion_codes=True), "HALF")
        with pytest.raises(Declined):
            await pay(shop, session, DECLINING)

        paid = await pay(shop, session)

        assert (paid.payment_status, await redeemed(shop, coupon)) == ("paid", 1)

    async def test_what_costs_nothing_needs_no_card(self, shop: Shop) -> None:
        free = await shop.merchant.do(CreateCoupon(percent_off=Decimal(100), duration=Duration.ONCE))
        await word(shop, free)
        session = await type_code(shop, await opened(shop, allow_promotion_codes=True), "HALF")

        done = await shop.merchant.do(ConfirmCheckoutSession(id=session.id, billing_details=PAYER))

        assert (done.status, done.payment_status) == ("complete", "no_payment_required")
        assert await redeemed(shop, free) == 1


class TestQuantities:
    @pytest.fixture
    async def session(self, shop: Shop) -> CheckoutSession:
        bounds = AdjustableParams(enabled=True, minimum=0, maximum=5)
        return await opened(shop, line(1000, 2, adjustable_quantity=bounds), line(50))

    async def test_the_payer_takes_more(self, shop: Shop, session: CheckoutSession) -> None:
        first, _ = (await shop.merchant.do(ListLineItems(id=session.id))).items

        session = await shop.merchant.do(AdjustCheckoutSession(id=session.id, quantities={first.id: 5}))
        paid = await pay(shop, session)

        rows = (await shop.merchant.do(ListLineItems(id=session.id))).items
        assert (paid.amount_total, [row.quantity for row in rows]) == (5050, [5, 1])

    @pytest.mark.parametrize(("place", "quantity"), [(0, 6), (0, 0), (0, -1), (1, 2)])
    async def test_no_more_than_they_may(
        self, shop: Shop, session: CheckoutSession, place: int, quantity: int
    ) -> None:
        row = (await shop.merchant.do(ListLineItems(id=session.id))).items[place]

        with pytest.raises(InvalidRequest):
            await shop.merchant.do(AdjustCheckoutSession(id=session.id, quantities={row.id: quantity}))

    async def test_not_of_what_is_not_sold_here(self, shop: Shop, session: CheckoutSession) -> None:
        with pytest.raises(InvalidRequest, match="No such line_item"):
            await shop.merchant.do(AdjustCheckoutSession(id=session.id, quantities={"li_1": 1}))

    async def test_not_once_it_is_paid(self, shop: Shop, session: CheckoutSession) -> None:
        await pay(shop, session)

        with pytest.raises(PaymentsError):
            await shop.merchant.do(AdjustCheckoutSession(id=session.id, promotion_code=""))


async def test_taxes_are_on_top_or_within_after_the_discount(shop: Shop) -> None:
    rates = [
        await shop.merchant.do(CreateTaxRate(display_name="VAT", inclusive=within, percentage=Decimal(20)))
        for within in (False, True)
    ]
    coupon = await half_off(shop)
    rows = [line(1000, tax_rates=(rate.id,)) for rate in rates]

    session = await opened(shop, *rows, discounts=(OfferParams(coupon=coupon.id),))

    assert (session.amount_subtotal, session.amount_discount) == (2000, 1000)
    assert (session.amount_tax, session.amount_total) == (100 + 83, 1100)


async def test_the_merchant_changes_the_offer(shop: Shop) -> None:
    coupon = await half_off(shop)
    session = await opened(shop)
    cheaper = await shop.merchant.do(
        UpdateCheckoutSession(id=session.id, discounts=(OfferParams(coupon=coupon.id),))
    )

    dearer = await shop.merchant.do(UpdateCheckoutSession(id=session.id, discounts=""))

    assert (cheaper.amount_total, dearer.amount_total) == (500, 1000)


class TestSubscriptions:
    async def _subscribed(self, shop: Shop, session: CheckoutSession) -> Subscription:
        return await shop.merchant.do(RetrieveSubscription(id=session.subscription or ""))

    async def test_the_first_bill_is_what_the_page_shows(self, shop: Shop) -> None:
        coupon = await shop.merchant.do(CreateCoupon(percent_off=Decimal(25), duration=Duration.FOREVER))
        await word(shop, coupon)
        tax = await shop.merchant.do(
            CreateTaxRate(display_name="VAT", inclusive=False, percentage=Decimal(10))
        )
        session = await opened(
            shop,
            line(1000, 2, monthly=True),
            line(500),
            mode="subscription",
            allow_promotion_codes=True,
            subscription_data=SubscriptionDataParams(default_tax_rates=(tax.id,)),
        )
        session = await type_code(shop, session, "HALF")
        assert session.amount_total == 1875 + 188

        paid = await pay(shop, session)

        subscription = await self._subscribed(shop, paid)
        assert (paid.payment_status, subscription.status) == ("paid", "active")
        assert [discount.coupon.id for discount in subscription.discounts] == [coupon.id]
        assert await redeemed(shop, coupon) == 1

    async def test_a_code_that_comes_after_a_refused_card_counts(self, shop: Shop) -> None:
        coupon = await half_off(shop)
        await word(shop, coupon)
        session = await opened(
            shop, line(1000, monthly=True), mode="subscription", allow_promotion_codes=True
        )
        with pytest.raises(Declined):
            await pay(shop, session, DECLINING)
        session = await type_code(shop, session, "HALF")

        paid = await pay(shop, session)

        assert (await self._subscribed(shop, paid)).status == "active"
        assert (paid.amount_total, await redeemed(shop, coupon)) == (500, 1)

    async def test_a_free_first_bill_still_takes_a_card(self, shop: Shop) -> None:
        free = await shop.merchant.do(CreateCoupon(percent_off=Decimal(100), duration=Duration.ONCE))
        session = await opened(
            shop, line(1000, monthly=True), mode="subscription", discounts=(OfferParams(coupon=free.id),)
        )

        done = await pay(shop, session)

        subscription = await self._subscribed(shop, done)
        assert (done.payment_status, subscription.status) == ("no_payment_required", "active")
        assert subscription.default_payment_method is not None

    async def test_a_trial_without_a_card(self, shop: Shop) -> None:
        session = await opened(
            shop,
            line(1000, monthly=True),
            mode="subscription",
            payment_method_collection="if_required",
            subscription_data=SubscriptionDataParams(trial_period_days=7),
        )

        done = await shop.merchant.do(ConfirmCheckoutSession(id=session.id, billing_details=PAYER))

        subscription = await self._subscribed(shop, done)
        assert (done.status, subscription.status) == ("complete", "trialing")
        assert subscription.pending_setup_intent is not None

    async def test_the_session_is_found_by_its_subscription(self, shop: Shop) -> None:
        session = await pay(shop, await opened(shop, line(1000, monthly=True), mode="subscription"))

        found = await shop.merchant.do(ListCheckoutSessions(subscription=session.subscription))
        none = await shop.merchant.do(ListCheckoutSessions(subscription="sub_1"))

        assert ([one.id for one in found.items], none.items) == ([session.id], ())
