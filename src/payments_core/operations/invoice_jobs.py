"""Jobs of invoices: finalize drafts when their hour is over, collect what is due, say what is overdue.

Each step is small, reads again, and is decided under the invoice's version: several workers do it once. What fails is noted on the
invoice, so that nothing is tried for ever.
"""

import attrs

from payments_core import clock
from payments_core.billing.invoices import Invoice, InvoiceState, Refusal
from payments_core.errors import Conflict, Declined, PaymentsError
from payments_core.operations.declaring import Ask, Command, operation
from payments_core.operations.invoice_paying import begin_payment, note_failure, payer_of, payment_outcome
from payments_core.operations.invoicing import finalize, keep
from payments_core.operations.keeping_time import keep_time
from payments_core.operations.mailing import mail_reminder
from payments_core.operations.onboarding import find_account
from payments_core.operations.performing import Performer
from payments_core.operations.subscription_following import note_unpaid
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account
from payments_core.ports import Ports

CHUNK = 50


@attrs.frozen(kw_only=True)
class CollectInvoice(Command[Invoice]):
    """Which invoice."""

    id: str


@operation(
    "invoice.collect", post="/v1/invoices/{id}/collect", raises=(PaymentsError,), outcome=payment_outcome
)
async def collect_invoice(command: CollectInvoice, work: Work, ports: Ports) -> Invoice | Ask:
    """Charge the customer's card for an invoice whose time has come. Of no door: the worker's own."""
    invoice = await work.get(Invoice, command.id)
    await keep_time(work, invoice.test_clock)
    if not is_collectable(invoice, work):
        return invoice
    try:
        payer = await payer_of(work, invoice)
        return await begin_payment(work, invoice, payer, operation="invoice.collect", off_session=True)
    except (Conflict, Declined):
        raise
    except PaymentsError:
        # Nobody can be charged: that is a failed attempt too.
        work.discard()
        return await note_failure(work, (await work.get(Invoice, command.id)).paying())


def is_collectable(invoice: Invoice, work: Work) -> bool:
    """Say whether it is time to charge the customer."""
    return (
        invoice.status is InvoiceState.OPEN
        and invoice.collects
        and invoice.next_payment_attempt is not None
        and invoice.next_payment_attempt <= work.now
    )


async def advance_invoices(ports: Ports) -> int:
    """Do the next thing with every invoice that is due; return how many there were."""
    performer = Performer(ports)
    done = 0
    for invoice in await ports.store.due(Invoice, clock.now(ports.clock), CHUNK):
        account = await find_account(ports, invoice.account_id)
        done += await advance(performer, account, invoice)
    return done


async def advance(performer: Performer, account: Account, invoice: Invoice) -> bool:
    """Do the next thing with one invoice, and say whether it was done."""
    if invoice.status is InvoiceState.OPEN and invoice.collects:
        await performer.perform(collect_invoice, CollectInvoice(id=invoice.id), Caller(account=account))
        return True
    work = Work(Caller(account=account), performer.ports)
    try:
        found = await work.find(Invoice, invoice.id)
        if found is None:
            return False
        await keep_time(work, found.test_clock)
        at = found.due_at if found.test_clock is None else found.clock_due
        if at is None or at > work.now:
            return False
        await step(work, found)
        await work.commit()
    except Conflict:
        return False  # somebody was faster
    return True


async def step(work: Work, invoice: Invoice) -> Invoice:
    """Stage the next thing that asks no network: finalize a draft, or say that an invoice is overdue."""
    if not invoice.is_draft:
        invoice = keep(work, attrs.evolve(invoice, overdue=True))
        mail_reminder(work, invoice)
        work.announce("invoice.overdue", invoice)
        await note_unpaid(work, invoice)
        return invoice
    try:
        return await finalize(work, invoice)
    except Conflict:
        raise
    except PaymentsError as refusal:
        work.discard()
        invoice = await work.get(Invoice, invoice.id)
        why = Refusal(message=refusal.message, code=refusal.code)
        invoice = keep(work, attrs.evolve(invoice, finalization_error=why))
        work.announce("invoice.finalization_failed", invoice)
        return invoice
