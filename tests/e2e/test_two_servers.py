"""Two servers over one database, fifty clients at once on both: each refund, capture and key happens exactly once."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.support.postgres import fresh_database
from tests.support.server import running_server

AT_ONCE = 50
Clients = tuple[stripe.StripeClient, stripe.StripeClient]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def clients(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    data = tmp_path_factory.mktemp("shared")
    database = f"sqlite:///{data}/payments.db"
    with ExitStack() as stack:
        if request.param == "postgresql":
            database = stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))
        one = stack.enter_context(running_server(Path(data), database))
        other = stack.enter_context(running_server(Path(data), database))
        keys = one.account()
        yield one.stripe(keys.secret_key), other.stripe(keys.secret_key)
        assert one.payments("ledger", "verify")


def at_once(clients: Clients, action: Callable[[stripe.StripeClient], str]) -> Counter[str]:
    """What *AT_ONCE* callers were told, half of them by either server."""

    def told(number: int) -> str:
        try:
            return action(clients[number % 2])
        except stripe.StripeError as refusal:
            body: Any = refusal.json_body
            return str(body["error"].get("code"))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(told, range(AT_ONCE)))


def charged(clients: Clients, **params: Any) -> stripe.Charge:
    wanted: Any = {"amount": 2000, "currency": "usd", "source": "tok_visa", **params}
    return clients[0].v1.charges.create(wanted)


def test_of_fifty_whole_refunds_one_goes_through(clients: Clients) -> None:
    charge = charged(clients)

    told = at_once(clients, lambda client: client.v1.refunds.create({"charge": charge.id}).object)

    assert told == {"refund": 1, "charge_already_refunded": AT_ONCE - 1}


def test_partial_refunds_stop_at_the_whole(clients: Clients) -> None:
    charge = charged(clients)

    told = at_once(
        clients, lambda client: client.v1.refunds.create({"charge": charge.id, "amount": 100}).object
    )

    assert told == {"refund": 20, "charge_already_refunded": AT_ONCE - 20}
    assert clients[1].v1.charges.retrieve(charge.id).amount_refunded == 2000


def test_of_fifty_captures_one_goes_through(clients: Clients) -> None:
    held = charged(clients, capture=False)

    told = at_once(clients, lambda client: client.v1.charges.capture(held.id).object)

    assert told == {"charge": 1, "charge_already_captured": AT_ONCE - 1}


def test_one_key_is_one_charge(clients: Clients) -> None:
    options: Any = {"idempotency_key": "on both servers"}
    wanted: Any = {"amount": 700, "currency": "usd", "source": "tok_visa"}

    told = at_once(clients, lambda client: client.v1.charges.create(wanted, options).id)

    told.pop("idempotency_key_in_use", None)
    assert len(told) == 1


def test_the_balance_is_the_sum_of_its_lines_on_both(clients: Clients) -> None:
    for client in clients:
        lines = client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter()
        balance = client.v1.balance.retrieve()

        assert balance.pending[0].amount + balance.available[0].amount == sum(line.net for line in lines)
