"""The example shop sells tea: an order, the hosted page, a signed event, and an order that is to be packed."""

import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from examples.shop.shop import Shop, open_shop
from tests.support.server import Server, running_server


@contextmanager
def a_shop(server: Server) -> Iterator[Shop]:
    web, shop = open_shop(server.account("Tea shop").secret_key, server.url, told=lambda text: None)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        web.shutdown()
        web.server_close()
        thread.join()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with running_server(tmp_path, PAYMENTS_WEBHOOKS_ALLOW_PRIVATE="1") as server, a_shop(server) as shop:
        yield shop


def pay(url: str) -> None:
    """What the hosted page's script does."""
    page = urllib.request.urlopen(url).read().decode()
    data = json.loads(re.findall(r'id="page-data">(.*?)</script>', page, re.DOTALL)[0])
    told = {
        "client_secret": data["secret"],
        "payment_method": "pm_card_visa",
        "billing_details": {"email": "jenny@example.com"},
    }
    request = urllib.request.Request(
        url.replace("?", "/confirm?", 1), json.dumps(told).encode(), {"content-type": "application/json"}
    )
    assert json.loads(urllib.request.urlopen(request).read())["status"] == "complete"


def test_an_order_is_packed_once_its_event_came(shop: Shop) -> None:
    url = shop.buy("darjeeling", 2)
    (order,) = shop.orders.values()
    assert order.state == "waiting for payment"

    pay(url)
    deadline = time.monotonic() + 30
    while order.state == "waiting for payment" and time.monotonic() < deadline:
        time.sleep(0.1)

    assert order.state == "paid, to be packed"


def test_an_event_without_a_signature_is_not_believed(shop: Shop) -> None:
    shop.buy("cup", 1)
    (order,) = shop.orders.values()
    forged = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "data": {
            "object": {
                "object": "checkout.session",
                "client_reference_id": order.id,
                "payment_status": "paid",
            }
        },
    }

    assert not shop.hear(json.dumps(forged).encode(), "t=1,v1=abc")
    assert order.state == "waiting for payment"


def test_the_home_page_sells_by_a_form(shop: Shop) -> None:
    page = urllib.request.urlopen(shop.own_url + "/").read().decode()

    assert "First flush Darjeeling" in page
