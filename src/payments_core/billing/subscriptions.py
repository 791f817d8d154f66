"""Subscriptions: products that a customer pays for again and again, and when that is.

Bills, cards and events are the operations' business; here are the states, the periods and what follows from them.
"""

from enum import StrEnum
from fractions import Fraction
from typing import Final, NewType, Self

import attrs

from payments_core.billing.discounts import Discount
from payments_core.billing.invoices import Collection
from payments_core.billing.lines import Period
from payments_core.billing.months import months_later
from payments_core.billing.prices import Interval, Price, Recurring
from payments_core.billing.shares import Shares
from payments_core.billing.tax_rates import TaxRate
from payments_core.clock import DAY, HOUR, Timestamp
from payments_core.machine import Machine
from payments_core.money.currencies import CurrencyCode
from payments_core.platform.accounts import AccountId
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

SubscriptionId = NewType("SubscriptionId", str)
SubscriptionItemId = NewType("SubscriptionItemId", str)

ITEMS_MAX: Final = 20
EXPIRES_AFTER_S: Final = 23 * HOUR
"""How long the first payment of an incomplete subscription is waited for."""
WARNS_BEFORE_S: Final = 3 * DAY
"""How long before the end of a trial that is announced."""


class SubscriptionState(StrEnum):
    """The status that clients see."""

    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    PAUSED = "paused"
    CANCELED = "canceled"


class SubscriptionEvent(StrEnum):
    """What can happen to a subscription."""

    START = "start"
    START_TRIAL = "start_trial"
    END_TRIAL = "end_trial"
    EXPIRE = "expire"
    PAY = "pay"
    FAIL = "fail"
    LAPSE = "lapse"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


SUBSCRIPTION: Final = Machine(
    name="subscription",
    initial=SubscriptionState.INCOMPLETE,
    table={
        SubscriptionState.INCOMPLETE: {
            SubscriptionEvent.START: SubscriptionState.ACTIVE,
            SubscriptionEvent.START_TRIAL: SubscriptionState.TRIALING,
            SubscriptionEvent.PAY: SubscriptionState.ACTIVE,
            SubscriptionEvent.EXPIRE: SubscriptionState.INCOMPLETE_EXPIRED,
        },
        SubscriptionState.TRIALING: {
            SubscriptionEvent.END_TRIAL: SubscriptionState.ACTIVE,
            SubscriptionEvent.FAIL: SubscriptionState.PAST_DUE,
            SubscriptionEvent.PAUSE: SubscriptionState.PAUSED,
            SubscriptionEvent.CANCEL: SubscriptionState.CANCELED,
        },
        SubscriptionState.ACTIVE: {
            SubscriptionEvent.START_TRIAL: SubscriptionState.TRIALING,
            SubscriptionEvent.FAIL: SubscriptionState.PAST_DUE,
            SubscriptionEvent.CANCEL: SubscriptionState.CANCELED,
        },
        SubscriptionState.PAST_DUE: {
            SubscriptionEvent.PAY: SubscriptionState.ACTIVE,
            SubscriptionEvent.LAPSE: SubscriptionState.UNPAID,
            SubscriptionEvent.CANCEL: SubscriptionState.CANCELED,
        },
        SubscriptionState.UNPAID: {
            SubscriptionEvent.PAY: SubscriptionState.ACTIVE,
            SubscriptionEvent.CANCEL: SubscriptionState.CANCELED,
        },
        SubscriptionState.PAUSED: {
            SubscriptionEvent.RESUME: SubscriptionState.ACTIVE,
            SubscriptionEvent.CANCEL: SubscriptionState.CANCELED,
        },
        SubscriptionState.CANCELED: {},
        SubscriptionState.INCOMPLETE_EXPIRED: {},
    },
)


def boundary(anchor: Timestamp, every: Recurring, count: int) -> Timestamp:
    """*count* intervals after *anchor*. Months are counted from the anchor itself, so that no short month moves the day for good."""
    steps = count * every.interval_count
    if every.interval == Interval.MONTH:
        return months_later(anchor, steps)
    if every.interval == Interval.YEAR:
        return months_later(anchor, 12 * steps)
    days = 7 if every.interval == Interval.WEEK else 1
    return Timestamp(anchor + steps * days * DAY)


_SHORTEST_DAYS: Final = {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 28, Interval.YEAR: 365}


def period_from(anchor: Timestamp, every: Recurring, at: Timestamp) -> Period:
    """The whole interval, counted from *anchor*, that *at* is in."""
    # An interval is never shorter than this: the count is found from above, before the anchor from below.
    count = (at - anchor) // (_SHORTEST_DAYS[every.interval] * every.interval_count * DAY) + 1
    while boundary(anchor, every, count) > at:
        count -= 1
    while boundary(anchor, every, count + 1) <= at:
        count += 1
    return Period(start=boundary(anchor, every, count), end=boundary(anchor, every, count + 1))


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionItem:
    """One price of a subscription, with its quantity."""

    account_id: AccountId
    id: SubscriptionItemId
    created: Timestamp
    subscription: str
    price: Price
    quantity: int = 1
    tax_rates: tuple[TaxRate, ...] = ()
    discounts: tuple[Discount, ...] = ()
    period: Period
    gross: int = 0
    """What was billed for the present period before discounts; with `net`, what was really paid of it."""
    net: int = 0
    metadata: Metadata = NOTHING

    @property
    def share_paid(self) -> Fraction:
        """The part of the price that discounts leave."""
        return Fraction(self.net, self.gross) if self.gross else Fraction(1)

    @property
    def amount(self) -> int:
        """What a whole interval costs."""
        return self.price.amount_for(self.quantity)


@attrs.frozen(kw_only=True, slots=False)
class ItemPlace:
    """Where an item is found: its id, and its subscription's."""

    account_id: AccountId
    id: SubscriptionItemId
    created: Timestamp
    subscription: str


@attrs.frozen(kw_only=True, slots=False)
class Pause:
    """What becomes of bills while nothing is collected, and until when that is."""

    behavior: str
    resumes_at: Timestamp | None = None


@attrs.frozen(kw_only=True, slots=False)
class Ending:
    """Why a subscription ends, in the customer's words and the merchant's."""

    reason: str | None = None
    comment: str | None = None
    feedback: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class Subscription:
    """What a customer pays for again and again."""

    account_id: AccountId
    id: SubscriptionId
    created: Timestamp
    customer: str
    currency: CurrencyCode
    status: SubscriptionState = SUBSCRIPTION.initial
    items: tuple[SubscriptionItem, ...]
    period: Period
    start_date: Timestamp
    billing_cycle_anchor: Timestamp
    collection_method: Collection = Collection.CHARGE_AUTOMATICALLY
    days_until_due: int | None = None
    default_payment_method: str | None = None
    default_source: str | None = None
    default_tax_rates: tuple[TaxRate, ...] = ()
    discounts: tuple[Discount, ...] = ()
    description: str | None = None
    on_behalf_of: str | None = None
    shares: Shares = Shares()
    """What others get of every bill."""
    save_default_payment_method: str = "off"
    payment_method_types: tuple[str, ...] = ()
    errors_if_incomplete: bool = False
    """Whether a first payment that fails ends the subscription."""
    trial_start: Timestamp | None = None
    trial_end: Timestamp | None = None
    missing_payment_method: str = "create_invoice"
    trial_end_announced: bool = False
    cancel_at: Timestamp | None = None
    cancel_at_period_end: bool = False
    canceled_at: Timestamp | None = None
    ended_at: Timestamp | None = None
    ending: Ending = Ending()
    pause: Pause | None = None
    latest_invoice: str | None = None
    pending_setup_intent: str | None = None
    """Where the customer, who has nothing to pay yet, can leave a card."""
    expires_at: Timestamp | None = None
    """When an incomplete subscription is given up."""
    checkout_session: str | None = None
    """Where the customer subscribed."""
    test_clock: str | None = None
    metadata: Metadata = NOTHING
    due_at: Timestamp | None = None
    """When a job has something to do."""
    clock_due: Timestamp | None = None
    """The same by the customer's test clock."""

    @property
    def period_start(self) -> Timestamp:
        """When the present period began: what lists can be filtered by."""
        return self.period.start

    @property
    def period_end(self) -> Timestamp:
        """When the present period ends."""
        return self.period.end

    @property
    def every(self) -> Recurring:
        """How often it is billed: all items alike."""
        recurring = self.items[0].price.recurring
        assert recurring is not None, "items of subscriptions recur"
        return recurring

    @property
    def collects(self) -> bool:
        """Whether the customer's card is charged without being asked."""
        return self.collection_method is Collection.CHARGE_AUTOMATICALLY

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen any more."""
        return SUBSCRIPTION.is_final(self.status)

    @property
    def whole_interval(self) -> Period:
        """The interval that the present period is, or is the rest of."""
        return Period(start=self._before(self.period.end), end=self.period.end)

    def _before(self, end: Timestamp) -> Timestamp:
        return period_from(self.billing_cycle_anchor, self.every, Timestamp(end - 1)).start

    def item(self, item_id: str) -> SubscriptionItem | None:
        """The item of this id."""
        return next((item for item in self.items if item.id == item_id), None)

    def in_period(self, period: Period) -> Self:
        """The subscription in another period, its items too."""
        return evolve(
            self,
            period=period,
            items=tuple(evolve(item, period=period) for item in self.items),
            cancel_at=period.end if self.cancel_at_period_end else self.cancel_at,
        )

    def after(self, event: SubscriptionEvent) -> Self:
        """The subscription after *event*, due when it has to be."""
        status = SUBSCRIPTION.after(self.status, event)
        return evolve(self, status=status, expires_at=None).planned()

    def allows(self, event: SubscriptionEvent) -> bool:
        """Say whether *event* can happen now."""
        return SUBSCRIPTION.allows(self.status, event)

    def canceled(self, now: Timestamp, ending: Ending) -> Self:
        """The end, now."""
        incomplete = self.status is SubscriptionState.INCOMPLETE
        event = SubscriptionEvent.EXPIRE if incomplete else SubscriptionEvent.CANCEL
        return evolve(
            self,
            canceled_at=self.canceled_at or now,
            ended_at=now,
            ending=ending,
            pause=None,
        ).after(event)

    def planned(self) -> Self:
        """The subscription, due when a job has something to do with it."""
        at = self._next_due()
        if self.test_clock is not None:
            return evolve(self, due_at=None, clock_due=at)
        return evolve(self, due_at=at, clock_due=None)

    def _next_due(self) -> Timestamp | None:
        if self.is_over:
            return None
        if self.status is SubscriptionState.INCOMPLETE:
            return self.expires_at
        times = [self.cancel_at, self.pause.resumes_at if self.pause else None]
        if self.status is not SubscriptionState.PAUSED:
            times.append(self.period.end)
        if self.status is SubscriptionState.TRIALING and not self.trial_end_announced and self.trial_end:
            times.append(Timestamp(self.trial_end - WARNS_BEFORE_S))
        return min((at for at in times if at is not None), default=None)
