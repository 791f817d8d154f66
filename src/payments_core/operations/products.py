"""Products: create, update, retrieve, list, delete."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import attrs

from payments_core.billing.prices import Interval, Price
from payments_core.billing.products import PackageDimensions, Product, ProductId
from payments_core.errors import AlreadyExists, InvalidRequest, NotFound, ParamInvalid
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import (
    FreeForm,
    ProductDataParams,
    TaxBehavior,
    TaxDetailsParams,
    own_id,
    unsupported,
)
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.params import told
from payments_core.operations.pricing import RecurringParams, one_price
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports, Query

IMAGES_MAX = 8
FEATURES_MAX = 15


@attrs.frozen(kw_only=True)
class FeatureParams:
    """A feature as pricing tables show it."""

    name: str


@attrs.frozen(kw_only=True)
class DimensionsParams:
    """Inches and ounces."""

    height: Decimal
    length: Decimal
    weight: Decimal
    width: Decimal


@attrs.frozen(kw_only=True)
class DefaultRecurringParams:
    """How often the first price is due."""

    interval: Interval
    interval_count: int | None = None


@attrs.frozen(kw_only=True)
class DefaultPriceParams:
    """The first price, made together with its product."""

    currency: CurrencyCode
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None
    recurring: DefaultRecurringParams | None = None
    tax_behavior: TaxBehavior | None = None
    metadata: Mapping[str, str] | None = None
    currency_options: FreeForm | None = None
    custom_unit_amount: FreeForm | None = None


@attrs.frozen(kw_only=True)
class ProductParams:
    """What can be said of a product, at first or later."""

    active: bool | None = None
    description: str | Literal[""] | None = None
    images: tuple[str, ...] | Literal[""] | None = None
    marketing_features: tuple[FeatureParams, ...] | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    package_dimensions: DimensionsParams | Literal[""] | None = None
    shippable: bool | None = None
    statement_descriptor: str | None = None
    tax_code: str | Literal[""] | None = None
    tax_details: TaxDetailsParams | Literal[""] | None = None
    unit_label: str | Literal[""] | None = None
    url: str | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class CreateProduct(ProductParams, Command[Product]):
    """Something to sell; the id may be your own word."""

    name: str
    id: str | None = None
    type: Literal["good", "service"] | None = None
    default_price_data: DefaultPriceParams | None = None


_REFUSALS = (AlreadyExists, InvalidRequest, NotFound, ParamInvalid)


@operation("product.create", post="/v1/products", raises=_REFUSALS)
async def create_product(command: CreateProduct, work: Work, ports: Ports) -> Product:
    """Make a product, with its default price if one is given."""
    product = await new_product(work, command.id, command.name)
    product = _changed(product, command)
    if command.default_price_data is not None:
        price = default_price(work, product, command.default_price_data)
        product = attrs.evolve(product, default_price=price.id)
        work.put(price)
        work.announce("price.created", price)
    product = attrs.evolve(product, type=command.type or product.type)
    work.put(product)
    work.announce("product.created", product)
    return product


async def new_product(work: Work, wanted: str | None, name: str) -> Product:
    """A product under the wanted id, if it is free, or under a new one."""
    if not name.strip():
        raise ParamInvalid("A product has a name.", code="parameter_invalid_string_blank", param="name")
    product_id = ProductId(work.new_id("prod") if wanted is None else own_id(wanted))
    if wanted is not None and await work.find(Product, product_id) is not None:
        raise AlreadyExists("Product already exists.", param="id")
    return Product(account_id=work.account_id, id=product_id, created=work.now, updated=work.now, name=name)


async def product_of(work: Work, params: ProductDataParams) -> Product:
    """Stage the product that was described within a price."""
    product = await new_product(work, params.id, params.name)
    product = attrs.evolve(
        product,
        active=params.active is not False,
        description=params.description,
        images=params.images or (),
        statement_descriptor=params.statement_descriptor,
        tax_code=params.tax_code,
        unit_label=params.unit_label,
        metadata=merged(NOTHING, params.metadata),
    )
    work.put(product)
    work.announce("product.created", product)
    return product


def default_price(work: Work, product: Product, params: DefaultPriceParams) -> Price:
    """The price that was described within a product."""
    unsupported(params, "currency_options", "custom_unit_amount")
    recurring = params.recurring
    return one_price(
        work,
        product.id,
        params.currency,
        params.unit_amount,
        params.unit_amount_decimal,
        recurring=RecurringParams(interval=recurring.interval, interval_count=recurring.interval_count)
        if recurring
        else None,
        tax_behavior=params.tax_behavior,
        metadata=params.metadata,
    )


def _changed(product: Product, params: ProductParams) -> Product:
    if params.images and len(params.images) > IMAGES_MAX:
        raise ParamInvalid(f"A product has at most {IMAGES_MAX} images.", param="images")
    if params.marketing_features and len(params.marketing_features) > FEATURES_MAX:
        raise ParamInvalid(
            f"A product has at most {FEATURES_MAX} marketing features.", param="marketing_features"
        )
    dimensions = params.package_dimensions
    features = params.marketing_features
    return attrs.evolve(
        product,
        active=product.active if params.active is None else params.active,
        description=told(product.description, params.description),
        images=product.images if params.images is None else params.images or (),
        marketing_features=product.marketing_features
        if features is None
        else tuple(feature.name for feature in features or ()),
        metadata=merged(product.metadata, params.metadata),
        package_dimensions=told(
            product.package_dimensions,
            PackageDimensions(**attrs.asdict(dimensions))
            if isinstance(dimensions, DimensionsParams)
            else dimensions,
        ),
        shippable=product.shippable if params.shippable is None else params.shippable,
        statement_descriptor=told(product.statement_descriptor, params.statement_descriptor),
        tax_code=told(product.tax_code, params.tax_code),
        unit_label=told(product.unit_label, params.unit_label),
        url=told(product.url, params.url),
    )


@attrs.frozen(kw_only=True)
class UpdateProduct(ProductParams, Command[Product]):
    """Change a product; what is not named stays."""

    id: str
    name: str | None = None
    default_price: str | None = None


@operation("product.update", post="/v1/products/{id}", raises=_REFUSALS)
async def update_product(command: UpdateProduct, work: Work, ports: Ports) -> Product:
    """Change a product."""
    product = _changed(await work.get(Product, command.id), command)
    if command.default_price is not None:
        price = await work.get(Price, command.default_price, param="default_price")
        if price.product != product.id or not price.active:
            raise InvalidRequest(
                "The default price must be an active price of this product.", param="default_price"
            )
        product = attrs.evolve(product, default_price=price.id)
    product = attrs.evolve(product, name=command.name or product.name, updated=work.now)
    work.put(product)
    work.announce("product.updated", product)
    return product


@attrs.frozen(kw_only=True)
class RetrieveProduct(Command[Product]):
    """Which product."""

    id: str


@operation("product.retrieve", get="/v1/products/{id}", raises=(NotFound,))
async def retrieve_product(command: RetrieveProduct, work: Work, ports: Ports) -> Product:
    """Return a product."""
    return await work.get(Product, command.id)


@attrs.frozen(kw_only=True)
class ListProducts(Listing, Command[Page[Product]]):
    """Which products."""

    active: bool | None = None
    ids: tuple[str, ...] | None = None
    shippable: bool | None = None
    type: Literal["good", "service"] | None = None
    url: str | None = None


@operation("product.list", get="/v1/products", raises=(InvalidRequest,))
async def list_products(command: ListProducts, work: Work, ports: Ports) -> Page[Product]:
    """List products, newest first."""
    if command.ids is not None:
        found = await work.find_many(Product, command.ids)
        return Page(items=tuple(found[key] for key in command.ids if key in found), has_more=False)
    return await work.select(
        Product,
        command.query(active=command.active, shippable=command.shippable, type=command.type, url=command.url),
    )


@attrs.frozen(kw_only=True)
class DeleteProduct(Command[Deleted]):
    """Which product."""

    id: str


@operation("product.delete", delete="/v1/products/{id}", raises=(InvalidRequest, NotFound))
async def delete_product(command: DeleteProduct, work: Work, ports: Ports) -> Deleted:
    """Delete a product that has no prices."""
    product = await work.get(Product, command.id)
    prices = await work.select(Price, Query(equal={"product": product.id}, limit=1))
    if prices.items:
        raise InvalidRequest(
            "This product cannot be deleted because it has one or more user-created prices.", param="id"
        )
    work.drop(product)
    work.announce("product.deleted", product)
    return Deleted(product.id, "product")
