"""The company and the person behind an account, as clients see them: never a number that proves who somebody is."""

from typing import Final, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.platform.accounts import Account
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import AddressObject, MetadataText, Seconds
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

    address: AddressObject | UnsetType = UNSET
    address_kana: LocalAddressObject | UnsetType = UNSET
    address_kanji: LocalAddressObject | UnsetType = UNSET
    administrative_address: AddressObject | UnsetType = UNSET
    directors_provided: bool | UnsetType = UNSET
    directorship_declaration: DeclarationObject | UnsetType = UNSET
    executives_provided: bool | UnsetType = UNSET
    export_license_id: str | UnsetType = UNSET
    export_purpose_code: str | UnsetType = UNSET
    name: str | None = None
    name_kana: str | UnsetType = UNSET
    name_kanji: str | UnsetType = UNSET
    owners_provided: bool | UnsetType = UNSET
    ownership_declaration: DeclarationObject | UnsetType = UNSET
    ownership_exemption_reason: str | UnsetType = UNSET
    phone: str | None = None
    physical_address: AddressObject | UnsetType = UNSET
    principal_place_of_business: AddressObject | UnsetType = UNSET
    registration_date: DateObject | UnsetType = UNSET
    representative_declaration: DeclarationObject | UnsetType = UNSET
    structure: str | UnsetType = UNSET
    tax_id_provided: bool = False
    tax_id_registrar: str | UnsetType = UNSET
    vat_id_provided: bool = False

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
    address: AddressObject | UnsetType = UNSET
    address_kana: LocalAddressObject | UnsetType = UNSET
    address_kanji: LocalAddressObject | UnsetType = UNSET
    created: Seconds
    dob: DateObject | UnsetType = UNSET
    email: str | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    first_name_kana: str | UnsetType = UNSET
    first_name_kanji: str | UnsetType = UNSET
    full_name_aliases: tuple[str, ...] | UnsetType = UNSET
    future_requirements: PersonDueObject = NO_DUES
    gender: str | UnsetType = UNSET
    id_number_provided: bool = False
    id_number_secondary_provided: bool | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    last_name_kana: str | UnsetType = UNSET
    last_name_kanji: str | UnsetType = UNSET
    maiden_name: str | UnsetType = UNSET
    metadata: MetadataText = NOTHING
    phone: str | UnsetType = UNSET
    political_exposure: str | UnsetType = UNSET
    registered_address: AddressObject | UnsetType = UNSET
    relationship: RelationshipObject | UnsetType = UNSET
    requirements: PersonDueObject = NO_DUES
    ssn_last_4_provided: bool = False

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
