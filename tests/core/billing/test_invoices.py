"""The stories of bills, from the library: drafts, numbers, money, credit, what is given up, taken back and corrected."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from payments_core.billing.coupons import Coupon
from payments_core.billing.credit_notes import CreditNote
from payments_core.billing.customer_balance import CustomerBalanceTransaction
from payments_core.billing.customers import Customer
from payments_core.billing.invoice_items import InvoiceItem
from payments_core.billing.invoice_payments import InvoicePayment
from payments_core.billing.invoices import Collection, Invoice
from payments_core.billing.prices import Price
from payments_core.errors import AmountRefused, Declined, InvalidRequest, TransitionRefused
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.auditing import verify
from payments_core.operations.billing_params import DiscountParams, PriceDataParams, ProductDataParams
from payments_core.operations.coupons import CreateCoupon
from payments_core.operations.credit_notes import CreateCreditNote, NoteLineParams, VoidCreditNote
from payments_core.operations.customer_balance import CreateCustomerBalanceTransaction
from payments_core.operations.customers import CreateCustomer, UpdateCustomer
from payments_core.operations.declaring import Command
from payments_core.operations.invoice_collecting import (
    AttachPayment,
    FinalizeInvoice,
    MarkInvoiceUncollectible,
    PayInvoice,
    SendInvoice,
    VoidInvoice,
)
from payments_core.operations.invoice_items import CreateInvoiceItem, DeleteInvoiceItem, UpdateInvoiceItem
from payments_core.operations.invoice_jobs import CollectInvoice, collect_invoice
from payments_core.operations.invoice_previews import CreatePreview, PreviewItemParams
from payments_core.operations.invoices import CreateInvoice, DeleteInvoice, UpdateInvoice
from payments_core.operations.payment_intents import CancelPaymentIntent, CreatePaymentIntent
from payments_core.operations.performing import Performer
from payments_core.operations.work import Caller
from payments_core.payments.charges import Charge
from payments_core.payments.payment_intents import PaymentIntent
from payments_core.platform.events import Event
from payments_core.ports import Query
from payments_core.worker import Worker
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio

USD = CurrencyCode("usd")


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with a_shop(tmp_path) as shop:
        yield shop


async def customer(shop: Shop, source: str | None = "tok_visa", **more: Any) -> Customer:
    return await shop.merchant.do(CreateCustomer(email="payer@example.com", source=source, **more))


async def bill(shop: Shop, payer: Customer, *amounts: int, **more: Any) -> Invoice:
    """A draft with these amounts."""
    for amount in amounts:
        await shop.merchant.do(CreateInvoiceItem(customer=payer.id, amount=amount, currency=USD))
    behavior: Any = "include" if amounts else "exclude"
    return await shop.merchant.do(
        CreateInvoice(customer=payer.id, pending_invoice_items_behavior=behavior, **more)
    )


async def opened(shop: Shop, payer: Customer, *amounts: int, **more: Any) -> Invoice:
    draft = await bill(shop, payer, *amounts, **more)
    return await shop.merchant.do(FinalizeInvoice(id=draft.id))


async def all_of(shop: Shop, kind: Any, **equal: Any) -> list[Any]:
    page = await shop.ports.store.select(kind, shop.id, Query(equal=equal, limit=100))
    return list(page.items)


async def events(shop: Shop, noun_id: str) -> list[str]:
    found = [event for event in await all_of(shop, Event) if event.subject == noun_id]
    return [event.type for event in reversed(found)]


async def settled_by_books(shop: Shop, invoice: Invoice) -> int:
    """What was booked for an invoice: charges, credit, and money that came elsewhere."""
    charges = [c for c in await all_of(shop, Charge) if c.invoice == invoice.id and c.captured]
    moved = await all_of(shop, CustomerBalanceTransaction, invoice=invoice.id)
    payments = await all_of(shop, InvoicePayment, invoice=invoice.id)
    entries = {(e.kind, e.source): e async for e in shop.ports.store.entries(shop.id)}
    total = sum(entries["capture", charge.balance_transaction].postings[0].amount for charge in charges)
    total += sum(entries["customer_balance", one.id].postings[0].amount for one in moved)
    elsewhere = [one for one in payments if one.payment_record and one.amount_paid]
    return total + sum(entries["invoice_paid_elsewhere", one.id].postings[0].amount for one in elsewhere)


async def test_a_bill_is_drafted_numbered_and_paid(shop: Shop) -> None:
    payer = await customer(shop)
    draft = await bill(shop, payer, 1500, 500)
    paid = await shop.merchant.do(PayInvoice(id=draft.id))

    assert (draft.status, draft.number, draft.amount_due) == ("draft", None, 2000)
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == ("paid", 2000, 0)
    assert paid.number == f"{payer.invoice_prefix}-0001"
    assert await settled_by_books(shop, paid) == paid.total
    assert await events(shop, paid.id) == [
        "invoice.created",
        "invoice.finalized",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


async def test_numbers_have_no_gaps_and_no_twins(shop: Shop) -> None:
    payer = await customer(shop)
    drafts = [await bill(shop, payer, 1000) for _ in range(4)]
    numbers: list[str | None] = []

    async def finalize(draft: Invoice) -> None:
        numbers.append((await shop.merchant.do(FinalizeInvoice(id=draft.id))).number)

    async with anyio.create_task_group() as tasks:
        for draft in drafts:
            tasks.start_soon(finalize, draft)

    assert sorted(numbers, key=str) == [f"{payer.invoice_prefix}-{at:04d}" for at in (1, 2, 3, 4)]


async def test_of_three_payers_one_pays(shop: Shop) -> None:
    payer = await customer(shop)
    invoice = await opened(shop, payer, 2000)
    refusals: list[Exception] = []
    done: list[str] = []

    async def pay(**how: Any) -> None:
        # Each from a process of its own: they share the storage alone.
        merchant = attrs.evolve(shop.merchant, performer=Performer(shop.ports))
        try:
            done.append((await merchant.do(PayInvoice(id=invoice.id, **how))).status)
        except InvalidRequest as refusal:
            refusals.append(refusal)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(pay)
        tasks.start_soon(lambda: pay(paid_out_of_band=True))
        tasks.start_soon(lambda: pay(payment_method="pm_card_visa"))

    assert done == ["paid"]
    assert len(refusals) == 2
    assert await settled_by_books(shop, invoice) == 2000


async def test_a_declined_bill_stays_open_and_can_be_paid_by_another_card(shop: Shop) -> None:
    payer = await customer(shop, "tok_chargeCustomerFail")
    invoice = await opened(shop, payer, 2000)

    with pytest.raises(Declined):
        await shop.merchant.do(PayInvoice(id=invoice.id))
    failed = await shop.read(Invoice, invoice.id)
    paid = await shop.merchant.do(PayInvoice(id=invoice.id, payment_method="pm_card_visa"))

    assert (failed.status, failed.attempt_count, failed.attempted) == ("open", 1, True)
    assert paid.status == "paid"
    assert "invoice.payment_failed" in await events(shop, invoice.id)
    assert len([c for c in await all_of(shop, Charge) if c.captured]) == 1


async def test_a_bank_that_wants_to_see_the_payer_is_told(shop: Shop) -> None:
    payer = await customer(shop, None)
    invoice = await opened(shop, payer, 2000)

    with pytest.raises(Declined) as refusal:
        await shop.merchant.do(
            PayInvoice(id=invoice.id, payment_method="pm_card_authenticationRequired", off_session=False)
        )

    assert refusal.value.code == "invoice_payment_intent_requires_action"
    assert "invoice.payment_action_required" in await events(shop, invoice.id)


async def test_credit_is_used_before_the_card(shop: Shop) -> None:
    payer = await customer(shop, balance=-700)
    paid = await shop.merchant.do(PayInvoice(id=(await bill(shop, payer, 2000)).id))

    assert (paid.starting_balance, paid.ending_balance, paid.amount_paid) == (-700, 0, 1300)
    assert (await shop.read(Customer, payer.id)).balance == 0
    assert await settled_by_books(shop, paid) == paid.total
    assert await shop.balance("customer_credit") == 0  # type: ignore[arg-type]


async def test_credit_for_all_of_it_needs_no_card(shop: Shop) -> None:
    payer = await customer(shop, None, balance=-3000)
    paid = await opened(shop, payer, 2000)

    assert (paid.status, paid.amount_due, paid.ending_balance) == ("paid", 0, -1000)
    assert (await shop.read(Customer, payer.id)).balance == -1000
    assert await shop.balance("customer_credit") == 1000  # type: ignore[arg-type]


async def test_what_is_too_small_to_charge_is_carried_to_the_next_bill(shop: Shop) -> None:
    payer = await customer(shop)
    small = await opened(shop, payer, 30)
    carried = (await shop.read(Customer, payer.id)).balance
    paid = await shop.merchant.do(PayInvoice(id=(await bill(shop, payer, 2000)).id))

    assert (small.status, small.amount_due) == ("paid", 0)
    assert carried == 30
    assert (paid.amount_paid, paid.starting_balance) == (2030, 30)
    types = [one.type for one in await all_of(shop, CustomerBalanceTransaction)]
    assert types == ["applied_to_invoice", "invoice_too_small"]


async def test_a_negative_bill_becomes_credit(shop: Shop) -> None:
    payer = await customer(shop)
    await shop.merchant.do(CreateInvoiceItem(customer=payer.id, amount=500, currency=USD))
    paid = await opened(shop, payer, -1200)

    assert (paid.status, paid.total, paid.amount_due) == ("paid", -700, 0)
    assert (await shop.read(Customer, payer.id)).balance == -700


async def test_a_voided_bill_gives_credit_back_and_can_no_longer_be_paid(shop: Shop) -> None:
    payer = await customer(shop, balance=-500)
    invoice = await opened(shop, payer, 2000)
    void = await shop.merchant.do(VoidInvoice(id=invoice.id))

    with pytest.raises(InvalidRequest):
        await shop.merchant.do(PayInvoice(id=invoice.id))
    assert void.status == "void"
    assert (await shop.read(Customer, payer.id)).balance == -500
    (intent,) = await all_of(shop, PaymentIntent)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "void_invoice")


async def test_what_was_given_up_can_still_be_paid(shop: Shop) -> None:
    invoice = await opened(shop, await customer(shop), 2000)
    lost = await shop.merchant.do(MarkInvoiceUncollectible(id=invoice.id))
    paid = await shop.merchant.do(PayInvoice(id=invoice.id))

    assert (lost.status, paid.status) == ("uncollectible", "paid")


async def test_a_bill_paid_elsewhere_is_in_the_books(shop: Shop) -> None:
    invoice = await opened(shop, await customer(shop, None), 2000)
    paid = await shop.merchant.do(PayInvoice(id=invoice.id, paid_out_of_band=True))

    assert (paid.status, paid.paid_out_of_band) == ("paid", True)
    assert await settled_by_books(shop, paid) == 2000
    (intent,) = await all_of(shop, PaymentIntent)
    assert intent.status == "canceled"


async def test_a_bill_to_nobody_is_of_plain_amounts(shop: Shop) -> None:
    draft = await shop.merchant.do(CreateInvoice(application_charges=100, tax=10, due_amount=110))
    changed = await shop.merchant.do(UpdateInvoice(id=draft.id, tax=15, due_amount=120))
    paid = await shop.merchant.do(PayInvoice(id=draft.id, paid_out_of_band=True))

    assert (draft.total, draft.totals.taxes[0].amount, draft.customer) == (110, 10, None)
    assert (changed.total, changed.lines[0].item.amount) == (120, 105)
    assert (paid.status, paid.number) == ("paid", f"{shop.id[-8:].upper()}-0001")


async def test_plain_amounts_have_to_add_up(shop: Shop) -> None:
    with pytest.raises(AmountRefused):
        await shop.merchant.do(CreateInvoice(application_charges=100, tax=10, due_amount=120))


async def test_a_finalized_bill_is_not_edited(shop: Shop) -> None:
    invoice = await opened(shop, await customer(shop), 2000)
    (item,) = await all_of(shop, InvoiceItem)

    commands: tuple[Command[Any], ...] = (
        CreateInvoiceItem(customer=invoice.customer, invoice=invoice.id, amount=1, currency=USD),
        UpdateInvoiceItem(id=item.id, amount=1),
        DeleteInvoiceItem(id=item.id),
        DeleteInvoice(id=invoice.id),
        UpdateInvoice(id=invoice.id, discounts=()),
        FinalizeInvoice(id=invoice.id),
    )
    for command in commands:
        with pytest.raises(InvalidRequest) as refusal:
            await shop.merchant.do(command)
        assert refusal.value.code == "invoice_not_editable", command


async def test_there_is_no_bill_without_lines(shop: Shop) -> None:
    payer = await customer(shop)
    draft = await bill(shop, payer)

    with pytest.raises(InvalidRequest) as refusal:
        await shop.merchant.do(FinalizeInvoice(id=draft.id))
    assert refusal.value.code == "invoice_no_customer_line_items"


async def test_a_draft_follows_its_items(shop: Shop) -> None:
    payer = await customer(shop)
    draft = await bill(shop, payer, 1000)
    added = await shop.merchant.do(
        CreateInvoiceItem(customer=payer.id, invoice=draft.id, unit_amount_decimal="12.5", quantity=3)  # type: ignore[arg-type]
    )
    await shop.merchant.do(UpdateInvoiceItem(id=added.id, quantity=5))
    grown = await shop.read(Invoice, draft.id)
    await shop.merchant.do(DeleteInvoiceItem(id=added.id))

    assert added.item.amount == 38
    assert grown.total == 1063
    assert (await shop.read(Invoice, draft.id)).total == 1000


async def test_a_deleted_draft_takes_its_items_along(shop: Shop) -> None:
    draft = await bill(shop, await customer(shop), 1000)
    await shop.merchant.do(DeleteInvoice(id=draft.id))

    assert await all_of(shop, InvoiceItem) == []
    assert await all_of(shop, Invoice) == []


async def test_a_coupon_for_one_bill_is_used_up_by_it(shop: Shop) -> None:
    await shop.merchant.do(CreateCoupon(id="WELCOME", percent_off="25", duration="once"))  # type: ignore[arg-type]
    payer = await customer(shop, coupon="WELCOME")
    first = await opened(shop, payer, 1000)
    second = await bill(shop, payer, 1000)

    assert (first.total, second.total) == (750, 1000)
    assert (await shop.read(Customer, payer.id)).discount is None


async def test_a_coupon_is_given_as_often_as_it_may_be(shop: Shop) -> None:
    await shop.merchant.do(CreateCoupon(id="TWO", amount_off=100, currency=USD, max_redemptions=2))
    payer = await customer(shop)
    refused = []

    async def use() -> None:
        merchant = attrs.evolve(shop.merchant, performer=Performer(shop.ports))
        try:
            await merchant.do(CreateInvoice(customer=payer.id, discounts=(DiscountParams(coupon="TWO"),)))
        except InvalidRequest as refusal:
            refused.append(refusal.code)

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(use)

    assert refused == ["coupon_expired"] * 2


async def test_a_draft_advances_by_itself_after_an_hour_and_is_collected(shop: Shop) -> None:
    draft = await bill(shop, await customer(shop), 2000, auto_advance=True)
    worker = Worker(shop.ports)
    await worker.run_once()
    early = await shop.read(Invoice, draft.id)
    shop.clock.advance(hours=1)
    await worker.run_once()

    assert early.status == "draft"
    assert (await shop.read(Invoice, draft.id)).status == "paid"


async def test_collection_tries_again_some_days_later_and_gives_up(shop: Shop) -> None:
    draft = await bill(shop, await customer(shop, "tok_chargeCustomerFail"), 2000, auto_advance=True)
    worker = Worker(shop.ports)
    tries = []
    for wait in (1, 24 * 3, 24 * 5, 24 * 7, 24 * 30):
        shop.clock.advance(hours=wait)
        await worker.run_once()
        tries.append((await shop.read(Invoice, draft.id)).attempt_count)

    assert tries == [1, 2, 3, 4, 4]
    assert (await shop.read(Invoice, draft.id)).next_payment_attempt is None


async def test_a_worker_that_comes_late_does_not_collect_before_the_next_time(shop: Shop) -> None:
    draft = await bill(shop, await customer(shop, "tok_chargeCustomerFail"), 2000, auto_advance=True)
    shop.clock.advance(hours=1)
    await Worker(shop.ports).run_once()
    await shop.merchant.performer.perform(
        collect_invoice, CollectInvoice(id=draft.id), Caller(account=shop.merchant.account)
    )

    assert (await shop.read(Invoice, draft.id)).attempt_count == 1


async def test_collection_without_any_card_counts_as_failed(shop: Shop) -> None:
    draft = await bill(shop, await customer(shop, None), 2000, auto_advance=True)
    shop.clock.advance(hours=1)
    await Worker(shop.ports).run_once()

    invoice = await shop.read(Invoice, draft.id)
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert "invoice.payment_failed" in await events(shop, draft.id)


async def test_an_empty_draft_that_would_advance_says_why_it_cannot(shop: Shop) -> None:
    draft = await bill(shop, await customer(shop), auto_advance=True)
    shop.clock.advance(hours=1)
    await Worker(shop.ports).run_once()

    stuck = await shop.read(Invoice, draft.id)
    assert stuck.status == "draft"
    assert stuck.finalization_error.code == "invoice_no_customer_line_items"
    assert (await events(shop, draft.id))[-1] == "invoice.finalization_failed"


async def test_a_sent_bill_becomes_overdue_once(shop: Shop) -> None:
    draft = await bill(
        shop,
        await customer(shop, None),
        2000,
        collection_method=Collection.SEND_INVOICE,
        days_until_due=10,
    )
    sent = await shop.merchant.do(SendInvoice(id=draft.id))
    for _ in range(2):
        shop.clock.advance(days=11)
        await Worker(shop.ports).run_once()

    assert (sent.status, sent.due_date) == ("open", sent.times.finalized_at + 10 * 86_400)  # type: ignore[operator]
    assert (await events(shop, draft.id)).count("invoice.overdue") == 1


async def test_a_bill_is_paid_in_parts_by_intents_of_others(shop: Shop) -> None:
    payer = await customer(shop)
    invoice = await opened(shop, payer, 2000)
    part = await shop.merchant.do(
        CreatePaymentIntent(
            amount=1200, currency=USD, customer=payer.id, payment_method="pm_card_visa", confirm=True
        )
    )
    attached = await shop.merchant.do(AttachPayment(id=invoice.id, payment_intent=part.id))
    paid = await shop.merchant.do(PayInvoice(id=invoice.id))

    assert (attached.status, attached.amount_paid, attached.amount_remaining) == ("open", 1200, 800)
    assert (paid.status, paid.amount_paid) == ("paid", 2000)
    assert await settled_by_books(shop, paid) == 2000


async def test_what_is_paid_too_much_becomes_credit(shop: Shop) -> None:
    payer = await customer(shop)
    invoice = await opened(shop, payer, 2000)
    more = await shop.merchant.do(
        CreatePaymentIntent(
            amount=2500, currency=USD, customer=payer.id, payment_method="pm_card_visa", confirm=True
        )
    )
    paid = await shop.merchant.do(AttachPayment(id=invoice.id, payment_intent=more.id))

    assert (paid.status, paid.amount_paid, paid.amount_overpaid) == ("paid", 2000, 500)
    assert (await shop.read(Customer, payer.id)).balance == -500
    assert await settled_by_books(shop, paid) == paid.total


async def test_the_intent_of_a_bill_is_the_bills_alone(shop: Shop) -> None:
    await opened(shop, await customer(shop), 2000)
    (intent,) = await all_of(shop, PaymentIntent)

    with pytest.raises(InvalidRequest):
        await shop.merchant.do(CancelPaymentIntent(id=intent.id))


async def test_a_credit_note_before_payment_lowers_what_is_due(shop: Shop) -> None:
    invoice = await opened(shop, await customer(shop), 2000)
    note = await shop.merchant.do(CreateCreditNote(invoice=invoice.id, amount=500))
    paid = await shop.merchant.do(PayInvoice(id=invoice.id))

    assert (note.type, note.pre_payment_amount, note.number) == (
        "pre_payment",
        500,
        f"{invoice.number}-CN-01",
    )
    assert (paid.amount_due, paid.amount_paid) == (1500, 1500)


async def test_a_credit_note_of_everything_settles_an_open_bill(shop: Shop) -> None:
    invoice = await opened(shop, await customer(shop), 2000)
    await shop.merchant.do(CreateCreditNote(invoice=invoice.id, lines=(_whole(invoice),)))

    assert (await shop.read(Invoice, invoice.id)).status == "paid"


def _whole(invoice: Invoice, amount: int | None = None) -> NoteLineParams:
    return NoteLineParams(type="invoice_line_item", invoice_line_item=invoice.lines[0].id, amount=amount)


async def test_a_credit_note_after_payment_refunds_and_credits(shop: Shop) -> None:
    payer = await customer(shop)
    invoice = await shop.merchant.do(PayInvoice(id=(await bill(shop, payer, 2000)).id))
    note = await shop.merchant.do(
        CreateCreditNote(invoice=invoice.id, amount=900, refund_amount=600, credit_amount=300)
    )

    assert (note.type, note.post_payment_amount, note.refunds[0].amount) == ("post_payment", 900, 600)
    assert (await shop.read(Customer, payer.id)).balance == -300
    (charge,) = [c for c in await all_of(shop, Charge) if c.invoice == invoice.id]
    assert charge.amount_refunded == 600
    assert (await shop.read(Invoice, invoice.id)).post_payment_credit_notes == 900


async def test_what_was_paid_must_go_somewhere(shop: Shop) -> None:
    invoice = await shop.merchant.do(PayInvoice(id=(await bill(shop, await customer(shop), 2000)).id))

    with pytest.raises(AmountRefused):
        await shop.merchant.do(CreateCreditNote(invoice=invoice.id, amount=900, refund_amount=600))
    with pytest.raises(AmountRefused):
        await shop.merchant.do(CreateCreditNote(invoice=invoice.id, amount=2001, refund_amount=2001))
    assert await all_of(shop, CreditNote) == []


async def test_a_voided_credit_note_makes_it_all_due_again(shop: Shop) -> None:
    invoice = await opened(shop, await customer(shop), 2000)
    note = await shop.merchant.do(CreateCreditNote(invoice=invoice.id, amount=500))
    void = await shop.merchant.do(VoidCreditNote(id=note.id))
    paid = await shop.merchant.do(PayInvoice(id=invoice.id))

    assert (void.status, paid.amount_paid) == ("void", 2000)
    with pytest.raises(TransitionRefused):
        await shop.merchant.do(VoidCreditNote(id=note.id))


async def test_a_preview_leaves_nothing_behind(shop: Shop) -> None:
    payer = await customer(shop)
    await shop.merchant.do(CreateInvoiceItem(customer=payer.id, amount=1000, currency=USD))
    before = len(await all_of(shop, Event))
    preview = await shop.merchant.do(CreatePreview(customer=payer.id))

    assert (preview.total, preview.status) == (1000, "draft")
    assert await all_of(shop, Invoice) == []
    assert len(await all_of(shop, Event)) == before
    (item,) = await all_of(shop, InvoiceItem)
    assert item.pending


async def test_what_a_preview_describes_is_not_made(shop: Shop) -> None:
    await shop.merchant.do(CreateCoupon(id="TEN", percent_off=Decimal(10)))
    payer = await customer(shop)
    hat = PriceDataParams(currency=USD, unit_amount=1000, product_data=ProductDataParams(name="Hat"))
    preview = await shop.merchant.do(
        CreatePreview(
            customer=payer.id,
            invoice_items=(PreviewItemParams(price_data=hat),),
            discounts=(DiscountParams(coupon="TEN"),),
        )
    )

    assert preview.total == 900
    assert await all_of(shop, Price) == []
    assert (await shop.read(Coupon, "TEN")).times_redeemed == 0
    assert (await shop.read(Customer, payer.id)).currency is None


async def test_a_customers_balance_moves_by_transactions_alone(shop: Shop) -> None:
    payer = await customer(shop, balance=-200)
    await shop.merchant.do(
        CreateCustomerBalanceTransaction(id=payer.id, amount=-300, currency=USD, description="Sorry")
    )
    changed = await shop.merchant.do(UpdateCustomer(id=payer.id, balance=-100))
    moved = await all_of(shop, CustomerBalanceTransaction, customer=payer.id)

    assert changed.balance == -100 == sum(one.amount for one in moved)
    assert [one.ending_balance for one in moved] == [-100, -500, -200]
    assert await shop.balance("customer_credit") == 100  # type: ignore[arg-type]


async def test_a_customer_is_billed_in_one_currency(shop: Shop) -> None:
    payer = await customer(shop)
    await bill(shop, payer, 1000)

    with pytest.raises(InvalidRequest):
        await shop.merchant.do(
            CreateInvoiceItem(customer=payer.id, amount=1000, currency=CurrencyCode("eur"))
        )


async def test_the_books_are_in_order_after_all_of_this(shop: Shop) -> None:
    payer = await customer(shop, balance=-150)
    paid = await shop.merchant.do(PayInvoice(id=(await bill(shop, payer, 2000)).id))
    await shop.merchant.do(CreateCreditNote(invoice=paid.id, amount=500, refund_amount=500))
    elsewhere = await opened(shop, payer, 3000)
    await shop.merchant.do(PayInvoice(id=elsewhere.id, paid_out_of_band=True))

    report = await verify(shop.ports.store)
    assert not report.findings
