"""Billing over HTTP with the official client: every endpoint answers in the SDK's own shapes."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.support.sdk_shapes import assert_shape
from tests.support.server import Server


@pytest.fixture(scope="module")
def client(server: Server) -> StripeClient:
    return server.stripe(server.account().secret_key)


def shaped(cls: Any, answer: Any) -> Any:
    # As it was sent: the client reads decimals from text.
    assert_shape(cls, json.loads(json.dumps(answer.to_dict(), default=str)))
    return answer


def customer(client: Any, **more: Any) -> Any:
    return client.v1.customers.create({"email": "payer@example.com", "source": "tok_visa", **more})


def bill(client: Any, customer_id: str, amount: int = 2000, **more: Any) -> Any:
    client.v1.invoice_items.create({"customer": customer_id, "amount": amount, "currency": "usd"})
    return client.v1.invoices.create(
        {"customer": customer_id, "pending_invoice_items_behavior": "include", **more}
    )


def test_products_live_and_are_deleted(client: StripeClient) -> None:
    made = client.v1.products.create(
        {
            "id": "shirt-1",
            "name": "Shirt",
            "images": ["https://example.com/shirt.png"],
            "marketing_features": [{"name": "Soft"}],
            "package_dimensions": {"height": 1.5, "length": 2, "weight": 3, "width": 4},
            "metadata": {"line": "summer"},
        }
    )
    changed = client.v1.products.update(
        "shirt-1", {"description": "A shirt", "active": False, "url": "https://example.com"}
    )
    listed = client.v1.products.list({"active": False, "url": "https://example.com"})

    assert shaped(stripe.Product, made).id == "shirt-1"
    assert made.package_dimensions is not None
    assert made.package_dimensions.height == 1.5
    assert shaped(stripe.Product, changed).description == "A shirt"
    assert [one.id for one in listed.data] == ["shirt-1"]
    assert client.v1.products.delete("shirt-1").deleted
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.products.retrieve("shirt-1")


def test_a_products_own_id_is_taken_once(client: StripeClient) -> None:
    client.v1.products.create({"id": "mug", "name": "Mug"})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.products.create({"id": "mug", "name": "Mug"})
    assert refusal.value.code == "resource_already_exists"


def test_a_product_comes_with_its_default_price(client: StripeClient) -> None:
    made = client.v1.products.create(
        {
            "name": "Plan",
            "default_price_data": {"currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}},
        }
    )
    shown = client.v1.products.retrieve(made.id, {"expand": ["default_price"]})

    price = shown.default_price
    assert isinstance(price, stripe.Price)
    assert price.recurring is not None
    assert price.recurring.interval == "month"
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.products.delete(made.id)


def test_prices_of_every_kind(client: StripeClient) -> None:
    one = client.v1.prices.create(
        {"currency": "usd", "unit_amount_decimal": Decimal("0.5"), "product_data": {"name": "Click"}}
    )
    tiered = client.v1.prices.create(
        {
            "currency": "usd",
            "product": str(one.product),
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": [{"up_to": 10, "unit_amount": 100}, {"up_to": "inf", "unit_amount": 50}],
            "recurring": {"interval": "month", "interval_count": 3},
        }
    )
    recurring = client.v1.prices.list({"product": str(one.product), "type": "recurring"})

    assert shaped(stripe.Price, one).unit_amount is None
    assert one.unit_amount_decimal == Decimal("0.5")
    assert shaped(stripe.Price, tiered).tiers[1].up_to is None
    assert [price.id for price in recurring.data] == [tiered.id]


def test_a_lookup_key_moves_to_another_price(client: Any) -> None:
    def make(**more: Any) -> Any:
        params = {"currency": "usd", "unit_amount": 100, "product": "key", "lookup_key": "basic", **more}
        return client.v1.prices.create(params)

    client.v1.products.create({"id": "key", "name": "Key"})
    first = make()
    with pytest.raises(stripe.InvalidRequestError):
        make()
    second = make(transfer_lookup_key=True)

    assert [one.id for one in client.v1.prices.list({"lookup_keys": ["basic"]}).data] == [second.id]
    assert client.v1.prices.retrieve(first.id).lookup_key is None


def test_metered_prices_are_refused_by_name(client: StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.prices.create(
            {
                "currency": "usd",
                "unit_amount": 1,
                "product_data": {"name": "Calls"},
                "recurring": {"interval": "month", "usage_type": "metered"},
            }
        )
    assert refusal.value.param == "recurring[usage_type]"


def test_coupons_and_promotion_codes(client: StripeClient) -> None:
    coupon = client.v1.coupons.create(
        {"id": "SUMMER", "percent_off": 12.5, "duration": "repeating", "duration_in_months": 3}
    )
    changed = client.v1.coupons.update("SUMMER", {"name": "Summer"})
    code = client.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": "SUMMER"}, "code": "SUN", "max_redemptions": 5}
    )
    off = client.v1.promotion_codes.update(code.id, {"active": False})

    assert shaped(stripe.Coupon, coupon).percent_off == 12.5
    assert shaped(stripe.Coupon, changed).name == "Summer"
    assert shaped(stripe.PromotionCode, code).code == "SUN"
    assert not off.active
    assert [one.id for one in client.v1.promotion_codes.list({"code": "SUN"}).data] == [code.id]
    assert shaped(stripe.PromotionCode, client.v1.promotion_codes.retrieve(code.id)).id == code.id
    assert "SUMMER" in [one.id for one in client.v1.coupons.list().data]
    assert shaped(stripe.Coupon, client.v1.coupons.retrieve("SUMMER")).valid
    assert client.v1.coupons.delete("SUMMER").deleted


def test_tax_rates(client: StripeClient) -> None:
    rate = client.v1.tax_rates.create(
        {"display_name": "VAT", "percentage": 19.5, "inclusive": True, "country": "DE", "tax_type": "vat"}
    )
    off = client.v1.tax_rates.update(rate.id, {"active": False})

    assert shaped(stripe.TaxRate, rate).percentage == 19.5
    assert not shaped(stripe.TaxRate, off).active
    assert [one.id for one in client.v1.tax_rates.list({"active": False, "inclusive": True}).data] == [
        rate.id
    ]
    assert shaped(stripe.TaxRate, client.v1.tax_rates.retrieve(rate.id)).country == "DE"


def test_invoice_items(client: StripeClient) -> None:
    payer = customer(client)
    price = client.v1.prices.create({"currency": "usd", "unit_amount": 700, "product_data": {"name": "Hat"}})
    item = client.v1.invoice_items.create(
        {"customer": payer.id, "pricing": {"price": price.id}, "quantity": 3, "metadata": {"a": "b"}}
    )
    changed = client.v1.invoice_items.update(item.id, {"quantity": 2, "description": "Two hats"})
    listed = client.v1.invoice_items.list({"customer": payer.id, "pending": True})

    assert shaped(stripe.InvoiceItem, item).amount == 2100
    assert item.description == "Hat"
    assert shaped(stripe.InvoiceItem, changed).amount == 1400
    assert [one.id for one in listed.data] == [item.id]
    assert shaped(stripe.InvoiceItem, client.v1.invoice_items.retrieve(item.id)).description == "Two hats"
    assert client.v1.invoice_items.delete(item.id).deleted


def test_a_bill_from_draft_to_receipt(client: StripeClient) -> None:
    payer = customer(client)
    rate = client.v1.tax_rates.create({"display_name": "Tax", "percentage": 10, "inclusive": False})
    client.v1.coupons.create({"id": "HALF", "percent_off": 50, "duration": "once"})
    draft = bill(client, payer.id, discounts=[{"coupon": "HALF"}], default_tax_rates=[rate.id])
    changed = client.v1.invoices.update(draft.id, {"description": "Thanks", "footer": "Bye"})
    final = client.v1.invoices.finalize_invoice(draft.id)
    paid = client.v1.invoices.pay(draft.id, {"expand": ["payments", "customer", "discounts.source.coupon"]})

    assert (draft.subtotal, draft.total, draft.status) == (2000, 1100, "draft")
    assert shaped(stripe.Invoice, changed).description == "Thanks"
    assert shaped(stripe.Invoice, final).status == "open"
    assert final.number is not None
    assert final.number.endswith("-0001")
    assert shaped(stripe.Invoice, paid).status == "paid"
    assert isinstance(paid.discounts[0], stripe.Discount)
    assert isinstance(paid.discounts[0].source.coupon, stripe.Coupon)
    assert paid.payments is not None
    payment = client.v1.invoice_payments.retrieve(
        paid.payments.data[0].id, {"expand": ["payment.payment_intent"]}
    )
    assert shaped(stripe.InvoicePayment, payment).amount_paid == 1100
    intent = payment.payment.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.status == "succeeded"
    assert shaped(stripe.Invoice, client.v1.invoices.retrieve(draft.id)).amount_remaining == 0
    assert [one.id for one in client.v1.invoices.list({"customer": payer.id, "status": "paid"}).data] == [
        draft.id
    ]
    assert client.v1.invoice_payments.list({"invoice": draft.id, "status": "paid"}).data[0].id == payment.id


def test_events_of_a_bill(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    draft = bill(client, customer(client).id)
    client.v1.invoices.pay(draft.id)
    types = {event.type for event in client.v1.events.list({"limit": 100}).data}

    assert types >= {
        "invoiceitem.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "payment_intent.created",
        "payment_intent.succeeded",
        "charge.succeeded",
    }


def test_lines_are_added_changed_listed_and_removed(client: StripeClient) -> None:
    payer = customer(client)
    draft = client.v1.invoices.create({"customer": payer.id})
    added = client.v1.invoices.add_lines(
        draft.id,
        {
            "lines": [
                {"amount": 1000, "description": "One"},
                {
                    "price_data": {"currency": "usd", "unit_amount": 250, "product_data": {"name": "Pin"}},
                    "quantity": 4,
                    "tax_amounts": [
                        {
                            "amount": 80,
                            "taxable_amount": 1000,
                            "tax_rate_data": {"display_name": "Tax", "percentage": 8, "inclusive": False},
                        }
                    ],
                },
            ]
        },
    )
    first, second = added.lines.data
    changed = client.v1.invoices.update_lines(draft.id, {"lines": [{"id": first.id, "amount": 1500}]})
    one = client.v1.invoices.line_items.update(draft.id, second.id, {"quantity": 2, "tax_amounts": ""})
    listed = client.v1.invoices.line_items.list(draft.id, {"limit": 1})
    left = client.v1.invoices.remove_lines(
        draft.id,
        {"lines": [{"id": first.id, "behavior": "delete"}, {"id": second.id, "behavior": "unassign"}]},
    )

    assert shaped(stripe.Invoice, added).total == 2080
    assert shaped(stripe.Invoice, changed).total == 2580
    assert shaped(stripe.InvoiceLineItem, one).amount == 500
    assert shaped(stripe.InvoiceLineItem, listed.data[0]).id == first.id
    assert listed.has_more
    assert shaped(stripe.Invoice, left).total == 0
    assert [
        item.amount for item in client.v1.invoice_items.list({"pending": True, "customer": payer.id}).data
    ] == [500]


def test_a_preview(client: StripeClient) -> None:
    payer = customer(client)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.invoices.create_preview({"customer": payer.id})
    client.v1.invoice_items.create({"customer": payer.id, "amount": 1000, "currency": "usd"})
    preview = client.v1.invoices.create_preview(
        {"customer": payer.id, "invoice_items": [{"amount": 500, "currency": "usd"}]}
    )

    assert refusal.value.code == "invoice_upcoming_none"
    assert shaped(stripe.Invoice, preview).total == 1500


def test_a_bill_is_sent_given_up_voided_and_deleted(client: StripeClient) -> None:
    payer = customer(client)
    sent = client.v1.invoices.send_invoice(
        bill(client, payer.id, collection_method="send_invoice", days_until_due=30).id
    )
    lost = client.v1.invoices.mark_uncollectible(sent.id)
    void = client.v1.invoices.void_invoice(sent.id)
    draft = client.v1.invoices.create({"customer": payer.id})

    assert shaped(stripe.Invoice, sent).due_date is not None
    assert shaped(stripe.Invoice, lost).status == "uncollectible"
    assert shaped(stripe.Invoice, void).status == "void"
    assert client.v1.invoices.delete(draft.id).deleted
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.invoices.delete(sent.id)
    assert refusal.value.code == "invoice_not_editable"


def test_a_declined_payment_is_a_card_error(client: StripeClient) -> None:
    payer = customer(client, source="tok_chargeCustomerFail")
    draft = bill(client, payer.id)

    with pytest.raises(stripe.CardError) as refusal:
        client.v1.invoices.pay(draft.id)
    assert refusal.value.code == "card_declined"
    assert client.v1.invoices.retrieve(draft.id).attempt_count == 1


def test_of_three_payers_at_once_one_pays(client: StripeClient) -> None:
    payer = customer(client)
    final = client.v1.invoices.finalize_invoice(bill(client, payer.id).id)
    ways: list[Any] = [{}, {"paid_out_of_band": True}, {"payment_method": "pm_card_visa"}]

    def pay(way: Any) -> str:
        try:
            return str(client.v1.invoices.pay(final.id, way).status)
        except stripe.InvalidRequestError as refusal:
            return str(refusal.code)

    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(pay, ways))
    payments = client.v1.invoice_payments.list({"invoice": final.id, "status": "paid"}).data

    assert told.count("paid") == 1
    assert [payment.amount_paid for payment in payments] == [2000]


def test_a_bill_needs_a_customer(client: StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.invoices.create({})
    assert (refusal.value.code, refusal.value.param) == ("parameter_missing", "customer")


def test_a_payers_browser_confirms_a_bill(client: StripeClient) -> None:
    final = client.v1.invoices.finalize_invoice(
        bill(client, customer(client).id).id, {"expand": ["confirmation_secret"]}
    )
    assert final.confirmation_secret is not None
    intent = final.confirmation_secret.client_secret.partition("_secret_")[0]
    client.v1.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})

    assert client.v1.invoices.retrieve(final.id).status == "paid"


def test_an_intent_is_attached_to_a_bill(client: StripeClient) -> None:
    payer = customer(client)
    final = client.v1.invoices.finalize_invoice(bill(client, payer.id).id)
    intent = client.v1.payment_intents.create({"amount": 2000, "currency": "usd", "customer": payer.id})
    client.v1.invoices.attach_payment(final.id, {"payment_intent": intent.id})
    client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

    assert shaped(stripe.Invoice, client.v1.invoices.retrieve(final.id)).status == "paid"


def test_credit_notes(client: Any) -> None:
    payer = customer(client)
    paid = client.v1.invoices.pay(bill(client, payer.id).id)
    wish: Any = {
        "invoice": paid.id,
        "lines": [{"type": "invoice_line_item", "invoice_line_item": paid.lines.data[0].id, "amount": 800}],
        "refund_amount": 500,
        "credit_amount": 300,
        "reason": "order_change",
    }
    preview = client.v1.credit_notes.preview(wish)
    lines = client.v1.credit_notes.preview_lines.list(wish)
    note = client.v1.credit_notes.create(
        {**wish, "expand": ["refunds.refund", "customer_balance_transaction"]}
    )
    changed = client.v1.credit_notes.update(note.id, {"memo": "Sorry"})
    listed = client.v1.credit_notes.line_items.list(note.id)

    assert shaped(stripe.CreditNote, preview).total == 800
    assert shaped(stripe.CreditNoteLineItem, lines.data[0]).amount == 800
    refund = note.refunds[0].refund
    assert isinstance(refund, stripe.Refund)
    assert (refund.status, refund.amount) == ("succeeded", 500)
    assert isinstance(note.customer_balance_transaction, stripe.CustomerBalanceTransaction)
    assert shaped(stripe.CreditNote, changed).memo == "Sorry"
    assert shaped(stripe.CreditNoteLineItem, listed.data[0]).amount == 800
    assert (
        shaped(stripe.CreditNote, client.v1.credit_notes.retrieve(note.id)).number == f"{paid.number}-CN-01"
    )
    assert [one.id for one in client.v1.credit_notes.list({"invoice": paid.id}).data] == [note.id]


def test_a_credit_note_is_voided(client: StripeClient) -> None:
    final = client.v1.invoices.finalize_invoice(bill(client, customer(client).id).id)
    note = client.v1.credit_notes.create({"invoice": final.id, "amount": 500})
    void = client.v1.credit_notes.void_credit_note(note.id)

    assert shaped(stripe.CreditNote, void).status == "void"
    assert client.v1.invoices.retrieve(final.id).amount_due == 2000


def test_a_customers_balance(client: StripeClient) -> None:
    payer = customer(client)
    made = client.v1.customers.balance_transactions.create(
        payer.id, {"amount": -500, "currency": "usd", "description": "Sorry"}
    )
    changed = client.v1.customers.balance_transactions.update(
        payer.id, made.id, {"description": "Very sorry"}
    )
    shown = client.v1.customers.balance_transactions.retrieve(payer.id, made.id)

    assert shaped(stripe.CustomerBalanceTransaction, made).ending_balance == -500
    assert shaped(stripe.CustomerBalanceTransaction, changed).description == "Very sorry"
    assert shaped(stripe.CustomerBalanceTransaction, shown).type == "adjustment"
    assert client.v1.customers.balance_transactions.list(payer.id).data[0].id == made.id
    assert client.v1.customers.retrieve(payer.id).balance == -500


def test_a_customers_discount_is_taken_away(client: StripeClient) -> None:
    client.v1.coupons.create({"id": "TEN", "percent_off": 10, "duration": "forever"})
    payer = customer(client, coupon="TEN")
    shaped(stripe.Customer, payer)
    gone = client.v1.customers.delete_discount(payer.id)

    assert gone.deleted
    assert client.v1.customers.retrieve(payer.id).discount is None


def test_a_draft_is_finalized_and_collected_by_the_worker(client: StripeClient) -> None:
    payer = customer(client)
    final = client.v1.invoices.finalize_invoice(bill(client, payer.id).id, {"auto_advance": True})

    until = time.monotonic() + 20
    while client.v1.invoices.retrieve(final.id).status != "paid":
        assert time.monotonic() < until, "the worker collects what is due"
        time.sleep(0.1)


class TestExpanding:
    """Fields that are there only when asked for can be asked for, whether they hold something or not."""

    def test_tiers(self, client: Any) -> None:
        tiers = [{"up_to": 5, "unit_amount": 700}, {"up_to": "inf", "unit_amount": 500}]
        made = client.v1.prices.create(
            {
                "currency": "usd",
                "product_data": {"name": "Seats"},
                "billing_scheme": "tiered",
                "tiers_mode": "graduated",
                "tiers": tiers,
                "expand": ["tiers"],
            }
        )
        listed = client.v1.prices.list({"expand": ["data.tiers", "data.currency_options"]})

        assert [tier.up_to for tier in made.tiers] == [5, None]
        assert listed.data[0].currency_options is None

    def test_what_a_coupon_applies_to(self, client: Any) -> None:
        everything = client.v1.coupons.create({"percent_off": 5, "expand": ["applies_to"]})

        assert everything.applies_to is None

    def test_taxes_and_cash_of_customers(self, client: Any) -> None:
        made = client.v1.customers.create({"expand": ["tax", "cash_balance", "invoice_credit_balance"]})

        assert (made.tax, made.cash_balance) == (None, None)


def test_a_new_customer_can_pay_with_the_test_card_they_come_with(client: Any) -> None:
    made = client.v1.customers.create(
        {
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
            "expand": ["invoice_settings.default_payment_method"],
        }
    )

    assert made.invoice_settings.default_payment_method.customer == made.id
