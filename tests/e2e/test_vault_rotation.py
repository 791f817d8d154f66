"""The vault's key is rotated while the server runs: saved cards go on paying, before and after, here and after a restart."""

import pytest

from tests.support.server import Server


@pytest.mark.slow
def test_saved_cards_pay_across_a_rotation(fresh_server: Server) -> None:
    keys = fresh_server.account()
    client = fresh_server.stripe(keys.secret_key)
    customer = client.v1.customers.create({"source": "tok_visa"})

    def pays() -> bool:
        charge = client.v1.charges.create({"amount": 500, "currency": "usd", "customer": customer.id})
        return charge.status == "succeeded"

    told = fresh_server.payments("vault", "rotate-keys")

    assert told.startswith("1 cards are now under k_")
    assert pays(), "the running server reads the new key"
    assert fresh_server.payments("vault", "rotate-keys", "--no-new-key").startswith("0 cards")
    fresh_server.restart()
    assert pays()
