"""What a payer changes on the checkout page in a real browser: a promotion code, and how many they take."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shopping import DECLINED, GOOD, THANKS, Till, fill, item, pay
from tests.support.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def till(server: Server) -> Till:
    return Till.of(server)


@pytest.fixture(scope="module")
def codes(till: Till) -> dict[str, str]:
    """Promotion codes, by what they take off."""
    made = {}
    for percent in (25, 100):
        coupon = till.client.v1.coupons.create({"percent_off": percent, "duration": "once"})
        promotion: Any = {"type": "coupon", "coupon": coupon.id}
        made[str(percent)] = till.client.v1.promotion_codes.create(
            {"promotion": promotion, "code": f"SAVE{percent}"}
        ).code
    return made


def total(page: Page) -> str:
    return page.locator(".grand [data-total]").inner_text()


def enter(page: Page, code: str) -> None:
    page.get_by_label("Promotion code").fill(code)
    page.get_by_role("button", name="Apply").click()


@pytest.mark.parametrize("width", [1280, 320], ids=["desk", "phone"])
def test_a_code_makes_it_cheaper(till: Till, page: Page, codes: dict[str, str], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    session = till.session(allow_promotion_codes=True)
    page.goto(session.url)
    fill(page)

    enter(page, "save25")
    expect(page.get_by_role("button", name="Remove SAVE25")).to_be_focused()
    assert (total(page), page.get_by_label("Email").input_value()) == ("$15.00", "jenny@example.com")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="Pay $15.00").click()
    page.wait_for_url(THANKS)

    after = till.read(session)
    assert (after.amount_total, after.total_details.amount_discount, till.paid()) == (1500, 500, [1500])


def test_a_wrong_code_is_said_to_be_wrong(till: Till, page: Page) -> None:
    page.goto(till.session(allow_promotion_codes=True).url)

    enter(page, "NOPE")

    expect(page.get_by_text("This code is not valid.")).to_be_visible()
    expect(page.get_by_label("Promotion code")).to_be_focused()
    assert total(page) == "$20.00"


def test_a_code_can_be_taken_back_with_the_keyboard(till: Till, page: Page, codes: dict[str, str]) -> None:
    page.goto(till.session(allow_promotion_codes=True).url)
    page.get_by_label("Promotion code").focus()
    page.keyboard.type("SAVE25")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove SAVE25")).to_be_focused()

    page.keyboard.press("Enter")

    expect(page.get_by_label("Promotion code")).to_be_focused()
    assert total(page) == "$20.00"


def test_what_becomes_free_asks_for_no_card(till: Till, page: Page, codes: dict[str, str]) -> None:
    session = till.session(allow_promotion_codes=True)
    page.goto(session.url)

    enter(page, "SAVE100")
    page.get_by_role("button", name="Complete order").wait_for()
    expect(page.get_by_label("Card number")).to_have_count(0)
    page.get_by_label("Email").fill("jenny@example.com")
    page.get_by_role("button", name="Complete order").click()
    page.wait_for_url(THANKS)

    assert till.read(session).payment_status == "no_payment_required"


def test_a_code_after_a_refused_card_counts(till: Till, page: Page, codes: dict[str, str]) -> None:
    page.goto(till.session(allow_promotion_codes=True).url)
    pay(page, DECLINED)
    expect(page.get_by_role("alert").first).to_be_visible()

    enter(page, "SAVE25")
    page.get_by_role("button", name="Remove SAVE25").wait_for()
    page.get_by_label("Card number").fill("")
    page.get_by_label("Card number").press_sequentially(GOOD)
    page.get_by_role("button", name="Pay $15.00").click()
    page.wait_for_url(THANKS)

    assert till.paid() == [1500]


def test_the_payer_takes_more(till: Till, page: Page) -> None:
    line = {**item("Darjeeling", 700), "adjustable_quantity": {"enabled": True, "maximum": 4}}
    session = till.session(line_items=[line, item("Milk", 100)])
    page.goto(session.url)

    count = page.get_by_label("Quantity of Darjeeling")
    count.fill("3")
    count.press("Tab")
    page.get_by_role("button", name="Pay $22.00").wait_for()
    count.fill("9")
    count.press("Tab")
    expect(count).to_have_value("3")
    pay(page)
    page.wait_for_url(THANKS)

    assert till.paid() == [2200]


def test_the_page_shows_what_the_merchant_takes_off_and_taxes(till: Till, page: Page) -> None:
    coupon = till.client.v1.coupons.create({"percent_off": 50, "duration": "once", "name": "Spring"})
    tax = till.client.v1.tax_rates.create({"display_name": "VAT", "inclusive": False, "percentage": 10})
    session = till.session(
        line_items=[{**item("Tea", 1000), "tax_rates": [tax.id]}], discounts=[{"coupon": coupon.id}]
    )

    page.goto(session.url)

    summary = page.locator(".totals").inner_text().split("\n")
    assert [part for part in summary if part] == [
        *("Subtotal", "$10.00"),
        *("Spring", "-$5.00"),
        *("Tax", "$0.50"),
        *("Total due", "$5.50"),
    ]
