"""Searching through the operations: fields and values are checked, pages go on, and totals are counted on demand."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from payments_core.errors import ParamInvalid
from payments_core.money.currencies import CurrencyCode
from payments_core.operations import ALL
from payments_core.operations.charges import CreateCharge
from payments_core.operations.customers import CreateCustomer, DeleteCustomer
from payments_core.operations.searching import SearchCharges, SearchCustomers, SearchPrices, SearchProducts
from tests.support.shops import Shop, a_shop


@pytest.fixture(params=["memory", "sqlite"])
async def shop(anyio_backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    options: dict[str, Any] = (
        {} if request.param == "memory" else {"database": f"sqlite:///{tmp_path}/books.db"}
    )
    async with a_shop(tmp_path, **options) as shop:
        yield shop


async def names(shop: Shop, query: str, **more: Any) -> list[str | None]:
    found = await shop.merchant.do(SearchCustomers(query=query, **more))
    return [customer.name for customer in found.items]


@pytest.mark.anyio
async def test_customers_are_found_by_what_is_said_of_them(shop: Shop) -> None:
    jane = await shop.merchant.do(
        CreateCustomer(name="Jane Diaz", email="jane@example.com", metadata={"plan": "gold", "seats": "3"})
    )
    await shop.merchant.do(CreateCustomer(name="Mary Jane", phone="555-0100", metadata={"plan": "tin"}))
    gone = await shop.merchant.do(CreateCustomer(name="Jane Gone"))
    await shop.merchant.do(DeleteCustomer(id=gone.id))

    assert await names(shop, 'name~"jane"') == ["Mary Jane", "Jane Diaz"]
    assert await names(shop, 'name:"jane diaz"') == ["Jane Diaz"]
    assert await names(shop, 'email:"JANE@example.com"') == ["Jane Diaz"]
    assert await names(shop, 'metadata["plan"]:"gold" AND -metadata["seats"]:"4"') == ["Jane Diaz"]
    assert await names(shop, '-metadata["seats"]:null') == ["Jane Diaz"]
    assert await names(shop, "email:null") == ["Mary Jane"]
    assert await names(shop, 'phone:"555-0100" OR email~"jane@"') == ["Mary Jane", "Jane Diaz"]
    assert await names(shop, f"created>={jane.created} AND created<={jane.created}") == [
        "Mary Jane",
        "Jane Diaz",
    ]


@pytest.mark.anyio
async def test_charges_are_found_by_amount_card_and_customer(shop: Shop) -> None:
    customer = await shop.merchant.do(CreateCustomer(source="tok_visa"))
    small = await shop.charge(500, source="tok_mastercard")
    large = await shop.merchant.do(
        CreateCharge(amount=5000, currency=CurrencyCode("usd"), customer=customer.id)
    )

    async def found(query: str) -> list[str]:
        return [charge.id for charge in (await shop.merchant.do(SearchCharges(query=query))).items]

    assert await found("amount>1000") == [large.id]
    assert await found('payment_method_details.card.brand:"mastercard"') == [small.id]
    assert await found('payment_method_details.card.last4:4242 AND status:"succeeded"') == [large.id]
    assert await found(f'customer:"{customer.id}"') == [large.id]
    assert await found('refunded:"false" AND currency:USD') == [large.id, small.id]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ('nickname:"x"', "not searchable"),
        ('name>"x"', "no order"),
        ('created:"soon"', "whole number"),
        ('name~"ab"', "at least 3"),
        ('metadata:"x"', r'metadata\["key"\]'),
        ('name["k"]:"x"', "is written name"),
    ],
)
async def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: str, why: str) -> None:
    with pytest.raises(ParamInvalid, match=why) as refused:
        await names(shop, f'email:"a@b.c" AND {query}')

    assert "at character 19," in refused.value.message


@pytest.mark.anyio
async def test_pages_lead_on_to_the_end(shop: Shop) -> None:
    for number in range(7):
        await shop.merchant.do(CreateCustomer(name=f"N{number}", metadata={"k": "v"}))

    seen: list[str | None] = []
    page: str | None = None
    while True:
        found = await shop.merchant.do(SearchCustomers(query='metadata["k"]:"v"', limit=3, page=page))
        seen += [customer.name for customer in found.items]
        page = found.next_page
        if page is None:
            break

    assert seen == [f"N{number}" for number in reversed(range(7))]
    with pytest.raises(ParamInvalid, match="Invalid page"):
        await names(shop, 'metadata["k"]:"v"', page="nonsense!")


def test_every_search_has_its_place_before_the_id() -> None:
    searches = [operation for operation in ALL if operation.name.endswith(".search")]

    assert len(searches) >= 6
    assert all(operation.path.endswith("/search") for operation in searches)
    assert {SearchPrices, SearchProducts} <= {operation.command for operation in searches}
