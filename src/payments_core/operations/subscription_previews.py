"""Previews of subscriptions: the bill of the next period, and what a change would cost. What is staged has to be discarded."""

from collections.abc import Mapping
from typing import Literal

import attrs

from payments_core.billing.invoices import Invoice
from payments_core.billing.lines import Item
from payments_core.billing.subscriptions import (
    Subscription,
    SubscriptionEvent,
    SubscriptionState,
    period_from,
)
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest
from payments_core.operations.billing_params import FreeForm, unsupported
from payments_core.operations.keeping_time import keep_time
from payments_core.operations.prorating import changes, regular
from payments_core.operations.subscription_billing import drafted
from payments_core.operations.subscription_params import (
    ProrationBehavior,
    SubscriptionItemParams,
    changed_items,
)
from payments_core.operations.subscriptions import CreateSubscription, first_period
from payments_core.operations.work import Work
from payments_core.values import evolve


@attrs.frozen(kw_only=True)
class SubscriptionDetailsParams:
    """What to assume of the subscription."""

    billing_cycle_anchor: Timestamp | Literal["now", "unchanged"] | None = None
    billing_mode: FreeForm | None = None
    billing_schedules: tuple[FreeForm, ...] | Literal[""] | None = None
    cancel_at: Timestamp | Literal["", "max_period_end", "min_period_end"] | None = None
    cancel_at_period_end: bool | None = None
    cancel_now: bool | None = None
    default_tax_rates: tuple[str, ...] | Literal[""] | None = None
    items: tuple[SubscriptionItemParams, ...] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    pause: FreeForm | None = None
    proration_behavior: ProrationBehavior | None = None
    proration_date: Timestamp | None = None
    resume_at: Literal["now"] | None = None
    start_date: Timestamp | None = None
    trial_end: Timestamp | Literal["now"] | None = None


_UNSUPPORTED = (
    "billing_schedules",
    "cancel_at",
    "cancel_at_period_end",
    "cancel_now",
    "default_tax_rates",
    "pause",
    "resume_at",
    "start_date",
    "trial_end",
)
_OF_NEW_ONES = ("cancel_at", "cancel_at_period_end", "default_tax_rates", "trial_end")


async def first_bill(work: Work, customer: str | None, details: SubscriptionDetailsParams) -> Invoice:
    """The draft that a customer would get who subscribed now; without what waits already."""
    unsupported(details, *(name for name in _UNSUPPORTED if name not in _OF_NEW_ONES))
    trial_end = None if details.trial_end == "now" else details.trial_end
    anchor = details.billing_cycle_anchor
    command = CreateSubscription(
        customer=customer,
        items=details.items,
        billing_cycle_anchor=anchor if isinstance(anchor, int) else None,
        default_tax_rates=details.default_tax_rates,
        proration_behavior=details.proration_behavior,
        trial_end=trial_end,
    )
    subscription, items = await first_period(work, command)
    return await drafted(work, subscription, items, "upcoming", pending=False)


async def next_bill(work: Work, before: Subscription, details: SubscriptionDetailsParams) -> Invoice:
    """The draft of the next period, or with `always_invoice` of the change alone; without what waits already."""
    unsupported(details, *_UNSUPPORTED)
    if details.billing_cycle_anchor not in (None, "unchanged"):
        unsupported(details, "billing_cycle_anchor")
    await keep_time(work, before.test_clock)
    subscription, prorated = await _changed(work, before, details)
    if prorated and details.proration_behavior == "always_invoice":
        return await drafted(work, subscription, prorated, "subscription_update", pending=False)
    ends = before.cancel_at is not None and before.cancel_at <= before.period.end
    if before.is_over or ends or before.status is SubscriptionState.PAUSED:
        raise InvalidRequest("No upcoming invoices for customer", code="invoice_upcoming_none")
    following = _following(subscription)
    items = [*prorated, *[await regular(work, following, item) for item in following.items]]
    return await drafted(work, following, items, "upcoming", period=before.period, pending=False)


async def _changed(
    work: Work, before: Subscription, details: SubscriptionDetailsParams
) -> tuple[Subscription, list[Item]]:
    """The subscription with other items, and what that gives back and costs."""
    if details.items is None:
        return before, []
    items = await changed_items(work, before, details.items)
    subscription = evolve(before, items=items)
    now, then = subscription.every, before.every
    if (now.interval, now.interval_count) != (then.interval, then.interval_count):
        raise InvalidRequest(
            "This server does not preview another interval.", param="subscription_details[items]"
        )
    if details.proration_behavior == "none":
        return subscription, []
    at = work.now if details.proration_date is None else details.proration_date
    return subscription, await changes(work, before, items, at)


def _following(subscription: Subscription) -> Subscription:
    """The subscription in its next period."""
    end = subscription.period.end
    if subscription.status is SubscriptionState.TRIALING:
        subscription = subscription.after(SubscriptionEvent.END_TRIAL)
        subscription = evolve(subscription, billing_cycle_anchor=end)
    anchor = subscription.billing_cycle_anchor
    return subscription.in_period(period_from(anchor, subscription.every, end))
