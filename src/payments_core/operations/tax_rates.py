"""Tax rates: create, update, retrieve, list."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

import attrs

from payments_core.billing.tax_rates import TaxRate, TaxRateId
from payments_core.errors import InvalidRequest, NotFound, ParamInvalid
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.params import told
from payments_core.operations.work import Work
from payments_core.platform.metadata import merged
from payments_core.ports import Page, Ports

TaxType = Literal[
    "admissions_tax",
    "amusement_tax",
    "attendance_tax",
    "communications_tax",
    "digital_excise_tax",
    "entertainment_tax",
    "get_fund",
    "gross_receipts_tax",
    "gst",
    "hospitality_tax",
    "hst",
    "igst",
    "jct",
    "lease_tax",
    "luxury_tax",
    "mass_transit_parking_tax",
    "nhil",
    "parking_tax",
    "pst",
    "qst",
    "resort_tax",
    "retail_delivery_fee",
    "rst",
    "sales_tax",
    "service_tax",
    "tourism_tax",
    "utility_users_tax",
    "vat",
]


@attrs.frozen(kw_only=True)
class TaxRateParams:
    """What can be said of a tax rate, at first or later."""

    active: bool | None = None
    country: str | Literal[""] | None = None
    description: str | Literal[""] | None = None
    jurisdiction: str | Literal[""] | None = None
    state: str | Literal[""] | None = None
    tax_type: TaxType | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None

    def onto(self, rate: TaxRate) -> TaxRate:
        """The rate with what was sent changed."""
        return attrs.evolve(
            rate,
            active=rate.active if self.active is None else self.active,
            country=told(rate.country, self.country),
            description=told(rate.description, self.description),
            jurisdiction=told(rate.jurisdiction, self.jurisdiction),
            state=told(rate.state, self.state),
            tax_type=self.tax_type or rate.tax_type,
            metadata=merged(rate.metadata, self.metadata),
        )


@attrs.frozen(kw_only=True)
class CreateTaxRate(TaxRateParams, Command[TaxRate]):
    """A tax, how much of it, and whether prices hold it already."""

    display_name: str
    percentage: Decimal
    inclusive: bool


@operation("tax_rate.create", post="/v1/tax_rates", raises=(InvalidRequest, ParamInvalid))
async def create_tax_rate(command: CreateTaxRate, work: Work, ports: Ports) -> TaxRate:
    """Make a tax rate."""
    check_percentage(command.percentage, "percentage")
    rate = TaxRate(
        account_id=work.account_id,
        id=TaxRateId(work.new_id("txr")),
        created=work.now,
        display_name=command.display_name,
        percentage=command.percentage,
        inclusive=command.inclusive,
    )
    rate = command.onto(rate)
    work.put(rate)
    work.announce("tax_rate.created", rate)
    return rate


def check_percentage(percentage: Decimal, param: str) -> None:
    """Refuse what is no share of an amount."""
    if not 0 <= percentage <= 100:
        raise ParamInvalid("A percentage is between 0 and 100.", param=param)


@attrs.frozen(kw_only=True)
class UpdateTaxRate(TaxRateParams, Command[TaxRate]):
    """Change what is not an amount."""

    id: str
    display_name: str | None = None


@operation("tax_rate.update", post="/v1/tax_rates/{id}", raises=(InvalidRequest, NotFound))
async def update_tax_rate(command: UpdateTaxRate, work: Work, ports: Ports) -> TaxRate:
    """Change a tax rate; invoices that have it already keep it as it was."""
    rate = command.onto(await work.get(TaxRate, command.id))
    rate = attrs.evolve(rate, display_name=command.display_name or rate.display_name)
    work.put(rate)
    work.announce("tax_rate.updated", rate)
    return rate


@attrs.frozen(kw_only=True)
class RetrieveTaxRate(Command[TaxRate]):
    """Which tax rate."""

    id: str


@operation("tax_rate.retrieve", get="/v1/tax_rates/{id}", raises=(NotFound,))
async def retrieve_tax_rate(command: RetrieveTaxRate, work: Work, ports: Ports) -> TaxRate:
    """Return a tax rate."""
    return await work.get(TaxRate, command.id)


@attrs.frozen(kw_only=True)
class ListTaxRates(Listing, Command[Page[TaxRate]]):
    """Which tax rates."""

    active: bool | None = None
    inclusive: bool | None = None


@operation("tax_rate.list", get="/v1/tax_rates", raises=(InvalidRequest,))
async def list_tax_rates(command: ListTaxRates, work: Work, ports: Ports) -> Page[TaxRate]:
    """List tax rates, newest first."""
    return await work.select(TaxRate, command.query(active=command.active, inclusive=command.inclusive))


async def rates_of(work: Work, ids: Sequence[str], *, param: str) -> tuple[TaxRate, ...]:
    """The active tax rates of these ids."""
    rates = []
    for at, rate_id in enumerate(ids):
        rate = await work.get(TaxRate, rate_id, param=f"{param}[{at}]")
        if not rate.active:
            raise InvalidRequest(f"The tax rate {rate_id} is not active.", param=f"{param}[{at}]")
        rates.append(rate)
    return tuple(rates)
