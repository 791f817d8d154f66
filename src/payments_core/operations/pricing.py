"""Pricing: prices made by themselves, with a product, or inside a line. Decides and stages nothing but lookup keys."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal

import attrs

from payments_core.billing.prices import (
    Interval,
    Price,
    PriceId,
    PriceLookup,
    Recurring,
    Tier,
    TiersMode,
)
from payments_core.errors import AlreadyExists, InvalidRequest, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import unit_price
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged

LOOKUP_KEY_MAX: Final = 200
_LONGEST: Final[Mapping[Interval, int]] = {
    Interval.DAY: 1095,
    Interval.WEEK: 156,
    Interval.MONTH: 36,
    Interval.YEAR: 3,
}


@attrs.frozen(kw_only=True)
class RecurringParams:
    """How often a price is due."""

    interval: Interval
    interval_count: int | None = None
    meter: str | None = None
    trial_period_days: int | None = None
    usage_type: Literal["licensed", "metered"] | None = None

    @property
    def value(self) -> Recurring:
        """The interval, or a refusal of what cannot be billed."""
        if self.meter or self.usage_type == "metered":
            raise ParamInvalid(
                "This server does not bill metered usage: make the price licensed.",
                param="recurring[usage_type]",
            )
        count = 1 if self.interval_count is None else self.interval_count
        if not 1 <= count <= _LONGEST[self.interval]:
            raise ParamInvalid(
                "A price is due at least every three years.",
                code="parameter_invalid_integer",
                param="recurring[interval_count]",
            )
        return Recurring(
            interval=self.interval, interval_count=count, trial_period_days=self.trial_period_days
        )


@attrs.frozen(kw_only=True)
class TierParams:
    """What units cost up to a quantity."""

    up_to: int | Literal["inf"]
    flat_amount: int | None = None
    flat_amount_decimal: Decimal | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None

    @property
    def value(self) -> Tier:
        """The tier."""
        unit = unit_price(self.unit_amount, self.unit_amount_decimal)
        flat = unit_price(self.flat_amount, self.flat_amount_decimal, param="flat_amount")
        if unit is None and flat is None:
            raise ParamMissing("tiers[unit_amount]")
        return Tier(
            up_to=self.up_to if isinstance(self.up_to, int) else None, unit_amount=unit, flat_amount=flat
        )


def tiers_of(params: Sequence[TierParams]) -> tuple[Tier, ...]:
    """The tiers in their order, the last one without end."""
    tiers = tuple(tier.value for tier in params)
    limits = [tier.up_to for tier in tiers]
    if not limits or limits[-1] is not None:
        raise ParamInvalid("The last tier goes up to inf.", param="tiers")
    finite = [limit for limit in limits[:-1] if limit is not None and limit > 0]
    if len(finite) < len(limits) - 1 or finite != sorted(set(finite)):
        raise ParamInvalid("Each tier but the last goes up to more than the one before it.", param="tiers")
    return tiers


def one_price(
    work: Work,
    product: str,
    currency: CurrencyCode,
    unit_amount: int | None,
    unit_amount_decimal: Decimal | None,
    *,
    recurring: RecurringParams | None = None,
    tiers: tuple[Tier, ...] = (),
    tiers_mode: TiersMode | None = None,
    tax_behavior: str | None = None,
    metadata: Mapping[str, str] | None = None,
    active: bool = True,
) -> Price:
    """A new price, per unit or in tiers."""
    unit = unit_price(unit_amount, unit_amount_decimal)
    if unit is None and not tiers:
        raise ParamMissing(
            "unit_amount", "One of these parameters is required: unit_amount, unit_amount_decimal."
        )
    return Price(
        account_id=work.account_id,
        id=PriceId(work.new_id("price")),
        created=work.now,
        currency=currency,
        product=product,
        active=active,
        unit_amount=unit,
        recurring=recurring.value if recurring else None,
        tiers=tiers,
        tiers_mode=tiers_mode,
        tax_behavior=tax_behavior or "unspecified",
        metadata=merged(NOTHING, metadata),
    )


async def take_lookup_key(work: Work, price: Price, key: str, *, transfer: bool) -> Price:
    """Give *key* to *price*, and take it from the one that had it if that is allowed."""
    if not key or len(key) > LOOKUP_KEY_MAX:
        raise ParamInvalid(f"A lookup key has 1 to {LOOKUP_KEY_MAX} characters.", param="lookup_key")
    held = await work.find(PriceLookup, key)
    if held is not None and held.price != price.id:
        if not transfer:
            raise AlreadyExists(f"A price ({held.price}) already uses that lookup key.", param="lookup_key")
        before = await work.get(Price, held.price)
        before = attrs.evolve(before, lookup_key=None)
        work.put(before)
        work.announce("price.updated", before)
    await drop_lookup_key(work, price, but=key)
    work.put(PriceLookup(account_id=work.account_id, id=key, price=price.id))
    return attrs.evolve(price, lookup_key=key)


async def drop_lookup_key(work: Work, price: Price, *, but: str = "") -> None:
    """Free the key that *price* had."""
    if price.lookup_key is None or price.lookup_key == but:
        return
    held = await work.find(PriceLookup, price.lookup_key)
    if held is not None:
        work.drop(held)


async def one_time_price(
    work: Work, price_id: str, currency: CurrencyCode | None, *, param: str, recurs: bool = False
) -> Price:
    """An active price that can stand on an invoice by itself, or with *recurs* on a subscription."""
    price = await work.get(Price, price_id, param=param)
    if price.recurring is not None and not recurs:
        raise InvalidRequest(
            "The price specified is set to `type=recurring` but this field only accepts prices with "
            "`type=one_time`.",
            param=param,
        )
    if not price.active:
        raise InvalidRequest(
            "The price specified is inactive. This field only accepts active prices.", param=param
        )
    if currency is not None and price.currency != currency:
        raise InvalidRequest(
            f"The price specified is in {price.currency}, and this is billed in {currency}.", param=param
        )
    return price
