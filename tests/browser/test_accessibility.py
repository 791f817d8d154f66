"""Every page before the eyes of axe, in light and dark, with and without mistakes in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shopping import CHALLENGED, DECLINED, THANKS, Till, item, pay
from tests.support.npm import npm_packages
from tests.support.server import Server

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    modules = npm_packages(tmp_path_factory.mktemp("axe"), "axe-core@4")
    return (modules / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def till(server: Server) -> Till:
    return Till.of(server)


def everything(till: Till) -> Any:
    """A session that asks for all there is."""
    rates = [
        {"shipping_rate_data": {"display_name": name, "fixed_amount": {"amount": amount, "currency": "usd"}}}
        for name, amount in (("Post", 0), ("Courier", 1500))
    ]
    return till.session(
        line_items=[{**item("Tea", 2000), "adjustable_quantity": {"enabled": True}}],
        allow_promotion_codes=True,
        shipping_options=rates,
        shipping_address_collection={"allowed_countries": ["US", "DE"]},
        phone_number_collection={"enabled": True},
        billing_address_collection="required",
        custom_text={"submit": {"message": "We pack it today."}},
    )


def at_the_till(till: Till, page: Page) -> None:
    page.goto(everything(till).url)


def in_the_merchants_colours(till: Till, page: Page) -> None:
    look = {"button_color": "#f2c14e", "background_color": "#14213d"}
    page.goto(till.session(branding_settings=look, allow_promotion_codes=True).url)
    page.get_by_label("Promotion code").fill("NOPE")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("This code is not valid.")).to_be_visible()


def with_mistakes(till: Till, page: Page) -> None:
    page.goto(everything(till).url)
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("alert")).to_be_focused()


def declined(till: Till, page: Page) -> None:
    page.goto(till.session().url)
    pay(page, DECLINED)
    expect(page.get_by_role("alert")).to_be_focused()


def at_the_bank(till: Till, page: Page) -> None:
    page.goto(till.session().url)
    pay(page, CHALLENGED)
    page.wait_for_url("**/3ds/**")


def back_from_the_bank(till: Till, page: Page) -> None:
    at_the_bank(till, page)
    page.get_by_role("button", name="Fail authentication").click()
    expect(page.get_by_role("alert")).to_be_visible()


def when_all_is_done(till: Till, page: Page) -> None:
    session = till.session()
    page.goto(session.url)
    pay(page)
    page.wait_for_url(THANKS)
    page.goto(session.url)


def too_late(till: Till, page: Page) -> None:
    session = till.session()
    till.client.v1.checkout.sessions.expire(session.id)
    page.goto(session.url)


def saving_a_card(till: Till, page: Page) -> None:
    page.goto(till.session(mode="setup").url)


def lost(till: Till, page: Page) -> None:
    page.goto(till.server.url + "/c/pay/cs_test_none?account=acct_none")


def in_the_card_field(till: Till, page: Page) -> None:
    page.goto(till.server.url + "/c/card")


PLACES = (
    at_the_till,
    in_the_merchants_colours,
    with_mistakes,
    declined,
    at_the_bank,
    back_from_the_bank,
    when_all_is_done,
    too_late,
    saving_a_card,
    lost,
    in_the_card_field,
)


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_axe_finds_nothing(
    till: Till,
    browser: Browser,
    axe: str,
    place: Callable[[Till, Page], None],
    light: Literal["light", "dark"],
) -> None:
    context = browser.new_context(color_scheme=light, viewport={"width": 390, "height": 844}, bypass_csp=True)
    page = context.new_page()
    place(till, page)
    page.evaluate(axe + "\n;0")

    found = page.evaluate("rules => axe.run(document, rules)", RULES)

    context.close()
    assert [f"{v['id']}: {[node['html'][:120] for node in v['nodes']]}" for v in found["violations"]] == []


def test_the_pages_hold_together_at_twice_the_size_of_letters(till: Till, page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(everything(till).url)
    page.evaluate("document.documentElement.style.fontSize = '200%'; document.body.style.fontSize = '32px'")

    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert overflow == 0
