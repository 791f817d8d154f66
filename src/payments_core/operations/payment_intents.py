"""Payment intents: create, update, retrieve, list, confirm and cancel. Captures and increments are next door.

A confirmation moves the intent to processing together with a pending charge; what the network says of the charge settles the
intent in `intent_settling`, also after a crash.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

import attrs

from payments_core.errors import (
    AmountRefused,
    CardRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    TransitionRefused,
)
from payments_core.money.amounts import charged
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.cards import live_customer
from payments_core.operations.confirming import Terms, abandon_challenge, confirm_payment
from payments_core.operations.declaring import Ask, Command, Listing, operation
from payments_core.operations.descriptors import check_descriptor
from payments_core.operations.incrementing import refuse_while_incrementing
from payments_core.operations.intent_params import (
    ASYNC_SINCE,
    AutomaticParams,
    MandateParams,
    MethodDataParams,
    MethodOptionParams,
    RadarParams,
    Unsupported,
    automatic,
    kinds,
    payer_told,
    refuse_from_payer,
    refuse_strangers,
    refuse_unsupported,
)
from payments_core.operations.intent_settling import declined_intent
from payments_core.operations.params import ShippingParams, TransferChanges, TransferParams, email, told
from payments_core.operations.refunding import request_refund
from payments_core.operations.sharing import check_sharing, refuse_too_much
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge, Shipping
from payments_core.payments.payment_intents import (
    UNEXPECTED,
    PaymentIntent,
    PaymentIntentId,
    PaymentIntentState,
)
from payments_core.payments.refunds import Refund, RefundId
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.values import evolve

_REFUSALS = (AmountRefused, CardRefused, Declined, InvalidRequest, NotFound, ParamInvalid, TransitionRefused)
_LATE = ("description", "metadata")
"""What can still be said of an intent that is under way or over."""
_OPEN = (
    PaymentIntentState.REQUIRES_PAYMENT_METHOD,
    PaymentIntentState.REQUIRES_CONFIRMATION,
    PaymentIntentState.REQUIRES_ACTION,
)
_REASONS = ("duplicate", "fraudulent", "requested_by_customer")

CaptureMethod = Literal["automatic", "automatic_async", "manual"]
Usage = Literal["off_session", "on_session"]


@attrs.frozen(kw_only=True)
class PaymentDetailsParams:
    """The merchant's own references, for the networks that take them."""

    customer_reference: str | Literal[""] | None = None
    order_reference: str | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class CreatePaymentIntent(Command[PaymentIntent]):
    """Begin a payment. `amount` is in minor units of `currency`."""

    amount: int
    currency: CurrencyCode
    customer: str | None = None
    payment_method: str | None = None
    payment_method_data: MethodDataParams | None = None
    payment_method_options: MethodOptionParams | None = None
    payment_method_types: tuple[str, ...] | None = None
    automatic_payment_methods: AutomaticParams | None = None
    capture_method: CaptureMethod | None = None
    confirmation_method: Literal["automatic", "manual"] = "automatic"
    setup_future_usage: Usage | None = None
    confirm: bool = False
    off_session: bool | Literal["one_off", "recurring"] | None = None
    error_on_requires_action: bool = False
    return_url: str | None = None
    use_stripe_sdk: bool = False
    mandate: str | None = None
    mandate_data: MandateParams | Literal[""] | None = None
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    receipt_email: str | Literal[""] | None = None
    shipping: ShippingParams | Literal[""] | None = None
    statement_descriptor: str | Literal[""] | None = None
    statement_descriptor_suffix: str | Literal[""] | None = None
    application_fee_amount: int | None = None
    transfer_data: TransferParams | None = None
    transfer_group: str | None = None
    on_behalf_of: str | None = None
    payment_details: PaymentDetailsParams | None = None
    payment_method_configuration: str | None = None
    radar_options: RadarParams | None = None
    allowed_payment_method_types: tuple[str, ...] | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    confirmation_token: str | None = None
    customer_account: str | None = None
    amount_details: Unsupported | None = None
    hooks: Unsupported | None = None


async def intent_outcome(work: Work, ports: Ports, intent_id: str) -> PaymentIntent:
    """The intent, or `Declined` with the error it remembers."""
    intent = await work.get(PaymentIntent, intent_id)
    if intent.status is PaymentIntentState.REQUIRES_PAYMENT_METHOD and intent.last_error is not None:
        raise declined_intent(intent)
    return intent.public() if intent.confirmed_by_payer else intent


@operation("payment_intent.create", post="/v1/payment_intents", raises=_REFUSALS, outcome=intent_outcome)
async def create_payment_intent(
    command: CreatePaymentIntent, work: Work, ports: Ports
) -> PaymentIntent | Ask:
    """Begin a payment, and confirm it at once if `confirm` says so."""
    _refuse_unconfirmed(command)
    refuse_unsupported(
        confirmation_token=command.confirmation_token, customer_account=command.customer_account
    )
    intent = await _new_intent(command, work)
    payer = await payer_told(work, command.payment_method, command.payment_method_data, intent.customer)
    if payer is not None:
        intent = intent.choose(payer.method, payer.customer)
    work.put(intent)
    work.announce("payment_intent.created", intent)
    if not command.confirm:
        return intent
    terms = Terms(
        operation="payment_intent.create",
        off_session=bool(command.off_session),
        refuses_action=command.error_on_requires_action,
        return_url=command.return_url,
        by_sdk=command.use_stripe_sdk,
        proof=command.payment_method_options.proof if command.payment_method_options else None,
    )
    return await confirm_payment(work, intent, terms, payer)


def _refuse_unconfirmed(command: CreatePaymentIntent) -> None:
    if command.confirm:
        return
    for name in ("off_session", "error_on_requires_action", "return_url", "mandate", "mandate_data"):
        if getattr(command, name):
            raise InvalidRequest(
                f"The parameter {name} can only be given together with confirm=true.", param=name
            )


async def _new_intent(command: CreatePaymentIntent, work: Work) -> PaymentIntent:
    amount = charged(command.amount, command.currency)
    fee = _fee(command.application_fee_amount, amount)
    _refuse_descriptor(command.statement_descriptor)
    kinds(command.allowed_payment_method_types, "allowed_payment_method_types")
    _refuse_no_cards(command.excluded_payment_method_types)
    if command.customer is not None:
        await live_customer(work, command.customer)
    intent_id = PaymentIntentId(work.new_id("pi"))
    by_default = (work.caller.api_version or ASYNC_SINCE) < ASYNC_SINCE
    options = command.payment_method_options
    data = command.transfer_data.value if command.transfer_data else None
    await check_sharing(work, amount, fee, data, command.on_behalf_of)
    return PaymentIntent(
        account_id=work.account_id,
        id=intent_id,
        created=work.now,
        amount=amount,
        currency=command.currency,
        client_secret=f"{intent_id}_secret_{work.ports.ids.secret()}",
        customer=command.customer,
        payment_method_types=kinds(command.payment_method_types),
        automatic_methods=automatic(work, command.automatic_payment_methods, command.payment_method_types),
        capture_method=command.capture_method or ("automatic" if by_default else "automatic_async"),
        confirmation_method=command.confirmation_method,
        setup_future_usage=command.setup_future_usage,
        card_options=options.onto(NOTHING) if options else NOTHING,
        description=command.description or None,
        receipt_email=email(command.receipt_email, "receipt_email") or None,
        shipping=_shipping(command.shipping, None),
        statement_descriptor_suffix=check_descriptor(
            command.statement_descriptor_suffix, "statement_descriptor_suffix"
        ),
        application_fee_amount=fee,
        transfer_data=data,
        transfer_group=command.transfer_group,
        on_behalf_of=command.on_behalf_of,
        metadata=merged(NOTHING, command.metadata),
    )


@attrs.frozen(kw_only=True)
class UpdatePaymentIntent(Command[PaymentIntent]):
    """Change a payment that is not under way; its description and metadata at any time."""

    id: str
    amount: int | None = None
    currency: CurrencyCode | None = None
    customer: str | None = None
    payment_method: str | None = None
    payment_method_data: MethodDataParams | None = None
    payment_method_options: MethodOptionParams | None = None
    payment_method_types: tuple[str, ...] | None = None
    capture_method: CaptureMethod | None = None
    setup_future_usage: Usage | Literal[""] | None = None
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    receipt_email: str | Literal[""] | None = None
    shipping: ShippingParams | Literal[""] | None = None
    statement_descriptor: str | Literal[""] | None = None
    statement_descriptor_suffix: str | Literal[""] | None = None
    application_fee_amount: int | Literal[""] | None = None
    transfer_data: TransferChanges | None = None
    transfer_group: str | None = None
    payment_details: PaymentDetailsParams | Literal[""] | None = None
    payment_method_configuration: str | None = None
    allowed_payment_method_types: tuple[str, ...] | Literal[""] | None = None
    excluded_payment_method_types: tuple[str, ...] | Literal[""] | None = None
    customer_account: str | None = None
    amount_details: Unsupported | Literal[""] | None = None
    hooks: Unsupported | None = None


@operation("payment_intent.update", post="/v1/payment_intents/{id}", raises=_REFUSALS)
async def update_payment_intent(command: UpdatePaymentIntent, work: Work, ports: Ports) -> PaymentIntent:
    """Change amount, payment method, options or notes of a payment intent, without confirming it."""
    intent = await work.get(PaymentIntent, command.id, param="intent")
    if intent.status not in _OPEN:
        _refuse_late(command, intent)
    refuse_unsupported(customer_account=command.customer_account)
    intent = await _changed(command, work, intent)
    work.put(intent)
    return intent


def _refuse_late(command: UpdatePaymentIntent, intent: PaymentIntent) -> None:
    for field in attrs.fields(UpdatePaymentIntent):
        if field.name in ("id", *_LATE) or getattr(command, field.name) is None:
            continue
        raise InvalidRequest(
            f"This PaymentIntent's {field.name} could not be updated because it has a status of {intent.status}. "
            f"You may only update the {field.name} of a PaymentIntent with one of the following statuses: "
            f"{', '.join(_OPEN)}.",
            code=UNEXPECTED,
            param=field.name,
            about={"payment_intent": intent},
        )


async def _changed(command: UpdatePaymentIntent, work: Work, intent: PaymentIntent) -> PaymentIntent:
    currency = command.currency or intent.currency
    amount = intent.amount if command.amount is None else command.amount
    if (amount, currency) != (intent.amount, intent.currency):
        if intent.invoice is not None:
            raise InvalidRequest("The amount of this PaymentIntent is its invoice's.", param="amount")
        intent = await _repriced(work, intent, amount, currency)
    _refuse_descriptor(command.statement_descriptor)
    kinds(command.payment_method_types)
    kinds(command.allowed_payment_method_types or None, "allowed_payment_method_types")
    _refuse_no_cards(command.excluded_payment_method_types or None)
    if command.customer is not None and command.customer != intent.customer:
        await live_customer(work, command.customer)
    customer = command.customer or intent.customer
    payer = await payer_told(work, command.payment_method, command.payment_method_data, customer)
    if payer is not None:
        await abandon_challenge(work, intent)
        intent = intent.choose(payer.method, customer)
    if command.transfer_data is not None:
        intent = evolve(intent, transfer_data=command.transfer_data.onto(intent.transfer_data))
    options = command.payment_method_options
    fee = command.application_fee_amount
    kept = told(intent.application_fee_amount, fee if fee == "" else _fee(fee, amount))
    if fee is not None or command.transfer_data is not None:
        await check_sharing(work, amount, kept, intent.transfer_data, intent.on_behalf_of)
    refuse_too_much(kept, amount, "application_fee_amount")
    if intent.transfer_data is not None:
        refuse_too_much(intent.transfer_data.amount, amount, "transfer_data[amount]")
    return evolve(
        intent,
        customer=customer,
        capture_method=command.capture_method or intent.capture_method,
        setup_future_usage=told(intent.setup_future_usage, command.setup_future_usage),
        card_options=options.onto(intent.card_options) if options else intent.card_options,
        description=told(intent.description, command.description),
        metadata=merged(intent.metadata, command.metadata),
        receipt_email=told(intent.receipt_email, email(command.receipt_email, "receipt_email")),
        shipping=_shipping(command.shipping, intent.shipping),
        statement_descriptor_suffix=intent.statement_descriptor_suffix
        if command.statement_descriptor_suffix is None
        else check_descriptor(command.statement_descriptor_suffix, "statement_descriptor_suffix"),
        application_fee_amount=kept,
        transfer_group=command.transfer_group or intent.transfer_group,
    )


async def _repriced(work: Work, intent: PaymentIntent, amount: int, currency: CurrencyCode) -> PaymentIntent:
    """What was proved for another amount is proved no more."""
    amount = charged(amount, currency)
    if intent.payment_method is not None:
        await abandon_challenge(work, intent)
        intent = intent.choose(intent.payment_method, intent.customer)
    return evolve(intent, amount=amount, currency=currency)


@attrs.frozen(kw_only=True)
class RetrievePaymentIntent(Command[PaymentIntent]):
    """Which payment intent; with a publishable key, its client secret too."""

    id: str
    client_secret: str | None = None


@operation(
    "payment_intent.retrieve",
    get="/v1/payment_intents/{id}",
    raises=(InvalidRequest, NotFound),
    publishable=True,
)
async def retrieve_payment_intent(command: RetrievePaymentIntent, work: Work, ports: Ports) -> PaymentIntent:
    """Return a payment intent."""
    intent = await work.get(PaymentIntent, command.id, param="intent")
    refuse_strangers(work, intent.client_secret, command.client_secret, "payment_intent", intent.id)
    return intent.public() if work.caller.publishable else intent


@attrs.frozen(kw_only=True)
class ListPaymentIntents(Listing, Command[Page[PaymentIntent]]):
    """Which payment intents."""

    customer: str | None = None
    customer_account: str | None = None


@operation("payment_intent.list", get="/v1/payment_intents", raises=(InvalidRequest,))
async def list_payment_intents(command: ListPaymentIntents, work: Work, ports: Ports) -> Page[PaymentIntent]:
    """List payment intents, newest first."""
    refuse_unsupported(customer_account=command.customer_account)
    return await work.select(PaymentIntent, command.query(customer=command.customer))


@attrs.frozen(kw_only=True)
class ConfirmPaymentIntent(Command[PaymentIntent]):
    """Pay now, with the payment method that the intent has or that is named here."""

    id: str
    client_secret: str | None = None
    amount_to_confirm: int | None = None
    payment_method: str | None = None
    payment_method_data: MethodDataParams | None = None
    payment_method_options: MethodOptionParams | None = None
    payment_method_types: tuple[str, ...] | None = None
    capture_method: CaptureMethod | None = None
    setup_future_usage: Usage | Literal[""] | None = None
    off_session: bool | Literal["one_off", "recurring"] | None = None
    error_on_requires_action: bool | None = None
    return_url: str | None = None
    use_stripe_sdk: bool = False
    mandate: str | None = None
    mandate_data: MandateParams | Literal[""] | None = None
    receipt_email: str | Literal[""] | None = None
    shipping: ShippingParams | Literal[""] | None = None
    payment_details: PaymentDetailsParams | Literal[""] | None = None
    radar_options: RadarParams | None = None
    allowed_payment_method_types: tuple[str, ...] | Literal[""] | None = None
    excluded_payment_method_types: tuple[str, ...] | Literal[""] | None = None
    confirmation_token: str | None = None
    amount_details: Unsupported | Literal[""] | None = None
    hooks: Unsupported | None = None


@operation(
    "payment_intent.confirm",
    post="/v1/payment_intents/{id}/confirm",
    raises=_REFUSALS,
    publishable=True,
    outcome=intent_outcome,
)
async def confirm_payment_intent(
    command: ConfirmPaymentIntent, work: Work, ports: Ports
) -> PaymentIntent | Ask:
    """Pay: charge the card, hold its money, or say what the payer must do first."""
    intent = await work.get(PaymentIntent, command.id, param="intent")
    refuse_strangers(work, intent.client_secret, command.client_secret, "payment_intent", intent.id)
    _refuse_payers_wishes(command, work, intent)
    refuse_unsupported(confirmation_token=command.confirmation_token)
    with about(work, intent):
        intent = _confirmable(command, intent)
        payer = await payer_told(work, command.payment_method, command.payment_method_data, intent.customer)
        terms = Terms(
            operation="payment_intent.confirm",
            off_session=bool(command.off_session),
            refuses_action=bool(command.error_on_requires_action),
            return_url=command.return_url,
            by_sdk=command.use_stripe_sdk,
            by_payer=work.caller.publishable,
            proof=command.payment_method_options.proof if command.payment_method_options else None,
        )
        confirmed = await confirm_payment(work, intent, terms, payer)
    if isinstance(confirmed, PaymentIntent) and work.caller.publishable:
        return confirmed.public()
    return confirmed


def _refuse_payers_wishes(command: ConfirmPaymentIntent, work: Work, intent: PaymentIntent) -> None:
    refuse_from_payer(
        work,
        off_session=command.off_session,
        capture_method=command.capture_method,
        payment_method_options=command.payment_method_options,
        error_on_requires_action=command.error_on_requires_action,
    )
    if work.caller.publishable and intent.confirmation_method == "manual":
        raise InvalidRequest(
            "This PaymentIntent's confirmation_method is manual: it can be confirmed with a secret API key only.",
            code="secret_key_required",
        )


def _confirmable(command: ConfirmPaymentIntent, intent: PaymentIntent) -> PaymentIntent:
    if command.amount_to_confirm not in (None, intent.amount):
        raise ParamInvalid(
            f"amount_to_confirm is not the amount of this PaymentIntent: {intent.amount}.",
            code="payment_intent_invalid_parameter",
            param="amount_to_confirm",
        )
    kinds(command.payment_method_types)
    kinds(command.allowed_payment_method_types or None, "allowed_payment_method_types")
    _refuse_no_cards(command.excluded_payment_method_types or None)
    options = command.payment_method_options
    return evolve(
        intent,
        card_options=options.onto(intent.card_options) if options else intent.card_options,
        capture_method=command.capture_method or intent.capture_method,
        setup_future_usage=told(intent.setup_future_usage, command.setup_future_usage),
        receipt_email=told(intent.receipt_email, email(command.receipt_email, "receipt_email")),
        shipping=_shipping(command.shipping, intent.shipping),
    )


@attrs.frozen(kw_only=True)
class CancelPaymentIntent(Command[PaymentIntent]):
    """Give a payment up, and why."""

    id: str
    cancellation_reason: Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None = (
        None
    )


async def cancel_outcome(work: Work, ports: Ports, intent_id: str) -> PaymentIntent:
    """The intent, canceled whatever the network said: recovery gives the hold back until it is heard."""
    return await work.get(PaymentIntent, intent_id)


@operation(
    "payment_intent.cancel",
    post="/v1/payment_intents/{id}/cancel",
    raises=(InvalidRequest, NotFound, TransitionRefused),
    outcome=cancel_outcome,
)
async def cancel_payment_intent(
    command: CancelPaymentIntent, work: Work, ports: Ports
) -> PaymentIntent | Ask:
    """Give a payment up; money that is held is the payer's again."""
    intent = await work.get(PaymentIntent, command.id, param="intent")
    refuse_while_incrementing(intent)
    if intent.invoice is not None:
        raise InvalidRequest(
            f"You cannot cancel a PaymentIntent that pays an invoice: void or pay invoice {intent.invoice}.",
            code=UNEXPECTED,
        )
    if intent.checkout_session is not None and intent.status in _OPEN:
        raise InvalidRequest(
            "You cannot cancel the PaymentIntent of an open Checkout Session: expire the Checkout Session instead.",
            code=UNEXPECTED,
        )
    return await cancel_intent(work, intent, command.cancellation_reason, "payment_intent.cancel")


async def cancel_intent(
    work: Work, intent: PaymentIntent, reason: str | None, operation: str
) -> PaymentIntent | Ask:
    """Stage the end of a payment, and return what to ask the network if money is held for it."""
    with about(work, intent):
        canceled = intent.canceled(reason, work.now)
        if intent.amount_received:
            raise TransitionRefused(
                "payment_intent",
                intent.status,
                "cancel",
                message="A part of this PaymentIntent was captured: make a final capture, or refund what was captured.",
                code=UNEXPECTED,
            )
    await abandon_challenge(work, intent)
    work.put(canceled)
    work.announce("payment_intent.canceled", canceled)
    if intent.status is not PaymentIntentState.REQUIRES_CAPTURE:
        return canceled
    assert intent.latest_charge is not None, "a held intent has a charge"
    charge = await work.get(Charge, intent.latest_charge)
    refund = Refund(
        account_id=work.account_id,
        id=RefundId(work.new_id("re")),
        created=work.now,
        amount=charge.amount,
        currency=charge.currency,
        charge=charge.id,
        payment_intent=intent.id,
        reason=reason if reason in _REASONS else None,
        releases=True,
    )
    ask = await request_refund(work, charge, refund, operation)
    return evolve(ask, attempt=evolve(ask.attempt, result=intent.id))


@contextmanager
def about(work: Work, intent: PaymentIntent) -> Iterator[None]:
    """Let refusals of the intent's state show the intent."""
    try:
        yield
    except TransitionRefused as refusal:
        refusal.about.setdefault("payment_intent", intent.public() if work.caller.publishable else intent)
        raise


def _fee(fee: int | None, amount: int) -> int | None:
    if fee is not None and not 0 <= fee <= amount:
        raise AmountRefused(
            "The application fee is at least 0 and at most the amount.", param="application_fee_amount"
        )
    return fee


def _refuse_descriptor(text: str | None) -> None:
    if text:
        raise ParamInvalid(
            "The statement_descriptor parameter isn't supported for the card payment method. Use "
            "statement_descriptor_suffix instead.",
            code="payment_intent_invalid_parameter",
            param="statement_descriptor",
        )


def _refuse_no_cards(excluded: tuple[str, ...] | None) -> None:
    if "card" in (excluded or ()):
        raise ParamInvalid(
            "Cards cannot be excluded: this installation takes nothing else.",
            param="excluded_payment_method_types",
        )


def _shipping(told: ShippingParams | str | None, current: Shipping | None) -> Shipping | None:
    if told is None:
        return current
    return told.value if isinstance(told, ShippingParams) else None
