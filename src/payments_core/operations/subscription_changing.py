"""Changing subscriptions: other items, another anchor, another trial. Decides what is billed at once and what waits."""

from typing import Literal

import attrs

from payments_core.billing.invoices import Invoice
from payments_core.billing.lines import Item, Period
from payments_core.billing.subscriptions import (
    Subscription,
    SubscriptionEvent,
    SubscriptionItem,
    SubscriptionState,
    period_from,
)
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, ParamInvalid
from payments_core.operations.cards import live_customer
from payments_core.operations.invoice_items import add_item
from payments_core.operations.prorating import changes, regular, rest_of
from payments_core.operations.subscription_billing import bill
from payments_core.operations.work import Work
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class Change:
    """What becomes of the items and the periods."""

    items: tuple[SubscriptionItem, ...]
    proration_behavior: str = "create_prorations"
    proration_date: Timestamp | None = None
    restarts: bool = False
    """Whether a new period begins now."""
    trial_end: Timestamp | Literal["now"] | None = None


async def apply_change(
    work: Work, before: Subscription, subscription: Subscription, change: Change
) -> tuple[Subscription, Invoice | None]:
    """The changed subscription, and the draft of what is to be paid at once."""
    at = _moment(work, before, change)
    if change.items is not before.items and before.status is SubscriptionState.INCOMPLETE:
        raise InvalidRequest("The items of an incomplete subscription cannot be changed.", param="items")
    subscription = evolve(subscription, items=change.items)
    if change.trial_end is not None:
        return await _with_trial(work, before, subscription, change, at)
    every = before.every
    other = (every.interval, every.interval_count) != (
        subscription.every.interval,
        subscription.every.interval_count,
    )
    on_trial = subscription.status is SubscriptionState.TRIALING
    if (other or change.restarts) and not on_trial:
        return await _restarted(work, before, subscription, change, at)
    prorated = []
    if change.proration_behavior != "none":
        prorated = await changes(work, before, change.items, at)
    if prorated and change.proration_behavior == "always_invoice":
        now = Period(start=work.now, end=work.now)
        return await bill(work, subscription, prorated, "subscription_update", period=now)
    await _wait(work, subscription, prorated)
    return subscription, None


def _moment(work: Work, before: Subscription, change: Change) -> Timestamp:
    at = change.proration_date
    if at is None:
        return work.now
    if not before.period.start <= at <= before.period.end:
        raise ParamInvalid("proration_date must be within the current period.", param="proration_date")
    return at


async def _wait(work: Work, subscription: Subscription, items: list[Item]) -> None:
    """Let items wait for the next bill."""
    if items:
        customer = await live_customer(work, subscription.customer)
        for item in items:
            add_item(work, customer, item)


async def _restarted(
    work: Work, before: Subscription, subscription: Subscription, change: Change, at: Timestamp
) -> tuple[Subscription, Invoice | None]:
    """A new period from now on: the rest of the present one is given back, the new one is billed in full."""
    back = [] if change.proration_behavior == "none" else await rest_of(work, before, at)
    subscription = evolve(subscription, billing_cycle_anchor=work.now)
    subscription = subscription.in_period(period_from(work.now, subscription.every, work.now))
    full = [await regular(work, subscription, item) for item in subscription.items]
    return await bill(work, subscription, [*back, *full], "subscription_update")


async def _with_trial(
    work: Work, before: Subscription, subscription: Subscription, change: Change, at: Timestamp
) -> tuple[Subscription, Invoice | None]:
    end = change.trial_end
    if end == "now":
        if subscription.status is not SubscriptionState.TRIALING:
            return subscription, None
        subscription = evolve(subscription.after(SubscriptionEvent.END_TRIAL), trial_end=work.now)
        return await _restarted(work, before, subscription, change, at)
    assert isinstance(end, int)
    if end <= work.now:
        raise ParamInvalid("trial_end must be in the future, or `now`.", param="trial_end")
    if change.proration_behavior != "none":
        await _wait(work, subscription, await rest_of(work, before, at))
    if subscription.status is SubscriptionState.TRIALING:
        subscription = evolve(subscription, trial_end=end, trial_end_announced=False)
    else:
        subscription = subscription.after(SubscriptionEvent.START_TRIAL)
        subscription = evolve(subscription, trial_start=work.now, trial_end=end, trial_end_announced=False)
    subscription = evolve(subscription, billing_cycle_anchor=end)
    return subscription.in_period(Period(start=work.now, end=end)), None
