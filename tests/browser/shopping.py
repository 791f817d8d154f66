"""What the browser tests share: a merchant on a real server, sessions, and a payer's hands."""

from collections.abc import Mapping
from typing import Any

import attrs
from playwright.sync_api import Page, Request
from stripe import StripeClient

from tests.support.server import Keys, Server

GOOD = "4242424242424242"
DECLINED = "4000000000009995"
CHALLENGED = "4000002760003184"
THANKS = "**/healthz?thanks=**"
"""Where the shop says thank you: any page of this machine will do."""


@attrs.define
class Till:
    """A merchant, and what their sessions are made of."""

    server: Server
    keys: Keys
    client: StripeClient
    last: str = ""

    @classmethod
    def of(cls, server: Server, name: str = "Harbour Tea House") -> "Till":
        keys = server.account(name)
        return cls(server, keys, server.stripe(keys.secret_key))

    def session(self, amount: int = 2000, **told: Any) -> Any:
        params: dict[str, Any] = {
            "mode": "payment",
            "success_url": self.server.url + "/healthz?thanks={CHECKOUT_SESSION_ID}",
            "cancel_url": self.server.url + "/healthz?cart",
            **told,
        }
        self.last = str(int(self.last or 0) + 1)
        if params["mode"] == "payment":
            params.setdefault("line_items", [item("First flush Darjeeling", amount)])
            params.setdefault("payment_intent_data", {"metadata": {"of": self.last}})
        return self.client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]

    def read(self, session: Any) -> Any:
        return self.client.v1.checkout.sessions.retrieve(session.id)

    def paid(self) -> list[int]:
        """What was taken for the last session, payment by payment."""
        intents = self.client.v1.payment_intents.list({"limit": 100}).data
        ours = [intent for intent in intents if intent.to_dict()["metadata"].get("of") == self.last]
        return [intent.amount_received for intent in ours if intent.amount_received]


def item(name: str, amount: int, quantity: int = 1, currency: str = "usd") -> dict[str, Any]:
    return {
        "price_data": {"currency": currency, "unit_amount": amount, "product_data": {"name": name}},
        "quantity": quantity,
    }


def fill(page: Page, number: str = GOOD, *, email: str = "jenny@example.com") -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Card number").press_sequentially(number)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on card").fill("Jenny Rosen")


def pay(page: Page, number: str = GOOD) -> None:
    fill(page, number)
    page.get_by_role("button", name="Pay").click()


@attrs.define(slots=False)
class Wire:
    """Every request of a page that carries a card number, wherever in it."""

    number: str
    carriers: list[tuple[str, str]] = attrs.field(factory=list)
    hosts: set[str] = attrs.field(factory=set)

    def watch(self, page: Page) -> "Wire":
        page.context.on("request", self._look)
        return self

    def _look(self, request: Request) -> None:
        headers: Mapping[str, str] = request.headers
        self.hosts.add(request.url.split("/")[2])
        text = " ".join((request.url, request.post_data or "", *headers.values()))
        digits = "".join(letter for letter in text if letter.isdigit())
        if self.number in text or self.number in digits:
            self.carriers.append((request.method, request.url))
