"""Setup intents: create, update, retrieve, list, confirm and cancel."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

import attrs

from payments_core.errors import (
    CardRefused,
    Declined,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    TransitionRefused,
)
from payments_core.operations.cards import live_customer
from payments_core.operations.confirming import Terms, abandon_challenge
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.intent_params import (
    AutomaticParams,
    MandateParams,
    MethodDataParams,
    MethodOptionParams,
    Unsupported,
    automatic,
    kinds,
    payer_told,
    refuse_strangers,
    refuse_unsupported,
)
from payments_core.operations.params import told
from payments_core.operations.setting_up import confirm_setup
from payments_core.operations.work import Work
from payments_core.payments.setup_intents import (
    UNEXPECTED,
    SetupIntent,
    SetupIntentId,
    SetupIntentState,
)
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.values import evolve

_REFUSALS = (CardRefused, Declined, InvalidRequest, NotFound, ParamInvalid, TransitionRefused)
_OPEN = (
    SetupIntentState.REQUIRES_PAYMENT_METHOD,
    SetupIntentState.REQUIRES_CONFIRMATION,
    SetupIntentState.REQUIRES_ACTION,
)
Usage = Literal["off_session", "on_session"]
Directions = tuple[Literal["inbound", "outbound"], ...]


@attrs.frozen(kw_only=True)
class CreateSetupIntent(Command[SetupIntent]):
    """Begin the saving of a payment method."""

    customer: str | None = None
    payment_method: str | None = None
    payment_method_data: MethodDataParams | None = None
    payment_method_options: MethodOptionParams | None = None
    payment_method_types: tuple[str, ...] | None = None
    automatic_payment_methods: AutomaticParams | None = None
    usage: Usage = "off_session"
    confirm: bool = False
    return_url: str | None = None
    use_stripe_sdk: bool = False
    mandate_data: MandateParams | Literal[""] | None = None
    description: str | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    on_behalf_of: str | None = None
    flow_directions: Directions | None = None
    payment_method_configuration: str | None = None
    allowed_payment_method_types: tuple[str, ...] | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    attach_to_self: bool | None = None
    confirmation_token: str | None = None
    customer_account: str | None = None
    single_use: Unsupported | None = None


@operation("setup_intent.create", post="/v1/setup_intents", raises=_REFUSALS)
async def create_setup_intent(command: CreateSetupIntent, work: Work, ports: Ports) -> SetupIntent:
    """Begin the saving of a payment method, and confirm it at once if `confirm` says so."""
    refuse_unsupported(
        attach_to_self=command.attach_to_self,
        confirmation_token=command.confirmation_token,
        customer_account=command.customer_account,
    )
    if not command.confirm and command.return_url is not None:
        raise InvalidRequest(
            "The parameter return_url can only be given together with confirm=true.", param="return_url"
        )
    kinds(command.allowed_payment_method_types, "allowed_payment_method_types")
    if command.customer is not None:
        await live_customer(work, command.customer)
    intent_id = SetupIntentId(work.new_id("seti"))
    options = command.payment_method_options
    intent = SetupIntent(
        account_id=work.account_id,
        id=intent_id,
        created=work.now,
        client_secret=f"{intent_id}_secret_{work.ports.ids.secret()}",
        customer=command.customer,
        payment_method_types=kinds(command.payment_method_types),
        automatic_methods=automatic(work, command.automatic_payment_methods, command.payment_method_types),
        usage=command.usage,
        card_options=options.onto(NOTHING) if options else NOTHING,
        description=command.description,
        on_behalf_of=command.on_behalf_of,
        flow_directions=command.flow_directions,
        metadata=merged(NOTHING, command.metadata),
    )
    payer = await payer_told(work, command.payment_method, command.payment_method_data, command.customer)
    if payer is not None:
        intent = intent.choose(payer.method, payer.customer)
    work.put(intent)
    work.announce("setup_intent.created", intent)
    if not command.confirm:
        return intent
    terms = Terms(
        operation="setup_intent.create", return_url=command.return_url, by_sdk=command.use_stripe_sdk
    )
    return await confirm_setup(work, intent, terms, payer)


@attrs.frozen(kw_only=True)
class UpdateSetupIntent(Command[SetupIntent]):
    """Change a setup intent that is not over; its description and metadata at any time."""

    id: str
    customer: str | None = None
    payment_method: str | None = None
    payment_method_data: MethodDataParams | None = None
    payment_method_options: MethodOptionParams | None = None
    payment_method_types: tuple[str, ...] | None = None
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    flow_directions: Directions | None = None
    payment_method_configuration: str | None = None
    allowed_payment_method_types: tuple[str, ...] | Literal[""] | None = None
    excluded_payment_method_types: tuple[str, ...] | Literal[""] | None = None
    attach_to_self: bool | None = None
    customer_account: str | None = None


@operation("setup_intent.update", post="/v1/setup_intents/{id}", raises=_REFUSALS)
async def update_setup_intent(command: UpdateSetupIntent, work: Work, ports: Ports) -> SetupIntent:
    """Change customer, payment method or notes of a setup intent, without confirming it."""
    intent = await work.get(SetupIntent, command.id, param="intent")
    if intent.status not in _OPEN:
        _refuse_late(command, intent)
    refuse_unsupported(attach_to_self=command.attach_to_self, customer_account=command.customer_account)
    kinds(command.payment_method_types)
    kinds(command.allowed_payment_method_types or None, "allowed_payment_method_types")
    if command.customer is not None:
        await live_customer(work, command.customer)
    customer = command.customer or intent.customer
    payer = await payer_told(work, command.payment_method, command.payment_method_data, customer)
    if payer is not None:
        await abandon_challenge(work, intent)
        intent = intent.choose(payer.method, customer)
    options = command.payment_method_options
    intent = evolve(
        intent,
        customer=customer,
        card_options=options.onto(intent.card_options) if options else intent.card_options,
        description=told(intent.description, command.description),
        flow_directions=command.flow_directions or intent.flow_directions,
        metadata=merged(intent.metadata, command.metadata),
    )
    work.put(intent)
    return intent


def _refuse_late(command: UpdateSetupIntent, intent: SetupIntent) -> None:
    for field in attrs.fields(UpdateSetupIntent):
        if field.name in ("id", "description", "metadata") or getattr(command, field.name) is None:
            continue
        raise InvalidRequest(
            f"This SetupIntent's {field.name} could not be updated because it has a status of {intent.status}.",
            code=UNEXPECTED,
            param=field.name,
            about={"setup_intent": intent},
        )


@attrs.frozen(kw_only=True)
class RetrieveSetupIntent(Command[SetupIntent]):
    """Which setup intent; with a publishable key, its client secret too."""

    id: str
    client_secret: str | None = None


@operation(
    "setup_intent.retrieve",
    get="/v1/setup_intents/{id}",
    raises=(InvalidRequest, NotFound),
    publishable=True,
)
async def retrieve_setup_intent(command: RetrieveSetupIntent, work: Work, ports: Ports) -> SetupIntent:
    """Return a setup intent."""
    intent = await work.get(SetupIntent, command.id, param="intent")
    refuse_strangers(work, intent.client_secret, command.client_secret, "setup_intent", intent.id)
    return intent.public() if work.caller.publishable else intent


@attrs.frozen(kw_only=True)
class ListSetupIntents(Listing, Command[Page[SetupIntent]]):
    """Which setup intents."""

    customer: str | None = None
    payment_method: str | None = None
    attach_to_self: bool | None = None
    customer_account: str | None = None


@operation("setup_intent.list", get="/v1/setup_intents", raises=(InvalidRequest,))
async def list_setup_intents(command: ListSetupIntents, work: Work, ports: Ports) -> Page[SetupIntent]:
    """List setup intents, newest first."""
    refuse_unsupported(attach_to_self=command.attach_to_self, customer_account=command.customer_account)
    return await work.select(
        SetupIntent, command.query(customer=command.customer, payment_method=command.payment_method)
    )


@attrs.frozen(kw_only=True)
class ConfirmSetupIntent(Command[SetupIntent]):
    """Make the payment method ready now."""

    id: str
    client_secret: str | None = None
    payment_method: str | None = None
    payment_method_data: MethodDataParams | None = None
    payment_method_options: MethodOptionParams | None = None
    return_url: str | None = None
    use_stripe_sdk: bool = False
    mandate_data: MandateParams | Literal[""] | None = None
    allowed_payment_method_types: tuple[str, ...] | Literal[""] | None = None
    confirmation_token: str | None = None


@operation("setup_intent.confirm", post="/v1/setup_intents/{id}/confirm", raises=_REFUSALS, publishable=True)
async def confirm_setup_intent(command: ConfirmSetupIntent, work: Work, ports: Ports) -> SetupIntent:
    """Verify the card with its bank, or say what its holder must do first."""
    intent = await work.get(SetupIntent, command.id, param="intent")
    refuse_strangers(work, intent.client_secret, command.client_secret, "setup_intent", intent.id)
    refuse_unsupported(confirmation_token=command.confirmation_token)
    with about(work, intent):
        options = command.payment_method_options
        if options is not None:
            intent = evolve(intent, card_options=options.onto(intent.card_options))
        payer = await payer_told(work, command.payment_method, command.payment_method_data, intent.customer)
        terms = Terms(
            operation="setup_intent.confirm",
            return_url=command.return_url,
            by_sdk=command.use_stripe_sdk,
            by_payer=work.caller.publishable,
            proof=options.proof if options else None,
        )
        confirmed = await confirm_setup(work, intent, terms, payer)
    return confirmed.public() if work.caller.publishable else confirmed


@attrs.frozen(kw_only=True)
class CancelSetupIntent(Command[SetupIntent]):
    """Give the saving up, and why."""

    id: str
    cancellation_reason: Literal["abandoned", "duplicate", "requested_by_customer"] | None = None


@operation("setup_intent.cancel", post="/v1/setup_intents/{id}/cancel", raises=(NotFound, TransitionRefused))
async def cancel_setup_intent(command: CancelSetupIntent, work: Work, ports: Ports) -> SetupIntent:
    """Give the saving of a payment method up."""
    intent = await work.get(SetupIntent, command.id, param="intent")
    with about(work, intent):
        canceled = intent.canceled(command.cancellation_reason)
    await abandon_challenge(work, intent)
    work.put(canceled)
    work.announce("setup_intent.canceled", canceled)
    return canceled


@contextmanager
def about(work: Work, intent: SetupIntent) -> Iterator[None]:
    """Let refusals of the intent's state show the intent."""
    try:
        yield
    except TransitionRefused as refusal:
        refusal.about.setdefault("setup_intent", intent.public() if work.caller.publishable else intent)
        raise
