"""The tax rate as clients see it. Fields that this system never sets say what they always say."""

from typing import Literal, Self

import attrs

from payments_core.billing.tax_rates import TaxRate
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, MetadataText, Minor, Seconds


@attrs.frozen(kw_only=True, slots=False)
class TaxRateFlatAmountObject:
    """`flat_amount` of tax rate objects."""

    amount: Minor
    currency: CurrencyText


@attrs.frozen(kw_only=True, slots=False)
class TaxRateObject:
    """A tax, and how much of it."""

    id: str
    object: Literal["tax_rate"] = "tax_rate"
    active: bool = True
    country: str | None = None
    created: Seconds
    description: str | None = None
    display_name: str
    effective_percentage: float | None = None
    flat_amount: TaxRateFlatAmountObject | None = None
    inclusive: bool
    jurisdiction: str | None = None
    jurisdiction_level: str | None = None
    livemode: bool
    metadata: MetadataText = NOTHING
    percentage: float
    rate_type: str = "percentage"
    state: str | None = None
    tax_type: str | None = None

    @classmethod
    def of(cls, rate: TaxRate, livemode: bool) -> Self:
        """Show a tax rate."""
        percentage = float(rate.percentage)
        return cls(
            id=rate.id,
            active=rate.active,
            country=rate.country,
            created=rate.created,
            description=rate.description,
            display_name=rate.display_name,
            effective_percentage=percentage,
            inclusive=rate.inclusive,
            jurisdiction=rate.jurisdiction,
            jurisdiction_level=rate.jurisdiction_level,
            livemode=livemode,
            metadata=rate.metadata,
            percentage=percentage,
            state=rate.state,
            tax_type=rate.tax_type,
        )
