"""Customers: people a merchant knows, with their saved cards and what they owe or are owed."""

from typing import NewType, Self

import attrs

from payments_core.billing.discounts import Discount
from payments_core.clock import Timestamp
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.charges import Shipping
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.tokenization.payment_methods import Address
from payments_core.values import evolve

CustomerId = NewType("CustomerId", str)


@attrs.frozen(kw_only=True, slots=False)
class InvoiceSettings:
    """How this customer is billed."""

    default_payment_method: str | None = None
    footer: str | None = None
    custom_fields: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True, slots=False)
class Customer:
    """Somebody who pays this merchant."""

    account_id: AccountId
    id: CustomerId
    created: Timestamp
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    description: str | None = None
    address: Address | None = None
    shipping: Shipping | None = None
    balance: int = 0
    """Credit balance in minor units: negative is owed to the customer, positive is added to the next invoice."""
    currency: CurrencyCode | None = None
    default_source: str | None = None
    invoice_prefix: str | None = None
    next_invoice_sequence: int = 1
    invoice_settings: InvoiceSettings = InvoiceSettings()
    preferred_locales: tuple[str, ...] = ()
    tax_exempt: str = "none"
    discount: Discount | None = None
    delinquent: bool = False
    test_clock: str | None = None
    deleted: bool = False
    metadata: Metadata = NOTHING

    @property
    def pays_with(self) -> str | None:
        """The payment method that is charged when none is named."""
        return self.invoice_settings.default_payment_method or self.default_source

    def without_default(self, method_id: str) -> Self:
        """Forget *method_id* wherever it is the default."""
        settings = self.invoice_settings
        if settings.default_payment_method == method_id:
            settings = evolve(settings, default_payment_method=None)
        source = None if self.default_source == method_id else self.default_source
        return evolve(self, default_source=source, invoice_settings=settings)

    def delete(self) -> Self:
        """Leave a tombstone: the id is known and holds nothing about a person."""
        return type(self)(account_id=self.account_id, id=self.id, created=self.created, deleted=True)
