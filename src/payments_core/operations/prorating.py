"""Prorating: what a change in the middle of a period gives back and costs, as things to bill. Stages nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import attrs

from payments_core.billing.discounts import Discount
from payments_core.billing.lines import Item, Period
from payments_core.billing.products import Product
from payments_core.billing.proration import left, unused
from payments_core.billing.subscriptions import Subscription, SubscriptionItem, SubscriptionState
from payments_core.clock import Timestamp
from payments_core.operations.lining import blank, by_price
from payments_core.operations.work import Work
from payments_core.values import evolve

PRORATED = frozenset({SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE})
"""States in which the present period was billed."""


async def regular(
    work: Work, subscription: Subscription, item: SubscriptionItem, *, share: Fraction = Fraction(1)
) -> Item:
    """What an item costs for the present period, or *share* of it."""
    made = await by_price(work, blank(work, subscription.currency), item.price, Decimal(item.quantity))
    on_trial = subscription.status is SubscriptionState.TRIALING
    words = f"Trial period for {made.description}" if on_trial else f"{item.quantity} × {made.description}"
    return attrs.evolve(
        made,
        amount=0 if on_trial else unused(made.amount, share),
        unit_amount=made.unit_amount if share == 1 and not on_trial else None,
        description=words,
        period=subscription.period,
        subscription=subscription.id,
        subscription_item=item.id,
        tax_rates=item.tax_rates,
        discounts=still_on(item.discounts, work.now),
        metadata=item.metadata,
    )


def still_on(discounts: Sequence[Discount], now: Timestamp) -> tuple[Discount, ...]:
    """The discounts that still count."""
    return tuple(discount for discount in discounts if discount.is_on(now))


async def change(
    work: Work,
    subscription: Subscription,
    former: SubscriptionItem | None,
    latter: SubscriptionItem | None,
    at: Timestamp,
) -> list[Item]:
    """What is given back for *former*, and what *latter* costs for the rest of the period."""
    if subscription.status not in PRORATED or _same(former, latter):
        return []
    share = left(subscription.whole_interval, at)
    rest = Period(start=at, end=max(at, subscription.period.end))
    found = []
    if former is not None:
        amount = -unused(former.amount, share, former.share_paid)
        found.append(await _prorated(work, subscription, former, amount, rest, "Unused time on"))
    if latter is not None:
        amount = unused(latter.amount, share, latter.share_paid)
        found.append(await _prorated(work, subscription, latter, amount, rest, "Remaining time on"))
    return [item for item in found if item.amount]


def _same(former: SubscriptionItem | None, latter: SubscriptionItem | None) -> bool:
    if former is None or latter is None:
        return former is latter
    return (former.price.id, former.quantity) == (latter.price.id, latter.quantity)


async def _prorated(
    work: Work, subscription: Subscription, item: SubscriptionItem, amount: int, rest: Period, words: str
) -> Item:
    product = await work.find(Product, item.price.product)
    name = product.name if product else item.price.product
    day = datetime.fromtimestamp(rest.start, UTC).strftime("%d %b %Y")
    count = "" if item.quantity == 1 else f"{item.quantity} × "
    return attrs.evolve(
        blank(work, subscription.currency),
        amount=amount,
        quantity=Decimal(item.quantity),
        price=item.price.id,
        product=item.price.product,
        description=f"{words} {count}{name} after {day}",
        period=rest,
        tax_behavior=item.price.tax_behavior,
        tax_rates=item.tax_rates or subscription.default_tax_rates,
        # What discounts leave was computed already, so that giving back and charging meet to the cent.
        discountable=False,
        proration=True,
        subscription=subscription.id,
        subscription_item=item.id,
    )


async def changes(
    work: Work, before: Subscription, items: Sequence[SubscriptionItem], at: Timestamp
) -> list[Item]:
    """What all changes from *before* to *items* give back and cost."""
    now = {item.id: item for item in items}
    found: list[Item] = []
    for former in before.items:
        found += await change(work, before, former, now.pop(former.id, None), at)
    for latter in now.values():
        found += await change(work, before, None, latter, at)
    return found


async def rest_of(work: Work, subscription: Subscription, at: Timestamp) -> list[Item]:
    """What is given back of everything, because the period ends early."""
    return await changes(work, subscription, (), at)


def noted(subscription: Subscription, paid: dict[str, tuple[int, int]]) -> Subscription:
    """The subscription that knows what was billed for each item, before and after discounts."""
    items = tuple(
        evolve(item, gross=paid[item.id][0], net=paid[item.id][1]) if item.id in paid else item
        for item in subscription.items
    )
    return evolve(subscription, items=items)
