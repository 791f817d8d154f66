"""The company and the person behind an account, as clients see them: never a number that proves who somebody is."""

from typing import Final, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.accounts import Account
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import AddressObject, Hash, MetadataText, Seconds
from payments_web.objects.telling import told

COMPANY: Final = "company"
INDIVIDUAL: Final = "individual"


@attrs.frozen(kw_only=True, slots=False)
class LocalAddressObject(AddressObject):
    """A Japanese address in kana or kanji."""

    town: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class DeclarationObject:
    """When and from where somebody declared something."""

    date: Seconds | None = None
    ip: str | None = None
    user_agent: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class DateObject:
    """A day."""

    day: int | None = None
    month: int | None = None
    year: int | None = None


@attrs.frozen(kw_only=True, slots=False)
class CompanyObject:
    """The company behind an account."""

    address: AddressObject | None = None
    address_kana: LocalAddressObject | None = None
    address_kanji: LocalAddressObject | None = None
    administrative_address: AddressObject | None = None
    directors_provided: bool | None = None
    directorship_declaration: DeclarationObject | None = None
    executives_provided: bool | None = None
    export_license_id: str | None = None
    export_purpose_code: str | None = None
    name: str | None = None
    name_kana: str | None = None
    name_kanji: str | None = None
    owners_provided: bool | None = None
    ownership_declaration: DeclarationObject | None = None
    ownership_exemption_reason: str | None = None
    phone: str | None = None
    physical_address: AddressObject | None = None
    principal_place_of_business: AddressObject | None = None
    registration_date: DateObject | None = None
    representative_declaration: DeclarationObject | None = None
    structure: str | None = None
    tax_id_provided: bool = False
    tax_id_registrar: str | None = None
    vat_id_provided: bool = False
    verification: Hash | None = None

    @classmethod
    def of(cls, account: Account) -> Self | UnsetType:
        """Show a company, if the account is one or something was said of it."""
        if account.settings.get("account.business_type") in ("company", "government_entity", "non_profit"):
            return told(cls, account.settings, COMPANY) or cls()
        return told(cls, account.settings, COMPANY) or UNSET


@attrs.frozen(kw_only=True, slots=False)
class RelationshipObject:
    """What a person is to the business."""

    authorizer: bool | None = None
    director: bool | None = None
    executive: bool | None = None
    legal_guardian: bool | None = None
    owner: bool | None = None
    percent_ownership: float | None = None
    representative: bool | None = None
    title: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class PersonDueObject:
    """What is still to be told of a person: nothing."""

    alternatives: tuple[str, ...] = ()
    currently_due: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    eventually_due: tuple[str, ...] = ()
    past_due: tuple[str, ...] = ()
    pending_verification: tuple[str, ...] = ()


NO_DUES: Final = PersonDueObject()


@attrs.frozen(kw_only=True, slots=False)
class PersonObject:
    """The person behind an account. Nobody is verified here."""

    id: str
    object: Literal["person"] = "person"
    account: str
    additional_tos_acceptances: Hash | None = None
    address: AddressObject | None = None
    address_kana: LocalAddressObject | None = None
    address_kanji: LocalAddressObject | None = None
    created: Seconds
    dob: DateObject | None = None
    email: str | None = None
    first_name: str | None = None
    first_name_kana: str | None = None
    first_name_kanji: str | None = None
    full_name_aliases: tuple[str, ...] | None = None
    future_requirements: PersonDueObject = NO_DUES
    gender: str | None = None
    id_number_provided: bool = False
    id_number_secondary_provided: bool | None = None
    last_name: str | None = None
    last_name_kana: str | None = None
    last_name_kanji: str | None = None
    maiden_name: str | None = None
    metadata: MetadataText = NOTHING
    nationality: str | None = None
    phone: str | None = None
    political_exposure: str | None = None
    registered_address: AddressObject | None = None
    relationship: RelationshipObject | None = None
    requirements: PersonDueObject = NO_DUES
    ssn_last_4_provided: bool = False
    us_cfpb_data: Hash | None = None
    verification: Hash | None = None

    @classmethod
    def of(cls, account: Account) -> Self | UnsetType:
        """Show the person of an account, if the account is one or something was said of them."""
        said = any(name.startswith(f"{INDIVIDUAL}.") for name in account.settings)
        if not said and account.settings.get("account.business_type") != "individual":
            return UNSET
        more = {
            "id": f"person_{account.id.rpartition('_')[2]}",
            "account": account.id,
            "created": account.created,
        }
        return told(cls, account.settings, INDIVIDUAL, **more) or UNSET
