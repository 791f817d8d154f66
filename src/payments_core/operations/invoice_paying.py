"""Paying invoices: the payment intent of each bill, what its charges bring, and money that came by other ways.

A finalized invoice has one payment intent. Whoever pays confirms it; whoever settles the bill otherwise cancels or reprices it in the same
commit. So of all who try at once (the API, a page, automatic collection, a payer's browser) one pays. Functions here decide and stage;
none commits and none sends.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from payments_core.billing.customer_balance import MovementType
from payments_core.billing.customers import Customer
from payments_core.billing.invoice_payments import InvoicePayment, InvoicePaymentId, PaymentState
from payments_core.billing.invoices import Invoice, InvoiceState
from payments_core.errors import AmountRefused, Declined, InvalidRequest
from payments_core.ledger import bookkeeping
from payments_core.money.amounts import charged
from payments_core.operations.cards import Payer, live_customer, payer_by_method, payer_for
from payments_core.operations.confirming import Terms, abandon_challenge, confirm_payment
from payments_core.operations.customer_balance import Movement, move
from payments_core.operations.declaring import Ask
from payments_core.operations.intent_settling import declined_intent
from payments_core.operations.keeping_time import keep_time
from payments_core.operations.mailing import mail_invoice_receipt
from payments_core.operations.subscription_following import note_paid, note_unpaid
from payments_core.operations.work import Work
from payments_core.payments.charges import Charge, ChargeState
from payments_core.payments.payment_intents import PaymentIntent, PaymentIntentId, PaymentIntentState
from payments_core.ports import Ports, Query
from payments_core.values import evolve

BUSY: Final = frozenset({PaymentIntentState.PROCESSING, PaymentIntentState.REQUIRES_CAPTURE})
"""States of an intent in which money is on its way."""
ENDED: Final = frozenset({PaymentIntentState.SUCCEEDED, PaymentIntentState.CANCELED})


def expect_payment(work: Work, invoice: Invoice) -> Invoice:
    """Stage the payment intent of a bill of which something is left to pay, and return the invoice that knows of it."""
    try:
        amount = charged(invoice.amount_remaining, invoice.currency)
    except AmountRefused:
        return invoice  # no card can be charged that much or that little: it is paid elsewhere
    intent_id = PaymentIntentId(work.new_id("pi"))
    intent = PaymentIntent(
        account_id=work.account_id,
        id=intent_id,
        created=work.now,
        amount=amount,
        currency=invoice.currency,
        client_secret=f"{intent_id}_secret_{work.ports.ids.secret()}",
        customer=invoice.customer,
        capture_method="automatic",
        setup_future_usage="off_session" if invoice.subscription else None,
        description=invoice.description or f"Invoice {invoice.number}",
        application_fee_amount=invoice.shares.fee_of(amount),
        transfer_data=invoice.shares.transfer_of(amount),
        on_behalf_of=invoice.on_behalf_of,
        invoice=invoice.id,
    )
    payment = new_payment(work, invoice, amount, payment_intent=intent.id)
    work.put(intent)
    work.put(payment)
    work.announce("payment_intent.created", intent)
    return attrs.evolve(invoice, payment=payment.id, confirmation_secret=intent.client_secret)


def new_payment(
    work: Work,
    invoice: Invoice,
    amount: int,
    *,
    payment_intent: str | None = None,
    payment_record: str | None = None,
    is_default: bool = True,
) -> InvoicePayment:
    """A payment of an invoice that is expected or was made."""
    return InvoicePayment(
        account_id=work.account_id,
        id=InvoicePaymentId(work.new_id("inpay")),
        created=work.now,
        invoice=invoice.id,
        amount_requested=amount,
        currency=invoice.currency,
        payment_intent=payment_intent,
        payment_record=payment_record,
        is_default=is_default,
    )


async def payer_of(
    work: Work, invoice: Invoice, *, method: str | None = None, source: str | None = None
) -> Payer:
    """Who pays: as named, else the invoice's default, else the customer's."""
    if source is not None:
        return await payer_for(work, source, invoice.customer)
    chosen = method or invoice.default_payment_method or invoice.default_source
    if chosen is not None:
        return await payer_by_method(work, chosen, invoice.customer, param="payment_method")
    if invoice.customer is None:
        raise InvalidRequest(
            "This invoice has no customer: name a payment method, or say that it was paid elsewhere.",
            code="parameter_missing",
            param="payment_method",
        )
    customer = await live_customer(work, invoice.customer)
    if customer.pays_with is None:
        raise InvalidRequest(
            "This customer has no attached payment source or default payment method. Please consider adding a default "
            "payment method.",
            code="resource_missing",
        )
    return await payer_for(work, None, customer.id)


async def begin_payment(
    work: Work,
    invoice: Invoice,
    payer: Payer,
    *,
    operation: str,
    off_session: bool = True,
    return_url: str | None = None,
) -> Ask:
    """Confirm the invoice's intent for all that is left; return what to ask the network.

    Raises `Declined`, with everything staged, where the bank refuses or wants to see the payer first.
    """
    await keep_time(work, invoice.test_clock)
    invoice.refuse_payment()
    charged(invoice.amount_remaining, invoice.currency)
    intent = await intent_of(work, invoice)
    if intent is None:
        raise InvalidRequest(f"Invoice {invoice.id} has no payment to confirm.", code="intent_invalid_state")
    refuse_busy(intent)
    invoice = invoice.paying()
    work.put(invoice)
    terms = Terms(operation=operation, result=invoice.id, off_session=off_session, return_url=return_url)
    try:
        confirmed = await confirm_payment(work, intent, terms, payer)
    except Declined:
        await note_failure(work, invoice)
        raise
    if isinstance(confirmed, Ask):
        return confirmed
    work.announce("invoice.payment_action_required", invoice)
    raise Declined(
        "This payment requires additional user action before it can be completed successfully. Payment can be completed "
        "using the PaymentIntent associated with the invoice.",
        code="invoice_payment_intent_requires_action",
        about={"payment_intent": confirmed},
    )


async def intent_of(work: Work, invoice: Invoice) -> PaymentIntent | None:
    """The payment intent of a finalized invoice."""
    payment = await work.find(InvoicePayment, invoice.payment) if invoice.payment else None
    if payment is None or payment.payment_intent is None:
        return None
    return await work.get(PaymentIntent, payment.payment_intent)


def refuse_busy(intent: PaymentIntent) -> None:
    """Raise `InvalidRequest` while money is on its way."""
    if intent.status in BUSY:
        raise InvalidRequest(
            f"A payment of invoice {intent.invoice} is being processed. Wait for what comes of it.",
            code="invoice_payment_in_progress",
        )


async def settle_invoice(work: Work, charge: Charge) -> None:
    """What follows for an invoice from a charge that was made for it. A follower: also called by recovery."""
    if charge.invoice is None or charge.status is ChargeState.PENDING:
        return
    invoice = await work.find(Invoice, charge.invoice)
    payment = await _payment_by(work, invoice, charge) if invoice else None
    if invoice is None or payment is None or payment.status is not PaymentState.OPEN:
        return
    await keep_time(work, invoice.test_clock)
    if charge.status is ChargeState.SUCCEEDED:
        await receive(work, invoice, payment, charge.amount_captured, charge=charge.id)
    elif payment.is_default:
        await note_failure(work, invoice)


async def _payment_by(work: Work, invoice: Invoice, charge: Charge) -> InvoicePayment | None:
    payment = await work.find(InvoicePayment, invoice.payment) if invoice.payment else None
    if payment is not None and payment.payment_intent == charge.payment_intent:
        return payment
    query = Query(equal={"payment_intent": charge.payment_intent}, limit=1)
    found = await work.select_to_write(InvoicePayment, query)
    return found.items[0] if found.items else None


async def receive(
    work: Work, invoice: Invoice, payment: InvoicePayment, amount: int, *, charge: str | None = None
) -> Invoice:
    """Stage that *amount* came by *payment*. What is too much becomes the customer's credit."""
    over = max(0, amount - invoice.amount_remaining)
    was_open = invoice.status is not InvoiceState.PAID
    payment = payment.paid(amount, work.now, charge=charge)
    work.put(payment)
    work.announce("invoice_payment.paid", payment)
    invoice = invoice.paid(amount, work.now)
    await _adjust_others(work, invoice, payment)
    if over and invoice.customer is not None:
        customer = await work.get(Customer, invoice.customer)
        movement = Movement(
            amount=-over, currency=invoice.currency, type=MovementType.INVOICE_OVERPAID, invoice=invoice.id
        )
        customer, _ = move(work, customer, movement)
        work.announce("customer.updated", customer)
        work.announce("invoice.overpaid", invoice)
    work.put(invoice)
    if invoice.status is InvoiceState.PAID and was_open:
        await announce_paid(work, invoice)
    else:
        work.announce("invoice.updated", invoice)
    return invoice


async def announce_paid(work: Work, invoice: Invoice) -> None:
    """Stage the events of a bill that is settled, its receipt, and what follows for its subscription."""
    mail_invoice_receipt(work, invoice)
    for event in ("invoice.updated", "invoice.paid", "invoice.payment_succeeded"):
        work.announce(event, invoice)
    await note_paid(work, invoice)


async def _adjust_others(work: Work, invoice: Invoice, paid: InvoicePayment) -> None:
    """What else was expected: less of it, or nothing any more. Money that is on its way comes, and is credited."""
    for payment in await _open_payments(work, invoice):
        if payment.id == paid.id or payment.payment_intent is None:
            continue
        intent = await work.get(PaymentIntent, payment.payment_intent)
        if intent.status in BUSY | ENDED:
            continue
        if invoice.amount_remaining == 0:
            await _cancel(work, intent, payment, None)
        elif payment.is_default:
            await _reprice(work, intent, payment, invoice.amount_remaining)


async def _open_payments(work: Work, invoice: Invoice) -> Sequence[InvoicePayment]:
    """The payments that can still bring money."""
    ids = [payment_id for payment_id in (invoice.payment, *invoice.attached) if payment_id]
    found = [await work.get(InvoicePayment, payment_id) for payment_id in ids]
    return [payment for payment in found if payment.status is PaymentState.OPEN]


async def withdraw(work: Work, invoice: Invoice, reason: str | None) -> None:
    """Stage that no payment is expected any more; refuse while money is on its way."""
    for payment in await _open_payments(work, invoice):
        if payment.payment_intent is None:
            continue
        intent = await work.get(PaymentIntent, payment.payment_intent)
        refuse_busy(intent)
        if intent.status not in ENDED:
            await _cancel(work, intent, payment, reason)


async def _cancel(work: Work, intent: PaymentIntent, payment: InvoicePayment, reason: str | None) -> None:
    await abandon_challenge(work, intent)
    intent = intent.canceled(reason, work.now)
    work.put(intent)
    work.put(payment.canceled(work.now))
    work.announce("payment_intent.canceled", intent)


async def reprice(work: Work, invoice: Invoice) -> None:
    """Stage that another amount is left to pay; refuse while money is on its way."""
    if invoice.amount_remaining == 0:
        await withdraw(work, invoice, None)
        return
    payment = await work.find(InvoicePayment, invoice.payment) if invoice.payment else None
    if payment is None or payment.payment_intent is None or payment.status is not PaymentState.OPEN:
        return
    intent = await work.get(PaymentIntent, payment.payment_intent)
    refuse_busy(intent)
    await _reprice(work, intent, payment, invoice.amount_remaining)


async def _reprice(work: Work, intent: PaymentIntent, payment: InvoicePayment, amount: int) -> None:
    """What was proved for another amount is proved no more."""
    if intent.payment_method is not None:
        await abandon_challenge(work, intent)
        intent = intent.choose(intent.payment_method, intent.customer)
    work.put(evolve(intent, amount=amount))
    work.put(attrs.evolve(payment, amount_requested=amount))


async def note_failure(work: Work, invoice: Invoice) -> Invoice:
    """Stage that nobody paid this time; automatic collection plans its next attempt, or the subscription ends."""
    invoice = invoice.payment_failed(work.now)
    work.put(invoice)
    work.announce("invoice.updated", invoice)
    work.announce("invoice.payment_failed", invoice)
    await note_unpaid(work, invoice)
    return invoice


async def pay_elsewhere(work: Work, invoice: Invoice) -> Invoice:
    """Stage that the merchant was paid outside of this system, all that was left."""
    invoice.refuse_payment()
    await withdraw(work, invoice, None)
    amount = invoice.amount_remaining
    payment = new_payment(
        work, invoice, amount, payment_record=work.new_id("prec"), is_default=invoice.payment is None
    )
    work.book(bookkeeping.invoice_paid_elsewhere(payment.id, invoice.currency, amount))
    return await receive(work, attrs.evolve(invoice, paid_out_of_band=True), payment, amount)


async def attach(work: Work, invoice: Invoice, intent: PaymentIntent) -> Invoice:
    """Stage that *intent* pays the invoice, or a part of it: at once if it has succeeded already."""
    invoice.refuse_payment()
    _refuse_attachment(invoice, intent)
    intent = evolve(intent, invoice=invoice.id)
    amount = intent.amount
    charge = None
    if intent.status is PaymentIntentState.SUCCEEDED and intent.latest_charge is not None:
        charge = await work.get(Charge, intent.latest_charge)
        amount = charge.refundable
        if amount == 0:
            raise InvalidRequest("This payment went back already.", param="payment_intent")
        charge = evolve(charge, invoice=invoice.id)
        work.put(charge)
    payment = new_payment(work, invoice, amount, payment_intent=intent.id, is_default=False)
    work.put(intent)
    work.put(payment)
    invoice = attrs.evolve(invoice, attached=(*invoice.attached, payment.id))
    if charge is not None:
        return await receive(work, invoice, payment, amount, charge=charge.id)
    work.put(invoice)
    work.announce("invoice.updated", invoice)
    return invoice


def _refuse_attachment(invoice: Invoice, intent: PaymentIntent) -> None:
    why = None
    if intent.currency != invoice.currency:
        why = f"is in {intent.currency}, and the invoice in {invoice.currency}"
    elif intent.customer != invoice.customer:
        why = "is another customer's"
    elif intent.invoice is not None:
        why = "pays an invoice already"
    elif intent.status in BUSY or intent.status is PaymentIntentState.CANCELED or intent.captures_later:
        why = f"is {intent.status}"
    if why is not None:
        raise InvalidRequest(f"The payment intent {intent.id} {why}.", param="payment_intent")


async def payment_outcome(work: Work, ports: Ports, invoice_id: str) -> Invoice:
    """The invoice, or `Declined` with what the payment was refused for."""
    invoice = await work.get(Invoice, invoice_id)
    intent = await intent_of(work, invoice)
    if invoice.status is InvoiceState.PAID or intent is None or intent.last_error is None:
        return invoice
    raise declined_intent(intent)
