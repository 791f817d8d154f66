"""Products: what a merchant sells. What it costs is said by prices."""

from decimal import Decimal
from typing import NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

ProductId = NewType("ProductId", str)


@attrs.frozen(kw_only=True)
class PackageDimensions:
    """Inches and ounces."""

    height: Decimal
    length: Decimal
    weight: Decimal
    width: Decimal


@attrs.frozen(kw_only=True)
class Product:
    """Something the merchant sells. Its id may be the merchant's own word."""

    account_id: AccountId
    id: ProductId
    created: Timestamp
    updated: Timestamp
    name: str
    active: bool = True
    type: str = "service"
    description: str | None = None
    default_price: str | None = None
    images: tuple[str, ...] = ()
    marketing_features: tuple[str, ...] = ()
    package_dimensions: PackageDimensions | None = None
    shippable: bool | None = None
    statement_descriptor: str | None = None
    tax_code: str | None = None
    unit_label: str | None = None
    url: str | None = None
    metadata: Metadata = NOTHING
