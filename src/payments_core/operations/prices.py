"""Prices: create, update, retrieve, list."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import attrs

from payments_core.billing.prices import Interval, Price, TiersMode, TransformQuantity
from payments_core.billing.products import Product
from payments_core.errors import AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import (
    FreeForm,
    ProductDataParams,
    TaxBehavior,
    at_most_one,
    unsupported,
)
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.pricing import (
    RecurringParams,
    TierParams,
    drop_lookup_key,
    one_price,
    take_lookup_key,
    tiers_of,
)
from payments_core.operations.products import product_of
from payments_core.operations.work import Work
from payments_core.platform.metadata import merged
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class TransformParams:
    """Units are sold in packages."""

    divide_by: int
    round: Literal["down", "up"]


@attrs.frozen(kw_only=True)
class CreatePrice(Command[Price]):
    """What a product costs: per unit, or in tiers; once, or again and again."""

    currency: CurrencyCode
    product: str | None = None
    product_data: ProductDataParams | None = None
    active: bool | None = None
    billing_scheme: Literal["per_unit", "tiered"] | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None
    recurring: RecurringParams | None = None
    tiers: tuple[TierParams, ...] | None = None
    tiers_mode: TiersMode | None = None
    transform_quantity: TransformParams | None = None
    lookup_key: str | None = None
    transfer_lookup_key: bool | None = None
    nickname: str | None = None
    tax_behavior: TaxBehavior | None = None
    metadata: Mapping[str, str] | None = None
    currency_options: FreeForm | None = None
    custom_unit_amount: FreeForm | None = None


_REFUSALS = (AlreadyExists, InvalidRequest, NotFound, ParamInvalid, ParamMissing)


@operation("price.create", post="/v1/prices", raises=_REFUSALS)
async def create_price(command: CreatePrice, work: Work, ports: Ports) -> Price:
    """Make a price, with its product if one is described."""
    unsupported(command, "currency_options", "custom_unit_amount")
    at_most_one(command, "product", "product_data")
    _check_scheme(command)
    if command.product_data is not None:
        product = await product_of(work, command.product_data)
    elif command.product is not None:
        product = await work.get(Product, command.product, param="product")
    else:
        raise ParamMissing("product")
    transform = command.transform_quantity
    if transform is not None and transform.divide_by < 1:
        raise ParamInvalid("Packages hold at least 1.", param="transform_quantity[divide_by]")
    price = one_price(
        work,
        product.id,
        command.currency,
        command.unit_amount,
        command.unit_amount_decimal,
        recurring=command.recurring,
        tiers=tiers_of(command.tiers) if command.tiers else (),
        tiers_mode=command.tiers_mode,
        tax_behavior=command.tax_behavior,
        metadata=command.metadata,
        active=command.active is not False,
    )
    price = attrs.evolve(
        price,
        nickname=command.nickname or None,
        transform_quantity=TransformQuantity(divide_by=transform.divide_by, round=transform.round)
        if transform
        else None,
    )
    if command.lookup_key is not None:
        price = await take_lookup_key(
            work, price, command.lookup_key, transfer=bool(command.transfer_lookup_key)
        )
    work.put(price)
    work.announce("price.created", price)
    return price


def _check_scheme(command: CreatePrice) -> None:
    """Tiers need their scheme and mode, and exclude a single amount."""
    tiered = command.billing_scheme == "tiered"
    if tiered and not command.tiers:
        raise ParamMissing("tiers")
    if tiered and command.tiers_mode is None:
        raise ParamMissing("tiers_mode")
    if command.tiers and not tiered:
        raise ParamInvalid("Tiers need billing_scheme=tiered.", param="billing_scheme")
    single = command.unit_amount is not None or command.unit_amount_decimal is not None
    if tiered and (single or command.transform_quantity):
        raise InvalidRequest(
            "A tiered price has its amounts in its tiers.", code="parameters_exclusive", param="unit_amount"
        )


@attrs.frozen(kw_only=True)
class UpdatePrice(Command[Price]):
    """Change what is not an amount."""

    id: str
    active: bool | None = None
    lookup_key: str | Literal[""] | None = None
    transfer_lookup_key: bool | None = None
    nickname: str | Literal[""] | None = None
    tax_behavior: TaxBehavior | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    currency_options: FreeForm | Literal[""] | None = None


@operation("price.update", post="/v1/prices/{id}", raises=_REFUSALS)
async def update_price(command: UpdatePrice, work: Work, ports: Ports) -> Price:
    """Change a price; its amounts never change."""
    unsupported(command, "currency_options")
    price = await work.get(Price, command.id)
    if price.tax_behavior not in ("unspecified", command.tax_behavior or price.tax_behavior):
        raise InvalidRequest("The tax behavior of a price cannot be changed.", param="tax_behavior")
    price = attrs.evolve(
        price,
        active=price.active if command.active is None else command.active,
        nickname=price.nickname if command.nickname is None else command.nickname or None,
        tax_behavior=command.tax_behavior or price.tax_behavior,
        metadata=merged(price.metadata, command.metadata),
    )
    if command.lookup_key == "":
        await drop_lookup_key(work, price)
        price = attrs.evolve(price, lookup_key=None)
    elif command.lookup_key is not None:
        price = await take_lookup_key(
            work, price, command.lookup_key, transfer=bool(command.transfer_lookup_key)
        )
    work.put(price)
    work.announce("price.updated", price)
    return price


@attrs.frozen(kw_only=True)
class RetrievePrice(Command[Price]):
    """Which price."""

    id: str


@operation("price.retrieve", get="/v1/prices/{id}", raises=(NotFound,))
async def retrieve_price(command: RetrievePrice, work: Work, ports: Ports) -> Price:
    """Return a price."""
    return await work.get(Price, command.id)


@attrs.frozen(kw_only=True)
class RecurringFilter:
    """Which recurring prices."""

    interval: Interval | None = None
    meter: str | None = None
    usage_type: Literal["licensed", "metered"] | None = None


@attrs.frozen(kw_only=True)
class ListPrices(Listing, Command[Page[Price]]):
    """Which prices."""

    active: bool | None = None
    currency: CurrencyCode | None = None
    product: str | None = None
    type: Literal["one_time", "recurring"] | None = None
    lookup_keys: tuple[str, ...] | None = None
    recurring: RecurringFilter | None = None


@operation("price.list", get="/v1/prices", raises=(InvalidRequest,))
async def list_prices(command: ListPrices, work: Work, ports: Ports) -> Page[Price]:
    """List prices, newest first."""
    recurring = command.recurring or RecurringFilter()
    if recurring.meter or recurring.usage_type == "metered":
        return Page(items=(), has_more=False)
    kind = command.type if command.recurring is None else "recurring"
    query = command.query(
        active=command.active,
        currency=command.currency,
        product=command.product,
        type=kind,
        lookup_key=command.lookup_keys,
        interval=recurring.interval,
    )
    return await work.select(Price, query)
