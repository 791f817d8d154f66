"""Charges: create, update, retrieve, list and capture."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.billing.customers import Customer
from payments_core.errors import (
    AmountRefused,
    CardRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    TransitionRefused,
)
from payments_core.money.amounts import charged, display
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.cards import CardParams, live_customer, payer_for
from payments_core.operations.charging import Wish, attempt_for, request_charge, take
from payments_core.operations.declaring import Ask, Command, Listing, operation
from payments_core.operations.descriptors import check_descriptor
from payments_core.operations.intent_params import RadarParams
from payments_core.operations.intent_settling import follow_capture
from payments_core.operations.params import (
    BillingParams,
    ShippingParams,
    TransferChanges,
    TransferParams,
    email,
    told,
)
from payments_core.operations.sharing import check_capture, check_sharing
from payments_core.operations.work import Work
from payments_core.payments.attempts import AttemptKind
from payments_core.payments.charges import Charge, ChargeState, TransferData
from payments_core.payments.holds import Hold
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.values import evolve

_REFUSALS = (AmountRefused, CardRefused, Declined, InvalidRequest, NotFound, ParamInvalid)


@attrs.frozen(kw_only=True)
class DestinationParams:
    """Which connected account gets the money: the older shape of `transfer_data`."""

    account: str
    amount: int | None = None


@attrs.frozen(kw_only=True, slots=False)
class CreateCharge(Command[Charge]):
    """Charge a card. `amount` is in minor units of `currency`."""

    amount: int
    currency: CurrencyCode
    source: CardParams | str | None = None
    customer: str | None = None
    capture: bool = True
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    receipt_email: str | Literal[""] | None = None
    statement_descriptor: str | Literal[""] | None = None
    statement_descriptor_suffix: str | Literal[""] | None = None
    shipping: ShippingParams | None = None
    transfer_group: str | None = None
    transfer_data: TransferParams | None = None
    destination: DestinationParams | str | None = None
    """The older name of `transfer_data`."""
    on_behalf_of: str | None = None
    application_fee_amount: int | None = None
    application_fee: int | None = None
    """The older name of `application_fee_amount`."""
    radar_options: RadarParams | None = None
    billing_details: BillingParams | None = None
    """An extension of this server: who pays, where the card does not know."""


async def charge_outcome(work: Work, ports: Ports, charge_id: str) -> Charge:
    """The charge, or `Declined` with the failure it carries."""
    charge = await work.get(Charge, charge_id)
    if charge.status is ChargeState.FAILED and charge.failure is not None:
        about: dict[str, str] = {"charge": charge.id}
        if charge.verdict is not None and charge.verdict.network_decline_code:
            about["network_decline_code"] = charge.verdict.network_decline_code
        failure = charge.failure
        raise Declined(failure.message, code=failure.code, decline_code=failure.decline_code, about=about)
    return charge


@operation("charge.create", post="/v1/charges", raises=_REFUSALS, outcome=charge_outcome)
async def create_charge(command: CreateCharge, work: Work, ports: Ports) -> Charge | Ask:
    """Ask the card network for money, and take it at once unless `capture` is false."""
    amount = charged(command.amount, command.currency)
    fee, data = _shares(command)
    await check_sharing(work, amount, fee, data, command.on_behalf_of)
    details = {
        "description": command.description or None,
        "metadata": merged(NOTHING, command.metadata),
        "receipt_email": email(command.receipt_email, "receipt_email"),
        "statement_descriptor": check_descriptor(command.statement_descriptor, "statement_descriptor"),
        "statement_descriptor_suffix": check_descriptor(
            command.statement_descriptor_suffix, "statement_descriptor_suffix"
        ),
        "shipping": command.shipping.value if command.shipping else None,
        "transfer_group": command.transfer_group,
        "on_behalf_of": command.on_behalf_of,
        "application_fee_amount": fee,
        "transfer_data": data,
    }
    payer = await payer_for(work, command.source, command.customer)
    if command.billing_details is not None:
        payer = attrs.evolve(payer, billing=command.billing_details.onto(payer.billing))
    if details["receipt_email"] is None and payer.customer is not None:
        customer = await work.get(Customer, payer.customer)
        details["receipt_email"] = customer.email
    return await request_charge(
        work,
        Wish(
            amount=amount,
            currency=command.currency,
            payer=payer,
            operation="charge.create",
            capture_now=command.capture,
            details=details,
        ),
    )


def _shares(command: CreateCharge) -> tuple[int | None, TransferData | None]:
    """The platform's fee, and where the money goes on to, by either of their names."""
    for older, newer in (("application_fee", "application_fee_amount"), ("destination", "transfer_data")):
        if getattr(command, older) is not None and getattr(command, newer) is not None:
            raise InvalidRequest(
                f"You may only specify one of these parameters: {older}, {newer}.",
                code="parameters_exclusive",
                param=older,
            )
    fee = (
        command.application_fee if command.application_fee_amount is None else command.application_fee_amount
    )
    match command.destination:
        case None:
            return fee, command.transfer_data.value if command.transfer_data else None
        case str(account):
            return fee, TransferData(destination=account)
        case told:
            return fee, TransferData(destination=told.account, amount=told.amount)


@attrs.frozen(kw_only=True)
class UpdateCharge(Command[Charge]):
    """Change what a charge says about itself; its money stays as it is."""

    id: str
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    receipt_email: str | Literal[""] | None = None
    customer: str | None = None
    shipping: ShippingParams | None = None
    transfer_group: str | None = None
    fraud_details: Mapping[str, str] | None = None


@operation("charge.update", post="/v1/charges/{id}", raises=(NotFound, ParamInvalid))
async def update_charge(command: UpdateCharge, work: Work, ports: Ports) -> Charge:
    """Change description, metadata, receipt address, shipping or fraud report of a charge."""
    charge = await work.get(Charge, command.id)
    report = (command.fraud_details or {}).get("user_report")
    if report not in (None, "", "fraudulent", "safe"):
        raise ParamInvalid(
            "Invalid user_report: must be one of fraudulent or safe", param="fraud_details[user_report]"
        )
    if command.customer is not None:
        if charge.customer not in (None, command.customer):
            raise InvalidRequest("This charge already has a customer.", param="customer")
        await live_customer(work, command.customer)
    charge = evolve(
        charge,
        description=told(charge.description, command.description),
        metadata=merged(charge.metadata, command.metadata),
        receipt_email=told(charge.receipt_email, email(command.receipt_email, "receipt_email")),
        customer=command.customer or charge.customer,
        shipping=command.shipping.value if command.shipping else charge.shipping,
        transfer_group=command.transfer_group or charge.transfer_group,
        fraud_report=told(charge.fraud_report, report),
    )
    work.put(charge)
    work.announce("charge.updated", charge)
    return charge


@attrs.frozen(kw_only=True)
class RetrieveCharge(Command[Charge]):
    """Which charge."""

    id: str


@operation("charge.retrieve", get="/v1/charges/{id}", raises=(NotFound,))
async def retrieve_charge(command: RetrieveCharge, work: Work, ports: Ports) -> Charge:
    """Return a charge."""
    return await work.get(Charge, command.id)


@attrs.frozen(kw_only=True)
class ListCharges(Listing, Command[Page[Charge]]):
    """Which charges."""

    customer: str | None = None
    payment_intent: str | None = None
    transfer_group: str | None = None


@operation("charge.list", get="/v1/charges", raises=(InvalidRequest,))
async def list_charges(command: ListCharges, work: Work, ports: Ports) -> Page[Charge]:
    """List charges, newest first."""
    return await work.select(
        Charge,
        command.query(
            customer=command.customer,
            payment_intent=command.payment_intent,
            transfer_group=command.transfer_group,
        ),
    )


@attrs.frozen(kw_only=True)
class CaptureCharge(Command[Charge]):
    """Take a held amount; less than all of it gives the rest back."""

    id: str
    amount: int | None = None
    receipt_email: str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    application_fee_amount: int | None = None
    application_fee: int | None = None
    """The older name of `application_fee_amount`."""
    transfer_data: TransferChanges | None = None


@operation(
    "charge.capture", post="/v1/charges/{id}/capture", raises=(AmountRefused, NotFound, TransitionRefused)
)
async def capture_charge(command: CaptureCharge, work: Work, ports: Ports) -> Charge:
    """Take some or all of a held amount."""
    charge = await work.get(Charge, command.id)
    charge = evolve(
        charge,
        receipt_email=email(command.receipt_email, "receipt_email") or charge.receipt_email,
        statement_descriptor=check_descriptor(command.statement_descriptor, "statement_descriptor")
        or charge.statement_descriptor,
        statement_descriptor_suffix=check_descriptor(
            command.statement_descriptor_suffix, "statement_descriptor_suffix"
        )
        or charge.statement_descriptor_suffix,
        transfer_group=command.transfer_group or charge.transfer_group,
        application_fee_amount=_first(
            command.application_fee_amount, command.application_fee, charge.application_fee_amount
        ),
        transfer_data=command.transfer_data.onto(charge.transfer_data)
        if command.transfer_data
        else charge.transfer_data,
    )
    charge = await capture_held(work, charge, command.amount)
    await follow_capture(work, charge)
    return charge


def _first(*amounts: int | None) -> int | None:
    return next((amount for amount in amounts if amount is not None), None)


async def capture_held(
    work: Work, charge: Charge, amount: int | None, *, param: str = "amount", final: bool = True
) -> Charge:
    """Take *amount* of an uncaptured charge, or all of it.

    A final capture lets the rest go at the network in its own time; after another one it can be taken later.
    """
    charge.refuse_capture()
    hold = await work.get(Hold, charge.hold_id)
    wanted = hold.remaining if amount is None else amount
    if wanted > hold.remaining:
        raise AmountRefused(
            f"You cannot capture a charge for an amount greater than it already has: {display(wanted, charge.currency)} "
            f"is more than {display(hold.remaining, charge.currency)}.",
            code="amount_too_large",
            param=param,
        )
    charged(wanted, charge.currency, param=param)
    check_capture(work, charge, wanted, final=final)
    if work.now >= (charge.capture_before or work.now + 1):
        raise InvalidRequest(
            f"The authorization of charge {charge.id} has expired: it cannot be captured any more.",
            code="charge_expired_for_capture",
        )
    # After this point it must succeed.
    rest = hold.remaining - wanted if final else 0
    charge = await take(work, charge, hold, wanted, final=final)
    if rest:
        attempt = attempt_for(work, AttemptKind.REVERSE, hold.id, charge.acquirer, rest, charge.currency)
        work.put(evolve(attempt, due_at=work.now))
    work.announce("charge.captured", charge)
    return charge
