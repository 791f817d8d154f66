"""Items of subscriptions: create, update, retrieve, list, delete. Each is a change of its subscription."""

import attrs

from payments_core.billing.subscriptions import ItemPlace, Subscription, SubscriptionItem
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, NotFound
from payments_core.operations.declaring import Command, Deleted, operation
from payments_core.operations.subscription_billing import collect
from payments_core.operations.subscription_changing import Change, apply_change
from payments_core.operations.subscription_following import keep
from payments_core.operations.subscription_params import (
    ItemContentParams,
    PaymentBehavior,
    ProrationBehavior,
    checked,
    content,
)
from payments_core.operations.subscriptions import (
    _REFUSALS,
    item_of,
    live_subscription,
    refuse_error_behavior,
)
from payments_core.operations.work import Work
from payments_core.ports import Page, Ports

LIMIT_MAX = 100


@attrs.frozen(kw_only=True)
class ChangeParams:
    """How a change is billed."""

    payment_behavior: PaymentBehavior | None = None
    proration_behavior: ProrationBehavior | None = None
    proration_date: Timestamp | None = None


@attrs.frozen(kw_only=True)
class ChangedItemParams(ItemContentParams):
    """What an item becomes, and how that is billed."""

    payment_behavior: PaymentBehavior | None = None
    proration_behavior: ProrationBehavior | None = None
    proration_date: Timestamp | None = None


@attrs.frozen(kw_only=True)
class CreateSubscriptionItem(ChangedItemParams, Command[SubscriptionItem]):
    """A further price for a subscription."""

    subscription: str


@operation("subscription_item.create", post="/v1/subscription_items", raises=_REFUSALS)
async def create_subscription_item(
    command: CreateSubscriptionItem, work: Work, ports: Ports
) -> SubscriptionItem:
    """Add an item to a subscription."""
    subscription = await live_subscription(work, command.subscription, param="subscription")
    item = await content(work, subscription, None, command, "subscription_item")
    subscription = await _change(work, subscription, command, (*subscription.items, item))
    return item_of(subscription, item.id)


@attrs.frozen(kw_only=True)
class UpdateSubscriptionItem(ChangedItemParams, Command[SubscriptionItem]):
    """Another price or quantity of an item."""

    id: str
    off_session: bool | None = None


@operation("subscription_item.update", post="/v1/subscription_items/{id}", raises=_REFUSALS)
async def update_subscription_item(
    command: UpdateSubscriptionItem, work: Work, ports: Ports
) -> SubscriptionItem:
    """Change an item of a subscription."""
    subscription, found = await _found(work, command.id)
    item = await content(work, subscription, found, command, "subscription_item")
    items = tuple(item if one.id == item.id else one for one in subscription.items)
    return item_of(await _change(work, subscription, command, items), item.id)


@attrs.frozen(kw_only=True)
class DeleteSubscriptionItem(ChangeParams, Command[Deleted]):
    """Which item."""

    id: str
    clear_usage: bool | None = None


@operation("subscription_item.delete", delete="/v1/subscription_items/{id}", raises=_REFUSALS)
async def delete_subscription_item(command: DeleteSubscriptionItem, work: Work, ports: Ports) -> Deleted:
    """Take an item out of a subscription."""
    subscription, found = await _found(work, command.id)
    items = tuple(one for one in subscription.items if one.id != found.id)
    work.drop(await work.get(ItemPlace, found.id))
    await _change(work, subscription, command, items)
    return Deleted(found.id, "subscription_item")


async def _found(work: Work, item_id: str) -> tuple[Subscription, SubscriptionItem]:
    place = await work.find(ItemPlace, item_id)
    if place is None:
        raise NotFound("subscription_item", item_id, param="id")
    subscription = await live_subscription(work, place.subscription)
    return subscription, item_of(subscription, item_id)


async def _change(
    work: Work,
    before: Subscription,
    params: ChangeParams | ChangedItemParams,
    items: tuple[SubscriptionItem, ...],
) -> Subscription:
    """Stage the change. What is due at once is finalized, and collected by the worker."""
    refuse_error_behavior(params.payment_behavior)
    change = Change(
        items=checked(items),
        proration_behavior=params.proration_behavior or "create_prorations",
        proration_date=params.proration_date,
    )
    subscription, invoice = await apply_change(work, before, before, change)
    subscription = keep(work, subscription)
    if invoice is not None and subscription.collects:
        await collect(work, invoice, operation="subscription.update", off_session=True, attempt=False)
    return await work.get(Subscription, subscription.id)


@attrs.frozen(kw_only=True)
class RetrieveSubscriptionItem(Command[SubscriptionItem]):
    """Which item."""

    id: str


@operation("subscription_item.retrieve", get="/v1/subscription_items/{id}", raises=(NotFound,))
async def retrieve_subscription_item(
    command: RetrieveSubscriptionItem, work: Work, ports: Ports
) -> SubscriptionItem:
    """Return an item of a subscription."""
    place = await work.find(ItemPlace, command.id)
    if place is None:
        raise NotFound("subscription_item", command.id, param="id")
    return item_of(await work.get(Subscription, place.subscription), command.id)


@attrs.frozen(kw_only=True)
class ListSubscriptionItems(Command[Page[SubscriptionItem]]):
    """Of which subscription."""

    subscription: str
    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None


@operation("subscription_item.list", get="/v1/subscription_items", raises=(InvalidRequest, NotFound))
async def list_subscription_items(
    command: ListSubscriptionItems, work: Work, ports: Ports
) -> Page[SubscriptionItem]:
    """List the items of a subscription, in their order."""
    if not 1 <= command.limit <= LIMIT_MAX:
        raise InvalidRequest(f"This value must be between 1 and {LIMIT_MAX}.", param="limit")
    subscription = await work.get(Subscription, command.subscription, param="subscription")
    items = subscription.items
    ids = [item.id for item in items]
    if command.starting_after is not None:
        items = items[ids.index(item_of(subscription, command.starting_after).id) + 1 :]
    elif command.ending_before is not None:
        items = items[: ids.index(item_of(subscription, command.ending_before).id)]
        return Page(items=items[-command.limit :], has_more=len(items) > command.limit)
    return Page(items=items[: command.limit], has_more=len(items) > command.limit)
