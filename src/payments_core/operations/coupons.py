"""Coupons: create, update, retrieve, list, delete."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import attrs

from payments_core.billing.coupons import Coupon, CouponId, Duration
from payments_core.clock import Timestamp
from payments_core.errors import AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import FreeForm, at_most_one, own_id, unsupported
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class AppliesToParams:
    """The products that a coupon is for."""

    products: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class CreateCoupon(Command[Coupon]):
    """A discount to give: `percent_off`, or `amount_off` in a currency. The id may be your own word."""

    id: str | None = None
    duration: Duration = Duration.ONCE
    duration_in_months: int | None = None
    percent_off: Decimal | None = None
    amount_off: int | None = None
    currency: CurrencyCode | None = None
    name: str | None = None
    applies_to: AppliesToParams | None = None
    max_redemptions: int | None = None
    redeem_by: Timestamp | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    currency_options: FreeForm | None = None


_REFUSALS = (AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing)


@operation("coupon.create", post="/v1/coupons", raises=_REFUSALS)
async def create_coupon(command: CreateCoupon, work: Work, ports: Ports) -> Coupon:
    """Make a coupon."""
    unsupported(command, "currency_options")
    _check_amount(command)
    _check_limits(command, work)
    coupon_id = CouponId(work.ports.ids.secret(8) if command.id is None else own_id(command.id))
    if await work.find(Coupon, coupon_id) is not None:
        raise AlreadyExists("Coupon already exists.", param="id")
    coupon = Coupon(
        account_id=work.account_id,
        id=coupon_id,
        created=work.now,
        duration=command.duration,
        duration_in_months=command.duration_in_months,
        percent_off=command.percent_off,
        amount_off=command.amount_off,
        currency=command.currency if command.amount_off is not None else None,
        name=command.name or None,
        products=(command.applies_to.products or ()) if command.applies_to else (),
        max_redemptions=command.max_redemptions,
        redeem_by=command.redeem_by,
        metadata=merged(NOTHING, command.metadata),
    )
    work.put(coupon)
    work.announce("coupon.created", coupon)
    return coupon


def _check_amount(command: CreateCoupon) -> None:
    at_most_one(command, "percent_off", "amount_off")
    if command.percent_off is None and command.amount_off is None:
        raise ParamMissing(
            "percent_off", "Must provide some sort of discount: either percent_off or amount_off."
        )
    if command.percent_off is not None and not 0 < command.percent_off <= 100:
        raise ParamInvalid("A percentage is more than 0 and at most 100.", param="percent_off")
    if command.amount_off is not None and command.amount_off < 1:
        raise ParamInvalid("This value must be greater than or equal to 1.", param="amount_off")
    if command.amount_off is not None and command.currency is None:
        raise ParamMissing("currency", "You must pass currency when passing amount_off.")


def _check_limits(command: CreateCoupon, work: Work) -> None:
    months = command.duration_in_months
    repeating = command.duration is Duration.REPEATING
    if repeating and (months is None or not 1 <= months <= 120):
        raise ParamMissing(
            "duration_in_months", "A repeating coupon says for how many months, from 1 to 120."
        )
    if not repeating and months is not None:
        raise ParamInvalid("Only a repeating coupon has a duration in months.", param="duration_in_months")
    if command.max_redemptions is not None and command.max_redemptions < 1:
        raise ParamInvalid("This value must be greater than or equal to 1.", param="max_redemptions")
    if command.redeem_by is not None and command.redeem_by <= work.now:
        raise ParamInvalid("The time until which to redeem is in the past.", param="redeem_by")


@attrs.frozen(kw_only=True)
class UpdateCoupon(Command[Coupon]):
    """Change what is not an amount."""

    id: str
    name: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    currency_options: FreeForm | None = None


@operation("coupon.update", post="/v1/coupons/{id}", raises=(InvalidRequest, NotFound))
async def update_coupon(command: UpdateCoupon, work: Work, ports: Ports) -> Coupon:
    """Change a coupon's name and metadata."""
    unsupported(command, "currency_options")
    coupon = await work.get(Coupon, command.id)
    coupon = attrs.evolve(
        coupon,
        name=coupon.name if command.name is None else command.name or None,
        metadata=merged(coupon.metadata, command.metadata),
    )
    work.put(coupon)
    work.announce("coupon.updated", coupon)
    return coupon


@attrs.frozen(kw_only=True)
class RetrieveCoupon(Command[Coupon]):
    """Which coupon."""

    id: str


@operation("coupon.retrieve", get="/v1/coupons/{id}", raises=(NotFound,))
async def retrieve_coupon(command: RetrieveCoupon, work: Work, ports: Ports) -> Coupon:
    """Return a coupon."""
    return shown(await work.get(Coupon, command.id), work)


@attrs.frozen(kw_only=True)
class ListCoupons(Listing, Command[Page[Coupon]]):
    """Which coupons."""


@operation("coupon.list", get="/v1/coupons", raises=(InvalidRequest,))
async def list_coupons(command: ListCoupons, work: Work, ports: Ports) -> Page[Coupon]:
    """List coupons, newest first."""
    page = await work.select(Coupon, command.query())
    return attrs.evolve(page, items=tuple(shown(coupon, work) for coupon in page.items))


def shown(coupon: Coupon, work: Work) -> Coupon:
    """The coupon with its time seen from now, so that it can be shown by itself."""
    return coupon if coupon.is_valid(work.now) else attrs.evolve(coupon, expired=True)


@attrs.frozen(kw_only=True)
class DeleteCoupon(Command[Deleted]):
    """Which coupon."""

    id: str


@operation("coupon.delete", delete="/v1/coupons/{id}", raises=(NotFound,))
async def delete_coupon(command: DeleteCoupon, work: Work, ports: Ports) -> Deleted:
    """Delete a coupon; discounts that were given stay."""
    coupon = await work.get(Coupon, command.id)
    work.drop(coupon)
    work.announce("coupon.deleted", coupon)
    return Deleted(coupon.id, "coupon")
