"""Discounting: turn coupons and promotion codes into discounts at work. Decides and stages; used wherever discounts are given."""

from collections.abc import Sequence

import attrs

from payments_core.billing.coupons import Coupon, Duration, PromotionCode
from payments_core.billing.customers import Customer
from payments_core.billing.discounts import Discount, DiscountId
from payments_core.billing.invoices import Invoice, InvoiceState
from payments_core.billing.months import months_later
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import DiscountParams, at_most_one
from payments_core.operations.work import Work
from payments_core.ports import Query


@attrs.frozen(kw_only=True)
class Where:
    """For what a discount is given."""

    currency: CurrencyCode | None = None
    customer: str | None = None
    """Who gets it: decides whether a promotion code may be used."""
    of_customer: bool = False
    """The discount is the customer's own, and counts for all that they are billed."""
    checkout_session: str | None = None
    invoice: str | None = None
    invoice_item: str | None = None
    subscription: str | None = None
    subscription_item: str | None = None


async def give_all(
    work: Work, params: Sequence[DiscountParams], where: Where, *, param: str = "discounts"
) -> tuple[Discount, ...]:
    """Stage a discount for each of *params*."""
    return tuple([await _give_one(work, one, where, f"{param}[{at}]") for at, one in enumerate(params)])


async def _give_one(work: Work, params: DiscountParams, where: Where, param: str) -> Discount:
    at_most_one(params, "coupon", "discount", "promotion_code")
    if params.discount is not None:
        return await work.get(Discount, params.discount, param=f"{param}[discount]")
    if params.promotion_code is not None:
        return await give_by_code(work, params.promotion_code, where, param=f"{param}[promotion_code]")
    if params.coupon is None:
        raise ParamMissing(f"{param}[coupon]")
    return await give_coupon(work, params.coupon, where, param=f"{param}[coupon]")


async def give_by_code(work: Work, code_id: str, where: Where, *, param: str) -> Discount:
    """Use a promotion code, or refuse."""
    promotion = await work.get(PromotionCode, code_id, param=param)
    if promotion.first_time_transaction and where.customer is not None:
        paid = Query(equal={"customer": where.customer, "status": InvoiceState.PAID}, limit=1)
        if (await work.select(Invoice, paid)).items:
            raise InvalidRequest(
                "This promotion code is for a customer's first payment.", code="coupon_expired", param=param
            )
    work.put(promotion.redeem(work.now, where.customer))
    return await give_coupon(work, promotion.coupon, where, param=param, promotion_code=promotion.id)


async def give_coupon(
    work: Work, coupon_id: str, where: Where, *, param: str = "coupon", promotion_code: str | None = None
) -> Discount:
    """Redeem a coupon and stage the discount, or refuse."""
    coupon = await work.get(Coupon, coupon_id, param=param)
    if coupon.currency is not None and where.currency not in (None, coupon.currency):
        raise InvalidRequest(
            f"The coupon {coupon.id} takes off an amount in {coupon.currency}; this is billed in {where.currency}.",
            param=param,
        )
    coupon = coupon.redeem(work.now)
    work.put(coupon)
    discount = Discount(
        account_id=work.account_id,
        id=DiscountId(work.new_id("di")),
        created=work.now,
        coupon=coupon,
        start=work.now,
        end=_end(coupon, work.now),
        customer=where.customer,
        checkout_session=where.checkout_session,
        invoice=where.invoice,
        invoice_item=where.invoice_item,
        subscription=where.subscription,
        subscription_item=where.subscription_item,
        promotion_code=promotion_code,
    )
    work.put(discount)
    if where.of_customer:
        work.announce("customer.discount.created", discount)
    return discount


def _end(coupon: Coupon, now: Timestamp) -> Timestamp | None:
    if coupon.duration is not Duration.REPEATING:
        return None
    return months_later(now, coupon.duration_in_months or 1)


def inherited(customer: Customer | None, currency: CurrencyCode, now: Timestamp) -> tuple[Discount, ...]:
    """The customer's own discount, where it counts."""
    own = customer.discount if customer else None
    if own is None or not own.is_on(now) or own.coupon.currency not in (None, currency):
        return ()
    return (own,)


def without_used_up(work: Work, customer: Customer, invoice: Invoice) -> Customer:
    """The customer after an invoice: a discount for one bill was for this one."""
    own = customer.discount
    used = own is not None and own.id in {discount.id for discount in invoice.discounts}
    if own is None or not used or own.coupon.duration is not Duration.ONCE:
        return customer
    work.announce("customer.discount.deleted", own)
    return attrs.evolve(customer, discount=None)
