"""Promotion codes: create, update, retrieve, list."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.billing.coupons import Coupon, PromotionCode, PromotionCodeId, PromotionWord
from payments_core.clock import Timestamp
from payments_core.errors import AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import FreeForm, unsupported
from payments_core.operations.cards import live_customer
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class PromotionParams:
    """What the code gives."""

    type: Literal["coupon"]
    coupon: str | None = None


@attrs.frozen(kw_only=True)
class RestrictionsParams:
    """When the code may be used."""

    first_time_transaction: bool | None = None
    minimum_amount: int | None = None
    minimum_amount_currency: CurrencyCode | None = None
    currency_options: FreeForm | None = None


@attrs.frozen(kw_only=True)
class CreatePromotionCode(Command[PromotionCode]):
    """A word that customers type; made up if none is given."""

    promotion: PromotionParams
    code: str | None = None
    active: bool | None = None
    customer: str | None = None
    customer_account: str | None = None
    expires_at: Timestamp | None = None
    max_redemptions: int | None = None
    restrictions: RestrictionsParams | None = None
    metadata: Mapping[str, str] | None = None


_REFUSALS = (AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing)


@operation("promotion_code.create", post="/v1/promotion_codes", raises=_REFUSALS)
async def create_promotion_code(command: CreatePromotionCode, work: Work, ports: Ports) -> PromotionCode:
    """Make a promotion code for a coupon."""
    unsupported(command, "customer_account")
    if command.promotion.coupon is None:
        raise ParamMissing("promotion[coupon]")
    coupon = await work.get(Coupon, command.promotion.coupon, param="promotion[coupon]")
    if not coupon.is_valid(work.now):
        raise InvalidRequest("The coupon is used up or expired.", code="coupon_expired", param="promotion")
    if command.customer is not None:
        await live_customer(work, command.customer)
    restrictions = command.restrictions or RestrictionsParams()
    unsupported(restrictions, "currency_options")
    promotion = PromotionCode(
        account_id=work.account_id,
        id=PromotionCodeId(work.new_id("promo")),
        created=work.now,
        code=command.code or work.ports.ids.secret(8).upper(),
        coupon=coupon.id,
        active=False,
        customer=command.customer,
        expires_at=command.expires_at,
        max_redemptions=command.max_redemptions,
        first_time_transaction=bool(restrictions.first_time_transaction),
        minimum_amount=restrictions.minimum_amount,
        minimum_amount_currency=restrictions.minimum_amount_currency,
        metadata=merged(NOTHING, command.metadata),
    )
    if len(promotion.code) > 500 or promotion.code.strip() != promotion.code:
        raise ParamInvalid("A code has 1 to 500 characters and no spaces around it.", param="code")
    if command.active is not False:
        promotion = await _activated(work, promotion)
    work.put(promotion)
    work.announce("promotion_code.created", promotion)
    return promotion


async def _activated(work: Work, promotion: PromotionCode) -> PromotionCode:
    """Give the word to this code, unless another active code has it."""
    word = promotion.code.lower()
    held = await work.find(PromotionWord, word)
    if held is not None and held.promotion_code != promotion.id:
        raise AlreadyExists(
            f"An active promotion code with `code: {promotion.code}` already exists.", param="code"
        )
    work.put(PromotionWord(account_id=work.account_id, id=word, promotion_code=promotion.id))
    return attrs.evolve(promotion, active=True)


@attrs.frozen(kw_only=True)
class UpdatePromotionCode(Command[PromotionCode]):
    """Switch a code on or off."""

    id: str
    active: bool | None = None
    restrictions: RestrictionsParams | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("promotion_code.update", post="/v1/promotion_codes/{id}", raises=_REFUSALS)
async def update_promotion_code(command: UpdatePromotionCode, work: Work, ports: Ports) -> PromotionCode:
    """Change a promotion code."""
    unsupported(command, "restrictions")
    promotion = await work.get(PromotionCode, command.id)
    if command.active and not promotion.active:
        promotion = await _activated(work, promotion)
    elif command.active is False and promotion.active:
        held = await work.find(PromotionWord, promotion.code.lower())
        if held is not None:
            work.drop(held)
        promotion = attrs.evolve(promotion, active=False)
    promotion = attrs.evolve(promotion, metadata=merged(promotion.metadata, command.metadata))
    work.put(promotion)
    work.announce("promotion_code.updated", promotion)
    return promotion


@attrs.frozen(kw_only=True)
class RetrievePromotionCode(Command[PromotionCode]):
    """Which promotion code."""

    id: str


@operation("promotion_code.retrieve", get="/v1/promotion_codes/{id}", raises=(NotFound,))
async def retrieve_promotion_code(command: RetrievePromotionCode, work: Work, ports: Ports) -> PromotionCode:
    """Return a promotion code."""
    return await work.get(PromotionCode, command.id)


@attrs.frozen(kw_only=True)
class ListPromotionCodes(Listing, Command[Page[PromotionCode]]):
    """Which promotion codes."""

    active: bool | None = None
    code: str | None = None
    coupon: str | None = None
    customer: str | None = None
    customer_account: str | None = None


@operation("promotion_code.list", get="/v1/promotion_codes", raises=(InvalidRequest,))
async def list_promotion_codes(command: ListPromotionCodes, work: Work, ports: Ports) -> Page[PromotionCode]:
    """List promotion codes, newest first."""
    return await work.select(
        PromotionCode,
        command.query(
            active=command.active, code=command.code, coupon=command.coupon, customer=command.customer
        ),
    )
