"""The line item of a checkout session as clients see it. Fields that this system never sets say what they always say."""

from typing import Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.checkout.line_items import LineItem
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Minor
from payments_web.objects.price import PriceObject


@attrs.frozen(kw_only=True, slots=False)
class LineItemObject:
    """A line of a checkout session."""

    id: str
    object: Literal["item"] = "item"
    adjustable_quantity: Hash | None = None
    amount_discount: Minor = 0
    amount_subtotal: Minor
    amount_tax: Minor = 0
    amount_total: Minor
    currency: CurrencyText
    description: str | None = None
    discounts: tuple[Hash, ...] | UnsetType = UNSET
    metadata: MetadataText = NOTHING
    price: PriceObject | None = None
    quantity: int | None = None
    taxes: tuple[Hash, ...] | UnsetType = UNSET

    @classmethod
    def of(cls, line: LineItem, livemode: bool) -> Self:
        """Show a row of a session."""
        return cls(
            id=line.id,
            adjustable_quantity=attrs.asdict(line.adjustable) if line.adjustable else None,
            amount_discount=line.discount,
            amount_subtotal=line.amount,
            amount_tax=line.tax,
            amount_total=line.total,
            currency=line.price.currency,
            description=line.description,
            metadata=line.metadata,
            price=PriceObject.of(line.price, livemode),
            quantity=line.quantity,
        )
