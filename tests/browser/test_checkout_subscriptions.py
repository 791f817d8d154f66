"""Subscriptions that begin on the checkout page, in a real browser: paid, declined, challenged, on trial."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shopping import CHALLENGED, DECLINED, GOOD, THANKS, Till
from tests.support.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def till(server: Server) -> Till:
    return Till.of(server)


@pytest.fixture(scope="module")
def monthly(till: Till) -> str:
    price: Any = {
        "currency": "usd",
        "unit_amount": 1000,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Tea club"},
    }
    return till.client.v1.prices.create(price).id


def opened(till: Till, monthly: str, **told: Any) -> Any:
    return till.session(mode="subscription", line_items=[{"price": monthly, "quantity": 2}], **told)


def subscribe(page: Page, number: str = GOOD) -> None:
    pay_button = page.get_by_role("button", name="Subscribe")
    expect(pay_button).to_be_enabled()
    page.get_by_label("Email").fill("jenny@example.com")
    page.get_by_label("Card number").fill("")
    page.get_by_label("Card number").press_sequentially(number)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on card").fill("Jenny Rosen")
    pay_button.click()


def standing(till: Till, session: Any) -> tuple[str, str, str | None]:
    params: Any = {"expand": ["subscription"]}
    found = till.client.v1.checkout.sessions.retrieve(session.id, params)
    subscription: Any = found.subscription
    return str(found.status), found.payment_status, subscription.status if subscription else None


def test_a_good_card_subscribes(till: Till, page: Page, monthly: str) -> None:
    session = opened(till, monthly)
    page.goto(session.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Subscribe to Harbour Tea House")
    expect(page.get_by_text("every month")).to_be_visible()

    subscribe(page)
    page.wait_for_url(THANKS)

    assert standing(till, session) == ("complete", "paid", "active")


def test_after_a_declined_card_another_one_subscribes_once(till: Till, page: Page, monthly: str) -> None:
    session = opened(till, monthly)
    page.goto(session.url)
    subscribe(page, DECLINED)
    expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    assert standing(till, session) == ("open", "unpaid", "incomplete")

    subscribe(page)
    page.wait_for_url(THANKS)

    done = till.read(session)
    theirs = till.client.v1.subscriptions.list({"customer": done.customer, "status": "all"}).data
    assert [one.status for one in theirs] == ["active"]


def test_who_passes_the_banks_check_subscribes(till: Till, page: Page, monthly: str) -> None:
    session = opened(till, monthly)
    page.goto(session.url)
    subscribe(page, CHALLENGED)

    page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url(THANKS)

    assert standing(till, session) == ("complete", "paid", "active")


def test_who_fails_it_does_not(till: Till, page: Page, monthly: str) -> None:
    session = opened(till, monthly)
    page.goto(session.url)
    subscribe(page, CHALLENGED)

    page.get_by_role("button", name="Fail authentication").click()

    expect(page.get_by_role("alert")).to_contain_text("could not confirm that it is you")
    assert standing(till, session) == ("open", "unpaid", "incomplete")


@pytest.mark.parametrize("number", [GOOD, CHALLENGED], ids=["good", "challenged"])
def test_a_trial_keeps_the_card_and_takes_nothing(till: Till, page: Page, monthly: str, number: str) -> None:
    session = opened(till, monthly, subscription_data={"trial_period_days": 7})
    page.goto(session.url)
    expect(page.get_by_text("7 days free first")).to_be_visible()

    subscribe(page, number)
    if number == CHALLENGED:
        page.get_by_role("button", name="Complete authentication").click()
    page.wait_for_url(THANKS)

    assert standing(till, session) == ("complete", "no_payment_required", "trialing")


def test_a_trial_that_needs_no_card_asks_for_none(till: Till, page: Page, monthly: str) -> None:
    trial = {"trial_period_days": 7}
    session = opened(till, monthly, subscription_data=trial, payment_method_collection="if_required")
    page.goto(session.url)
    expect(page.get_by_label("Card number")).to_have_count(0)

    page.get_by_label("Email").fill("jenny@example.com")
    page.get_by_role("button", name="Subscribe").click()
    page.wait_for_url(THANKS)

    assert standing(till, session) == ("complete", "no_payment_required", "trialing")
