"""A small shop on the hosted checkout page: an official Stripe SDK, a page to pay on, and a webhook that is believed only if signed.

It keeps its orders in memory and has three pages. What a real shop would do differently is said where it is.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

import attrs
import stripe
from stripe import StripeClient

GOODS: Final[Mapping[str, tuple[str, int]]] = {
    "darjeeling": ("First flush Darjeeling, 100 g", 1850),
    "cup": ("Porcelain cup", 2400),
}
"""What is sold: name, and price in cents. Prices come from here and never from the browser."""

EVENTS: Final = ("checkout.session.completed", "checkout.session.expired")
BODY_MAX: Final = 1_000_000


@attrs.define
class Order:
    """What somebody wants, and how far it is."""

    id: str
    goods: str
    quantity: int
    state: str = "waiting for payment"
    session: str | None = None


@attrs.define
class Shop:
    """Orders, and the payment gateway behind them."""

    client: StripeClient
    own_url: str
    webhook_secret: str
    orders: dict[str, Order] = attrs.field(factory=dict)
    heard: set[str] = attrs.field(factory=set)

    def buy(self, goods: str, quantity: int) -> str:
        """Note an order, and return the address of the page where it is paid."""
        name, price = GOODS[goods]
        order = Order(id=secrets.token_hex(8), goods=goods, quantity=quantity)
        self.orders[order.id] = order
        session = self.client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "client_reference_id": order.id,
                "success_url": f"{self.own_url}/thanks?order={order.id}",
                "cancel_url": f"{self.own_url}/",
                "line_items": [
                    {
                        "price_data": {
                            "currency": "usd",
                            "unit_amount": price,
                            "product_data": {"name": name},
                        },
                        "quantity": quantity,
                    }
                ],
            },
            # Whoever sends the order twice gets the same page twice.
            {"idempotency_key": f"order-{order.id}"},
        )
        order.session = session.id
        assert session.url is not None, "a new session has a page"
        return session.url

    def hear(self, body: bytes, signature: str) -> bool:
        """Believe an event if it is signed by the gateway, once. Return whether it was."""
        try:
            event = stripe.Webhook.construct_event(body, signature, self.webhook_secret)
        except (ValueError, stripe.SignatureVerificationError):
            return False
        # Events may come twice and in any order: remember the id, and let the order's own state decide.
        if event.id in self.heard:
            return True
        self.heard.add(event.id)
        session = event.data.object
        order = self.orders.get(session.client_reference_id or "")
        if order is None:
            return True
        if event.type == "checkout.session.completed" and session.payment_status == "paid":
            order.state = "paid, to be packed"
        elif event.type == "checkout.session.expired" and order.state == "waiting for payment":
            order.state = "given up"
        return True


class Pages(BaseHTTPRequestHandler):
    """The shop's pages. Any web framework does this better."""

    shop: Shop

    def do_GET(self) -> None:
        """Show the goods, or thank for an order."""
        parts = urlsplit(self.path)
        if parts.path == "/":
            self._answer(200, "".join(_home()))
        elif parts.path == "/thanks":
            order = self.shop.orders.get(parse_qs(parts.query).get("order", [""])[0])
            self._answer(
                200, f"<h1>Thank you</h1><p>Your order is {order.state if order else 'unknown'}.</p>"
            )
        else:
            self._answer(404, "<h1>There is nothing here</h1>")

    def do_POST(self) -> None:
        """Take an order, or an event."""
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(min(length, BODY_MAX))
        if self.path == "/buy":
            told = parse_qs(body.decode())
            goods = told.get("goods", [""])[0]
            if goods not in GOODS:
                return self._answer(400, "<h1>We do not sell that</h1>")
            return self._answer(303, "", location=self.shop.buy(goods, 1))
        if self.path == "/webhook":
            believed = self.shop.hear(body, self.headers.get("stripe-signature", ""))
            return self._answer(200 if believed else 400, "")
        return self._answer(404, "")

    def _answer(self, status: int, page: str, *, location: str | None = None) -> None:
        body = f"<!doctype html><html lang=en><title>Tea shop</title><main>{page}</main>".encode()
        self.send_response(status)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        if location is not None:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - so it is called above
        """Say nothing: orders are not for the terminal."""


def _home() -> Iterator[str]:
    yield "<h1>Tea shop</h1>"
    for goods, (name, price) in GOODS.items():
        yield f"<form method=post action=/buy><p>{name}, ${price / 100:.2f} "
        yield f"<button name=goods value={goods}>Buy {name}</button></p></form>"


def open_shop(
    api_key: str, api_base: str, port: int = 0, told: Callable[[str], object] = print
) -> tuple[ThreadingHTTPServer, Shop]:
    """Listen on *port*, ask the gateway for events, and return server and shop."""
    web = ThreadingHTTPServer(("127.0.0.1", port), Pages)
    own_url = f"http://127.0.0.1:{web.server_port}"
    client = StripeClient(api_key, base_addresses={"api": api_base})
    endpoint = client.v1.webhook_endpoints.create(
        {"url": f"{own_url}/webhook", "enabled_events": list(EVENTS)}
    )
    assert endpoint.secret is not None, "a new endpoint tells its secret, once"
    shop = Shop(client=client, own_url=own_url, webhook_secret=endpoint.secret)
    web.RequestHandlerClass = type("ShopPages", (Pages,), {"shop": shop})
    told(f"The shop is open at {own_url}")
    return web, shop


def main() -> None:
    """Open the shop with the key in `STRIPE_API_KEY`, against the gateway in `PAYMENTS_URL`."""
    base = os.environ.get("PAYMENTS_URL", "http://127.0.0.1:8420")
    web, _ = open_shop(os.environ["STRIPE_API_KEY"], base, int(os.environ.get("PORT", "4242")))
    try:
        web.serve_forever()
    except KeyboardInterrupt:
        web.server_close()


if __name__ == "__main__":
    main()
