"""The product as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.products import PackageDimensions, Product
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import Hash, MetadataText, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class ProductMarketingFeatureObject:
    """`marketing_feature` of product objects."""

    name: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class ProductPackageDimensionsObject:
    """`package_dimensions` of product objects."""

    height: float
    length: float
    weight: float
    width: float

    @classmethod
    def of(cls, dimensions: PackageDimensions) -> Self:
        """Show the size of a package."""
        return cls(
            height=float(dimensions.height),
            length=float(dimensions.length),
            weight=float(dimensions.weight),
            width=float(dimensions.width),
        )


@attrs.frozen(kw_only=True, slots=False)
class ProductObject:
    """Something the merchant sells."""

    id: str
    object: Literal["product"] = "product"
    active: bool = True
    created: Seconds
    default_price: Annotated[str | None, Expandable("price")] = None
    description: str | None = None
    images: tuple[str, ...] = ()
    livemode: bool
    marketing_features: tuple[ProductMarketingFeatureObject, ...] = ()
    metadata: MetadataText = NOTHING
    name: str
    package_dimensions: ProductPackageDimensionsObject | None = None
    shippable: bool | None = None
    statement_descriptor: str | None = None
    tax_code: Annotated[str | None, Expandable("tax_code")] = None
    tax_details: Hash | UnsetType = UNSET
    type: str = "service"
    unit_label: str | None = None
    updated: Seconds
    url: str | None = None

    @classmethod
    def of(cls, product: Product, livemode: bool) -> Self:
        """Show a product."""
        dimensions = product.package_dimensions
        return cls(
            id=product.id,
            active=product.active,
            created=product.created,
            default_price=product.default_price,
            description=product.description,
            images=product.images,
            livemode=livemode,
            marketing_features=tuple(
                ProductMarketingFeatureObject(name=name) for name in product.marketing_features
            ),
            metadata=product.metadata,
            name=product.name,
            package_dimensions=ProductPackageDimensionsObject.of(dimensions) if dimensions else None,
            shippable=product.shippable,
            statement_descriptor=product.statement_descriptor,
            tax_code=product.tax_code,
            type=product.type,
            unit_label=product.unit_label,
            updated=product.updated,
            url=product.url,
        )
