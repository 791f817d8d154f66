"""Whose business an account is: its profile, the company or person behind it, and the terms that they accepted.

Everything is kept among the account's settings, as text by dotted name. Of numbers that prove an identity nothing is kept but that
they were told. Files cannot be uploaded here: a class without fields refuses all there is inside.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

import attrs

from payments_core.errors import ParamInvalid
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.params import AddressParams, email
from payments_core.platform.metadata import merged

PROVIDED: Final = "_provided"
NUMBERS: Final = frozenset(
    {"id_number", "id_number_secondary", "registration_number", "ssn_last_4", "tax_id", "vat_id"}
)
"""What is never kept; the account shows that it was told."""

BusinessType = Literal["company", "government_entity", "individual", "non_profit"]
Change = tuple[str, str | None]
"""The name of a setting and what it becomes; None leaves it, an empty text removes it and all below it."""


def changes_of(said: Any, place: str) -> Iterator[Change]:
    """Every part of *said* that was said, by its dotted name."""
    for field in attrs.fields(type(said)):
        name, value = f"{place}.{field.name}", getattr(said, field.name)
        if field.name in NUMBERS:
            yield name + PROVIDED, None if value is None else str(value != "").lower()
        elif attrs.has(type(value)):
            yield from changes_of(value, name)
        else:
            yield name, as_text(value)


def as_text(value: Any) -> str | None:
    """How a plain value is kept: truths and numbers as JSON writes them, lists and hashes as JSON."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | Mapping):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return None if value is None else str(value)


@attrs.frozen(kw_only=True)
class NoFiles:
    """Documents, which nobody looks at here."""


@attrs.frozen(kw_only=True)
class LocalAddressParams(AddressParams):
    """A Japanese address in kana or kanji."""

    town: str | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class RevenueParams:
    """What a business takes in a year."""

    amount: int
    currency: CurrencyCode
    fiscal_year_end: str


@attrs.frozen(kw_only=True)
class MonthlyRevenueParams:
    """What a business takes in a month."""

    amount: int
    currency: CurrencyCode


MinorityOwned = Literal[
    "lgbtqi_owned_business",
    "minority_owned_business",
    "none_of_these_apply",
    "prefer_not_to_answer",
    "women_owned_business",
]


@attrs.frozen(kw_only=True)
class BusinessProfileParams:
    """What customers are told of the business."""

    annual_revenue: RevenueParams | None = None
    estimated_worker_count: int | None = None
    mcc: str | None = None
    minority_owned_business_designation: tuple[MinorityOwned, ...] | None = None
    monthly_estimated_revenue: MonthlyRevenueParams | None = None
    name: str | None = None
    product_description: str | None = None
    specified_commercial_transactions_act_url: str | Literal[""] | None = None
    support_address: AddressParams | None = None
    support_email: str | Literal[""] | None = None
    support_phone: str | Literal[""] | None = None
    support_url: str | Literal[""] | None = None
    url: str | Literal[""] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here. The name is the account's own."""
        email(self.support_email, "business_profile[support_email]")
        mcc = self.mcc
        if mcc and not (len(mcc) == 4 and mcc.isascii() and mcc.isdecimal()):
            raise ParamInvalid("A merchant category code has four digits.", param="business_profile[mcc]")
        yield from changes_of(attrs.evolve(self, name=None), "business_profile")


@attrs.frozen(kw_only=True)
class DateParams:
    """A day."""

    day: int
    month: int
    year: int

    def check(self, param: str) -> None:
        """Refuse what is no day."""
        for name, value, most in (
            ("day", self.day, 31),
            ("month", self.month, 12),
            ("year", self.year, 9999),
        ):
            if not 1 <= value <= most:
                raise ParamInvalid(f"Invalid {name}: {value}.", param=f"{param}[{name}]")


@attrs.frozen(kw_only=True)
class DeclarationParams:
    """When and from where somebody declared or accepted something."""

    date: int | None = None
    ip: str | None = None
    user_agent: str | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class TermsParams(DeclarationParams):
    """The acceptance of the terms of service."""

    service_agreement: Literal["full", "recipient"] | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        return changes_of(self, "tos_acceptance")


Exemption = Literal["qualified_entity_exceeds_ownership_threshold", "qualifies_as_financial_institution"]
Structure = Literal[
    "free_zone_establishment",
    "free_zone_llc",
    "government_instrumentality",
    "governmental_unit",
    "incorporated_non_profit",
    "incorporated_partnership",
    "limited_liability_partnership",
    "llc",
    "multi_member_llc",
    "private_company",
    "private_corporation",
    "private_partnership",
    "public_company",
    "public_corporation",
    "public_partnership",
    "registered_charity",
    "single_member_llc",
    "sole_establishment",
    "sole_proprietorship",
    "tax_exempt_government_instrumentality",
    "unincorporated_association",
    "unincorporated_non_profit",
    "unincorporated_partnership",
]


@attrs.frozen(kw_only=True)
class CompanyParams:
    """The company behind an account."""

    address: AddressParams | None = None
    address_kana: LocalAddressParams | None = None
    address_kanji: LocalAddressParams | None = None
    administrative_address: AddressParams | None = None
    directors_provided: bool | None = None
    directorship_declaration: DeclarationParams | None = None
    executives_provided: bool | None = None
    export_license_id: str | None = None
    export_purpose_code: str | None = None
    name: str | None = None
    name_kana: str | None = None
    name_kanji: str | None = None
    owners_provided: bool | None = None
    ownership_declaration: DeclarationParams | None = None
    ownership_exemption_reason: Exemption | Literal[""] | None = None
    phone: str | Literal[""] | None = None
    physical_address: AddressParams | None = None
    principal_place_of_business: AddressParams | None = None
    registration_date: DateParams | Literal[""] | None = None
    registration_number: str | None = attrs.field(default=None, repr=False)
    representative_declaration: DeclarationParams | None = None
    structure: Structure | Literal[""] | None = None
    tax_id: str | None = attrs.field(default=None, repr=False)
    tax_id_registrar: str | None = None
    vat_id: str | None = attrs.field(default=None, repr=False)
    verification: NoFiles | None = None

    def changes(self) -> Iterator[Change]:
        """The settings that are named here."""
        if isinstance(self.registration_date, DateParams):
            self.registration_date.check("company[registration_date]")
        return changes_of(attrs.evolve(self, verification=None), "company")


@attrs.frozen(kw_only=True)
class RelationshipParams:
    """What a person is to the business."""

    authorizer: bool | None = None
    director: bool | None = None
    executive: bool | None = None
    owner: bool | None = None
    percent_ownership: Decimal | Literal[""] | None = None
    title: str | None = None


@attrs.frozen(kw_only=True)
class IndividualParams:
    """The person behind an account."""

    address: AddressParams | None = None
    address_kana: LocalAddressParams | None = None
    address_kanji: LocalAddressParams | None = None
    dob: DateParams | Literal[""] | None = None
    email: str | None = None
    first_name: str | None = None
    first_name_kana: str | None = None
    first_name_kanji: str | None = None
    full_name_aliases: tuple[str, ...] | Literal[""] | None = None
    gender: str | None = None
    id_number: str | None = attrs.field(default=None, repr=False)
    id_number_secondary: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = None
    last_name_kana: str | None = None
    last_name_kanji: str | None = None
    maiden_name: str | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    phone: str | Literal[""] | None = None
    political_exposure: Literal["existing", "none"] | None = None
    registered_address: AddressParams | None = None
    relationship: RelationshipParams | None = None
    ssn_last_4: str | None = attrs.field(default=None, repr=False)
    verification: NoFiles | None = None

    def changes(self, kept: Mapping[str, str]) -> Iterator[Change]:
        """The settings that are named here; metadata is added to what is *kept* of it."""
        email(self.email, "individual[email]")
        if isinstance(self.dob, DateParams):
            self.dob.check("individual[dob]")
        yield from changes_of(attrs.evolve(self, metadata=None, verification=None), "individual")
        if self.metadata is not None:
            yield "individual.metadata", as_text(merged(kept, self.metadata))
