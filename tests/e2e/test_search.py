"""Search through the official SDK, on the server as it runs."""

from typing import Any

from tests.support.server import Server


def test_customers_are_searched_page_by_page(server: Server) -> None:
    client = server.stripe(server.account().secret_key)
    made = [
        client.v1.customers.create({"name": f"Ann {number}", "metadata": {"plan": "gold"}})
        for number in range(3)
    ]
    client.v1.customers.create({"name": "Bob", "email": "bob@example.com"})

    first: Any = client.v1.customers.search(
        {"query": 'metadata["plan"]:"gold"', "limit": 2, "expand": ["total_count"]}
    )
    everyone = [customer.id for customer in first.auto_paging_iter()]
    bob = client.v1.customers.search({"query": 'email:"BOB@example.com"'})

    assert first.object == "search_result"
    assert (first.has_more, first.total_count, first.url) == (True, 3, "/v1/customers/search")
    assert everyone == [customer.id for customer in reversed(made)]
    assert [customer.name for customer in bob.data] == ["Bob"]
    assert bob.next_page is None
