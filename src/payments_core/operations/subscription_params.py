"""Parameters of subscriptions and their items, and what they become: prices, items, discounts, payment settings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import attrs

from payments_core.billing.discounts import Discount
from payments_core.billing.invoices import Collection
from payments_core.billing.prices import Price
from payments_core.billing.subscriptions import (
    ITEMS_MAX,
    ItemPlace,
    Subscription,
    SubscriptionItem,
    SubscriptionItemId,
)
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, NotFound, ParamInvalid, ParamMissing
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.billing_params import (
    DiscountParams,
    FreeForm,
    PriceDataParams,
    TaxBehavior,
    at_most_one,
    unsupported,
)
from payments_core.operations.billing_shares import SubscriptionTransferParams, with_percentages
from payments_core.operations.discounting import Where, give_all
from payments_core.operations.invoice_params import AutomaticTaxParams
from payments_core.operations.pricing import RecurringParams, one_price
from payments_core.operations.tax_rates import rates_of
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_core.values import evolve

QUANTITY_MAX = 1_000_000_000

ProrationBehavior = Literal["always_invoice", "create_prorations", "none"]
PaymentBehavior = Literal[
    "allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"
]
Feedback = Literal[
    "",
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
]


@attrs.frozen(kw_only=True)
class RecurringPriceDataParams:
    """A recurring price that is made where it is used."""

    currency: CurrencyCode
    product: str
    recurring: RecurringParams
    tax_behavior: TaxBehavior | None = None
    unit_amount: int | None = None
    unit_amount_decimal: Decimal | None = None


@attrs.frozen(kw_only=True)
class ItemContentParams:
    """What can be said of an item, at first or later."""

    price: str | None = None
    plan: str | None = None
    """Older name of `price`."""
    price_data: RecurringPriceDataParams | None = None
    quantity: int | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    tax_rates: tuple[str, ...] | Literal[""] | None = None
    discounts: tuple[DiscountParams, ...] | Literal[""] | None = None
    billing_thresholds: FreeForm | Literal[""] | None = None
    current_trial: FreeForm | None = None


@attrs.frozen(kw_only=True)
class SubscriptionItemParams(ItemContentParams):
    """An item in the parameters of its subscription: with `id` one that is there, without a new one."""

    id: str | None = None
    deleted: bool | None = None
    clear_usage: bool | None = None


@attrs.frozen(kw_only=True)
class AddedItemParams:
    """Something that is billed once, with the next bill of the subscription."""

    discountable: bool | None = None
    discounts: tuple[DiscountParams, ...] | None = None
    metadata: Mapping[str, str] | None = None
    period: FreeForm | None = None
    price: str | None = None
    price_data: PriceDataParams | None = None
    quantity: int | None = None
    tax_rates: tuple[str, ...] | Literal[""] | None = None


@attrs.frozen(kw_only=True)
class SubscriptionPaymentParams:
    """How bills of the subscription are paid."""

    payment_method_options: FreeForm | None = None
    payment_method_types: tuple[str, ...] | Literal[""] | None = None
    save_default_payment_method: Literal["off", "on_subscription"] | None = None


@attrs.frozen(kw_only=True)
class EndBehaviorParams:
    """What is done when a trial ends and nothing can be charged."""

    missing_payment_method: Literal["cancel", "create_invoice", "pause"] | None = None
    billing_cycle_anchor: Literal["now", "unchanged"] | None = None


@attrs.frozen(kw_only=True)
class TrialSettingsParams:
    """How trials end."""

    end_behavior: EndBehaviorParams


@attrs.frozen(kw_only=True)
class CancellationParams:
    """Why the customer leaves."""

    comment: str | Literal[""] | None = None
    feedback: Feedback | None = None
    feedback_option: str | None = None


@attrs.frozen(kw_only=True)
class SubscriptionParams:
    """What can be said of a subscription, at first or later."""

    add_invoice_items: tuple[AddedItemParams, ...] | None = None
    application_fee_percent: Decimal | Literal[""] | None = None
    automatic_tax: AutomaticTaxParams | None = None
    billing_schedules: tuple[FreeForm, ...] | Literal[""] | None = None
    billing_thresholds: FreeForm | Literal[""] | None = None
    cancel_at: Timestamp | Literal["", "max_period_end", "min_period_end"] | None = None
    cancel_at_period_end: bool | None = None
    collection_method: Collection | None = None
    days_until_due: int | None = None
    default_payment_method: str | None = None
    default_source: str | Literal[""] | None = None
    default_tax_rates: tuple[str, ...] | Literal[""] | None = None
    description: str | Literal[""] | None = None
    discounts: tuple[DiscountParams, ...] | Literal[""] | None = None
    invoice_settings: FreeForm | None = None
    items: tuple[SubscriptionItemParams, ...] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None
    off_session: bool | None = None
    on_behalf_of: str | Literal[""] | None = None
    payment_behavior: PaymentBehavior | None = None
    payment_settings: SubscriptionPaymentParams | None = None
    pending_invoice_item_interval: FreeForm | Literal[""] | None = None
    proration_behavior: ProrationBehavior | None = None
    transfer_data: SubscriptionTransferParams | Literal[""] | None = None
    trial_end: Timestamp | Literal["now"] | None = None
    trial_from_plan: bool | None = None
    trial_settings: TrialSettingsParams | None = None


_UNSUPPORTED = (
    "billing_schedules",
    "billing_thresholds",
    "invoice_settings",
    "pending_invoice_item_interval",
    "trial_from_plan",
)


def check(params: SubscriptionParams) -> None:
    """Refuse what this system cannot honour."""
    unsupported(params, *_UNSUPPORTED)
    if params.automatic_tax is not None and params.automatic_tax.enabled:
        raise ParamInvalid(
            "This server does not calculate taxes: use tax rates.", param="automatic_tax[enabled]"
        )
    if params.payment_behavior == "pending_if_incomplete":
        raise ParamInvalid(
            "This server does not keep changes back until they are paid: use allow_incomplete or "
            "default_incomplete.",
            param="payment_behavior",
        )
    if params.cancel_at and params.cancel_at_period_end:
        raise InvalidRequest(
            "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
            code="parameters_exclusive",
            param="cancel_at",
        )


async def content(
    work: Work,
    subscription: Subscription,
    found: SubscriptionItem | None,
    params: ItemContentParams,
    param: str,
) -> SubscriptionItem:
    """The item as the parameters say, new or changed."""
    at_most_one(params, "price", "plan", "price_data")
    unsupported(params, "billing_thresholds", "current_trial", "discounts")
    price = await _price(work, params, subscription.currency, param) or (found.price if found else None)
    if price is None:
        raise ParamMissing(f"{param}[price]")
    if found is None:
        found = _new_item(work, subscription, price)
    quantity = found.quantity if params.quantity is None else params.quantity
    if not 0 <= quantity <= QUANTITY_MAX:
        raise ParamInvalid(f"This value must be between 0 and {QUANTITY_MAX}.", param=f"{param}[quantity]")
    rates = found.tax_rates
    if params.tax_rates is not None:
        rates = await rates_of(work, params.tax_rates or (), param=f"{param}[tax_rates]")
    return evolve(
        found,
        price=price,
        quantity=quantity,
        tax_rates=rates,
        metadata=merged(found.metadata, params.metadata),
    )


def _new_item(work: Work, subscription: Subscription, price: Price) -> SubscriptionItem:
    item_id = SubscriptionItemId(work.new_id("si"))
    place = ItemPlace(account_id=work.account_id, id=item_id, created=work.now, subscription=subscription.id)
    work.put(place)
    return SubscriptionItem(
        account_id=work.account_id,
        id=item_id,
        created=work.now,
        subscription=subscription.id,
        price=price,
        period=subscription.period,
    )


async def _price(work: Work, params: ItemContentParams, currency: CurrencyCode, param: str) -> Price | None:
    named = params.price or params.plan
    if named is not None:
        price = await work.get(Price, named, param=f"{param}[price]")
    elif params.price_data is not None:
        price = _inline(work, params.price_data)
    else:
        return None
    if price.recurring is None:
        raise InvalidRequest(
            "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
            param=f"{param}[price]",
        )
    if not price.active and params.price_data is None:
        raise InvalidRequest(
            "The price specified is inactive. This field only accepts active prices.", param=f"{param}[price]"
        )
    if currency and price.currency != currency:
        raise InvalidRequest(
            f"The price specified is in {price.currency}, and this is billed in {currency}.",
            param=f"{param}[price]",
        )
    return price


def _inline(work: Work, data: RecurringPriceDataParams) -> Price:
    price = one_price(
        work,
        data.product,
        data.currency,
        data.unit_amount,
        data.unit_amount_decimal,
        recurring=data.recurring,
        tax_behavior=data.tax_behavior,
        active=False,
    )
    work.put(price)
    work.announce("price.created", price)
    return price


async def changed_items(
    work: Work, subscription: Subscription, params: Sequence[SubscriptionItemParams]
) -> tuple[SubscriptionItem, ...]:
    """The items after the changes, those that are there in their order."""
    items = {item.id: item for item in subscription.items}
    for at, one in enumerate(params):
        param = f"items[{at}]"
        found = items.get(SubscriptionItemId(one.id)) if one.id else None
        if one.id and found is None:
            raise NotFound("subscription_item", one.id, param=f"{param}[id]")
        if one.deleted:
            if found is None:
                raise ParamMissing(f"{param}[id]")
            del items[found.id]
            work.drop(await work.get(ItemPlace, found.id))
            continue
        item = await content(work, subscription, found, one, param)
        items[item.id] = item
    return checked(tuple(items.values()))


def checked(items: tuple[SubscriptionItem, ...]) -> tuple[SubscriptionItem, ...]:
    """Refuse items that cannot be billed together."""
    if not items:
        raise InvalidRequest("A subscription needs at least one item: cancel it instead.", param="items")
    if len(items) > ITEMS_MAX:
        raise InvalidRequest(f"A subscription has at most {ITEMS_MAX} items.", param="items")
    if len({item.price.id for item in items}) < len(items):
        raise InvalidRequest(
            "Two items cannot have the same price: change the quantity of one.", param="items"
        )
    intervals = {
        (i.price.recurring.interval, i.price.recurring.interval_count) for i in items if i.price.recurring
    }
    if len(intervals) > 1:
        raise InvalidRequest(
            "All prices of a subscription recur alike: make a subscription for each interval.", param="items"
        )
    return items


async def check_method(work: Work, customer: str, method_id: str | None, param: str) -> None:
    """Refuse a payment method that is not the customer's."""
    if not method_id:
        return
    method = await work.get(PaymentMethod, method_id, param=param)
    if method.customer != customer:
        raise InvalidRequest(
            f"The customer does not have a payment method with the ID {method_id}. The payment method must be "
            "attached to the customer.",
            code="resource_missing",
            param=param,
        )


async def with_words(work: Work, subscription: Subscription, params: SubscriptionParams) -> Subscription:
    """The subscription with everything changed that moves no money by itself."""
    await check_method(work, subscription.customer, params.default_payment_method, "default_payment_method")
    await check_method(work, subscription.customer, params.default_source, "default_source")
    collection = params.collection_method or subscription.collection_method
    days = subscription.days_until_due if params.days_until_due is None else params.days_until_due
    if collection is Collection.SEND_INVOICE and days is None:
        raise ParamMissing(
            "days_until_due", "If `collection_method` is `send_invoice`, you must pass `days_until_due`."
        )
    if collection is not Collection.SEND_INVOICE and params.days_until_due is not None:
        raise InvalidRequest(
            "`days_until_due` is for subscriptions that send invoices.", param="days_until_due"
        )
    changes: dict[str, Any] = {"collection_method": collection, "days_until_due": days}
    changes["shares"] = await with_percentages(
        work,
        subscription.shares,
        params.application_fee_percent,
        params.transfer_data,
        params.on_behalf_of,
    )
    if params.on_behalf_of is not None:
        changes["on_behalf_of"] = params.on_behalf_of or None
    if params.default_payment_method is not None:
        changes["default_payment_method"] = params.default_payment_method or None
    if params.default_source is not None:
        changes["default_source"] = params.default_source or None
    if params.default_tax_rates is not None:
        rates = await rates_of(work, params.default_tax_rates or (), param="default_tax_rates")
        changes["default_tax_rates"] = rates
    if params.description is not None:
        changes["description"] = params.description or None
    if params.discounts is not None:
        changes["discounts"] = await _discounts(work, subscription, params.discounts or ())
    if params.metadata is not None:
        changes["metadata"] = merged(subscription.metadata or NOTHING, params.metadata)
    if params.trial_settings and params.trial_settings.end_behavior.missing_payment_method:
        changes["missing_payment_method"] = params.trial_settings.end_behavior.missing_payment_method
    return _paying(evolve(subscription, **changes), params.payment_settings)


async def _discounts(
    work: Work, subscription: Subscription, params: Sequence[DiscountParams]
) -> tuple[Discount, ...]:
    where = Where(
        currency=subscription.currency, customer=subscription.customer, subscription=subscription.id
    )
    return await give_all(work, params, where)


def _paying(subscription: Subscription, params: SubscriptionPaymentParams | None) -> Subscription:
    if params is None:
        return subscription
    types = params.payment_method_types
    if types and set(types) != {"card"}:
        raise ParamInvalid(
            "This server charges cards: the payment method type is card.",
            param="payment_settings[payment_method_types]",
        )
    return evolve(
        subscription,
        payment_method_types=subscription.payment_method_types if types is None else tuple(types or ()),
        save_default_payment_method=params.save_default_payment_method
        or subscription.save_default_payment_method,
    )
