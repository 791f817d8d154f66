"""Payment intents whose money is held: capture it, in one or several parts, and ask for a larger promise."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.errors import (
    AmountRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    TransitionRefused,
)
from payments_core.money.amounts import charged
from payments_core.operations.charges import capture_held
from payments_core.operations.declaring import Ask, Command, operation
from payments_core.operations.descriptors import check_descriptor
from payments_core.operations.incrementing import refuse_while_incrementing, request_increment
from payments_core.operations.intent_params import Unsupported
from payments_core.operations.intent_settling import follow_capture
from payments_core.operations.params import TransferChanges
from payments_core.operations.payment_intents import (
    PaymentDetailsParams,
    about,
)
from payments_core.operations.sharing import refuse_too_much
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge
from payments_core.payments.payment_intents import (
    INCREMENTS_MAX,
    Increment,
    PaymentIntent,
    PaymentIntentEvent,
)
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Ports
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class CapturePaymentIntent(Command[PaymentIntent]):
    """Take held money: all of it, or `amount_to_capture`. Unless `final_capture` is false, the rest is given back."""

    id: str
    amount_to_capture: int | None = None
    final_capture: bool = True
    application_fee_amount: int | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    statement_descriptor: str | Literal[""] | None = None
    statement_descriptor_suffix: str | Literal[""] | None = None
    transfer_data: TransferChanges | None = None
    payment_details: PaymentDetailsParams | Literal[""] | None = None
    amount_details: Unsupported | Literal[""] | None = None
    hooks: Unsupported | None = None


@operation(
    "payment_intent.capture",
    post="/v1/payment_intents/{id}/capture",
    raises=(AmountRefused, InvalidRequest, NotFound, ParamInvalid, TransitionRefused),
)
async def capture_payment_intent(command: CapturePaymentIntent, work: Work, ports: Ports) -> PaymentIntent:
    """Take some or all of the money that is held."""
    intent = await work.get(PaymentIntent, command.id, param="intent")
    with about(work, intent):
        intent.after(PaymentIntentEvent.CAPTURE_REST)
    refuse_while_incrementing(intent)
    if not command.final_capture and intent.card_options.get("request_multicapture") != "if_available":
        raise ParamInvalid(
            "This PaymentIntent can be captured once: request_multicapture was not set when it was confirmed.",
            code="payment_intent_invalid_parameter",
            param="final_capture",
        )
    intent = _with_changes(intent, command)
    assert intent.latest_charge is not None, "a held intent has a charge"
    charge = _noted(await work.get(Charge, intent.latest_charge), intent, command)
    work.put(intent)
    charge = await capture_held(
        work, charge, command.amount_to_capture, param="amount_to_capture", final=command.final_capture
    )
    captured = await follow_capture(work, charge)
    assert captured is not None, "the charge is this intent's"
    return captured


def _noted(charge: Charge, intent: PaymentIntent, command: CapturePaymentIntent) -> Charge:
    suffix = check_descriptor(command.statement_descriptor_suffix, "statement_descriptor_suffix")
    return evolve(
        charge,
        statement_descriptor_suffix=suffix or charge.statement_descriptor_suffix,
        application_fee_amount=intent.application_fee_amount,
        transfer_data=intent.transfer_data,
    )


def _with_changes(intent: PaymentIntent, command: CapturePaymentIntent) -> PaymentIntent:
    fee = command.application_fee_amount
    if fee is not None and not 0 <= fee <= intent.amount:
        raise AmountRefused(
            "The application fee is at least 0 and at most the amount.", param="application_fee_amount"
        )
    return evolve(
        intent,
        metadata=merged(intent.metadata, command.metadata),
        application_fee_amount=intent.application_fee_amount if fee is None else fee,
        transfer_data=command.transfer_data.onto(intent.transfer_data)
        if command.transfer_data
        else intent.transfer_data,
    )


@attrs.frozen(kw_only=True)
class IncrementAuthorization(Command[PaymentIntent]):
    """Ask the issuer to promise `amount` in all, before anything was captured."""

    id: str
    amount: int
    application_fee_amount: int | None = None
    description: str | None = None
    metadata: Mapping[str, str] | None = None
    statement_descriptor: str | None = None
    transfer_data: TransferChanges | None = None
    payment_details: PaymentDetailsParams | Literal[""] | None = None
    amount_details: Unsupported | None = None
    hooks: Unsupported | None = None


async def increment_outcome(work: Work, ports: Ports, intent_id: str) -> PaymentIntent:
    """The intent with its larger promise, or `Declined`."""
    intent = await work.get(PaymentIntent, intent_id)
    if intent.increment is not None and intent.increment.error is not None:
        raise intent.increment.error.declined(payment_intent=intent)
    return intent


@operation(
    "payment_intent.increment_authorization",
    post="/v1/payment_intents/{id}/increment_authorization",
    raises=(AmountRefused, Declined, InvalidRequest, NotFound, TransitionRefused),
    outcome=increment_outcome,
)
async def increment_authorization(
    command: IncrementAuthorization, work: Work, ports: Ports
) -> PaymentIntent | Ask:
    """Ask for a larger promise; a refusal changes nothing."""
    intent = await work.get(PaymentIntent, command.id, param="intent")
    with about(work, intent):
        intent.after(PaymentIntentEvent.INCREASE)
    refuse_while_incrementing(intent)
    _refuse_increment(intent, command.amount)
    merged(NOTHING, command.metadata)
    increment = Increment(
        amount=command.amount,
        description=command.description,
        metadata=command.metadata,
        application_fee_amount=command.application_fee_amount,
        transfer_amount=command.transfer_data.amount if command.transfer_data else None,
    )
    _refuse_unshared(intent, command)
    return await request_increment(work, intent, increment, "payment_intent.increment_authorization")


def _refuse_unshared(intent: PaymentIntent, command: IncrementAuthorization) -> None:
    """An increment changes how much is shared, and not whether anything is."""
    refuse_too_much(command.application_fee_amount, command.amount, "application_fee_amount")
    if command.transfer_data is not None:
        changed = command.transfer_data.onto(intent.transfer_data)
        refuse_too_much(changed.amount, command.amount, "transfer_data[amount]")
    if command.application_fee_amount is not None and intent.application_fee_amount is None:
        raise ParamInvalid(
            "This PaymentIntent has no application fee to change.", param="application_fee_amount"
        )


def _refuse_increment(intent: PaymentIntent, amount: int) -> None:
    if intent.card_options.get("request_incremental_authorization") == "never" or intent.amount_received:
        raise InvalidRequest(
            "This PaymentIntent is not eligible for incremental authorizations.",
            code="payment_intent_invalid_parameter",
        )
    if intent.increments >= INCREMENTS_MAX:
        raise InvalidRequest(
            f"An authorization can be incremented {INCREMENTS_MAX} times, refusals included.",
            code="payment_intent_invalid_parameter",
        )
    charged(amount, intent.currency)
    if amount <= intent.amount:
        raise AmountRefused(
            f"The amount must be greater than the currently authorized amount: {intent.amount}.",
            code="payment_intent_invalid_parameter",
            param="amount",
        )
