"""Paying at a checkout session: what the page asks for when its payer presses the button.

The payment intent is made with the first confirmation, in the same commit that moves the session to a new version: of two tabs, or
two clicks, one finds that the other was faster, reads again, and is told so. The money itself is `confirming`'s affair.
"""

import secrets
from typing import Final

import attrs

from payments_core.billing.invoices import Invoice
from payments_core.checkout.sessions import (
    ATTEMPTS_MAX,
    CheckoutSession,
    IntentData,
    PaymentStatus,
    SessionState,
)
from payments_core.errors import (
    AmountRefused,
    CardRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    ParamMissing,
    TransitionRefused,
)
from payments_core.operations.cards import payer_by_method
from payments_core.operations.checkout_offers import claim
from payments_core.operations.checkout_settling import complete_session, in_progress, payment_of
from payments_core.operations.checkout_subscribing import begin_subscription, first_payment
from payments_core.operations.confirming import Terms, confirm_payment
from payments_core.operations.customers import CreateCustomer, create_customer
from payments_core.operations.declaring import Ask, Command, operation
from payments_core.operations.intent_params import refuse_strangers
from payments_core.operations.intent_settling import declined_intent
from payments_core.operations.invoice_paying import intent_of
from payments_core.operations.params import AddressParams, BillingParams, ShippingParams
from payments_core.operations.setting_up import confirm_setup
from payments_core.operations.work import Work
from payments_core.payments.payment_intents import PaymentIntent, PaymentIntentId, PaymentIntentState
from payments_core.payments.setup_intents import SetupIntent, SetupIntentId
from payments_core.ports import Ports
from payments_core.tokenization.payment_methods import Address, BillingDetails
from payments_core.values import evolve

CONFIRM: Final = "checkout_session.confirm"
FIELD_MAX: Final = 200
_REFUSALS = (
    AmountRefused,
    CardRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    ParamMissing,
    TransitionRefused,
)


@attrs.frozen(kw_only=True)
class ConfirmCheckoutSession(Command[CheckoutSession]):
    """The payer's card and details, and the amount that they were shown."""

    id: str
    client_secret: str | None = None
    payment_method: str | None = None
    expected_amount: int | None = None
    billing_details: BillingParams | None = None
    shipping: ShippingParams | None = None
    shipping_rate: str | None = None
    return_url: str | None = None


@attrs.frozen(kw_only=True)
class RetrievePaymentPage(Command[CheckoutSession]):
    """Which session, and the secret that its page was given."""

    id: str
    client_secret: str | None = None


@operation(
    "checkout_session.retrieve_page",
    get="/v1/payment_pages/{id}",
    raises=(InvalidRequest, NotFound),
    publishable=True,
)
async def retrieve_payment_page(command: RetrievePaymentPage, work: Work, ports: Ports) -> CheckoutSession:
    """Return a checkout session to its page."""
    session = await known_session(work, command.id, command.client_secret)
    return session.public() if work.caller.publishable else session


async def session_outcome(work: Work, ports: Ports, session_id: str) -> CheckoutSession:
    """The session, or `Declined` with what became of its payment."""
    session = await work.get(CheckoutSession, session_id)
    intent = await payment_of(work, session)
    if (
        intent is not None
        and intent.status is PaymentIntentState.REQUIRES_PAYMENT_METHOD
        and intent.last_error
    ):
        raise declined_intent(intent)
    return session.public() if work.caller.publishable else session


@operation(
    CONFIRM,
    post="/v1/payment_pages/{id}/confirm",
    raises=_REFUSALS,
    publishable=True,
    outcome=session_outcome,
)
async def confirm_checkout_session(
    command: ConfirmCheckoutSession, work: Work, ports: Ports
) -> CheckoutSession | Ask:
    """Pay or save a card at a checkout session, once: repeating it tells what became of the first time."""
    session = await known_session(work, command.id, command.client_secret)
    if session.status is not SessionState.COMPLETE:
        refuse_closed(work, session)
        await in_progress(work, session)
        session = _collected(session, command)
        if command.expected_amount not in (None, session.amount_total):
            raise InvalidRequest(
                "What this page sells has changed since it was opened. Please look at the new total.",
                code="checkout_amount_mismatch",
                param="expected_amount",
            )
        result = await _confirmed(work, session, command)
        if isinstance(result, Ask):
            return result
        session = result
    return session.public() if work.caller.publishable else session


async def _confirmed(
    work: Work, session: CheckoutSession, command: ConfirmCheckoutSession
) -> CheckoutSession | Ask:
    session = await _with_newcomer(work, evolve(session, attempts=session.attempts + 1))
    session = await claim(work, session)
    if not session.needs_card:
        if session.mode == "subscription":
            session = await begin_subscription(work, session)
        return await complete_session(work, session, PaymentStatus.NO_PAYMENT_REQUIRED)
    if command.payment_method is None:
        raise ParamMissing("payment_method")
    customer = session.customer or session.newcomer
    payer = await payer_by_method(work, command.payment_method, customer, param="payment_method")
    terms = Terms(
        operation=CONFIRM,
        result=session.id,
        return_url=command.return_url,
        by_payer=work.caller.publishable,
    )
    if session.mode == "setup" or session.amount_total == 0:
        setup = await _setup_of(work, session)
        # Every confirmation is a new version of the session, so that expiring it at this moment is noticed.
        work.put(evolve(session, setup_intent=setup.id))
        await confirm_setup(work, setup, terms, payer)
        return await work.get(CheckoutSession, session.id)
    if session.mode == "subscription" and session.subscription is None:
        session = await begin_subscription(work, session)
    payment = await _payment_of(work, session)
    session = evolve(session, payment_intent=payment.id)
    work.put(session)
    confirmed = await confirm_payment(work, payment, terms, payer)
    return confirmed if isinstance(confirmed, Ask) else session


async def known_session(work: Work, session_id: str, secret: str | None) -> CheckoutSession:
    """The session, for whoever was given its page."""
    session = await work.get(CheckoutSession, session_id, param="session")
    refuse_strangers(work, session.client_secret, secret, "checkout session", session.id)
    return session


def refuse_closed(work: Work, session: CheckoutSession) -> None:
    """Refuse where nothing can be paid any more, or not yet."""
    if session.status is SessionState.EXPIRED or session.expires_at <= work.now:
        raise TransitionRefused(
            "checkout session",
            session.status,
            "confirm",
            message="This checkout session has expired.",
            code="checkout_session_expired",
        )
    if session.attempts >= ATTEMPTS_MAX:
        raise InvalidRequest(
            "Too many attempts to pay were made here. Please go back to the shop and start again.",
            code="checkout_session_too_many_attempts",
        )
    if not session.is_ready:
        raise InvalidRequest("There is nothing to pay here yet.", code="checkout_session_not_ready")


def _collected(session: CheckoutSession, command: ConfirmCheckoutSession) -> CheckoutSession:
    """The session with what the payer told, if that is all it asks for."""
    known = session.details or BillingDetails()
    told = command.billing_details
    _refuse_long(told, "billing_details")
    _refuse_long(command.shipping, "shipping")
    details = told.onto(known) if told else known
    if session.customer_email is not None:
        details = evolve(details, email=session.customer_email)
    if session.customer is None and not details.email:
        raise ParamMissing("billing_details[email]")
    if session.asks_phone and not details.phone:
        raise ParamMissing("billing_details[phone]")
    if session.billing_address_collection == "required":
        _refuse_partial(details.address, "billing_details[address]")
    session = evolve(session, details=details)
    if session.shipping_countries:
        session = _sent_to(session, command.shipping)
    if command.shipping_rate is not None:
        session = session.sent_by(command.shipping_rate)
        if session.shipping_option is None:
            raise NotFound("shipping rate", command.shipping_rate, param="shipping_rate")
    return session


def _sent_to(session: CheckoutSession, told: ShippingParams | None) -> CheckoutSession:
    shipping = told.value if told else session.shipping
    if shipping is None or not shipping.name:
        raise ParamMissing("shipping[name]")
    _refuse_partial(shipping.address, "shipping[address]")
    if shipping.address.country not in session.shipping_countries:
        raise ParamInvalid("We cannot send to this country.", param="shipping[address][country]")
    return evolve(session, shipping=shipping)


def _refuse_partial(address: Address, param: str) -> None:
    for name in ("country", "line1"):
        if not getattr(address, name):
            raise ParamMissing(f"{param}[{name}]")


def _refuse_long(told: BillingParams | ShippingParams | None, param: str) -> None:
    """What strangers write is kept, so there is an end to it."""
    if told is None:
        return
    for name, value in attrs.asdict(told, recurse=False).items():
        parts = attrs.asdict(value) if isinstance(value, AddressParams) else {name: value}
        if any(isinstance(part, str) and len(part) > FIELD_MAX for part in parts.values()):
            raise ParamInvalid(f"This value has at most {FIELD_MAX} characters.", param=f"{param}[{name}]")


async def _with_newcomer(work: Work, session: CheckoutSession) -> CheckoutSession:
    """The session with a customer made of what the payer told, where one is wanted and none is known."""
    keeps = session.mode == "payment" and session.intent_data.setup_future_usage is not None
    wanted = session.customer_creation == "always" or keeps
    if not wanted or session.customer or session.newcomer:
        return session
    details = session.details or BillingDetails()
    made = await create_customer.handler(
        CreateCustomer(
            name=details.name,
            email=details.email,
            phone=details.phone,
            address=_params(details.address) if any(attrs.astuple(details.address)) else None,
        ),
        work,
        work.ports,
    )
    return evolve(session, newcomer=made.id)


def _params(address: Address) -> AddressParams:
    return AddressParams(**attrs.asdict(address))


async def _payment_of(work: Work, session: CheckoutSession) -> PaymentIntent:
    """The session's one intent, for what it sells now."""
    intent = await payment_of(work, session)
    if session.invoice is not None:
        bill = await work.get(Invoice, session.invoice)
        return await first_payment(work, session, intent or await intent_of(work, bill))
    amount, currency = session.price
    customer = session.customer or session.newcomer
    if intent is None:
        intent = _new_payment(work, session, session.intent_data, customer)
        work.announce("payment_intent.created", intent)
    return evolve(
        intent,
        amount=amount,
        currency=currency,
        customer=customer,
        description=session.intent_data.description,
        shipping=session.shipping or session.intent_data.shipping,
    )


def _new_payment(
    work: Work, session: CheckoutSession, data: IntentData, customer: str | None
) -> PaymentIntent:
    amount, currency = session.price
    intent_id = PaymentIntentId(work.new_id("pi"))
    return PaymentIntent(
        account_id=work.account_id,
        id=intent_id,
        created=work.now,
        amount=amount,
        currency=currency,
        client_secret=f"{intent_id}_secret_{work.ports.ids.secret()}",
        customer=customer,
        capture_method=data.capture_method or "automatic_async",
        setup_future_usage=data.setup_future_usage,
        card_options=session.card_options,
        description=data.description,
        receipt_email=data.receipt_email,
        shipping=session.shipping or data.shipping,
        statement_descriptor_suffix=data.statement_descriptor_suffix,
        # The payer may have chosen less than the session began with.
        application_fee_amount=None
        if data.application_fee_amount is None
        else min(data.application_fee_amount, amount),
        transfer_data=data.transfer_data,
        transfer_group=data.transfer_group,
        on_behalf_of=data.on_behalf_of,
        checkout_session=session.id,
        metadata=data.metadata,
    )


async def _setup_of(work: Work, session: CheckoutSession) -> SetupIntent:
    """The session's one setup intent."""
    customer = session.customer or session.newcomer
    if session.setup_intent is not None:
        return evolve(await work.get(SetupIntent, session.setup_intent), customer=customer)
    data = session.intent_data
    intent_id = SetupIntentId(work.new_id("seti"))
    intent = SetupIntent(
        account_id=work.account_id,
        id=intent_id,
        created=work.now,
        client_secret=f"{intent_id}_secret_{work.ports.ids.secret()}",
        customer=customer,
        card_options=session.card_options,
        description=data.description,
        on_behalf_of=data.on_behalf_of,
        checkout_session=session.id,
        metadata=data.metadata,
    )
    work.announce("setup_intent.created", intent)
    return intent


def is_secret(session: CheckoutSession, told: str) -> bool:
    """Whether *told* is what the session's page was given; takes the same time for every answer."""
    return secrets.compare_digest(session.client_secret.encode(), told.encode("utf-8", "replace"))
