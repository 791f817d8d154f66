"""The customer as clients see it."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.customers import Customer, InvoiceSettings
from payments_core.platform.metadata import NOTHING
from payments_web.objects.charge import ShippingObject
from payments_web.objects.common import AddressObject, CurrencyText, Hash, MetadataText, Minor, Seconds
from payments_web.objects.discount import DiscountObject
from payments_web.objects.listing import DeletedObject, ListObject
from payments_web.objects.markers import Expandable, Includable


@attrs.frozen(kw_only=True, slots=False)
class CustomFieldObject:
    """A line that the merchant adds to invoices."""

    name: str
    value: str


@attrs.frozen(kw_only=True, slots=False)
class InvoiceSettingsObject:
    """How the customer is billed."""

    custom_fields: tuple[CustomFieldObject, ...] | None = None
    default_payment_method: Annotated[str | None, Expandable("payment_method")] = None
    footer: str | None = None
    rendering_options: Hash | None = None

    @classmethod
    def of(cls, settings: InvoiceSettings) -> Self:
        """Show invoice settings."""
        fields = tuple(CustomFieldObject(name=name, value=value) for name, value in settings.custom_fields)
        return cls(
            custom_fields=fields or None,
            default_payment_method=settings.default_payment_method,
            footer=settings.footer,
        )


@attrs.frozen(kw_only=True, slots=False)
class CustomerObject:
    """Somebody who pays the merchant."""

    id: str
    object: Literal["customer"] = "customer"
    address: AddressObject | None = None
    balance: Minor = 0
    business_name: str | UnsetType = UNSET
    cash_balance: Hash | UnsetType = UNSET
    created: Seconds
    currency: CurrencyText | None = None
    customer_account: str | None = None
    default_source: Annotated[str | None, Expandable("card")] = None
    delinquent: bool = False
    description: str | None = None
    discount: DiscountObject | None = None
    email: str | None = None
    individual_name: str | UnsetType = UNSET
    invoice_credit_balance: Hash | UnsetType = UNSET
    invoice_prefix: str | None = None
    invoice_settings: InvoiceSettingsObject
    livemode: bool
    metadata: MetadataText = NOTHING
    name: str | None = None
    next_invoice_sequence: int = 1
    phone: str | None = None
    preferred_locales: tuple[str, ...] = ()
    shipping: ShippingObject | None = None
    sources: Annotated[
        ListObject | UnsetType, Includable("card", "customer", "/v1/customers/{id}/sources")
    ] = UNSET
    subscriptions: Annotated[
        ListObject | UnsetType, Includable("subscription", "customer", "/v1/customers/{id}/subscriptions")
    ] = UNSET
    tax: Hash | UnsetType = UNSET
    tax_exempt: str = "none"
    tax_ids: Annotated[
        ListObject | UnsetType, Includable("tax_id", "customer", "/v1/customers/{id}/tax_ids")
    ] = UNSET
    test_clock: Annotated[str | None, Expandable("test_helpers.test_clock")] = None

    @classmethod
    def of(cls, customer: Customer, livemode: bool) -> Self:
        """Show a customer."""
        return cls(
            id=customer.id,
            address=AddressObject.of(customer.address) if customer.address else None,
            balance=customer.balance,
            created=customer.created,
            currency=customer.currency,
            default_source=customer.default_source,
            delinquent=customer.delinquent,
            description=customer.description,
            discount=DiscountObject.of(customer.discount, livemode) if customer.discount else None,
            email=customer.email,
            invoice_prefix=customer.invoice_prefix,
            invoice_settings=InvoiceSettingsObject.of(customer.invoice_settings),
            livemode=livemode,
            metadata=customer.metadata,
            name=customer.name,
            next_invoice_sequence=customer.next_invoice_sequence,
            phone=customer.phone,
            preferred_locales=customer.preferred_locales,
            shipping=ShippingObject.of(customer.shipping) if customer.shipping else None,
            tax_exempt=customer.tax_exempt,
            test_clock=customer.test_clock,
        )


def show_customer(customer: Customer, livemode: bool) -> CustomerObject | DeletedObject:
    """Show a customer, or the tombstone of a deleted one."""
    if customer.deleted:
        return DeletedObject(id=customer.id, object="customer")
    return CustomerObject.of(customer, livemode)
