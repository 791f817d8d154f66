"""Lining: from parameters to what a line bills: an amount, a price, a quantity, discounts and taxes. Decides and stages."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

import attrs

from payments_core.billing.lines import GivenTax, Item, Period
from payments_core.billing.prices import Price
from payments_core.billing.products import Product
from payments_core.billing.tax_rates import TaxRate, TaxRateId
from payments_core.errors import AmountRefused, InvalidRequest, ParamInvalid, ParamMissing
from payments_core.money.allocation import Rounding, rounded
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import (
    DiscountParams,
    PeriodParams,
    PriceDataParams,
    TaxBehavior,
    at_most_one,
    unit_price,
)
from payments_core.operations.discounting import Where, give_all
from payments_core.operations.params import told
from payments_core.operations.pricing import RecurringParams, one_price, one_time_price
from payments_core.operations.products import product_of
from payments_core.operations.tax_rates import TaxType, check_percentage, rates_of
from payments_core.operations.work import Work
from payments_core.platform.metadata import merged

AMOUNT_MAX: Final = 99_999_999_999_999


@attrs.frozen(kw_only=True)
class PricingParams:
    """A price that exists."""

    price: str | None = None


@attrs.frozen(kw_only=True)
class TaxRateDataParams:
    """A tax rate that is described where its amount is given."""

    display_name: str
    percentage: Decimal
    inclusive: bool
    country: str | None = None
    description: str | None = None
    jurisdiction: str | None = None
    jurisdiction_level: Literal["city", "country", "county", "district", "multiple", "state"] | None = None
    state: str | None = None
    tax_type: TaxType | None = None


@attrs.frozen(kw_only=True)
class TaxAmountParams:
    """A tax that the merchant has computed."""

    amount: int
    taxable_amount: int
    tax_rate_data: TaxRateDataParams
    taxability_reason: str | None = None


@attrs.frozen(kw_only=True)
class ItemParams:
    """What can be said of an invoice item or a line, at first or later."""

    amount: int | None = None
    description: str | Literal[""] | None = None
    discountable: bool | None = None
    discounts: tuple[DiscountParams, ...] | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    period: PeriodParams | None = None
    price_data: PriceDataParams | None = None
    pricing: PricingParams | None = None
    quantity: int | None = None
    quantity_decimal: Decimal | None = None
    tax_rates: tuple[str, ...] | Literal[""] | None = None


def blank(work: Work, currency: CurrencyCode) -> Item:
    """An item before anything was said of it."""
    return Item(amount=0, currency=currency, period=Period(start=work.now, end=work.now))


async def described(
    work: Work,
    item: Item,
    params: ItemParams,
    where: Where,
    *,
    unit_amount: Decimal | None = None,
    tax_behavior: TaxBehavior | None = None,
    tax_amounts: Sequence[TaxAmountParams] | Literal[""] | None = None,
) -> Item:
    """The item with what was sent changed, and its amount computed anew where that follows."""
    at_most_one(params, "quantity", "quantity_decimal")
    item = await _priced(work, item, params, unit_amount)
    discounts = item.discounts
    if params.discounts is not None:
        discounts = await give_all(work, params.discounts or (), where)
    rates = item.tax_rates
    if params.tax_rates is not None:
        rates = await rates_of(work, params.tax_rates or (), param="tax_rates")
    taxes = item.given_taxes
    if tax_amounts is not None:
        taxes = given_taxes(work, tax_amounts or ())
    return attrs.evolve(
        item,
        description=told(item.description, params.description),
        discountable=item.discountable if params.discountable is None else params.discountable,
        discounts=discounts,
        tax_rates=rates,
        given_taxes=taxes,
        tax_behavior=tax_behavior or item.tax_behavior,
        period=period_of(params.period) if params.period else item.period,
        metadata=merged(item.metadata, params.metadata),
    )


def period_of(params: PeriodParams) -> Period:
    """The period, if it does not end before it starts."""
    if params.end < params.start:
        raise ParamInvalid("A period ends at or after its start.", param="period[end]")
    return Period(start=params.start, end=params.end)


async def _priced(work: Work, item: Item, params: ItemParams, unit_amount: Decimal | None) -> Item:
    quantity = _quantity(params)
    price_id = params.pricing.price if params.pricing else None
    ways = [params.amount, price_id, params.price_data, unit_amount]
    if sum(way is not None for way in ways) > 1:
        raise InvalidRequest(
            "You may only specify one of these parameters: amount, pricing, price_data, unit_amount_decimal.",
            code="parameters_exclusive",
            param="amount",
        )
    if params.amount is not None:
        if quantity not in (None, 1):
            raise InvalidRequest(
                "An amount has no quantity: give the price of a unit.",
                code="parameters_exclusive",
                param="quantity",
            )
        return _checked(
            attrs.evolve(
                item,
                amount=params.amount,
                quantity=Decimal(1),
                unit_amount=Decimal(params.amount),
                price=None,
                product=None,
            )
        )
    count = item.quantity if quantity is None else quantity
    if price_id is not None:
        price = await one_time_price(work, price_id, item.currency, param="pricing[price]")
        return await by_price(work, item, price, count)
    if params.price_data is not None:
        price = await inline_price(work, params.price_data, item.currency)
        return await by_price(work, item, price, count)
    if unit_amount is not None:
        item = attrs.evolve(item, unit_amount=unit_amount, price=None, product=None)
        return _by_unit(item, count)
    if quantity is None:
        return item
    if item.price is not None:
        return await by_price(work, item, await work.get(Price, item.price), count)
    if item.unit_amount is None:
        raise ParamMissing("unit_amount_decimal")
    return _by_unit(item, count)


def _quantity(params: ItemParams) -> Decimal | None:
    quantity = Decimal(params.quantity) if params.quantity is not None else params.quantity_decimal
    if quantity is not None and quantity < 0:
        raise ParamInvalid("This value must be greater than or equal to 0.", param="quantity")
    return quantity


async def by_price(work: Work, item: Item, price: Price, quantity: Decimal) -> Item:
    """The item for a quantity of a price. A line that says nothing itself is called as the product is."""
    product = await work.find(Product, price.product)
    exact = price.unit_amount if price.tiers_mode is None else None
    return _checked(
        attrs.evolve(
            item,
            amount=price.amount_for(quantity),
            quantity=quantity,
            unit_amount=exact,
            price=price.id,
            product=price.product,
            description=item.description or (product.name if product else None),
            tax_behavior=price.tax_behavior,
        )
    )


def _by_unit(item: Item, quantity: Decimal) -> Item:
    exact = Fraction(item.unit_amount or 0) * Fraction(quantity)
    return _checked(attrs.evolve(item, amount=rounded(exact, Rounding.HALF_UP), quantity=quantity))


def _checked(item: Item) -> Item:
    if abs(item.amount) > AMOUNT_MAX:
        raise AmountRefused("Amount is too large.", code="amount_too_large", param="amount")
    return item


async def inline_price(
    work: Work,
    params: PriceDataParams,
    currency: CurrencyCode,
    *,
    recurring: RecurringParams | None = None,
    active: bool = False,
) -> Price:
    """Stage the price that was described where it is used. It is not offered anywhere else."""
    if params.currency != currency:
        raise InvalidRequest(
            f"The price is in {params.currency}, and this is billed in {currency}.",
            param="price_data[currency]",
        )
    at_most_one(params, "product", "product_data")
    if params.product_data is not None:
        product = await product_of(work, params.product_data)
    elif params.product is not None:
        product = await work.get(Product, params.product, param="price_data[product]")
    else:
        raise ParamMissing("price_data[product]")
    price = one_price(
        work,
        product.id,
        params.currency,
        params.unit_amount,
        params.unit_amount_decimal,
        recurring=recurring,
        tax_behavior=params.tax_behavior,
        active=active,
    )
    work.put(price)
    work.announce("price.created", price)
    return price


def given_taxes(work: Work, params: Sequence[TaxAmountParams]) -> tuple[GivenTax, ...]:
    """Stage the tax rates that were described with their amounts."""
    return tuple(_given_tax(work, one) for one in params)


def _given_tax(work: Work, params: TaxAmountParams) -> GivenTax:
    described = params.tax_rate_data
    check_percentage(described.percentage, "tax_rate_data[percentage]")
    rate = TaxRate(
        account_id=work.account_id,
        id=TaxRateId(work.new_id("txr")),
        created=work.now,
        active=False,
        **attrs.asdict(described),
    )
    work.put(rate)
    return GivenTax(
        rate=rate,
        amount=params.amount,
        taxable_amount=params.taxable_amount,
        reason=params.taxability_reason,
    )


def unit_of(amount: int | None, exact: Decimal | None) -> Decimal | None:
    """The price of a unit where it may be negative: a credit."""
    if exact is not None and exact < 0 and amount is None:
        return exact
    return unit_price(amount, exact)
