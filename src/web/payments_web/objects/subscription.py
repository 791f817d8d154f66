"""The subscription as clients see it. Fields that this system never sets say what they always say."""

from typing import Annotated, Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.billing.shares import Shares
from payments_core.billing.subscriptions import Ending, Subscription
from payments_core.platform.metadata import NOTHING
from payments_web.objects.common import CurrencyText, Hash, MetadataText, Seconds
from payments_web.objects.listing import ListObject
from payments_web.objects.markers import Expandable
from payments_web.objects.subscription_item import SubscriptionItemObject
from payments_web.objects.tax_rate import TaxRateObject


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionAutomaticTaxObject:
    """`automatic_tax` of subscription objects."""

    disabled_reason: str | None = None
    enabled: bool = False
    liability: Hash | None = None


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionBillingModeFlexibleObject:
    """`billing_mode_flexible` of subscription objects."""

    proration_discounts: str = "included"


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionBillingModeObject:
    """`billing_mode` of subscription objects."""

    flexible: SubscriptionBillingModeFlexibleObject = SubscriptionBillingModeFlexibleObject()
    type: str = "flexible"
    updated_at: Seconds | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionCancellationDetailsObject:
    """`cancellation_details` of subscription objects."""

    comment: str | None = None
    feedback: str | None = None
    feedback_option: Annotated[str | UnsetType, Expandable("feedback_option")] = UNSET
    reason: str | None = None


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionInvoiceSettingsIssuerObject:
    """`invoice_settings_issuer` of subscription objects."""

    account: Annotated[str | None, Expandable("account")] = None
    type: str = "self"


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionInvoiceSettingsObject:
    """`invoice_settings` of subscription objects."""

    account_tax_ids: tuple[Annotated[str, Expandable("tax_id")], ...] | None = None
    custom_fields: tuple[Hash, ...] | UnsetType = UNSET
    description: str | UnsetType = UNSET
    footer: str | UnsetType = UNSET
    issuer: SubscriptionInvoiceSettingsIssuerObject = SubscriptionInvoiceSettingsIssuerObject()


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionPauseCollectionObject:
    """`pause_collection` of subscription objects."""

    behavior: str
    resumes_at: Seconds | None = None


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionPaymentSettingsObject:
    """`payment_settings` of subscription objects."""

    payment_method_options: Hash | None = None
    payment_method_types: tuple[str, ...] | None = None
    save_default_payment_method: str = "off"


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionTransferDataObject:
    """`transfer_data` of subscription objects."""

    amount_percent: float | None = None
    destination: Annotated[str, Expandable("account")]

    @classmethod
    def of(cls, shares: Shares) -> Self | None:
        """Show where the money of bills goes on to."""
        if shares.destination is None:
            return None
        percent = shares.amount_percent
        return cls(amount_percent=None if percent is None else float(percent), destination=shares.destination)


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionTrialSettingsEndBehaviorObject:
    """`trial_settings_end_behavior` of subscription objects."""

    billing_cycle_anchor: str | UnsetType = UNSET
    missing_payment_method: str = "create_invoice"


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionTrialSettingsObject:
    """`trial_settings` of subscription objects."""

    end_behavior: SubscriptionTrialSettingsEndBehaviorObject = SubscriptionTrialSettingsEndBehaviorObject()


@attrs.frozen(kw_only=True, slots=False)
class SubscriptionObject:
    """Products that a customer pays for again and again."""

    id: str
    object: Literal["subscription"] = "subscription"
    application: Annotated[str | None, Expandable("application")] = None
    application_fee_percent: float | None = None
    automatic_tax: SubscriptionAutomaticTaxObject = SubscriptionAutomaticTaxObject()
    billing_cycle_anchor: Seconds
    billing_cycle_anchor_config: Hash | None = None
    billing_mode: SubscriptionBillingModeObject = SubscriptionBillingModeObject()
    billing_schedules: tuple[Hash, ...] = ()
    billing_thresholds: Hash | None = None
    cancel_at: Seconds | None = None
    cancel_at_period_end: bool = False
    canceled_at: Seconds | None = None
    cancellation_details: SubscriptionCancellationDetailsObject = SubscriptionCancellationDetailsObject()
    collection_method: str = "charge_automatically"
    created: Seconds
    currency: CurrencyText
    customer: Annotated[str, Expandable("customer")]
    customer_account: str | None = None
    days_until_due: int | None = None
    default_payment_method: Annotated[str | None, Expandable("payment_method")] = None
    default_source: Annotated[str | None, Expandable("account", "bank_account", "card")] = None
    default_tax_rates: tuple[TaxRateObject, ...] = ()
    description: str | None = None
    discounts: tuple[Annotated[str, Expandable("discount")], ...] = ()
    ended_at: Seconds | None = None
    invoice_settings: SubscriptionInvoiceSettingsObject = SubscriptionInvoiceSettingsObject()
    items: ListObject
    latest_invoice: Annotated[str | None, Expandable("invoice")] = None
    livemode: bool
    managed_payments: Hash | UnsetType = UNSET
    metadata: MetadataText = NOTHING
    next_pending_invoice_item_invoice: Seconds | None = None
    on_behalf_of: Annotated[str | None, Expandable("account")] = None
    pause_collection: SubscriptionPauseCollectionObject | None = None
    payment_settings: SubscriptionPaymentSettingsObject = SubscriptionPaymentSettingsObject()
    pending_invoice_item_interval: Hash | None = None
    pending_setup_intent: Annotated[str | None, Expandable("setup_intent")] = None
    pending_update: Hash | None = None
    presentment_details: Hash | UnsetType = UNSET
    schedule: Annotated[str | None, Expandable("subscription_schedule")] = None
    start_date: Seconds
    status: str
    status_details: Hash | UnsetType = UNSET
    test_clock: Annotated[str | None, Expandable("test_helpers.test_clock")] = None
    transfer_data: SubscriptionTransferDataObject | None = None
    trial_end: Seconds | None = None
    trial_settings: SubscriptionTrialSettingsObject = SubscriptionTrialSettingsObject()
    trial_start: Seconds | None = None

    @classmethod
    def of(cls, subscription: Subscription, livemode: bool) -> Self:
        """Show a subscription."""
        return cls(
            id=subscription.id,
            billing_cycle_anchor=subscription.billing_cycle_anchor,
            cancel_at=subscription.cancel_at,
            cancel_at_period_end=subscription.cancel_at_period_end,
            canceled_at=subscription.canceled_at,
            cancellation_details=_ending(subscription.ending),
            collection_method=subscription.collection_method,
            created=subscription.created,
            currency=subscription.currency,
            customer=subscription.customer,
            days_until_due=subscription.days_until_due,
            default_payment_method=subscription.default_payment_method,
            default_source=subscription.default_source,
            default_tax_rates=tuple(
                TaxRateObject.of(rate, livemode) for rate in subscription.default_tax_rates
            ),
            description=subscription.description,
            discounts=tuple(discount.id for discount in subscription.discounts),
            ended_at=subscription.ended_at,
            items=_items(subscription, livemode),
            latest_invoice=subscription.latest_invoice,
            livemode=livemode,
            application_fee_percent=None
            if subscription.shares.fee_percent is None
            else float(subscription.shares.fee_percent),
            on_behalf_of=subscription.on_behalf_of,
            transfer_data=SubscriptionTransferDataObject.of(subscription.shares),
            metadata=subscription.metadata,
            pause_collection=_pause(subscription),
            payment_settings=SubscriptionPaymentSettingsObject(
                payment_method_types=subscription.payment_method_types or None,
                save_default_payment_method=subscription.save_default_payment_method,
            ),
            pending_setup_intent=subscription.pending_setup_intent,
            start_date=subscription.start_date,
            status=subscription.status,
            test_clock=subscription.test_clock,
            trial_end=subscription.trial_end,
            trial_settings=SubscriptionTrialSettingsObject(
                end_behavior=SubscriptionTrialSettingsEndBehaviorObject(
                    missing_payment_method=subscription.missing_payment_method
                )
            ),
            trial_start=subscription.trial_start,
        )


def _ending(ending: Ending) -> SubscriptionCancellationDetailsObject:
    return SubscriptionCancellationDetailsObject(
        comment=ending.comment, feedback=ending.feedback, reason=ending.reason
    )


def _items(subscription: Subscription, livemode: bool) -> ListObject:
    return ListObject(
        data=[SubscriptionItemObject.of(item, livemode) for item in subscription.items],
        url=f"/v1/subscription_items?subscription={subscription.id}",
    )


def _pause(subscription: Subscription) -> SubscriptionPauseCollectionObject | None:
    pause = subscription.pause
    if pause is None:
        return None
    return SubscriptionPauseCollectionObject(behavior=pause.behavior, resumes_at=pause.resumes_at)
