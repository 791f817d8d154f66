"""Checkout sessions: create, update, retrieve, list, their line items, and expire. Paying is next door, in `checkout_confirming`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import attrs

from payments_core.billing.customers import Customer
from payments_core.billing.subscriptions import Subscription
from payments_core.checkout.line_items import LineItem
from payments_core.checkout.sessions import (
    LIFE_MAX_S,
    LIFE_MIN_S,
    CheckoutSession,
    CheckoutSessionId,
    IntentData,
    PaymentStatus,
    SessionState,
)
from payments_core.clock import Timestamp
from payments_core.errors import (
    AmountRefused,
    InvalidRequest,
    NotFound,
    ParamInvalid,
    ParamMissing,
    TransitionRefused,
)
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import FreeForm, at_most_one, unsupported
from payments_core.operations.billing_shares import AMOUNT_MAX, check_shares
from payments_core.operations.cards import live_customer
from payments_core.operations.checkout_offers import OfferParams, offer_told, release
from payments_core.operations.checkout_params import (
    ChangedIntentDataParams,
    ChangedLineParams,
    ConsentParams,
    IntentDataParams,
    LineParams,
    LookParams,
    SetupDataParams,
    ShippingAddressParams,
    ShippingOptionParams,
    SwitchParams,
    TextParams,
    address,
)
from payments_core.operations.checkout_pricing import (
    changed_lines,
    lines_of,
    new_lines,
    shipping_options,
    totalled,
)
from payments_core.operations.checkout_settling import expire_session, in_progress
from payments_core.operations.checkout_subscribing import SubscriptionDataParams, check_recurring
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.intent_params import MethodOptionParams, kinds
from payments_core.operations.params import AddressParams, ShippingParams, email
from payments_core.operations.sharing import check_sharing
from payments_core.operations.tax_rates import rates_of
from payments_core.operations.work import Work
from payments_core.payments.charges import Shipping
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.tokenization.payment_methods import BillingDetails
from payments_core.values import evolve

REFERENCE_MAX: Final = 200
FREE_TEXT_MAX: Final = 500
_LOCALE: Final = re.compile(r"(auto|[a-z]{2,3}(-[A-Za-z0-9]{2,8})?)\Z")
_HOSTED: Final = ("hosted_page", "hosted")
_REFUSALS = (AmountRefused, InvalidRequest, NotFound, ParamInvalid, ParamMissing, TransitionRefused)
_SWITCHES: Final = ("automatic_tax", "tax_id_collection", "invoice_creation", "managed_payments")
"""What can be said of, as long as it is not switched on."""
_NOT_IN: Final = {
    "setup": ("discounts", "line_items", "shipping_options", "payment_intent_data"),
    "subscription": ("customer_creation", "shipping_options", "payment_intent_data", "payment_mode"),
}
_REFUSED: Final = (
    "custom_fields",
    "customer_account",
    "name_collection",
    "optional_items",
)


@attrs.frozen(kw_only=True)
class CreateCheckoutSession(Command[CheckoutSession]):
    """What is sold, to whom, and where the payer goes afterwards."""

    mode: Literal["payment", "setup", "subscription"] | None = None
    ui_mode: str | None = None
    line_items: tuple[LineParams, ...] | None = None
    currency: CurrencyCode | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    return_url: str | None = None
    redirect_on_completion: Literal["always", "if_required", "never"] | None = None
    expires_at: Timestamp | None = None
    customer: str | None = None
    customer_email: str | None = None
    customer_creation: Literal["always", "if_required"] | None = None
    customer_update: Mapping[str, str] | None = None
    customer_account: str | None = None
    client_reference_id: str | None = None
    payment_intent_data: IntentDataParams | None = None
    setup_intent_data: SetupDataParams | None = None
    subscription_data: SubscriptionDataParams | None = None
    payment_method_types: tuple[str, ...] | None = None
    payment_method_options: MethodOptionParams | None = None
    payment_method_collection: Literal["always", "if_required"] | None = None
    payment_method_configuration: str | None = None
    payment_method_data: FreeForm | None = None
    allowed_payment_method_types: tuple[str, ...] | None = None
    excluded_payment_method_types: tuple[str, ...] | None = None
    shipping_address_collection: ShippingAddressParams | None = None
    shipping_options: tuple[ShippingOptionParams, ...] | None = None
    billing_address_collection: Literal["auto", "required"] | None = None
    phone_number_collection: SwitchParams | None = None
    locale: str | None = None
    submit_type: Literal["auto", "book", "donate", "pay", "subscribe"] | None = None
    custom_text: TextParams | None = None
    branding_settings: LookParams | None = None
    metadata: Mapping[str, str] | None = None
    allow_promotion_codes: bool | None = None
    consent_collection: ConsentParams | None = None
    automatic_tax: SwitchParams | None = None
    tax_id_collection: SwitchParams | None = None
    invoice_creation: SwitchParams | None = None
    managed_payments: FreeForm | None = None
    after_expiration: FreeForm | None = None
    adaptive_pricing: FreeForm | None = None
    custom_fields: tuple[FreeForm, ...] | None = None
    discounts: tuple[OfferParams, ...] | None = None
    integration_identifier: str | None = None
    name_collection: FreeForm | None = None
    optional_items: tuple[FreeForm, ...] | None = None
    origin_context: Literal["mobile_app", "web"] | None = None
    permissions: FreeForm | None = None
    saved_payment_method_options: FreeForm | None = None
    wallet_options: FreeForm | None = None
    payment_mode: str | None = None
    """Free text; with it a session may be made before there is anything to sell."""
    shipping_info: str | None = None
    """Free text, likewise."""


@operation("checkout_session.create", post="/v1/checkout/sessions", raises=_REFUSALS)
async def create_checkout_session(
    command: CreateCheckoutSession, work: Work, ports: Ports
) -> CheckoutSession:
    """Open a page on which one customer can pay or save a card."""
    _refuse_what_we_cannot(command)
    is_draft = command.payment_mode is not None or command.shipping_info is not None
    mode = _mode(command, is_draft)
    session_id = CheckoutSessionId(work.new_id("cs_live" if work.account.livemode else "cs_test"))
    session = CheckoutSession(
        account_id=work.account_id,
        id=session_id,
        created=work.now,
        expires_at=_ends(work, command.expires_at),
        client_secret=f"{session_id}_secret_{work.ports.ids.secret()}",
        mode=mode,
        currency=command.currency,
        success_url=address(command.success_url, "success_url"),
        cancel_url=address(command.cancel_url, "cancel_url"),
        client_reference_id=_short(command.client_reference_id, "client_reference_id", REFERENCE_MAX),
        customer_creation=_creation(command, mode),
        customer_update=dict(command.customer_update or {}),
        shipping_countries=command.shipping_address_collection.value
        if command.shipping_address_collection
        else (),
        asks_phone=bool(command.phone_number_collection and command.phone_number_collection.enabled),
        billing_address_collection=command.billing_address_collection,
        payment_method_collection=command.payment_method_collection,
        locale=_locale(command.locale),
        submit_type=command.submit_type,
        allow_promotion_codes=command.allow_promotion_codes,
        custom_text=command.custom_text.value if command.custom_text else NOTHING,
        look=command.branding_settings.value if command.branding_settings else None,
        card_options=command.payment_method_options.onto(NOTHING)
        if command.payment_method_options
        else NOTHING,
        intent_data=_intent_data(command, mode),
        payment_mode=_short(command.payment_mode, "payment_mode", FREE_TEXT_MAX),
        shipping_info=_short(command.shipping_info, "shipping_info", FREE_TEXT_MAX),
        metadata=merged(NOTHING, command.metadata),
    )
    session = evolve(session, due_at=session.expires_at)
    if mode == "setup":
        session = evolve(session, payment_status=PaymentStatus.NO_PAYMENT_REQUIRED)
    session = await _with_customer(work, session, command)
    session = await _with_lines(work, session, command, is_draft)
    await _check_sharing(work, session)
    if session.success_url is None and not is_draft:
        raise ParamMissing("success_url")
    work.put(session)
    return session


def _refuse_what_we_cannot(command: CreateCheckoutSession) -> None:
    if command.ui_mode is not None and command.ui_mode not in _HOSTED:
        raise ParamInvalid(
            "This server shows sessions on its own page: the ui_mode is hosted_page. For fields in your own page use "
            "payments.js with a payment intent.",
            param="ui_mode",
        )
    if command.return_url is not None or command.redirect_on_completion is not None:
        raise ParamInvalid(
            "A hosted page uses success_url.",
            param="return_url" if command.return_url is not None else "redirect_on_completion",
        )
    unsupported(command, *_REFUSED)
    for name in _SWITCHES:
        told = getattr(command, name)
        if told is not None and _is_on(told):
            raise ParamInvalid(f"This server does not support {name}.", param=f"{name}[enabled]")
    recovery = (command.after_expiration or {}).get("recovery")
    if recovery is not None and _is_on(recovery):
        raise ParamInvalid(
            "This server does not recover expired sessions.", param="after_expiration[recovery][enabled]"
        )
    if command.consent_collection and command.consent_collection.terms_of_service == "required":
        raise ParamInvalid(
            "This server does not collect consent.", param="consent_collection[terms_of_service]"
        )
    kinds(command.payment_method_types)
    kinds(command.allowed_payment_method_types, "allowed_payment_method_types")
    if "card" in (command.excluded_payment_method_types or ()):
        raise ParamInvalid(
            "Cards cannot be excluded: this installation takes nothing else.",
            param="excluded_payment_method_types",
        )


def _is_on(told: Any) -> bool:
    if isinstance(told, SwitchParams):
        return told.enabled
    return isinstance(told, Mapping) and told.get("enabled") in (True, "true")


def _mode(command: CreateCheckoutSession, is_draft: bool) -> str:
    if command.mode is None and command.line_items is None and not is_draft:
        raise ParamMissing("mode")
    mode = command.mode or "payment"
    for name in _NOT_IN.get(mode, ()):
        if getattr(command, name):
            raise ParamInvalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    for name, only in (("setup_intent_data", "setup"), ("subscription_data", "subscription")):
        if getattr(command, name) is not None and mode != only:
            raise ParamInvalid(f"You can only pass `{name}` in `{only}` mode.", param=name)
    if mode != "subscription" and command.payment_method_collection == "if_required":
        raise ParamInvalid(
            "You can only pass `payment_method_collection` in `subscription` mode.",
            param="payment_method_collection",
        )
    return mode


def _ends(work: Work, told: Timestamp | None) -> Timestamp:
    if told is None:
        return Timestamp(work.now + LIFE_MAX_S)
    if not work.now + LIFE_MIN_S <= told <= work.now + LIFE_MAX_S:
        raise ParamInvalid(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session "
            "creation.",
            param="expires_at",
        )
    return told


def _creation(command: CreateCheckoutSession, mode: str) -> str | None:
    if command.customer is not None:
        if command.customer_creation is not None:
            raise InvalidRequest(
                "You may only specify one of these parameters: customer, customer_creation.",
                code="parameters_exclusive",
                param="customer_creation",
            )
        return None
    return command.customer_creation or ("if_required" if mode == "payment" else "always")


async def _check_sharing(work: Work, session: CheckoutSession) -> None:
    """What the payment is to share must be possible when the session is made: nobody can mend it at the payer's side."""
    data = session.intent_data
    amount = AMOUNT_MAX if session.amount_total is None else session.amount_total
    await check_shares(work, data.shares, data.on_behalf_of)
    await check_sharing(work, amount, data.application_fee_amount, data.transfer_data, data.on_behalf_of)


def _intent_data(command: CreateCheckoutSession, mode: str) -> IntentData:
    if mode == "setup":
        return command.setup_intent_data.value if command.setup_intent_data else IntentData()
    if command.subscription_data is not None:
        return command.subscription_data.value
    return command.payment_intent_data.value if command.payment_intent_data else IntentData()


def _locale(told: str | None) -> str | None:
    if told is not None and not _LOCALE.match(told):
        raise ParamInvalid(f"Invalid locale: {told[:20]}", param="locale")
    return told


def _short(told: str | None, param: str, most: int) -> str | None:
    if told is not None and len(told) > most:
        raise ParamInvalid(f"This value has at most {most} characters.", param=param)
    return told or None


async def _with_customer(
    work: Work, session: CheckoutSession, command: CreateCheckoutSession
) -> CheckoutSession:
    at_most_one(command, "customer", "customer_email")
    at_most_one(command, "allow_promotion_codes", "discounts")
    if command.customer is None:
        known = email(command.customer_email, "customer_email") or None
        details = BillingDetails(email=known) if known else None
        return evolve(session, customer_email=known, details=details)
    customer = await live_customer(work, command.customer)
    return evolve(session, customer=customer.id, details=_details_of(customer))


def _details_of(customer: Customer) -> BillingDetails:
    found = BillingDetails(name=customer.name, email=customer.email, phone=customer.phone)
    return evolve(found, address=customer.address) if customer.address else found


async def _with_lines(
    work: Work, session: CheckoutSession, command: CreateCheckoutSession, is_draft: bool
) -> CheckoutSession:
    if session.mode == "setup":
        if session.currency is None and command.payment_method_types is None:
            session = evolve(session, currency=work.account.default_currency)
        return session
    lines = None
    if command.line_items is not None:
        recurs = session.mode == "subscription"
        lines = await new_lines(work, session.id, command.line_items, command.currency, recurs=recurs)
        if recurs:
            check_recurring(session, lines)
            lines = await _taxed(work, session, lines)
    elif not is_draft:
        raise ParamMissing("line_items")
    currency = lines[0].price.currency if lines else command.currency
    options = shipping_options(work, command.shipping_options or (), currency)
    session = evolve(session, shipping_options=options, shipping_rate=options[0].id if options else None)
    session = await offer_told(work, await _totalled(work, session, lines), command.discounts or ())
    return await _totalled(work, session, lines)


async def _taxed(work: Work, session: CheckoutSession, lines: tuple[LineItem, ...]) -> tuple[LineItem, ...]:
    """The rows with the subscription's tax rates where they have none of their own."""
    param = "subscription_data[default_tax_rates]"
    rates = await rates_of(work, session.intent_data.default_tax_rates, param=param)
    return tuple(line if line.tax_rates else evolve(line, tax_rates=rates) for line in lines)


async def _totalled(
    work: Work, session: CheckoutSession, lines: Sequence[LineItem] | None
) -> CheckoutSession:
    return await totalled(work, session, lines) if lines else session


@attrs.frozen(kw_only=True)
class ShippingDetailsParams:
    """Where goods go."""

    address: AddressParams
    name: str

    @property
    def value(self) -> Shipping:
        """The shipping details."""
        return ShippingParams(address=self.address, name=self.name).value


@attrs.frozen(kw_only=True)
class CollectedParams:
    """What the merchant has been told outside the page."""

    shipping_details: ShippingDetailsParams | None = None


@attrs.frozen(kw_only=True)
class UpdateCheckoutSession(Command[CheckoutSession]):
    """Change what an open session sells, and how it is sent; its notes at any time."""

    id: str
    line_items: tuple[ChangedLineParams, ...] | None = None
    shipping_options: tuple[ShippingOptionParams, ...] | Literal[""] | None = None
    collected_information: CollectedParams | None = None
    payment_intent_data: ChangedIntentDataParams | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    discounts: tuple[OfferParams, ...] | Literal[""] | None = None


@operation("checkout_session.update", post="/v1/checkout/sessions/{id}", raises=_REFUSALS)
async def update_checkout_session(
    command: UpdateCheckoutSession, work: Work, ports: Ports
) -> CheckoutSession:
    """Change a checkout session; a payer who has the page open is told before they pay."""
    session = await work.get(CheckoutSession, command.id, param="session")
    session = evolve(session, metadata=merged(session.metadata, command.metadata))
    sells = (command.line_items, command.shipping_options, command.discounts) != (None, None, None)
    if sells or command.collected_information or command.payment_intent_data:
        await _refuse_unchangeable(work, session)
        session = await _changed(work, session, command)
    work.put(session)
    return session


async def _refuse_unchangeable(work: Work, session: CheckoutSession) -> None:
    if session.status is not SessionState.OPEN:
        raise TransitionRefused(
            "checkout session",
            session.status,
            "change",
            message=f"Only Checkout Sessions with a status of `open` can be changed. This Checkout Session has a "
            f"status of `{session.status}`.",
        )
    await in_progress(work, session)


async def _changed(work: Work, session: CheckoutSession, command: UpdateCheckoutSession) -> CheckoutSession:
    if session.mode == "setup" and (command.line_items or command.shipping_options):
        raise ParamInvalid("A session in `setup` mode sells nothing.", param="line_items")
    if session.mode == "subscription":
        unsupported(command, "line_items", "shipping_options", "payment_intent_data", "discounts")
    data, collected = command.payment_intent_data, command.collected_information
    if data is not None:
        session = evolve(session, intent_data=data.onto(session.intent_data))
    if collected is not None and collected.shipping_details is not None:
        session = evolve(session, shipping=collected.shipping_details.value)
    lines = await lines_of(work, session.id, to_write=True)
    if command.line_items is not None:
        lines = await changed_lines(work, session, command.line_items)
    if command.shipping_options is not None:
        currency = lines[0].price.currency if lines else session.currency
        options = shipping_options(work, command.shipping_options or (), currency)
        session = evolve(session, shipping_options=options, shipping_rate=options[0].id if options else None)
    if command.discounts is not None:
        session = await offer_told(work, await release(work, session), command.discounts or ())
    return await _totalled(work, session, lines)


@attrs.frozen(kw_only=True)
class RetrieveCheckoutSession(Command[CheckoutSession]):
    """Which session."""

    id: str


@operation("checkout_session.retrieve", get="/v1/checkout/sessions/{id}", raises=(NotFound,))
async def retrieve_checkout_session(
    command: RetrieveCheckoutSession, work: Work, ports: Ports
) -> CheckoutSession:
    """Return a checkout session."""
    return await work.get(CheckoutSession, command.id, param="session")


@attrs.frozen(kw_only=True)
class DetailsFilter:
    """Who paid."""

    email: str


@attrs.frozen(kw_only=True)
class ListCheckoutSessions(Listing, Command[Page[CheckoutSession]]):
    """Which sessions."""

    customer: str | None = None
    customer_account: str | None = None
    customer_details: DetailsFilter | None = None
    payment_intent: str | None = None
    payment_link: str | None = None
    status: Literal["complete", "expired", "open"] | None = None
    subscription: str | None = None


@operation("checkout_session.list", get="/v1/checkout/sessions", raises=(InvalidRequest,))
async def list_checkout_sessions(
    command: ListCheckoutSessions, work: Work, ports: Ports
) -> Page[CheckoutSession]:
    """List checkout sessions, newest first."""
    if command.subscription is not None:
        return await _session_of(work, command.subscription)
    if command.payment_link or command.customer_account:
        return Page(items=(), has_more=False)
    query = command.query(
        customer=command.customer,
        payment_intent=command.payment_intent,
        status=command.status,
        payer_email=command.customer_details.email if command.customer_details else None,
    )
    return await work.select(CheckoutSession, query)


async def _session_of(work: Work, subscription_id: str) -> Page[CheckoutSession]:
    """The one session in which a subscription began."""
    subscription = await work.find(Subscription, subscription_id)
    wanted = subscription.checkout_session if subscription else None
    session = await work.find(CheckoutSession, wanted) if wanted else None
    found = session is not None and session.subscription == subscription_id
    return Page(items=(session,) if session and found else (), has_more=False)


@attrs.frozen(kw_only=True)
class ListLineItems(Listing, Command[Page[LineItem]]):
    """The rows of which session."""

    id: str


@operation(
    "checkout_session.list_line_items",
    get="/v1/checkout/sessions/{id}/line_items",
    raises=(InvalidRequest, NotFound),
)
async def list_line_items(command: ListLineItems, work: Work, ports: Ports) -> Page[LineItem]:
    """List what a checkout session sells, in the order in which it was sent."""
    session = await work.get(CheckoutSession, command.id, param="session")
    return await work.select(LineItem, command.query(session=session.id))


@attrs.frozen(kw_only=True)
class ExpireCheckoutSession(Command[CheckoutSession]):
    """Which session."""

    id: str


@operation("checkout_session.expire", post="/v1/checkout/sessions/{id}/expire", raises=_REFUSALS)
async def expire_checkout_session(
    command: ExpireCheckoutSession, work: Work, ports: Ports
) -> CheckoutSession:
    """Close an open session, so that nobody can pay there; a payment that is under way is let finish first."""
    session = await work.get(CheckoutSession, command.id, param="session")
    session.expired(work.now)  # refuses in the words of the session before those of its payment
    await in_progress(work, session)
    return await expire_session(work, session)
