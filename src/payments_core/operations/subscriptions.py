"""Subscriptions: create, update, retrieve, list, cancel, resume. What time does to them is in `cycling`."""

from fractions import Fraction
from typing import Any, Literal

import attrs

from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoices import Collection, Invoice
from payments_core.billing.lines import Item, Period
from payments_core.billing.prices import Recurring
from payments_core.billing.proration import left
from payments_core.billing.subscriptions import (
    EXPIRES_AFTER_S,
    Ending,
    Pause,
    Subscription,
    SubscriptionEvent,
    SubscriptionId,
    SubscriptionItem,
    SubscriptionState,
    boundary,
    period_from,
)
from payments_core.clock import DAY, Timestamp
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
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.anchoring import AnchorParams
from payments_core.operations.billing_params import FreeForm, at_most_one, unsupported
from payments_core.operations.cards import live_customer
from payments_core.operations.cycling import give_up_bill, stop_collecting
from payments_core.operations.declaring import Ask, Command, Deleted, Listing, TimeRange, bounds, operation
from payments_core.operations.invoice_items import InvoiceItemParams, add_item, new_item
from payments_core.operations.lining import PricingParams
from payments_core.operations.prorating import regular, rest_of
from payments_core.operations.subscription_billing import bill, collect, subscription_outcome
from payments_core.operations.subscription_changing import Change, apply_change
from payments_core.operations.subscription_following import announce_resumed, end_with, expect_card, keep
from payments_core.operations.subscription_params import (
    AddedItemParams,
    CancellationParams,
    PaymentBehavior,
    ProrationBehavior,
    SubscriptionParams,
    changed_items,
    check,
    with_words,
)
from payments_core.operations.work import Work
from payments_core.ports import Page, Ports
from payments_core.values import evolve

TRIAL_MAX_S = 730 * DAY + DAY
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
class CreateSubscription(SubscriptionParams, Command[Subscription]):
    """What a customer pays for from now on."""

    customer: str | None = None
    customer_account: str | None = None
    currency: CurrencyCode | None = None
    backdate_start_date: Timestamp | None = None
    billing_cycle_anchor: Timestamp | None = None
    billing_cycle_anchor_config: AnchorParams | None = None
    billing_mode: FreeForm | None = None
    trial_period_days: int | None = None


@operation("subscription.create", post="/v1/subscriptions", raises=_REFUSALS, outcome=subscription_outcome)
async def create_subscription(command: CreateSubscription, work: Work, ports: Ports) -> Subscription | Ask:
    """Start a subscription and collect its first bill."""
    check(command)
    unsupported(command, "customer_account", "backdate_start_date")
    subscription, items = await first_period(work, command)
    added = [await _add(work, subscription, one) for one in command.add_invoice_items or ()]
    return await _first_bill(work, command, subscription, items, added)


async def first_period(work: Work, command: CreateSubscription) -> tuple[Subscription, list[Item]]:
    """The subscription as it begins, and what is billed for its first period. Nothing is staged but inline prices."""
    at_most_one(command, "trial_end", "trial_period_days")
    at_most_one(command, "billing_cycle_anchor", "billing_cycle_anchor_config")
    if command.customer is None:
        raise ParamMissing("customer")
    if not command.items:
        raise ParamMissing("items")
    customer = await live_customer(work, command.customer)
    subscription = await _described(work, command, customer.id, customer.test_clock)
    subscription, share = _begun(work, command, subscription)
    if share == 0:
        # Nothing was charged for this period, and nothing of it can be given back.
        free = tuple(evolve(item, gross=1, net=0) for item in subscription.items)
        return evolve(subscription, items=free), []
    return subscription, [await regular(work, subscription, item, share=share) for item in subscription.items]


async def _described(
    work: Work, command: CreateSubscription, customer: str, test_clock: str | None
) -> Subscription:
    now = Period(start=work.now, end=work.now)
    blank = Subscription(
        account_id=work.account_id,
        id=SubscriptionId(work.new_id("sub")),
        created=work.now,
        customer=customer,
        currency=command.currency or CurrencyCode(""),
        items=(),
        period=now,
        start_date=work.now,
        billing_cycle_anchor=work.now,
        errors_if_incomplete=command.payment_behavior == "error_if_incomplete",
        test_clock=test_clock,
    )
    items = await changed_items(work, blank, command.items or ())
    blank = evolve(blank, currency=items[0].price.currency, items=items)
    if any(item.price.currency != blank.currency for item in items):
        raise InvalidRequest("All prices of a subscription are in one currency.", param="items")
    return await with_words(work, blank, command)


def _begun(
    work: Work, command: CreateSubscription, subscription: Subscription
) -> tuple[Subscription, Fraction]:
    """The subscription in its first period, and the part of the price that is due for it."""
    every, anchor = subscription.every, _anchor(work, command, subscription.every)
    trial_end = trial_end_of(work, command.trial_end, command.trial_period_days)
    share = Fraction(1)
    if trial_end is not None:
        period = Period(start=work.now, end=trial_end)
        subscription = evolve(subscription, trial_start=work.now, trial_end=trial_end)
        subscription = evolve(
            subscription, billing_cycle_anchor=trial_end, trial_end_announced=trial_end - work.now <= 3 * DAY
        )
        subscription = subscription.after(SubscriptionEvent.START_TRIAL)
    elif anchor is not None:
        subscription = evolve(subscription, billing_cycle_anchor=anchor)
        whole = period_from(anchor, every, work.now)
        period = Period(start=work.now, end=whole.end)
        share = (
            Fraction(0)
            if command.proration_behavior == "none" and anchor > work.now
            else left(whole, work.now)
        )
    else:
        period = period_from(work.now, every, work.now)
    subscription = subscription.in_period(period)
    return _ending(work, command, subscription), share


def _anchor(work: Work, command: CreateSubscription, every: Recurring) -> Timestamp | None:
    """From when intervals are counted, where that is not now."""
    anchor, config = command.billing_cycle_anchor, command.billing_cycle_anchor_config
    if config is not None:
        return config.after(work.now, every)
    if anchor is not None and not work.now <= anchor <= boundary(work.now, every, 1):
        raise ParamInvalid(
            "billing_cycle_anchor cannot be in the past, or later than the next natural billing date.",
            param="billing_cycle_anchor",
        )
    return anchor


def trial_end_of(work: Work, at: Timestamp | Literal["now"] | None, days: int | None) -> Timestamp | None:
    """When a trial ends, if there is one."""
    if days is not None:
        if days < 0:
            raise ParamInvalid("This value must be greater than or equal to 0.", param="trial_period_days")
        at = Timestamp(work.now + days * DAY) if days else None
    if at is None or at == "now":
        return None
    if at <= work.now:
        raise ParamInvalid("trial_end must be in the future, or `now`.", param="trial_end")
    if at - work.now > TRIAL_MAX_S:
        raise ParamInvalid("A trial ends within two years.", param="trial_end")
    return at


def _ending(work: Work, command: SubscriptionParams, subscription: Subscription) -> Subscription:
    """The subscription that ends, or does not end, when the parameters say so."""
    if command.cancel_at_period_end:
        ending = evolve(subscription.ending, reason="cancellation_requested")
        return evolve(
            subscription,
            cancel_at_period_end=True,
            cancel_at=subscription.period.end,
            canceled_at=work.now,
            ending=ending,
        )
    if isinstance(command.cancel_at, int):
        if command.cancel_at <= work.now:
            raise ParamInvalid("cancel_at must be in the future.", param="cancel_at")
        return evolve(
            subscription, cancel_at=command.cancel_at, cancel_at_period_end=False, canceled_at=work.now
        )
    if command.cancel_at in ("max_period_end", "min_period_end"):
        # All items are billed alike, so that their periods end together.
        end = subscription.period.end
        return evolve(subscription, cancel_at=end, cancel_at_period_end=False, canceled_at=work.now)
    if command.cancel_at == "" or command.cancel_at_period_end is False:
        return evolve(
            subscription, cancel_at=None, cancel_at_period_end=False, canceled_at=None, ending=Ending()
        )
    return subscription


async def _add(work: Work, subscription: Subscription, added: AddedItemParams) -> InvoiceItem:
    """Let something wait that is billed once."""
    customer = await live_customer(work, subscription.customer)
    params = InvoiceItemParams(
        discountable=added.discountable,
        discounts=added.discounts,
        metadata=added.metadata,
        pricing=PricingParams(price=added.price) if added.price else None,
        price_data=added.price_data,
        quantity=added.quantity,
        tax_rates=added.tax_rates,
    )
    unsupported(added, "period")
    return await new_item(work, customer, subscription.currency, params, None, subscription=subscription.id)


async def _first_bill(
    work: Work,
    command: CreateSubscription,
    subscription: Subscription,
    items: list[Any],
    added: list[InvoiceItem],
) -> Subscription | Ask:
    if not subscription.collects and subscription.status is SubscriptionState.INCOMPLETE:
        subscription = subscription.after(SubscriptionEvent.START)
    if subscription.collects and not added and all(item.amount == 0 for item in items):
        subscription = await expect_card(work, subscription)
    if subscription.status is SubscriptionState.INCOMPLETE:
        expires = Timestamp(work.now + EXPIRES_AFTER_S)
        subscription = evolve(subscription, expires_at=expires)
    work.put(subscription)
    if not items and subscription.status is SubscriptionState.INCOMPLETE:
        subscription = subscription.after(SubscriptionEvent.START)
        work.put(subscription)
        work.announce("customer.subscription.created", subscription)
        return subscription
    # Who sends bills has an hour to look at the draft; a card is charged at once, and the first time once only.
    subscription, invoice = await bill(
        work,
        subscription,
        items,
        "subscription_create",
        auto_advance=not subscription.collects,
        added=added,
    )
    work.announce("customer.subscription.created", subscription)
    if not subscription.collects:
        return subscription
    return await _collected(work, command, subscription, invoice, "subscription.create")


async def _collected(
    work: Work, command: Any, subscription: Subscription, invoice: Invoice, name: str
) -> Subscription | Ask:
    """Collect a bill now. That it was not paid is seen by the subscription's status."""
    attempt = command.payment_behavior != "default_incomplete"
    off_session = bool(getattr(command, "off_session", None))
    try:
        asked = await collect(work, invoice, operation=name, off_session=off_session, attempt=attempt)
    except Declined:
        if command.payment_behavior == "error_if_incomplete":
            found = await work.get(Subscription, subscription.id)
            if not found.is_over:
                await give_up_bill(work, found)
                end_with(work, found, Ending(reason="payment_failed"))
            raise
        return await work.get(Subscription, subscription.id)
    return asked if isinstance(asked, Ask) else await work.get(Subscription, subscription.id)


@attrs.frozen(kw_only=True)
class PauseParams:
    """What becomes of bills while nothing is collected."""

    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"]
    resumes_at: Timestamp | None = None


@attrs.frozen(kw_only=True)
class UpdateSubscription(SubscriptionParams, Command[Subscription]):
    """Change a subscription; what is not named stays."""

    id: str
    billing_cycle_anchor: Literal["now", "unchanged"] | None = None
    cancellation_details: CancellationParams | None = None
    pause_collection: PauseParams | Literal[""] | None = None
    proration_date: Timestamp | None = None


@operation(
    "subscription.update", post="/v1/subscriptions/{id}", raises=_REFUSALS, outcome=subscription_outcome
)
async def update_subscription(command: UpdateSubscription, work: Work, ports: Ports) -> Subscription | Ask:
    """Change a subscription, and bill or give back what the change costs."""
    check(command)
    ended = await work.get(Subscription, command.id)
    if ended.is_over and _only_notes(command):
        return keep(work, _with_details(await with_words(work, ended, command), command.cancellation_details))
    before = await live_subscription(work, command.id)
    refuse_error_behavior(command.payment_behavior)
    for added in command.add_invoice_items or ():
        await _add(work, before, added)
    subscription = await with_words(work, before, command)
    subscription = _with_details(subscription, command.cancellation_details)
    if command.pause_collection is not None:
        subscription = evolve(subscription, pause=_pause(command.pause_collection))
    items = subscription.items
    if command.items is not None:
        items = await changed_items(work, subscription, command.items)
    change = Change(
        items=items,
        proration_behavior=command.proration_behavior or "create_prorations",
        proration_date=command.proration_date,
        restarts=command.billing_cycle_anchor == "now",
        trial_end=command.trial_end,
    )
    subscription, invoice = await apply_change(work, before, subscription, change)
    subscription = keep(work, _ending(work, command, subscription))
    if invoice is None or not subscription.collects:
        return subscription
    return await _collected(work, command, subscription, invoice, "subscription.update")


def _only_notes(command: UpdateSubscription) -> bool:
    """Whether all that changes is what can be said of a subscription that has ended."""
    notes = attrs.evolve(command, metadata=None, cancellation_details=None)
    return notes == UpdateSubscription(id=command.id)


def refuse_error_behavior(behavior: PaymentBehavior | None) -> None:
    """Refuse what would need a change to be taken back."""
    if behavior in ("error_if_incomplete", "pending_if_incomplete"):
        raise ParamInvalid(
            "This server does not take changes back: use allow_incomplete or default_incomplete.",
            param="payment_behavior",
        )


def _pause(params: PauseParams | Literal[""]) -> Pause | None:
    return Pause(behavior=params.behavior, resumes_at=params.resumes_at) if params else None


def _with_details(subscription: Subscription, params: CancellationParams | None) -> Subscription:
    if params is None:
        return subscription
    was = subscription.ending
    comment = was.comment if params.comment is None else params.comment or None
    feedback = was.feedback if params.feedback is None else params.feedback or None
    return evolve(subscription, ending=evolve(was, comment=comment, feedback=feedback))


async def live_subscription(work: Work, subscription_id: str, *, param: str = "id") -> Subscription:
    """The subscription, if it has not ended. From here on it is as late as its test clock says."""
    subscription = await work.get(Subscription, subscription_id, param=param)
    await live_customer(work, subscription.customer)
    if subscription.is_over:
        raise InvalidRequest(
            "A canceled subscription can only update its cancellation_details and metadata.", param=param
        )
    return subscription


@attrs.frozen(kw_only=True)
class RetrieveSubscription(Command[Subscription]):
    """Which subscription."""

    id: str


@operation("subscription.retrieve", get="/v1/subscriptions/{id}", raises=(NotFound,))
async def retrieve_subscription(command: RetrieveSubscription, work: Work, ports: Ports) -> Subscription:
    """Return a subscription."""
    return await work.get(Subscription, command.id)


@attrs.frozen(kw_only=True)
class ListSubscriptions(Listing, Command[Page[Subscription]]):
    """Which subscriptions; unless told, not those that have ended."""

    automatic_tax: FreeForm | None = None
    collection_method: Collection | None = None
    current_period_end: TimeRange | Timestamp | None = None
    current_period_start: TimeRange | Timestamp | None = None
    customer: str | None = None
    customer_account: str | None = None
    plan: str | None = None
    price: str | None = None
    status: SubscriptionState | Literal["all", "ended"] | None = None
    test_clock: str | None = None


@operation("subscription.list", get="/v1/subscriptions", raises=(InvalidRequest, NotFound))
async def list_subscriptions(command: ListSubscriptions, work: Work, ports: Ports) -> Page[Subscription]:
    """List subscriptions, newest first."""
    unsupported(command, "automatic_tax", "customer_account", "plan", "price")
    ended = {None: False, "ended": True}.get(command.status)
    query = command.query(
        collection_method=command.collection_method,
        customer=command.customer,
        test_clock=command.test_clock,
        status=command.status if isinstance(command.status, SubscriptionState) else None,
        is_over=ended,
    )
    within = dict(query.within)
    if command.current_period_end is not None:
        within["period_end"] = bounds(command.current_period_end)
    if command.current_period_start is not None:
        within["period_start"] = bounds(command.current_period_start)
    return await work.select(Subscription, attrs.evolve(query, within=within))


@attrs.frozen(kw_only=True)
class CancelSubscription(Command[Subscription]):
    """Which subscription, and what is billed or given back at its end."""

    id: str
    cancellation_details: CancellationParams | None = None
    invoice_now: bool | None = None
    prorate: bool | None = None


@operation(
    "subscription.cancel", delete="/v1/subscriptions/{id}", raises=_REFUSALS, outcome=subscription_outcome
)
async def cancel_subscription(command: CancelSubscription, work: Work, ports: Ports) -> Subscription | Ask:
    """End a subscription now; one that has ended is not found any more."""
    if (await work.get(Subscription, command.id)).is_over:
        raise NotFound("subscription", command.id)
    subscription = _with_details(await live_subscription(work, command.id), command.cancellation_details)
    back = await rest_of(work, subscription, work.now) if command.prorate else []
    if subscription.status is SubscriptionState.INCOMPLETE:
        await give_up_bill(work, subscription)
    else:
        await stop_collecting(work, subscription)
    ending = evolve(subscription.ending, reason="cancellation_requested")
    ended = end_with(work, subscription, ending)
    if not command.invoice_now:
        customer = await live_customer(work, ended.customer)
        for item in back:
            add_item(work, customer, item)
        return ended
    _, invoice = await bill(work, ended, back, "subscription_update")
    if not invoice.lines:
        raise InvalidRequest(
            "Nothing to invoice: cancel without invoice_now.", code="invoice_no_subscription_line_items"
        )
    if not ended.collects:
        return await work.get(Subscription, ended.id)
    off_session = _OffSession(payment_behavior=None, off_session=True)
    return await _collected(work, off_session, ended, invoice, "subscription.cancel")


@attrs.frozen
class _OffSession:
    payment_behavior: str | None
    off_session: bool


@attrs.frozen(kw_only=True)
class ResumeSubscription(Command[Subscription]):
    """Which paused subscription, and when its next period begins."""

    id: str
    billing_cycle_anchor: Literal["now", "unchanged"] | None = None
    payment_behavior: PaymentBehavior | None = None
    proration_behavior: ProrationBehavior | None = None
    proration_date: Timestamp | None = None


@operation(
    "subscription.resume",
    post="/v1/subscriptions/{id}/resume",
    raises=_REFUSALS,
    outcome=subscription_outcome,
)
async def resume_subscription(command: ResumeSubscription, work: Work, ports: Ports) -> Subscription | Ask:
    """Go on with a paused subscription: it is active when the bill of its new period is paid."""
    refuse_error_behavior(command.payment_behavior)
    subscription = await live_subscription(work, command.id)
    if subscription.status is not SubscriptionState.PAUSED:
        raise TransitionRefused("subscription", subscription.status, SubscriptionEvent.RESUME)
    every = subscription.every
    if command.billing_cycle_anchor == "unchanged":
        whole = period_from(subscription.billing_cycle_anchor, every, work.now)
    else:
        subscription = evolve(subscription, billing_cycle_anchor=work.now)
        whole = period_from(work.now, every, work.now)
    share = left(whole, work.now)
    subscription = subscription.in_period(Period(start=work.now, end=whole.end))
    items = [await regular(work, subscription, item, share=share) for item in subscription.items]
    subscription, invoice = await bill(
        work, subscription, items, "subscription_update", auto_advance=not subscription.collects
    )
    if not subscription.collects:
        announce_resumed(work, subscription.after(SubscriptionEvent.RESUME))
        return await work.get(Subscription, subscription.id)
    return await _collected(work, command, subscription, invoice, "subscription.resume")


@attrs.frozen(kw_only=True)
class DeleteSubscriptionDiscount(Command[Deleted]):
    """Which subscription."""

    id: str


@operation(
    "subscription.delete_discount",
    delete="/v1/subscriptions/{id}/discount",
    raises=(InvalidRequest, NotFound),
)
async def delete_subscription_discount(
    command: DeleteSubscriptionDiscount, work: Work, ports: Ports
) -> Deleted:
    """Take a subscription's discounts away; bills that have them keep them."""
    subscription = await live_subscription(work, command.id)
    if not subscription.discounts:
        raise NotFound("discount", f"of {subscription.id}")
    keep(work, evolve(subscription, discounts=()))
    for discount in subscription.discounts:
        work.announce("customer.discount.deleted", discount)
    return Deleted(subscription.discounts[-1].id, "discount")


def item_of(subscription: Subscription, item_id: str) -> SubscriptionItem:
    """The item, or `NotFound`."""
    found = subscription.item(item_id)
    if found is None:
        raise NotFound("subscription_item", item_id, param="id")
    return found
