"""The page of a bill in a real browser: with scripts and without, on a phone, by keyboard, through the bank's page, and in print."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.server import Server

pytestmark = pytest.mark.browser

VISA = "4242424242424242"
NO_FUNDS = "4000000000009995"
CHALLENGED = "4000002760003184"


@pytest.fixture(scope="module")
def stripe(server: Server) -> Any:
    return server.stripe(server.account("Corner Shop").secret_key)


@pytest.fixture
def invoice(stripe: Any) -> Any:
    """A bill with a discount and a tax, over the official client."""
    customer = stripe.v1.customers.create(
        {
            "name": "Ada Lovelace",
            "email": "ada@example.com",
            "address": {
                "line1": "12 Analytical Row",
                "city": "London",
                "postal_code": "W1 2AB",
                "country": "GB",
            },
        }
    )
    vat = stripe.v1.tax_rates.create({"display_name": "VAT", "percentage": 20, "inclusive": False})
    coupon = stripe.v1.coupons.create({"percent_off": 10, "duration": "once", "name": "Spring sale"})
    draft = stripe.v1.invoices.create(
        {
            "customer": customer.id,
            "collection_method": "send_invoice",
            "days_until_due": 14,
            "default_tax_rates": [vat.id],
            "discounts": [{"coupon": coupon.id}],
            "description": "Thank you for your order.",
            "footer": "Corner Shop Ltd. Payment within 14 days, please.",
        }
    )
    for amount, what in (
        (4000, "Ground coffee, 1 kg, roasted to order"),
        (1050, "Paper filters, 100 pieces"),
    ):
        stripe.v1.invoice_items.create(
            {
                "customer": customer.id,
                "invoice": draft.id,
                "amount": amount,
                "currency": "usd",
                "description": what,
            }
        )
    return stripe.v1.invoices.finalize_invoice(draft.id)


def pay(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry (MM / YY)").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on card").fill("Ada Lovelace")
    page.get_by_role("button", name="Pay $54.54").click()


def test_a_customer_pays_a_bill(page: Page, stripe: Any, invoice: Any) -> None:
    page.goto(invoice.hosted_invoice_url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("$54.54 due")
    pay(page, VISA)

    expect(page.get_by_role("heading", level=1)).to_have_text("$54.54 paid")
    assert stripe.v1.invoices.retrieve(invoice.id).status == "paid"


def test_a_decline_is_read_out_and_another_card_pays(page: Page, invoice: Any) -> None:
    page.goto(invoice.hosted_invoice_url)
    pay(page, NO_FUNDS)
    expect(page.get_by_role("alert")).to_contain_text("insufficient funds")
    pay(page, VISA)

    expect(page.get_by_role("heading", level=1)).to_have_text("$54.54 paid")


def test_the_bank_sees_its_customer_and_sends_them_back(page: Page, invoice: Any) -> None:
    page.goto(invoice.hosted_invoice_url)
    pay(page, CHALLENGED)
    page.wait_for_url("**/3ds/**")
    page.get_by_role("button").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("$54.54 paid")


def test_a_mistake_is_found_before_anything_is_sent(page: Page, invoice: Any) -> None:
    page.goto(invoice.hosted_invoice_url)
    pay(page, "4242424242424241")

    expect(page.locator("#number-error")).to_contain_text("card number is not right")
    expect(page.get_by_label("Card number")).to_be_focused()


def test_the_page_works_without_scripts(browser: Browser, invoice: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(invoice.hosted_invoice_url)
    pay(page, VISA)

    expect(page.get_by_role("heading", level=1)).to_have_text("$54.54 paid")
    context.close()


def test_nothing_runs_over_the_edge_of_a_phone(page: Page, invoice: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(invoice.hosted_invoice_url)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_field_has_a_name_and_the_page_one_main_and_one_heading(page: Page, invoice: Any) -> None:
    page.goto(invoice.hosted_invoice_url)

    nameless = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden])')].filter((one) => !one.labels.length).length"
    )
    assert nameless == 0
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("html").get_attribute("lang") == "en"


def test_print_shows_the_bill_and_no_form(page: Page, invoice: Any) -> None:
    page.goto(invoice.hosted_invoice_url)
    page.emulate_media(media="print")

    expect(page.get_by_role("table")).to_be_visible()
    expect(page.locator("#form")).to_be_hidden()
