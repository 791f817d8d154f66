"""Tax rates: a tax, how much of it, and whether prices hold it already. Percentages are exact decimals."""

from decimal import Decimal
from typing import NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata

TaxRateId = NewType("TaxRateId", str)


@attrs.frozen(kw_only=True)
class TaxRate:
    """A tax. The percentage and whether it is included never change; a new percentage is a new rate."""

    account_id: AccountId
    id: TaxRateId
    created: Timestamp
    display_name: str
    percentage: Decimal
    inclusive: bool
    active: bool = True
    country: str | None = None
    state: str | None = None
    jurisdiction: str | None = None
    jurisdiction_level: str | None = None
    description: str | None = None
    tax_type: str | None = None
    metadata: Metadata = NOTHING
