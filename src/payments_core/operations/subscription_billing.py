"""Billing of subscriptions: make a bill for a period or a change, and collect it at once. Decides and stages."""

from collections.abc import Sequence

import attrs

from payments_core.billing.coupons import Duration
from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoices import Invoice, InvoiceState
from payments_core.billing.lines import Item, Period
from payments_core.billing.subscriptions import Subscription
from payments_core.clock import HOUR, Timestamp
from payments_core.errors import Declined
from payments_core.operations.cards import live_customer
from payments_core.operations.declaring import Ask
from payments_core.operations.invoice_paying import begin_payment, payer_of, payment_outcome
from payments_core.operations.invoices import with_pending
from payments_core.operations.invoicing import Terms, finalize, keep, line_of, new_invoice
from payments_core.operations.prorating import noted, still_on
from payments_core.operations.work import Work
from payments_core.ports import Ports
from payments_core.values import evolve


async def bill(
    work: Work,
    subscription: Subscription,
    items: Sequence[Item],
    reason: str,
    *,
    period: Period | None = None,
    auto_advance: bool = True,
    pending: bool = True,
    added: Sequence[InvoiceItem] = (),
) -> tuple[Subscription, Invoice]:
    """Stage a draft with *items* and what waits for the customer, and the subscription whose latest bill it is.

    *added*: what waits only since this work began, and is not found yet.
    """
    invoice = await drafted(work, subscription, items, reason, period=period, pending=pending)
    for found in added:
        work.put(attrs.evolve(found, invoice=invoice.id))
    lines = tuple(line_of(work, invoice, found.item, found.id) for found in added)
    invoice = invoice.with_lines((*invoice.lines, *lines)) if lines else invoice
    hour = Timestamp(work.now + HOUR) if auto_advance else None
    invoice = attrs.evolve(invoice, auto_advance=auto_advance, automatically_finalizes_at=hour)
    used = {discount.id for discount in invoice.discounts if discount.coupon.duration is Duration.ONCE}
    subscription = evolve(
        noted(subscription, paid_by(invoice)),
        latest_invoice=invoice.id,
        discounts=tuple(one for one in subscription.discounts if one.id not in used),
    ).planned()
    invoice = keep(work, invoice)
    work.announce("invoice.created", invoice)
    work.put(subscription)
    return subscription, invoice


async def drafted(
    work: Work,
    subscription: Subscription,
    items: Sequence[Item],
    reason: str,
    *,
    period: Period | None = None,
    pending: bool = True,
) -> Invoice:
    """The draft alone; stages the pending items that it takes."""
    customer = await live_customer(work, subscription.customer)
    own = still_on(subscription.discounts, work.now)
    terms = Terms(
        collection_method=subscription.collection_method,
        billing_reason=reason,
        days_until_due=subscription.days_until_due,
        period=period or subscription.period,
        discounts=own or None,
        subscription=subscription.id,
    )
    invoice = attrs.evolve(
        new_invoice(work, customer, subscription.currency, terms),
        default_payment_method=subscription.default_payment_method,
        default_source=subscription.default_source,
        default_tax_rates=subscription.default_tax_rates,
        description=subscription.description,
        on_behalf_of=subscription.on_behalf_of,
        shares=subscription.shares,
        subscription_metadata=subscription.metadata,
    )
    invoice = invoice.with_lines(tuple(line_of(work, invoice, item) for item in items))
    return await with_pending(work, invoice) if pending else invoice


def paid_by(invoice: Invoice) -> dict[str, tuple[int, int]]:
    """By item, what the bill's lines for a period come to before and after discounts."""
    return {
        line.item.subscription_item: (line.item.amount, line.item.amount - line.discount)
        for line in invoice.lines
        if line.item.subscription_item is not None and not line.item.proration
    }


async def collect(
    work: Work, invoice: Invoice, *, operation: str, off_session: bool, attempt: bool = True
) -> Ask | Invoice:
    """Finalize a draft and begin to pay it; raises `Declined`, with everything staged, where that fails at once."""
    invoice = await finalize(work, invoice)
    if invoice.status is InvoiceState.PAID or not invoice.collects or not attempt:
        return invoice
    payer = await payer_of(work, invoice)
    return await begin_payment(work, invoice, payer, operation=operation, off_session=off_session)


async def subscription_outcome(work: Work, ports: Ports, invoice_id: str) -> Subscription:
    """The subscription after its bill was paid, or was not: that is seen by its status."""
    invoice = await work.get(Invoice, invoice_id)
    assert invoice.subscription is not None, "the bill of a subscription"
    subscription = await work.get(Subscription, invoice.subscription)
    if subscription.errors_if_incomplete and subscription.is_over:
        try:
            await payment_outcome(work, ports, invoice_id)
        except Declined as refusal:
            raise refusal from None
    return subscription
