"""Ids lead to objects, and all that is asked for at one time is one look-up for each kind."""

from collections import Counter
from typing import Any

import attrs
import pytest

from payments_core.platform.api_keys import KeyKind
from payments_core.testing.memory import MemoryStore
from tests.web.graphql.asking import Asker, an_asker


@attrs.define
class CountingStore(MemoryStore):
    """Counts what it is asked."""

    asked: Counter[str] = attrs.field(factory=Counter, init=False)

    async def find_many(self, kind: Any, account_id: Any, noun_ids: Any) -> Any:
        self.asked[f"find_many {kind.__name__}"] += 1
        return await super().find_many(kind, account_id, noun_ids)

    async def select(self, kind: Any, account_id: Any, query: Any) -> Any:
        self.asked[f"select {kind.__name__}"] += 1
        return await super().select(kind, account_id, query)


async def charges(asker: Asker, count: int) -> list[str]:
    made = []
    for number in range(count):
        customer = await asker.rest("POST", "/v1/customers", name=f"Payer {number}", source="tok_visa")
        charge = await asker.rest(
            "POST", "/v1/charges", amount="500", currency="usd", customer=customer["id"]
        )
        for _ in range(2):
            await asker.rest("POST", "/v1/refunds", charge=charge["id"], amount="10")
        made.append(charge["id"])
    return made


@pytest.mark.anyio
async def test_a_list_with_its_customers_and_their_cards_is_three_look_ups(tmp_path: Any) -> None:
    store = CountingStore()
    async with an_asker(tmp_path, store=store) as asker:
        await charges(asker, 6)
        store.asked.clear()

        data = await asker.ask(
            "{ charges(limit: 6) { id customerId customer { id name defaultSource { last4 } } "
            "balanceTransaction { net } refunds { id amount charge { id } } } }"
        )

        assert [charge["customer"]["name"] for charge in data["charges"]] == [
            f"Payer {number}" for number in reversed(range(6))
        ]
        assert all(charge["customerId"] == charge["customer"]["id"] for charge in data["charges"])
        assert all(charge["customer"]["defaultSource"]["last4"] == "4242" for charge in data["charges"])
        assert all(len(charge["refunds"]) == 2 for charge in data["charges"])
        assert all(
            refund["charge"]["id"] == charge["id"]
            for charge in data["charges"]
            for refund in charge["refunds"]
        )
        assert store.asked == Counter(
            {
                "select Charge": 1,
                "find_many Customer": 1,
                "find_many PaymentMethod": 1,
                "find_many BalanceTransaction": 1,
                "select Refund": 1,
                "find_many Charge": 1,
            }
        )


@pytest.mark.anyio
async def test_who_may_not_read_a_kind_is_not_led_to_it(asker: Asker) -> None:
    await charges(asker, 1)
    key = await asker.new_key(KeyKind.RESTRICTED, "charge:read")

    response = await asker.send({"query": "{ charges { id customerId customer { name } } }"}, key=key)

    told = response.json()
    assert told["data"]["charges"][0]["customerId"].startswith("cus_")
    assert told["data"]["charges"][0]["customer"] is None
    assert told["errors"][0]["extensions"]["status"] == 403


@pytest.mark.anyio
async def test_a_long_list_within_a_list_shows_its_newest_ten(asker: Asker) -> None:
    (charge_id,) = await charges(asker, 1)
    for _ in range(11):
        await asker.rest("POST", "/v1/refunds", charge=charge_id, amount="5")

    data = await asker.ask("{ charges { refunds { id } } }")

    newest = [refund["id"] for refund in (await asker.rest("GET", "/v1/refunds", limit="10"))["data"]]
    assert [refund["id"] for refund in data["charges"][0]["refunds"]] == newest


@pytest.mark.anyio
async def test_another_merchants_object_is_not_there(asker: Asker, tmp_path: Any) -> None:
    (charge_id,) = await charges(asker, 1)
    other = await asker.shop.gateway.open_account("Other shop")
    from payments_core.operations.onboarding import issue_key

    _, key = await issue_key(asker.shop.ports, other.account)

    response = await asker.send(
        {"query": f'{{ charge(id: "{charge_id}") {{ id }} charges {{ id }} }}'}, key=key
    )

    told = response.json()
    assert told["data"] == {"charge": None, "charges": []}
    assert told["errors"][0]["extensions"]["code"] == "resource_missing"
