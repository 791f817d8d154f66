"""Subscriptions that begin at the checkout: from what a session sells to a subscription and its first bill. Nobody pays here."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal

import attrs

from payments_core.billing.shares import Shares
from payments_core.billing.subscriptions import ITEMS_MAX, Subscription, SubscriptionState
from payments_core.checkout.line_items import LineItem
from payments_core.checkout.sessions import CheckoutSession, IntentData
from payments_core.clock import Timestamp
from payments_core.errors import InvalidRequest, ParamInvalid
from payments_core.operations.billing_params import DiscountParams, FreeForm, at_most_one, unsupported
from payments_core.operations.billing_shares import SubscriptionTransferParams
from payments_core.operations.checkout_pricing import lines_of
from payments_core.operations.cycling import give_up_bill
from payments_core.operations.declaring import Ask
from payments_core.operations.subscription_following import end
from payments_core.operations.subscription_params import (
    AddedItemParams,
    EndBehaviorParams,
    SubscriptionItemParams,
    SubscriptionPaymentParams,
    TrialSettingsParams,
)
from payments_core.operations.subscriptions import CreateSubscription, create_subscription
from payments_core.operations.work import Work
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.platform.metadata import NOTHING, merged
from payments_core.values import evolve

TRIAL_DAYS_MAX: Final = 730
_REFUSED: Final = (
    "billing_cycle_anchor",
    "invoice_settings",
    "pending_invoice_item_interval",
)


@attrs.frozen(kw_only=True)
class SubscriptionDataParams:
    """What is to stand on the subscription."""

    application_fee_percent: Decimal | None = None
    billing_cycle_anchor: Timestamp | None = None
    billing_mode: FreeForm | None = None
    default_tax_rates: tuple[str, ...] | None = None
    description: str | None = None
    invoice_settings: FreeForm | None = None
    metadata: Mapping[str, str] | None = None
    on_behalf_of: str | None = None
    pending_invoice_item_interval: FreeForm | None = None
    proration_behavior: Literal["create_prorations", "none"] | None = None
    transfer_data: SubscriptionTransferParams | None = None
    trial_end: Timestamp | None = None
    trial_period_days: int | None = None
    trial_settings: TrialSettingsParams | None = None

    @property
    def value(self) -> IntentData:
        """The data."""
        unsupported(self, *_REFUSED)
        days = self.trial_period_days
        if days is not None and not 1 <= days <= TRIAL_DAYS_MAX:
            raise ParamInvalid(
                f"A trial lasts 1 to {TRIAL_DAYS_MAX} days.", param="subscription_data[trial_period_days]"
            )
        at_most_one(self, "trial_end", "trial_period_days")
        settings, transfer = self.trial_settings, self.transfer_data
        return IntentData(
            description=self.description or None,
            on_behalf_of=self.on_behalf_of,
            shares=Shares(
                fee_percent=self.application_fee_percent,
                destination=transfer.destination if transfer else None,
                amount_percent=transfer.amount_percent if transfer else None,
            ),
            metadata=merged(NOTHING, self.metadata),
            trial_period_days=days,
            trial_end=self.trial_end,
            default_tax_rates=self.default_tax_rates or (),
            missing_payment_method=settings.end_behavior.missing_payment_method if settings else None,
        )


def check_recurring(session: CheckoutSession, lines: Sequence[LineItem]) -> None:
    """Refuse rows of which no subscription can be made."""
    recurring = [line.price for line in lines if line.price.recurring]
    if not recurring or len(recurring) > ITEMS_MAX:
        raise InvalidRequest(
            f"In `subscription` mode a session sells 1 to {ITEMS_MAX} recurring prices.", param="line_items"
        )
    if len({price.id for price in recurring}) < len(recurring):
        raise InvalidRequest(
            "Two line items cannot have the same recurring price: change the quantity of one.",
            param="line_items",
        )
    if len({(p.recurring.interval, p.recurring.interval_count) for p in recurring if p.recurring}) > 1:
        raise InvalidRequest("All recurring prices of a session recur alike.", param="line_items")
    if session.intent_data.has_trial and len(recurring) < len(lines):
        raise InvalidRequest(
            "This server does not sell one-time prices together with a trial.", param="line_items"
        )


async def begin_subscription(
    work: Work, session: CheckoutSession, method: str | None = None
) -> CheckoutSession:
    """Stage the session's one subscription, whose first bill is not charged yet. *method* pays later bills."""
    lines = await lines_of(work, session.id)
    data = session.intent_data
    command = CreateSubscription(
        customer=session.customer or session.newcomer,
        items=tuple(
            SubscriptionItemParams(
                price=line.price.id, quantity=line.quantity, metadata=line.metadata, tax_rates=_rates(line)
            )
            for line in lines
            if line.price.recurring
        ),
        add_invoice_items=tuple(
            AddedItemParams(
                price=line.price.id, quantity=line.quantity, metadata=line.metadata, tax_rates=_rates(line)
            )
            for line in lines
            if not line.price.recurring
        ),
        default_payment_method=method,
        discounts=(DiscountParams(discount=session.offer.discount),) if session.offer else None,
        description=data.description,
        application_fee_percent=data.shares.fee_percent,
        on_behalf_of=data.on_behalf_of,
        transfer_data=SubscriptionTransferParams(
            destination=data.shares.destination, amount_percent=data.shares.amount_percent
        )
        if data.shares.destination
        else None,
        metadata=data.metadata,
        default_tax_rates=data.default_tax_rates or None,
        trial_period_days=data.trial_period_days,
        trial_end=data.trial_end,
        trial_settings=_trial_settings(data),
        payment_behavior="default_incomplete",
        payment_settings=SubscriptionPaymentParams(save_default_payment_method="on_subscription"),
    )
    made = await create_subscription.handler(command, work, work.ports)
    assert not isinstance(made, Ask), "default_incomplete asks nobody"
    work.put(evolve(await work.get(Subscription, made.id), checkout_session=session.id))
    return evolve(session, subscription=made.id, invoice=made.latest_invoice)


def _trial_settings(data: IntentData) -> TrialSettingsParams | None:
    if data.missing_payment_method is None:
        return None
    return TrialSettingsParams(
        end_behavior=EndBehaviorParams(missing_payment_method=data.missing_payment_method)
    )


def _rates(line: LineItem) -> tuple[str, ...]:
    return tuple(rate.id for rate in line.tax_rates)


async def first_payment(work: Work, session: CheckoutSession, intent: PaymentIntent | None) -> PaymentIntent:
    """The intent of the first bill, for exactly what the page shows."""
    if intent is None or (intent.amount, intent.currency) != session.price:
        raise InvalidRequest(
            "The first bill of this subscription is not what this page shows: the customer has credit, discounts or items "
            "that wait to be billed.",
            code="checkout_amount_mismatch",
        )
    return evolve(intent, checkout_session=session.id)


async def give_up_subscription(work: Work, session: CheckoutSession) -> None:
    """Stage the end of a subscription whose first bill nobody paid in time."""
    if session.subscription is None:
        return
    subscription = await work.get(Subscription, session.subscription)
    if subscription.status is SubscriptionState.INCOMPLETE:
        await give_up_bill(work, subscription)
        end(work, subscription, reason="payment_failed")
