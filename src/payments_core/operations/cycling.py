"""Cycling: what time does to subscriptions. Periods are renewed, trials and pauses end, what was never paid is given up.

Each step is small, reads again, and is decided under the subscription's version: several workers do it once.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import attrs

from payments_core import clock
from payments_core.billing.invoices import Invoice, InvoiceState
from payments_core.billing.subscriptions import (
    WARNS_BEFORE_S,
    Subscription,
    SubscriptionEvent,
    SubscriptionState,
    period_from,
)
from payments_core.clock import HOUR, Timestamp
from payments_core.errors import Conflict, PaymentsError
from payments_core.operations.cards import live_customer
from payments_core.operations.invoice_paying import withdraw
from payments_core.operations.invoicing import finalize, void
from payments_core.operations.invoicing import keep as keep_invoice
from payments_core.operations.keeping_time import keep_time
from payments_core.operations.onboarding import find_account
from payments_core.operations.prorating import regular
from payments_core.operations.subscription_billing import bill
from payments_core.operations.subscription_following import end, keep
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account
from payments_core.ports import Ports
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.subscriptions")
CHUNK: Final = 50

Step = Callable[[Work, Subscription], Awaitable[None]]


async def cycle_subscriptions(ports: Ports) -> int:
    """Do the next thing with every subscription that is due; return how many there were."""
    done = 0
    for subscription in await ports.store.due(Subscription, clock.now(ports.clock), CHUNK):
        account = await find_account(ports, subscription.account_id)
        done += await advance(ports, account, subscription.id)
    return done


async def advance(ports: Ports, account: Account, subscription_id: str) -> bool:
    """Do the next thing with one subscription, and say whether it was done."""
    work = Work(Caller(account=account), ports)
    try:
        try:
            if not await _step(work, subscription_id):
                return False
        except Conflict:
            raise
        except PaymentsError:
            LOG.exception("subscription %s of %s cannot go on", subscription_id, account.id)
            work.discard()
            await _put_off(work, subscription_id)
        await work.commit()
    except Conflict:
        return False  # somebody was faster
    return True


async def _step(work: Work, subscription_id: str) -> bool:
    found = await work.find(Subscription, subscription_id)
    if found is None:
        return False
    await keep_time(work, found.test_clock)
    at, step = min(_steps(found), key=lambda one: one[0], default=(None, None))
    if at is None or step is None or at > work.now:
        return False
    await step(work, found)
    return True


async def _put_off(work: Work, subscription_id: str) -> None:
    found = await work.get(Subscription, subscription_id)
    later = Timestamp(work.now + HOUR)
    on_clock = found.test_clock is not None
    # A test clock must not be held up for ever: there the subscription rests.
    work.put(evolve(found, due_at=None if on_clock else later, clock_due=None))


def _steps(subscription: Subscription) -> list[tuple[Timestamp, Step]]:
    """What comes, and when; of what comes at once, the first in this order."""
    if subscription.is_over:
        return []
    if subscription.status is SubscriptionState.INCOMPLETE:
        return [(subscription.expires_at, expire)] if subscription.expires_at else []
    found: list[tuple[Timestamp, Step]] = []
    if subscription.cancel_at is not None:
        found.append((subscription.cancel_at, _cancel))
    if subscription.pause is not None and subscription.pause.resumes_at is not None:
        found.append((subscription.pause.resumes_at, _collect_again))
    on_trial = subscription.status is SubscriptionState.TRIALING
    if on_trial and subscription.trial_end is not None and not subscription.trial_end_announced:
        found.append((Timestamp(subscription.trial_end - WARNS_BEFORE_S), _announce_trial_end))
    if subscription.status is not SubscriptionState.PAUSED:
        found.append((subscription.period.end, renew))
    return found


async def expire(work: Work, subscription: Subscription) -> None:
    """Give up what was never paid, and its bill."""
    await give_up_bill(work, subscription)
    end(work, subscription, reason="payment_failed")


async def give_up_bill(work: Work, subscription: Subscription) -> None:
    """Void the bill that is open; refuses while money is on its way."""
    invoice = await work.find(Invoice, subscription.latest_invoice) if subscription.latest_invoice else None
    if invoice is not None and invoice.status is InvoiceState.OPEN and not invoice.amount_paid:
        await void(work, invoice)
    elif invoice is not None and invoice.status is InvoiceState.OPEN:
        await withdraw(work, invoice, None)


async def _cancel(work: Work, subscription: Subscription) -> None:
    end(work, subscription, reason="cancellation_requested")
    await stop_collecting(work, subscription)


async def stop_collecting(work: Work, subscription: Subscription) -> None:
    """What was not paid is no longer collected by itself."""
    invoice = await work.find(Invoice, subscription.latest_invoice) if subscription.latest_invoice else None
    if invoice is None or not invoice.auto_advance:
        return
    if invoice.is_draft or (invoice.status is InvoiceState.OPEN and invoice.collects):
        invoice = keep_invoice(work, attrs.evolve(invoice, auto_advance=False, next_payment_attempt=None))
        work.announce("invoice.updated", invoice)


async def _collect_again(work: Work, subscription: Subscription) -> None:
    keep(work, evolve(subscription, pause=None))


async def _announce_trial_end(work: Work, subscription: Subscription) -> None:
    subscription = evolve(subscription, trial_end_announced=True).planned()
    work.put(subscription)
    work.announce("customer.subscription.trial_will_end", subscription)


async def renew(work: Work, subscription: Subscription) -> None:
    """Begin the next period and bill it."""
    past = subscription.period
    if subscription.status is SubscriptionState.TRIALING:
        if await _is_stopped(work, subscription):
            return
        subscription = evolve(subscription.after(SubscriptionEvent.END_TRIAL), billing_cycle_anchor=past.end)
    anchor, every = subscription.billing_cycle_anchor, subscription.every
    subscription = subscription.in_period(period_from(anchor, every, past.end))
    items = [await regular(work, subscription, item) for item in subscription.items]
    collected = subscription.pause is None and subscription.status is not SubscriptionState.UNPAID
    subscription, invoice = await bill(
        work, subscription, items, "subscription_cycle", period=past, auto_advance=collected
    )
    work.announce("customer.subscription.updated", subscription)
    if subscription.pause is not None:
        await _rest(work, invoice, subscription.pause.behavior)


async def _is_stopped(work: Work, subscription: Subscription) -> bool:
    """Say whether the end of the trial is the end, or a pause, because nothing can be charged; stages that."""
    customer = await live_customer(work, subscription.customer)
    pays = subscription.default_payment_method or subscription.default_source or customer.pays_with
    if pays or not subscription.collects or subscription.missing_payment_method == "create_invoice":
        return False
    if subscription.missing_payment_method == "cancel":
        end(work, subscription, reason="cancellation_requested")
        return True
    subscription = keep(work, subscription.after(SubscriptionEvent.PAUSE))
    work.announce("customer.subscription.paused", subscription)
    return True


async def _rest(work: Work, invoice: Invoice, behavior: str) -> None:
    """What becomes of a bill while collection is paused."""
    if behavior == "keep_as_draft":
        return
    invoice = await finalize(work, invoice)
    if invoice.status is not InvoiceState.OPEN:
        return
    if behavior == "void":
        await void(work, invoice)
        return
    invoice = invoice.given_up(work.now)
    work.put(invoice)
    work.announce("invoice.updated", invoice)
    work.announce("invoice.marked_uncollectible", invoice)
