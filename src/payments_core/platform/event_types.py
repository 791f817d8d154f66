"""The names of all events, as the public API spells them: what endpoints may ask for, and what may be announced.

Only the names of what this library knows: an endpoint that asks for another is refused, because it would wait for ever.
"""

from typing import Final

ALL_TYPES: Final = "*"

_BY_RESOURCE: Final[dict[str, str]] = {
    "account": "updated",
    "account.application": "authorized deauthorized",
    "account.external_account": "created updated deleted",
    "application_fee": "created refunded",
    "application_fee.refund": "updated",
    "balance": "available",
    "balance_settings": "updated",
    "capability": "updated",
    "charge": "captured expired failed pending refunded succeeded updated",
    "charge.dispute": "created updated closed funds_withdrawn funds_reinstated",
    "charge.refund": "updated",
    "checkout.session": "completed expired async_payment_succeeded async_payment_failed",
    "coupon": "created updated deleted",
    "credit_note": "created updated voided",
    "customer": "created updated deleted",
    "customer.discount": "created updated deleted",
    "customer.source": "created updated deleted expiring",
    "customer.subscription": "created updated deleted paused resumed trial_will_end pending_update_applied "
    "pending_update_expired",
    "customer.tax_id": "created updated deleted",
    "invoice": "created updated deleted finalized finalization_failed sent paid payment_succeeded payment_failed "
    "payment_action_required payment_attempt_required marked_uncollectible voided overdue will_be_due overpaid upcoming",
    "invoice_payment": "paid",
    "invoiceitem": "created deleted",
    "mandate": "updated",
    "payment_intent": "created requires_action processing amount_capturable_updated succeeded payment_failed "
    "partially_funded canceled",
    "payment_link": "created updated",
    "payment_method": "attached detached updated automatically_updated",
    "payout": "created updated paid failed canceled reconciliation_completed",
    "person": "created updated deleted",
    "plan": "created updated deleted",
    "price": "created updated deleted",
    "product": "created updated deleted",
    "promotion_code": "created updated",
    "quote": "created finalized accepted canceled",
    "radar.early_fraud_warning": "created updated",
    "refund": "created updated failed",
    "reserve.hold": "created updated",
    "reserve.plan": "created updated disabled expired",
    "reserve.release": "created",
    "review": "opened closed",
    "setup_intent": "created requires_action succeeded setup_failed canceled",
    "source": "canceled chargeable failed mandate_notification refund_attributes_required transaction.created "
    "transaction.updated",
    "subscription_schedule": "created updated canceled completed released aborted expiring",
    "tax_rate": "created updated",
    "test_helpers.test_clock": "created advancing ready deleted internal_failure",
    "topup": "created succeeded failed canceled reversed",
    "transfer": "created updated reversed",
}

EVENT_TYPES: Final[frozenset[str]] = frozenset(
    f"{resource}.{verb}" for resource, verbs in _BY_RESOURCE.items() for verb in verbs.split()
)
