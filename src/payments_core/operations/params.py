"""Parameters that several commands share: addresses, shipping, e-mail, and what an empty string means."""

import re
from typing import Final, Literal, TypeVar

import attrs

from payments_core.errors import ParamInvalid
from payments_core.payments.charges import Shipping, TransferData
from payments_core.tokenization.payment_methods import Address, BillingDetails
from payments_core.values import evolve

Value = TypeVar("Value")

_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}\Z")


@attrs.frozen(kw_only=True, slots=False)
class AddressParams:
    """A postal address as it is sent; an empty part is left out."""

    line1: str | Literal[""] | None = None
    line2: str | Literal[""] | None = None
    city: str | Literal[""] | None = None
    state: str | Literal[""] | None = None
    postal_code: str | Literal[""] | None = None
    country: str | Literal[""] | None = None

    @property
    def value(self) -> Address:
        """The address."""
        return Address(
            line1=self.line1 or None,
            line2=self.line2 or None,
            city=self.city or None,
            state=self.state or None,
            postal_code=self.postal_code or None,
            country=self.country or None,
        )


@attrs.frozen(kw_only=True, slots=False)
class ShippingParams:
    """Where goods go."""

    address: AddressParams | Literal[""] | None = None
    name: str | None = None
    phone: str | Literal[""] | None = None
    carrier: str | None = None
    tracking_number: str | None = None

    @property
    def value(self) -> Shipping:
        """The shipping details."""
        return Shipping(
            address=self.address.value if isinstance(self.address, AddressParams) else Address(),
            name=self.name or None,
            phone=self.phone or None,
            carrier=self.carrier or None,
            tracking_number=self.tracking_number or None,
        )


@attrs.frozen(kw_only=True)
class TransferParams:
    """Which connected account gets the money, and how much of it, in minor units."""

    destination: str
    amount: int | None = None

    @property
    def value(self) -> TransferData:
        """As a charge or an intent keeps it."""
        return TransferData(destination=self.destination, amount=self.amount)


@attrs.frozen(kw_only=True)
class TransferChanges:
    """What can still change of where the money goes on to."""

    amount: int | None = None

    def onto(self, data: TransferData | None) -> TransferData:
        """The change made. Raises `ParamInvalid` where nothing goes on to anybody."""
        if data is None:
            raise ParamInvalid("This payment has no transfer_data to change.", param="transfer_data")
        return data if self.amount is None else evolve(data, amount=self.amount)


@attrs.frozen(kw_only=True)
class BillingParams:
    """Who pays."""

    address: AddressParams | Literal[""] | None = None
    email: str | Literal[""] | None = None
    name: str | Literal[""] | None = None
    phone: str | Literal[""] | None = None
    tax_id: str | None = None

    def onto(self, billing: BillingDetails) -> BillingDetails:
        """The details with what was sent changed."""
        address = billing.address
        if self.address is not None:
            address = self.address.value if isinstance(self.address, AddressParams) else Address()
        return BillingDetails(
            address=address,
            email=told(billing.email, email(self.email, "billing_details[email]")),
            name=told(billing.name, self.name),
            phone=told(billing.phone, self.phone),
        )


def told(current: Value | None, change: Value | Literal[""] | None) -> Value | None:
    """None leaves *current*, an empty string clears it, anything else takes its place."""
    if change is None:
        return current
    return None if change == "" else change


def email(text: str | None, param: str) -> str | None:
    """Return the address, empty and None as they are, or refuse what cannot be one."""
    if not text:
        return text
    if len(text) > 512 or not _EMAIL.match(text):
        raise ParamInvalid(f"Invalid email address: {text[:100]}", code="email_invalid", param=param)
    return text
