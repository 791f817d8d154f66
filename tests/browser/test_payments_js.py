"""payments.js on a merchant's own page of another origin: the card field, confirmations, challenges, and what the page never sees."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shopping import CHALLENGED, DECLINED, GOOD, Till, Wire
from tests.support.server import Server

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><title>A shop of its own</title><main><h1>Pay</h1><div id="card"></div></main>
<script src="{base}/js/v1/payments.js"></script>"""


class Shop(BaseHTTPRequestHandler):
    """Somebody else's web server, with a policy as strict as ours."""

    base = ""

    def do_GET(self) -> None:
        body = PAGE.format(base=self.base).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header(
            "content-security-policy",
            f"default-src 'none'; script-src {self.base}; frame-src {self.base}; connect-src {self.base}",
        )
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so it is called above
        """Say nothing."""


@pytest.fixture(scope="module")
def till(server: Server) -> Till:
    return Till.of(server)


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[str]:
    handler = type("Handler", (Shop,), {"base": server.url})
    web = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{web.server_port}/"
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture
def field(till: Till, shop: str, page: Page) -> Page:
    page.goto(shop)
    page.evaluate(
        "key => { window.payments = Payments(key); window.card = payments.cardField({locale: 'en'}); "
        "window.seen = []; card.on('change', event => seen.push(event)); card.mount('#card'); }",
        till.keys.publishable_key,
    )
    return page


def type_card(page: Page, number: str = GOOD) -> None:
    frame = page.frame_locator("#card iframe")
    frame.get_by_label("Card number").press_sequentially(number)
    frame.get_by_label("Expiry").fill("12 / 34")
    frame.get_by_label("Security code").fill("123")


def confirm(page: Page, secret: str) -> None:
    page.evaluate(
        "secret => { window.told = payments.confirmPayment(secret, {payment_method: {card, billing_details: {name: 'Jenny'}}})"
        "; }",
        secret,
    )


def told(page: Page) -> Any:
    """What the library's promise comes to."""
    return page.evaluate("window.told")


def an_intent(till: Till, amount: int = 1500) -> Any:
    return till.client.v1.payment_intents.create({"amount": amount, "currency": "usd"})


def test_a_card_becomes_a_payment_method_that_the_page_may_see(till: Till, field: Page) -> None:
    type_card(field)

    made = field.evaluate("payments.createPaymentMethod(card, {billing_details: {name: 'Jenny'}})")

    assert made["paymentMethod"]["card"]["last4"] == "4242"
    assert (
        till.client.v1.payment_methods.retrieve(made["paymentMethod"]["id"]).billing_details.name == "Jenny"
    )


def test_a_card_becomes_a_token(till: Till, field: Page) -> None:
    type_card(field)

    made = field.evaluate("payments.createToken(card, {name: 'Jenny'})")

    charge = till.client.v1.charges.create({"amount": 900, "currency": "usd", "source": made["token"]["id"]})
    assert charge.paid


def test_the_merchants_page_never_sees_the_number(till: Till, field: Page) -> None:
    wire = Wire(GOOD).watch(field)
    field.evaluate("window.heard = []; addEventListener('message', event => heard.push(event.data))")
    type_card(field)
    made = field.evaluate("payments.createPaymentMethod(card)")

    everything = field.evaluate("JSON.stringify([seen, heard]) + document.documentElement.outerHTML")

    assert GOOD not in everything + str(made)
    assert wire.carriers == [("POST", till.server.url + "/v1/payment_methods")]


def test_a_payment_is_confirmed(till: Till, field: Page) -> None:
    intent = an_intent(till)
    type_card(field)
    confirm(field, intent.client_secret)

    assert told(field)["paymentIntent"]["status"] == "succeeded"
    assert till.client.v1.payment_intents.retrieve(intent.id).amount_received == 1500


def test_a_decline_is_an_error_to_show(till: Till, field: Page) -> None:
    type_card(field, DECLINED)
    confirm(field, an_intent(till).client_secret)

    assert told(field)["error"]["decline_code"] == "insufficient_funds"


@pytest.mark.parametrize(
    ("button", "expected"),
    [("Complete authentication", "succeeded"), ("Fail authentication", "requires_payment_method")],
)
def test_a_challenge_is_taken_over_the_page(till: Till, field: Page, button: str, expected: str) -> None:
    intent = an_intent(till)
    type_card(field, CHALLENGED)
    confirm(field, intent.client_secret)
    field.frame_locator("dialog iframe").get_by_role("button", name=button).click()

    result = told(field)

    assert till.client.v1.payment_intents.retrieve(intent.id).status == expected
    assert ("error" in result) is (expected != "succeeded")
    expect(field.locator("dialog")).to_have_count(0)


def test_a_challenge_may_be_left(till: Till, field: Page) -> None:
    type_card(field, CHALLENGED)
    confirm(field, an_intent(till).client_secret)
    field.get_by_role("button", name="Cancel").click()

    assert told(field)["error"]["code"] == "authentication_abandoned"


def test_mistakes_are_told_before_anything_is_sent(till: Till, field: Page) -> None:
    type_card(field, "4242424242424241")

    made = field.evaluate("payments.createPaymentMethod(card)")

    assert made["error"]["code"] == "bad_number"
    assert field.evaluate("seen.at(-1).complete") is False


def test_a_secret_key_is_refused_at_once(till: Till, field: Page) -> None:
    with pytest.raises(Exception, match="publishable key"):
        field.evaluate("Payments('sk_test_abc')")
