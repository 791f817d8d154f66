"""Coupons and promotion codes at the checkout: offered by the merchant or typed by the payer, and redeemed once. Decides and stages.

A coupon is redeemed with the session's first confirmation, in the same commit, so that the last one is given once. It stays redeemed
while the session is open, also when a card is declined, and is given back when the session ends unpaid.
"""

from collections.abc import Sequence

import attrs

from payments_core.billing.coupons import Coupon, CouponId, PromotionCode, PromotionCodeId, PromotionWord
from payments_core.checkout.offers import Offer
from payments_core.checkout.sessions import CheckoutSession
from payments_core.errors import InvalidRequest, ParamInvalid, ParamMissing
from payments_core.operations.billing_params import FreeForm, at_most_one, unsupported
from payments_core.operations.discounting import Where, give_by_code, give_coupon
from payments_core.operations.work import Work
from payments_core.values import evolve

PARAM = "discounts[0]"


@attrs.frozen(kw_only=True)
class OfferParams:
    """A coupon, or a promotion code by its id."""

    coupon: str | None = None
    promotion_code: str | None = None
    coupon_data: FreeForm | None = None


async def offer_told(work: Work, session: CheckoutSession, params: Sequence[OfferParams]) -> CheckoutSession:
    """The session with what the merchant offers."""
    if not params:
        return evolve(session, offer=None)
    if len(params) > 1:
        raise ParamInvalid("A session gives one discount.", param="discounts")
    if session.mode == "setup":
        raise ParamInvalid("You can not pass `discounts` in `setup` mode.", param="discounts")
    (told,) = params
    unsupported(told, "coupon_data")
    at_most_one(told, "coupon", "promotion_code")
    if told.promotion_code is not None:
        param = f"{PARAM}[promotion_code]"
        promotion = await work.get(PromotionCode, PromotionCodeId(told.promotion_code), param=param)
        return evolve(session, offer=await _offer_by(work, session, promotion, param))
    if told.coupon is None:
        raise ParamMissing(f"{PARAM}[coupon]")
    return evolve(session, offer=Offer(coupon=await _coupon(work, session, told.coupon, f"{PARAM}[coupon]")))


async def offer_typed(work: Work, session: CheckoutSession, code: str) -> CheckoutSession:
    """The session with what a payer typed, or without a discount if that is nothing."""
    code = code.strip()
    if not code:
        return evolve(session, offer=None)
    word = await work.find(PromotionWord, code.lower())
    promotion = await work.find(PromotionCode, word.promotion_code) if word else None
    if promotion is None:
        raise InvalidRequest("This code is not valid.", code="resource_missing", param="promotion_code")
    return evolve(
        session, offer=await _offer_by(work, session, promotion, "promotion_code", code=promotion.code)
    )


async def _offer_by(
    work: Work, session: CheckoutSession, promotion: PromotionCode, param: str, *, code: str | None = None
) -> Offer:
    promotion.redeem(work.now, session.customer)  # refuses; redeemed it is with the payment
    least, currency = promotion.minimum_amount, promotion.minimum_amount_currency
    if least is not None and (currency != session.currency or (session.amount_subtotal or 0) < least):
        raise InvalidRequest("The order is too small for this promotion code.", param=param)
    coupon = await _coupon(work, session, promotion.coupon, param)
    return Offer(coupon=coupon, promotion_code=promotion.id, code=code)


async def _coupon(work: Work, session: CheckoutSession, coupon_id: str, param: str) -> Coupon:
    coupon = await work.get(Coupon, CouponId(coupon_id), param=param)
    coupon.redeem(work.now)  # likewise
    if coupon.currency not in (None, session.currency):
        raise InvalidRequest(
            f"The coupon {coupon.id} takes off an amount in {coupon.currency}; this session is in {session.currency}.",
            param=param,
        )
    return coupon


async def still_offered(work: Work, session: CheckoutSession) -> CheckoutSession:
    """The session without its payer's promotion code, where the order is too small for it by now."""
    offer = session.offer
    if offer is None or offer.promotion_code is None or offer.code is None:
        return session
    promotion = await work.get(PromotionCode, PromotionCodeId(offer.promotion_code))
    if (session.amount_subtotal or 0) >= (promotion.minimum_amount or 0):
        return session
    return evolve(await release(work, session), offer=None)


async def claim(work: Work, session: CheckoutSession) -> CheckoutSession:
    """Stage that the session's coupon is redeemed, once, or refuse."""
    offer = session.offer
    if offer is None or offer.is_claimed:
        return session
    where = Where(
        currency=session.currency, customer=session.customer or session.newcomer, checkout_session=session.id
    )
    if offer.promotion_code is not None:
        discount = await give_by_code(work, offer.promotion_code, where, param="promotion_code")
    else:
        discount = await give_coupon(work, offer.coupon.id, where, param="discounts")
    return evolve(session, offer=offer.claimed(discount.id))


async def release(work: Work, session: CheckoutSession) -> CheckoutSession:
    """Stage that the coupon of a session that nobody paid can be redeemed again."""
    offer = session.offer
    if offer is None or not offer.is_claimed:
        return session
    coupon = await work.find(Coupon, offer.coupon.id)
    if coupon is not None:
        work.put(coupon.given_back())
    promotion = await work.find(PromotionCode, offer.promotion_code) if offer.promotion_code else None
    if promotion is not None:
        work.put(promotion.given_back())
    return evolve(session, offer=offer.released())
