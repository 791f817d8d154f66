"""Payment methods: create, update, retrieve, list, attach and detach."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.billing.customers import Customer
from payments_core.errors import CardRefused, Declined, InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.operations.cards import CardParams as RawCard
from payments_core.operations.cards import (
    Payer,
    live_customer,
    payer_by_method,
    read_card,
    spend_token,
    tokenize,
    verify,
)
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.params import BillingParams
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.tokenization.cards import Expiry, Pan
from payments_core.tokenization.payment_methods import BillingDetails, PaymentMethod, PaymentMethodId
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class MethodCardParams:
    """Card details, or a token that stands for them."""

    number: Pan | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    cvc: str | None = None
    token: str | None = None
    networks: Mapping[str, str] | None = None


@attrs.frozen(kw_only=True)
class CreatePaymentMethod(Command[PaymentMethod]):
    """Make a payment method from a card."""

    type: Literal["card"]
    card: MethodCardParams | None = None
    billing_details: BillingParams | None = None
    allow_redisplay: Literal["always", "limited", "unspecified"] = "unspecified"
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation(
    "payment_method.create",
    post="/v1/payment_methods",
    raises=(CardRefused, InvalidRequest),
    publishable=True,
)
async def create_payment_method(command: CreatePaymentMethod, work: Work, ports: Ports) -> PaymentMethod:
    """Seal a card in the vault and return a payment method for it."""
    if command.card is None:
        raise ParamMissing("card")
    if command.card.token is not None:
        facts, billing = await spend_token(work, command.card.token, param="card[token]")
    else:
        facts, billing = tokenize(work, read_card(work, _raw(command.card))), BillingDetails()
    if command.billing_details is not None:
        billing = command.billing_details.onto(billing)
    method = PaymentMethod(
        account_id=work.account_id,
        id=PaymentMethodId(work.new_id("pm")),
        created=work.now,
        card=facts,
        billing=billing,
        allow_redisplay=command.allow_redisplay,
        metadata=merged(NOTHING, command.metadata),
    )
    work.put(method)
    return method


def _raw(card: MethodCardParams) -> RawCard:
    for name in ("number", "exp_month", "exp_year"):
        if getattr(card, name) is None:
            raise ParamMissing(f"card[{name}]")
    assert card.number is not None and card.exp_month is not None and card.exp_year is not None  # noqa: PT018
    return RawCard(number=card.number, exp_month=card.exp_month, exp_year=card.exp_year, cvc=card.cvc)


@attrs.frozen(kw_only=True)
class MethodCardChanges:
    """The parts of a card that can change without a new number."""

    exp_month: int | None = None
    exp_year: int | None = None


@attrs.frozen(kw_only=True)
class UpdatePaymentMethod(Command[PaymentMethod]):
    """Change an attached payment method."""

    id: str
    billing_details: BillingParams | None = None
    card: MethodCardChanges | None = None
    allow_redisplay: Literal["always", "limited", "unspecified"] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("payment_method.update", post="/v1/payment_methods/{id}", raises=(InvalidRequest, NotFound))
async def update_payment_method(command: UpdatePaymentMethod, work: Work, ports: Ports) -> PaymentMethod:
    """Change billing details, expiry or metadata of a payment method that belongs to a customer."""
    method = await work.get(PaymentMethod, command.id, param="payment_method")
    if method.customer is None:
        raise InvalidRequest(
            "You must save this PaymentMethod to a customer before you can update it.",
            code="payment_method_unexpected_state",
        )
    card = method.card
    if command.card is not None:
        expiry = Expiry(
            month=command.card.exp_month or card.exp_month, year=command.card.exp_year or card.exp_year
        )
        card = evolve(card, exp_month=expiry.month, exp_year=expiry.year)
    method = evolve(
        method,
        card=card,
        billing=command.billing_details.onto(method.billing) if command.billing_details else method.billing,
        allow_redisplay=command.allow_redisplay or method.allow_redisplay,
        metadata=merged(method.metadata, command.metadata),
    )
    work.put(method)
    work.announce("payment_method.updated", method)
    return method


@attrs.frozen(kw_only=True)
class RetrievePaymentMethod(Command[PaymentMethod]):
    """Which payment method."""

    id: str


@operation("payment_method.retrieve", get="/v1/payment_methods/{id}", raises=(NotFound,))
async def retrieve_payment_method(command: RetrievePaymentMethod, work: Work, ports: Ports) -> PaymentMethod:
    """Return a payment method."""
    return await work.get(PaymentMethod, command.id, param="payment_method")


@attrs.frozen(kw_only=True)
class ListPaymentMethods(Listing, Command[Page[PaymentMethod]]):
    """Which payment methods; without a customer, those that belong to none."""

    customer: str | None = None
    type: str | None = None
    allow_redisplay: Literal["always", "limited", "unspecified"] | None = None


@operation("payment_method.list", get="/v1/payment_methods", raises=(InvalidRequest, NotFound))
async def list_payment_methods(command: ListPaymentMethods, work: Work, ports: Ports) -> Page[PaymentMethod]:
    """List a customer's payment methods, newest first."""
    if command.customer is not None:
        await live_customer(work, command.customer)
    if command.type not in (None, "card"):
        return Page(items=(), has_more=False)
    return await work.select(PaymentMethod, command.query(customer=command.customer))


@attrs.frozen(kw_only=True)
class ListCustomerPaymentMethods(Listing, Command[Page[PaymentMethod]]):
    """Which payment methods of a customer."""

    id: str
    type: str | None = None
    allow_redisplay: Literal["always", "limited", "unspecified"] | None = None


@operation(
    "customer.list_payment_methods",
    get="/v1/customers/{id}/payment_methods",
    raises=(InvalidRequest, NotFound),
)
async def list_customer_payment_methods(
    command: ListCustomerPaymentMethods, work: Work, ports: Ports
) -> Page[PaymentMethod]:
    """List one customer's payment methods, newest first."""
    await live_customer(work, command.id, param="id")
    return await work.select(PaymentMethod, command.query(customer=command.id))


@attrs.frozen(kw_only=True)
class RetrieveCustomerPaymentMethod(Command[PaymentMethod]):
    """Which payment method of which customer."""

    id: str
    payment_method: str


@operation(
    "customer.retrieve_payment_method",
    get="/v1/customers/{id}/payment_methods/{payment_method}",
    raises=(NotFound,),
)
async def retrieve_customer_payment_method(
    command: RetrieveCustomerPaymentMethod, work: Work, ports: Ports
) -> PaymentMethod:
    """Return one payment method of a customer."""
    await live_customer(work, command.id, param="id")
    method = await work.get(PaymentMethod, command.payment_method, param="payment_method")
    if method.customer != command.id:
        raise NotFound("PaymentMethod", command.payment_method, param="payment_method")
    return method


@attrs.frozen(kw_only=True)
class AttachPaymentMethod(Command[PaymentMethod]):
    """Give a payment method to a customer."""

    id: str
    customer: str


@operation(
    "payment_method.attach",
    post="/v1/payment_methods/{id}/attach",
    raises=(Declined, InvalidRequest, NotFound, ParamInvalid),
)
async def attach_payment_method(command: AttachPaymentMethod, work: Work, ports: Ports) -> PaymentMethod:
    """Attach a card to a customer, after its issuer said that the card is good."""
    customer = await live_customer(work, command.customer)
    found = await work.find(PaymentMethod, command.id)
    if found is not None:
        found.attach(command.customer)  # refuses in the words of an attachment
    payer = await payer_by_method(work, command.id, command.customer, param="payment_method")
    return await attach(work, payer, customer)


async def attach(work: Work, payer: Payer, customer: Customer) -> PaymentMethod:
    """Verify the card and stage its attachment."""
    method = await work.get(PaymentMethod, payer.method, param="payment_method")
    if method.customer == customer.id:
        return method
    method = method.attach(customer.id)
    method = evolve(method, card=await verify(work, payer))
    work.put(method)
    known = await work.find(Customer, customer.id)
    if known is not None:
        work.put(known)  # unchanged: whoever deletes the customer meanwhile is found out
    work.announce("payment_method.attached", method)
    return method


@attrs.frozen(kw_only=True)
class DetachPaymentMethod(Command[PaymentMethod]):
    """Which payment method."""

    id: str


@operation("payment_method.detach", post="/v1/payment_methods/{id}/detach", raises=(InvalidRequest, NotFound))
async def detach_payment_method(command: DetachPaymentMethod, work: Work, ports: Ports) -> PaymentMethod:
    """Take a card from its customer, for good."""
    method = await work.get(PaymentMethod, command.id, param="payment_method")
    owner = method.customer
    method = method.detach()
    customer = await work.find(Customer, owner) if owner else None
    if customer is not None and method.id in (
        customer.default_source,
        customer.invoice_settings.default_payment_method,
    ):
        work.put(customer.without_default(method.id))
    work.put(method)
    work.announce("payment_method.detached", method)
    return method
