"""Customers: create, update, retrieve, list, delete, and their saved cards by the older sources API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import attrs

from payments_core.billing.customer_balance import MovementType
from payments_core.billing.customers import Customer, CustomerId, InvoiceSettings
from payments_core.billing.test_clocks import TestClock
from payments_core.errors import CardRefused, Declined, InvalidRequest, NotFound, ParamInvalid
from payments_core.operations.billing_params import DiscountParams
from payments_core.operations.cards import (
    CardParams,
    Payer,
    live_customer,
    payer_by_method,
    read_card,
    spend_token,
    tokenize,
    verify,
)
from payments_core.operations.customer_balance import set_balance
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.discounting import Where, give_all
from payments_core.operations.intent_params import Unsupported, refuse_unsupported
from payments_core.operations.keeping_time import keep_time
from payments_core.operations.params import AddressParams, ShippingParams, email, told
from payments_core.operations.payment_methods import attach
from payments_core.operations.subscription_following import end_all_of
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports, Query
from payments_core.tokenization.cards import Expiry
from payments_core.tokenization.payment_methods import PaymentMethod, PaymentMethodId, SavedCard
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class CustomField:
    """A line that is printed on this customer's invoices."""

    name: str
    value: str


@attrs.frozen(kw_only=True)
class InvoiceSettingsParams:
    """How a customer is billed."""

    default_payment_method: str | Literal[""] | None = None
    footer: str | Literal[""] | None = None
    custom_fields: tuple[CustomField, ...] | Literal[""] | None = None

    def onto(self, settings: InvoiceSettings) -> InvoiceSettings:
        """The settings with what was sent changed."""
        fields = settings.custom_fields
        if self.custom_fields is not None:
            fields = tuple((field.name, field.value) for field in self.custom_fields or ())
        return InvoiceSettings(
            default_payment_method=told(settings.default_payment_method, self.default_payment_method),
            footer=told(settings.footer, self.footer),
            custom_fields=fields,
        )


@attrs.frozen(kw_only=True)
class CustomerParams:
    """What can be said of a customer, at first or later."""

    name: str | Literal[""] | None = None
    email: str | Literal[""] | None = None
    phone: str | Literal[""] | None = None
    description: str | Literal[""] | None = None
    address: AddressParams | Literal[""] | None = None
    shipping: ShippingParams | Literal[""] | None = None
    source: CardParams | str | None = None
    balance: int | None = None
    coupon: str | Literal[""] | None = None
    promotion_code: str | None = None
    invoice_prefix: str | None = None
    invoice_settings: InvoiceSettingsParams | None = None
    next_invoice_sequence: int | None = None
    preferred_locales: tuple[str, ...] | None = None
    tax_exempt: Literal["", "none", "exempt", "reverse"] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class CreateCustomer(CustomerParams, Command[Customer]):
    """Make a customer; every part is optional."""

    payment_method: str | None = None
    test_clock: str | None = None


_REFUSALS = (CardRefused, Declined, InvalidRequest, NotFound, ParamInvalid)


@operation("customer.create", post="/v1/customers", raises=_REFUSALS)
async def create_customer(command: CreateCustomer, work: Work, ports: Ports) -> Customer:
    """Make a customer, with a saved card if one is given and good."""
    if command.test_clock is not None:
        await keep_time(work, (await work.get(TestClock, command.test_clock, param="test_clock")).id)
    customer_id = CustomerId(work.new_id("cus"))
    customer = Customer(
        account_id=work.account_id,
        id=customer_id,
        created=work.now,
        invoice_prefix=command.invoice_prefix or customer_id[-8:].upper(),
        test_clock=command.test_clock,
    )
    customer = changed(customer, command)
    if command.payment_method is not None:
        payer = await payer_by_method(work, command.payment_method, customer.id, param="payment_method")
        card = await attach(work, payer, customer)
        if customer.invoice_settings.default_payment_method == command.payment_method:
            # A name of a test card, `pm_card_visa`, is of many cards: this one is meant.
            settings = evolve(customer.invoice_settings, default_payment_method=card.id)
            customer = evolve(customer, invoice_settings=settings)
    if command.source is not None:
        card = await save_source(work, customer, command.source)
        customer = evolve(customer, default_source=card.id)
    await _check_default(work, customer, command)
    customer = set_balance(work, customer, command.balance or 0, MovementType.INITIAL)
    customer = await _discounted(work, customer, command)
    work.put(customer)
    work.announce("customer.created", customer)
    return customer


def changed(customer: Customer, params: CustomerParams) -> Customer:
    """The customer with what was sent changed; cards are not looked at."""
    settings = customer.invoice_settings
    return evolve(
        customer,
        name=told(customer.name, params.name),
        email=told(customer.email, email(params.email, "email")),
        phone=told(customer.phone, params.phone),
        description=told(customer.description, params.description),
        address=told(
            customer.address,
            params.address.value if isinstance(params.address, AddressParams) else params.address,
        ),
        shipping=told(
            customer.shipping,
            params.shipping.value if isinstance(params.shipping, ShippingParams) else params.shipping,
        ),
        invoice_prefix=params.invoice_prefix or customer.invoice_prefix,
        invoice_settings=params.invoice_settings.onto(settings) if params.invoice_settings else settings,
        next_invoice_sequence=params.next_invoice_sequence or customer.next_invoice_sequence,
        preferred_locales=customer.preferred_locales
        if params.preferred_locales is None
        else params.preferred_locales,
        tax_exempt=customer.tax_exempt if params.tax_exempt is None else params.tax_exempt or "none",
        metadata=merged(customer.metadata, params.metadata),
    )


async def _check_default(work: Work, customer: Customer, params: CustomerParams) -> None:
    named = customer.invoice_settings.default_payment_method
    if named is None or params.invoice_settings is None:
        return
    param = "invoice_settings[default_payment_method]"
    method = await work.get(PaymentMethod, named, param=param)
    if method.customer != customer.id:
        raise InvalidRequest(
            f"The customer does not have a payment method with the ID {named}. The payment method must be attached to "
            "the customer.",
            code="resource_missing",
            param=param,
        )


async def _discounted(work: Work, customer: Customer, params: CustomerParams) -> Customer:
    """The customer with the discount that was given to them, or without one."""
    if params.coupon is None and params.promotion_code is None:
        return customer
    if customer.discount is not None:
        work.announce("customer.discount.deleted", customer.discount)
    if params.coupon == "":
        return attrs.evolve(customer, discount=None)
    where = Where(currency=customer.currency, customer=customer.id, of_customer=True)
    given = DiscountParams(coupon=params.coupon, promotion_code=params.promotion_code)
    (discount,) = await give_all(work, (given,), where)
    return attrs.evolve(customer, discount=discount)


async def save_source(work: Work, customer: Customer, source: CardParams | str) -> PaymentMethod:
    """Save a token's or a raw card on the customer, after its issuer said that it is good."""
    in_hand = None
    if isinstance(source, CardParams):
        in_hand = read_card(work, source)
        facts, billing = tokenize(work, in_hand), source.billing
    else:
        facts, billing = await spend_token(work, source)
    facts = await verify(work, Payer(method=facts.id, card=facts, billing=billing, in_hand=in_hand))
    card = PaymentMethod(
        account_id=work.account_id,
        id=PaymentMethodId(facts.id),
        created=work.now,
        card=facts,
        billing=billing,
        customer=customer.id,
    )
    work.put(card)
    work.announce("payment_method.attached", card)
    return card


@attrs.frozen(kw_only=True)
class UpdateCustomer(CustomerParams, Command[Customer]):
    """Change a customer; what is not named stays."""

    id: str
    default_source: str | None = None


@operation("customer.update", post="/v1/customers/{id}", raises=_REFUSALS)
async def update_customer(command: UpdateCustomer, work: Work, ports: Ports) -> Customer:
    """Change a customer."""
    customer = changed(await live_customer(work, command.id, param="id"), command)
    if command.source is not None:
        card = await save_source(work, customer, command.source)
        customer = evolve(customer, default_source=card.id)
    if command.default_source is not None:
        method = await work.find(PaymentMethod, command.default_source)
        if method is None or method.customer != customer.id:
            raise NotFound("source", command.default_source, param="default_source")
        customer = evolve(customer, default_source=method.id)
    await _check_default(work, customer, command)
    if command.balance is not None:
        customer = set_balance(work, customer, command.balance, MovementType.ADJUSTMENT)
    customer = await _discounted(work, customer, command)
    work.put(customer)
    work.announce("customer.updated", customer)
    return customer


@attrs.frozen(kw_only=True)
class RetrieveCustomer(Command[Customer]):
    """Which customer."""

    id: str


@operation("customer.retrieve", get="/v1/customers/{id}", raises=(NotFound,))
async def retrieve_customer(command: RetrieveCustomer, work: Work, ports: Ports) -> Customer:
    """Return a customer; a deleted one is a tombstone."""
    return await work.get(Customer, command.id)


@attrs.frozen(kw_only=True)
class ListCustomers(Listing, Command[Page[Customer]]):
    """Which customers."""

    email: str | None = None
    test_clock: str | None = None


@operation("customer.list", get="/v1/customers", raises=(InvalidRequest,))
async def list_customers(command: ListCustomers, work: Work, ports: Ports) -> Page[Customer]:
    """List customers, newest first; deleted ones are left out."""
    return await work.select(
        Customer, command.query(email=command.email, test_clock=command.test_clock, deleted=False)
    )


@attrs.frozen(kw_only=True)
class DeleteCustomer(Command[Customer]):
    """Which customer."""

    id: str


@operation("customer.delete", delete="/v1/customers/{id}", raises=(NotFound,))
async def delete_customer(command: DeleteCustomer, work: Work, ports: Ports) -> Customer:
    """Delete a customer and let go of all saved cards."""
    customer = await live_customer(work, command.id, param="id")
    await end_all_of(work, customer.id)
    while True:
        page = await work.select_to_write(PaymentMethod, Query(equal={"customer": customer.id}, limit=100))
        for method in page.items:
            work.put(method.detach())
        if not page.has_more:
            break
        await work.commit()
    tombstone = customer.delete()
    work.announce("customer.deleted", customer)
    work.put(tombstone)
    return tombstone


@attrs.frozen(kw_only=True)
class DeleteCustomerDiscount(Command[Deleted]):
    """Which customer."""

    id: str


@operation("discount.delete", delete="/v1/customers/{id}/discount", raises=(NotFound,))
async def delete_customer_discount(command: DeleteCustomerDiscount, work: Work, ports: Ports) -> Deleted:
    """Take a customer's discount away; invoices that have it keep it."""
    customer = await live_customer(work, command.id, param="id")
    discount = customer.discount
    if discount is None:
        raise NotFound("discount", f"of {customer.id}")
    customer = attrs.evolve(customer, discount=None)
    work.put(customer)
    work.announce("customer.discount.deleted", discount)
    work.announce("customer.updated", customer)
    return Deleted(discount.id, "discount")


@attrs.frozen(kw_only=True)
class CreateSource(Command[SavedCard]):
    """Save a card on a customer."""

    id: str
    source: CardParams | str
    metadata: Mapping[str, str] | None = None


@operation("card.create", post="/v1/customers/{id}/sources", raises=_REFUSALS)
async def create_source(command: CreateSource, work: Work, ports: Ports) -> SavedCard:
    """Save a card on a customer; the first one becomes the default."""
    customer = await live_customer(work, command.id, param="id")
    card = await save_source(work, customer, command.source)
    card = evolve(card, metadata=merged(NOTHING, command.metadata))
    work.put(card)
    if customer.default_source is None:
        customer = evolve(customer, default_source=card.id)
        work.put(customer)
        work.announce("customer.updated", customer)
    work.announce("customer.source.created", SavedCard(card))
    return SavedCard(card)


@attrs.frozen(kw_only=True)
class RetrieveSource(Command[SavedCard]):
    """Which card of which customer."""

    id: str
    source: str


async def _source_of(work: Work, customer_id: str, source: str) -> tuple[Customer, PaymentMethod]:
    customer = await live_customer(work, customer_id, param="id")
    card = await work.find(PaymentMethod, source)
    if card is None or card.customer != customer.id:
        raise NotFound("source", source)
    return customer, card


@operation("card.retrieve", get="/v1/customers/{id}/sources/{source}", raises=(NotFound,))
async def retrieve_source(command: RetrieveSource, work: Work, ports: Ports) -> SavedCard:
    """Return one saved card."""
    return SavedCard((await _source_of(work, command.id, command.source))[1])


@attrs.frozen(kw_only=True)
class UpdateSource(Command[SavedCard]):
    """Change what can change of a saved card without a new number."""

    id: str
    source: str
    exp_month: int | None = None
    exp_year: int | None = None
    name: str | Literal[""] | None = None
    address_line1: str | Literal[""] | None = None
    address_line2: str | Literal[""] | None = None
    address_city: str | Literal[""] | None = None
    address_state: str | Literal[""] | None = None
    address_zip: str | Literal[""] | None = None
    address_country: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    account_holder_name: str | None = None
    account_holder_type: str | None = None
    owner: Unsupported | None = None


@operation(
    "card.update",
    post="/v1/customers/{id}/sources/{source}",
    raises=(CardRefused, InvalidRequest, NotFound),
)
async def update_source(command: UpdateSource, work: Work, ports: Ports) -> SavedCard:
    """Change the expiry, the holder's name and address, or the metadata of a saved card."""
    refuse_unsupported(
        owner=command.owner,
        account_holder_name=command.account_holder_name,
        account_holder_type=command.account_holder_type,
    )
    _, before = await _source_of(work, command.id, command.source)
    card, billing = before.card, before.billing
    expiry = card
    if command.exp_month is not None or command.exp_year is not None:
        today = datetime.fromtimestamp(work.now, UTC).date()
        given = Expiry.given(
            command.exp_month or card.exp_month, command.exp_year or card.exp_year, today=today
        )
        expiry = evolve(card, exp_month=given.month, exp_year=given.year)
    old = billing.address
    address = evolve(
        old,
        line1=told(old.line1, command.address_line1),
        line2=told(old.line2, command.address_line2),
        city=told(old.city, command.address_city),
        state=told(old.state, command.address_state),
        postal_code=told(old.postal_code, command.address_zip),
        country=told(old.country, command.address_country),
    )
    method = evolve(
        before,
        card=expiry,
        billing=evolve(billing, name=told(billing.name, command.name), address=address),
        metadata=merged(before.metadata, command.metadata),
    )
    work.put(method)
    work.announce("customer.source.updated", SavedCard(method), previous=SavedCard(before))
    return SavedCard(method)


@attrs.frozen(kw_only=True)
class ListSources(Listing, Command[Page[SavedCard]]):
    """Which saved cards of a customer."""

    id: str
    object: Literal["card"] | None = None


@operation("card.list", get="/v1/customers/{id}/sources", raises=(InvalidRequest, NotFound))
async def list_sources(command: ListSources, work: Work, ports: Ports) -> Page[SavedCard]:
    """List a customer's saved cards, newest first."""
    await live_customer(work, command.id, param="id")
    page = await work.select(PaymentMethod, command.query(customer=command.id))
    return Page(items=tuple(SavedCard(method) for method in page.items), has_more=page.has_more)


@attrs.frozen(kw_only=True)
class DeleteSource(Command[Deleted]):
    """Which card of which customer."""

    id: str
    source: str


@operation("card.delete", delete="/v1/customers/{id}/sources/{source}", raises=(NotFound,))
async def delete_source(command: DeleteSource, work: Work, ports: Ports) -> Deleted:
    """Remove a saved card from its customer."""
    customer, card = await _source_of(work, command.id, command.source)
    card = card.detach()
    work.put(card)
    if card.id == customer.default_source:
        customer = customer.without_default(card.id)
        work.put(customer)
        work.announce("customer.updated", customer)
    work.announce("customer.source.deleted", SavedCard(card))
    return Deleted(card.id, "card")
