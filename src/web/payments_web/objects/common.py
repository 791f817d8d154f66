"""Parts that many API objects have: addresses, payers, free-form hashes. No object of its own."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

import attrs
from msgspec import Meta

from payments_core.tokenization.payment_methods import Address, BillingDetails

API_VERSION: Final = "2026-10-28.endive"
"""The version of the API whose shapes these are."""

Minor = Annotated[int, Meta(description="An amount in the smallest unit of its currency.")]
Seconds = Annotated[int, Meta(description="Seconds since 1970-01-01 UTC.")]
CurrencyText = Annotated[str, Meta(description="ISO 4217, in lower case.")]
MetadataText = Annotated[Mapping[str, str], Meta(description="What the merchant wrote on the object.")]

Hash = Mapping[str, Any]
"""A hash whose inside this system never fills."""


@attrs.frozen(kw_only=True, slots=False)
class AddressObject:
    """A postal address."""

    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None

    @classmethod
    def of(cls, address: Address) -> Self:
        """Show an address."""
        return cls(
            city=address.city,
            country=address.country,
            line1=address.line1,
            line2=address.line2,
            postal_code=address.postal_code,
            state=address.state,
        )


EMPTY_ADDRESS: Final = AddressObject()
# Most payers give no address, and all of them share this one: to know it by identity costs nothing.
_NOT_GIVEN: Final = BillingDetails().address


@attrs.frozen(kw_only=True, slots=False)
class BillingDetailsObject:
    """Who pays, as they say themselves."""

    address: AddressObject = EMPTY_ADDRESS
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    tax_id: str | None = None

    @classmethod
    def of(cls, billing: BillingDetails) -> Self:
        """Show a payer."""
        return cls(
            address=EMPTY_ADDRESS if billing.address is _NOT_GIVEN else AddressObject.of(billing.address),
            email=billing.email,
            name=billing.name,
            phone=billing.phone,
        )


@attrs.frozen(kw_only=True, slots=False)
class PeriodObject:
    """From when to when."""

    end: Seconds
    start: Seconds
