"""The split deployment: a gateway over backends, which clients cannot tell from one server, also when one of them dies."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import stripe

from tests.support.server import Server
from tests.support.split import SECRET, SplitServer, split_server


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplitServer]:
    with split_server(tmp_path_factory.mktemp("split"), "charge,refund", "customer") as split:
        yield split


def payer(client: Any) -> Any:
    return client.v1.customers.create({"name": "Jenny", "source": "tok_visa"})


def test_objects_of_several_backends_are_joined(split: SplitServer) -> None:
    client = split.stripe(split.account().secret_key)
    customer = payer(client)
    charge = client.v1.charges.create({"amount": 500, "currency": "usd", "customer": customer.id})
    client.v1.refunds.create({"charge": charge.id, "amount": 100})

    one: Any = client.v1.charges.retrieve(
        charge.id, {"expand": ["customer.default_source", "balance_transaction", "refunds"]}
    )
    many: Any = client.v1.charges.list({"expand": ["data.customer"]})

    assert one.customer.name == "Jenny"
    assert one.customer.default_source.last4 == "4242"
    assert one.balance_transaction.net == charge.amount - one.balance_transaction.fee
    assert [refund.amount for refund in one.refunds.data] == [100]
    assert many.data[0].customer.id == customer.id


def test_what_cannot_be_expanded_is_refused_before_anything_is_done(split: SplitServer) -> None:
    client = split.stripe(split.account().secret_key)

    with pytest.raises(stripe.InvalidRequestError, match="doesn't exist"):
        client.v1.charges.create(
            {"amount": 500, "currency": "usd", "source": "tok_visa", "expand": ["nonsense"]}
        )

    assert not client.v1.charges.list().data


def test_a_backend_speaks_no_rest_and_takes_no_unsigned_word(split: SplitServer) -> None:
    backend = split.backends[0]
    key = split.account().secret_key

    rest = httpx2.get(f"{backend.url}/v1/charges", headers={"authorization": f"Bearer {key}"})
    unsigned = httpx2.post(
        f"{backend.url}/graphql", json={"query": "{ owns }"}, headers={"authorization": f"Bearer {key}"}
    )
    forged = httpx2.post(
        f"{backend.url}/graphql",
        json={"query": "{ owns }"},
        headers={"payments-signature": f"t=1,n=1,v1={'0' * 64}"},
    )

    assert rest.status_code == 404
    assert unsigned.status_code == 400
    assert forged.status_code == 401
    assert SECRET not in split.log + backend.log


def test_the_public_graphql_of_a_backend_is_there(split: SplitServer) -> None:
    key = split.account().secret_key

    told = httpx2.post(
        f"{split.backends[0].url}/graphql",
        json={"query": "{ balance { available currency } }"},
        headers={"authorization": f"Bearer {key}"},
    )

    assert told.json() == {"data": {"balance": {"available": 0, "currency": "usd"}}}


def test_keys_are_checked_where_the_data_is(split: SplitServer) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        split.stripe("sk_test_nobody").v1.charges.list()


def test_a_backend_that_dies_is_a_clear_error_and_doubles_nothing(tmp_path: Path) -> None:
    with split_server(tmp_path / "split") as split:
        client = split.stripe(split.account().secret_key)
        (backend,) = split.backends
        made: dict[str, str] = {}
        refused: list[Any] = []
        stopped = threading.Event()

        def charge(number: int) -> None:
            for turn in range(200):
                key = f"{number}-{turn}"
                while not stopped.is_set() and key not in made:
                    try:
                        done = client.v1.charges.create(
                            {
                                "amount": 500,
                                "currency": "usd",
                                "source": "tok_visa",
                                "metadata": {"key": key},
                            },
                            {"idempotency_key": key},
                        )
                        made[key] = done.id
                    except (stripe.APIError, stripe.APIConnectionError) as error:
                        refused.append(error)
                        stopped.wait(0.05)

        threads = [threading.Thread(target=charge, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        stopped.wait(1.0)
        backend.kill()
        stopped.wait(1.0)
        backend.start()
        stopped.wait(2.0)
        stopped.set()
        for thread in threads:
            thread.join(30)

        kept = {
            charge.metadata["key"]: charge.id
            for charge in client.v1.charges.list({"limit": 100}).auto_paging_iter()
        }
        count = sum(1 for _ in client.v1.charges.list({"limit": 100}).auto_paging_iter())

        assert made
        assert refused
        assert {error.http_status for error in refused} <= {503}
        assert "cannot be reached" in " ".join(str(error) for error in refused)
        assert made.items() <= kept.items()
        assert count == len(kept), "no key made two charges"


def test_a_backend_or_gateway_without_a_secret_does_not_start(tmp_path: Path) -> None:
    server = Server(data=tmp_path, database=f"sqlite:///{tmp_path}/x.db", options=("--role", "backend"))

    with pytest.raises(AssertionError, match="PAYMENTS_SPLIT_SECRET"):
        server.start()
