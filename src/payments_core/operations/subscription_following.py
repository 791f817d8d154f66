"""Following: what a bill that was paid, or was not, means for its subscription. Decides and stages; called wherever bills are settled."""

from typing import Final

import attrs

from payments_core.billing.customers import Customer
from payments_core.billing.invoice_payments import InvoicePayment
from payments_core.billing.invoices import Invoice
from payments_core.billing.subscriptions import Ending, Subscription, SubscriptionEvent, SubscriptionState
from payments_core.operations.work import Work
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.payments.setup_intents import SetupIntent, SetupIntentId
from payments_core.ports import Query
from payments_core.tokenization.payment_methods import PaymentMethod
from payments_core.values import evolve

PAGE: Final = 100
AFTER_RETRIES: Final = "billing.after_retries"
"""Account setting: what becomes of a subscription after the last attempt: `cancel`, `unpaid` or `past_due`."""


async def note_paid(work: Work, invoice: Invoice) -> None:
    """Stage that the subscription whose latest bill this is goes on."""
    subscription = await _latest_of(work, invoice)
    if subscription is None:
        return
    if subscription.save_default_payment_method == "on_subscription":
        subscription = await _with_method(work, subscription, invoice)
    if subscription.allows(SubscriptionEvent.PAY):
        keep(work, subscription.after(SubscriptionEvent.PAY))
    elif subscription.status is SubscriptionState.PAUSED:
        announce_resumed(work, subscription.after(SubscriptionEvent.RESUME))


async def _with_method(work: Work, subscription: Subscription, invoice: Invoice) -> Subscription:
    """The subscription that is paid from now on as its bill was, if the customer keeps that card."""
    payment = await work.find(InvoicePayment, invoice.payment) if invoice.payment else None
    intent_id = payment.payment_intent if payment else None
    intent = await work.find(PaymentIntent, intent_id) if intent_id else None
    method_id = intent.payment_method if intent else None
    method = await work.find(PaymentMethod, method_id) if method_id else None
    if method is None or method.customer != subscription.customer:
        return subscription
    return evolve(subscription, default_payment_method=method.id)


async def note_unpaid(work: Work, invoice: Invoice) -> None:
    """Stage that the subscription is behind, or after the last attempt what the account wants."""
    subscription = await _latest_of(work, invoice)
    if subscription is None:
        return
    before = subscription
    if subscription.status is SubscriptionState.INCOMPLETE:
        if subscription.errors_if_incomplete:
            end(work, subscription, reason="payment_failed")
        return
    if subscription.allows(SubscriptionEvent.FAIL):
        subscription = subscription.after(SubscriptionEvent.FAIL)
    last = invoice.collects and invoice.auto_advance and invoice.next_payment_attempt is None
    wish = work.account.settings.get(AFTER_RETRIES, "cancel") if last else "past_due"
    if wish == "cancel" and subscription.allows(SubscriptionEvent.CANCEL):
        end(work, subscription, reason="payment_failed")
    elif wish == "unpaid" and subscription.allows(SubscriptionEvent.LAPSE):
        keep(work, subscription.after(SubscriptionEvent.LAPSE))
    elif subscription is not before:
        keep(work, subscription)


async def _latest_of(work: Work, invoice: Invoice) -> Subscription | None:
    """The subscription, if this is its latest bill: what came of older ones is history."""
    if invoice.subscription is None:
        return None
    subscription = await work.find(Subscription, invoice.subscription)
    return subscription if subscription and subscription.latest_invoice == invoice.id else None


def keep(work: Work, subscription: Subscription) -> Subscription:
    """Stage a changed subscription, and its event."""
    subscription = subscription.planned()
    work.put(subscription)
    work.announce("customer.subscription.updated", subscription)
    return subscription


async def expect_card(work: Work, subscription: Subscription) -> Subscription:
    """Stage a setup intent for the customer's card where there is none, and return the subscription that knows of it."""
    customer = await work.get(Customer, subscription.customer)
    if subscription.default_payment_method or subscription.default_source or customer.pays_with:
        return subscription
    intent_id = SetupIntentId(work.new_id("seti"))
    intent = SetupIntent(
        account_id=work.account_id,
        id=intent_id,
        created=work.now,
        client_secret=f"{intent_id}_secret_{work.ports.ids.secret()}",
        customer=customer.id,
        subscription=subscription.id,
    )
    work.put(intent)
    work.announce("setup_intent.created", intent)
    return evolve(subscription, pending_setup_intent=intent.id)


async def note_card(work: Work, intent: SetupIntent) -> None:
    """The card that a subscription waited for is ready: it pays from now on."""
    subscription = await work.find(Subscription, intent.subscription) if intent.subscription else None
    if subscription is None or subscription.is_over or subscription.pending_setup_intent != intent.id:
        return
    keep(work, evolve(subscription, default_payment_method=intent.payment_method, pending_setup_intent=None))


def announce_resumed(work: Work, subscription: Subscription) -> None:
    """Stage a subscription that was paused and goes on."""
    keep(work, subscription)
    work.announce("customer.subscription.resumed", subscription)


def end(work: Work, subscription: Subscription, *, reason: str) -> Subscription:
    """Stage the end of a subscription."""
    ending = evolve(subscription.ending, reason=subscription.ending.reason or reason)
    return end_with(work, subscription, ending)


def end_with(work: Work, subscription: Subscription, ending: Ending) -> Subscription:
    """Stage the end of a subscription, for a reason."""
    subscription = subscription.canceled(work.now, ending)
    work.put(subscription)
    work.announce("customer.subscription.deleted", subscription)
    return subscription


async def end_all_of(work: Work, customer: str) -> None:
    """Stage the end of everything that a customer who is deleted pays for."""
    query = Query(equal={"customer": customer, "is_over": False}, limit=PAGE)
    more = True
    while more:
        page = await work.select_to_write(Subscription, query)
        for subscription in page.items:
            end(work, subscription, reason="cancellation_requested")
        more = page.has_more
        query = attrs.evolve(query, after=page.items[-1].id) if more else query
