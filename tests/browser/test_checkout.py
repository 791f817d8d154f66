"""The checkout page in a real browser: cards good, bad and challenged, phones and desks, keyboards, tabs and impatience."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shopping import (
    CHALLENGED,
    DECLINED,
    GOOD,
    THANKS,
    Till,
    Wire,
    fill,
    item,
    pay,
)
from tests.support.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def till(server: Server) -> Till:
    return Till.of(server)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844), (320, 568)], ids=["desk", "phone", "small phone"])
def test_a_good_card_pays_and_leads_back_to_the_shop(till: Till, page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    session = till.session()
    page.goto(session.url)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    pay(page)
    page.wait_for_url(f"**/healthz?thanks={session.id}")

    after = till.read(session)
    assert overflow == 0
    assert (after.status, after.payment_status, after.customer_details.email) == (
        "complete",
        "paid",
        "jenny@example.com",
    )


def test_the_number_goes_to_the_vault_and_nowhere_else(till: Till, page: Page) -> None:
    wire = Wire(GOOD).watch(page)
    page.goto(till.session().url)

    pay(page)
    page.wait_for_url(THANKS)

    assert wire.carriers == [("POST", till.server.url + "/v1/payment_methods")]
    assert wire.hosts == {till.server.url.removeprefix("http://")}
    assert GOOD not in till.server.log


def test_a_declined_card_says_why_and_another_one_pays(till: Till, page: Page) -> None:
    session = till.session()
    page.goto(session.url)
    pay(page, DECLINED)
    expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    expect(page.get_by_role("alert")).to_be_focused()

    page.get_by_label("Card number").fill("")
    page.get_by_label("Card number").press_sequentially(GOOD)
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url(THANKS)

    assert till.paid() == [2000]


class TestChallenges:
    def test_who_passes_pays(self, till: Till, page: Page) -> None:
        session = till.session()
        page.goto(session.url)
        pay(page, CHALLENGED)
        page.get_by_role("button", name="Complete authentication").click()

        page.wait_for_url(f"**/healthz?thanks={session.id}")

        assert till.read(session).payment_status == "paid"

    def test_who_fails_may_try_another_card(self, till: Till, page: Page) -> None:
        page.goto(till.session().url)
        pay(page, CHALLENGED)
        page.get_by_role("button", name="Fail authentication").click()
        expect(page.get_by_role("alert")).to_contain_text("could not confirm that it is you")
        assert till.paid() == []

        pay(page)
        page.wait_for_url(THANKS)

        assert till.paid() == [2000]

    def test_who_walks_away_may_come_back(self, till: Till, page: Page) -> None:
        session = till.session()
        page.goto(session.url)
        pay(page, CHALLENGED)
        page.wait_for_url("**/3ds/**")
        page.goto(session.url)
        expect(page.get_by_role("alert")).to_contain_text("check was not finished")

        pay(page)
        page.wait_for_url(THANKS)

        assert till.paid() == [2000]

    def test_the_bank_names_merchant_and_amount(self, till: Till, page: Page) -> None:
        page.goto(till.session().url)
        pay(page, CHALLENGED)

        facts = page.get_by_role("main")
        expect(facts).to_contain_text("Harbour Tea House")
        expect(facts).to_contain_text("$20.00")

    def test_a_challenge_that_is_over_stays_over(self, till: Till, page: Page) -> None:
        page.goto(till.session().url)
        pay(page, CHALLENGED)
        page.wait_for_url("**/3ds/**")
        bank = page.url
        page.get_by_role("button", name="Complete authentication").click()
        page.wait_for_url(THANKS)

        page.goto(bank)
        page.wait_for_url(THANKS)

        assert till.paid() == [2000]


class TestOnce:
    def test_two_clicks_pay_once(self, till: Till, page: Page) -> None:
        page.goto(till.session().url)
        fill(page)

        page.get_by_role("button", name="Pay").dblclick()
        page.wait_for_url(THANKS)

        assert till.paid() == [2000]

    def test_two_tabs_pay_once(self, till: Till, page: Page) -> None:
        session = till.session()
        other = page.context.new_page()
        for tab in (page, other):
            tab.goto(session.url)
            fill(tab)

        for tab in (page, other):
            tab.get_by_role("button", name="Pay").click(no_wait_after=True)
        for tab in (page, other):
            tab.wait_for_url(THANKS)

        assert till.paid() == [2000]

    def test_a_paid_page_says_so_and_asks_for_no_card(self, till: Till, page: Page) -> None:
        session = till.session()
        page.goto(session.url)
        pay(page)
        page.wait_for_url(THANKS)

        page.goto(session.url)

        expect(page.get_by_role("heading", name="Payment complete")).to_be_visible()
        expect(page.get_by_label("Card number")).to_have_count(0)

    def test_the_page_of_an_expired_session_takes_no_money(self, till: Till, page: Page) -> None:
        session = till.session()
        page.goto(session.url)
        fill(page)
        till.client.v1.checkout.sessions.expire(session.id)

        page.get_by_role("button", name="Pay").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.reload()

        expect(page.get_by_role("link", name="Back to Harbour Tea House")).to_have_attribute(
            "href", till.server.url + "/healthz?cart"
        )
        assert till.paid() == []

    def test_a_total_that_changed_is_shown_before_it_is_paid(self, till: Till, page: Page) -> None:
        session = till.session()
        page.goto(session.url)
        fill(page)
        line = till.client.v1.checkout.sessions.line_items.list(session.id).data[0]
        till.client.v1.checkout.sessions.update(session.id, {"line_items": [{"id": line.id, "quantity": 3}]})

        page.get_by_role("button", name="Pay").click()

        expect(page.get_by_role("button", name="Pay $60.00")).to_be_visible()
        assert till.paid() == []

    def test_a_payer_without_a_network_is_told_so(self, till: Till, page: Page) -> None:
        page.goto(till.session().url)
        fill(page)
        page.context.set_offline(True)

        page.get_by_role("button", name="Pay").click()

        expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
        page.context.set_offline(False)
        page.get_by_role("button", name="Pay").click()
        page.wait_for_url(THANKS)
        assert till.paid() == [2000]


class TestTyping:
    @pytest.mark.parametrize(
        ("typed", "shown", "brand"),
        [
            (GOOD, "4242 4242 4242 4242", "Visa"),
            ("378282246310005", "3782 822463 10005", "American Express"),
            ("5555555555554444", "5555 5555 5555 4444", "Mastercard"),
            ("2223003122003222", "2223 0031 2200 3222", "Mastercard"),
            ("6011111111111117", "6011 1111 1111 1117", "Discover"),
            ("3056930009020004", "3056 9300 0902 0004", "Diners Club"),
            ("3566002020360505", "3566 0020 2036 0505", "JCB"),
            ("6200000000000005", "6200 0000 0000 0005", "UnionPay"),
        ],
    )
    def test_numbers_are_grouped_and_their_brand_is_said(
        self, till: Till, page: Page, typed: str, shown: str, brand: str
    ) -> None:
        page.goto(till.session().url)
        page.get_by_label("Card number").press_sequentially(typed)

        expect(page.get_by_label("Card number")).to_have_value(shown)
        expect(page.locator("#brand-name")).to_have_text(brand)

    def test_a_digit_in_the_middle_can_be_corrected(self, till: Till, page: Page) -> None:
        page.goto(till.session().url)
        number = page.get_by_label("Card number")
        number.press_sequentially("4242 4252")
        number.press("ArrowLeft")
        number.press("Backspace")
        number.press_sequentially("4")

        expect(number).to_have_value("4242 4242")

    @pytest.mark.parametrize(
        ("typed", "shown"),
        [("1234", "12 / 34"), ("4", "04 / "), ("1/34", "01 / 34"), ("12/2034", "12 / 2034")],
    )
    def test_dates_are_written_as_on_the_card(self, till: Till, page: Page, typed: str, shown: str) -> None:
        page.goto(till.session().url)
        page.get_by_label("Expiry").press_sequentially(typed)

        expect(page.get_by_label("Expiry")).to_have_value(shown)

    def test_a_wrong_check_digit_is_noticed_before_anything_is_sent(self, till: Till, page: Page) -> None:
        wire = Wire("4242424242424241").watch(page)
        page.goto(till.session().url)
        pay(page, "4242424242424241")

        expect(
            page.get_by_text("This card number is not right. Please check the digits.").first
        ).to_be_visible()
        assert wire.carriers == []

    def test_what_is_missing_is_listed_and_leads_to_its_field(self, till: Till, page: Page) -> None:
        page.goto(till.session().url)
        page.get_by_role("button", name="Pay").click()
        expect(page.get_by_role("alert")).to_be_focused()

        page.get_by_role("alert").get_by_role("link", name="Security code").click()

        expect(page.get_by_label("Security code")).to_be_focused()
        expect(page.get_by_label("Security code")).to_have_attribute("aria-invalid", "true")


def test_a_keyboard_is_enough(till: Till, page: Page) -> None:
    session = till.session()
    page.goto(session.url)
    keys = page.keyboard
    for _ in range(12):
        keys.press("Tab")
        if page.evaluate("document.activeElement.id") == "email":
            break
    keys.type("jenny@example.com")
    keys.press("Tab")
    keys.type(GOOD)  # goes on to the date and the code by itself
    keys.type("1234")
    keys.type("123")
    keys.press("Tab")
    keys.type("Jenny Rosen")
    keys.press("Enter")

    page.wait_for_url(THANKS)

    assert till.read(session).status == "complete"


def test_the_chosen_way_of_sending_changes_the_total(till: Till, page: Page) -> None:
    options = [
        {"shipping_rate_data": {"display_name": name, "fixed_amount": {"amount": amount, "currency": "usd"}}}
        for name, amount in (("Post", 0), ("Courier", 1500))
    ]
    session = till.session(
        shipping_options=options,
        shipping_address_collection={"allowed_countries": ["US", "CA"]},
        phone_number_collection={"enabled": True},
    )
    page.goto(session.url)
    page.get_by_label("Phone").fill("+1 555 0100")
    page.get_by_label("Full name").fill("Jenny Rosen")
    page.get_by_label("Address", exact=True).fill("1 Main Street")
    page.get_by_label("City").fill("Springfield")
    page.get_by_label("Courier").check()
    expect(page.get_by_role("button", name="Pay $35.00")).to_be_visible()
    pay(page)
    page.wait_for_url(THANKS)

    after = till.read(session)
    assert after.amount_total == 3500
    assert after.collected_information.shipping_details.address.city == "Springfield"
    assert after.customer_details.phone == "+1 555 0100"


def test_a_card_is_saved_and_nothing_is_charged(till: Till, page: Page) -> None:
    session = till.session(mode="setup")
    page.goto(session.url)
    fill(page)
    page.get_by_role("button", name="Save card").click()
    page.wait_for_url(THANKS)

    after = till.read(session)
    saved = till.client.v1.customers.payment_methods.list(after.customer)
    assert after.status == "complete"
    assert [method.card.last4 for method in saved.data if method.card] == ["4242"]
    assert till.paid() == []


def test_amounts_and_words_are_the_readers(till: Till, browser: Browser) -> None:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(till.session(line_items=[item("Tee", 123456, currency="eur")]).url)

    expect(page.get_by_role("button", name="1.234,56\N{NO-BREAK SPACE}€ bezahlen")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    context.close()


def test_a_link_that_was_cut_short_says_so(till: Till, page: Page) -> None:
    answer = page.goto(till.session().url[:-3])

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()


def test_a_draft_says_that_there_is_nothing_to_pay_yet(till: Till, page: Page) -> None:
    session = till.client.raw_request("post", "/v1/checkout/sessions", payment_mode="card")
    page.goto(till.client.deserialize(session, api_mode="V1").to_dict()["url"])

    expect(page.get_by_role("heading", name="Nothing to pay yet")).to_be_visible()
