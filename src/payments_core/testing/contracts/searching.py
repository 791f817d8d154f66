"""The contract of `Store.search`: every storage finds what `searching.matching.matches` means, and nothing else.

Subclass `SearchContract` and provide the fixture `store`, open and empty.
"""

from typing import Any

import pytest

from payments_core.billing.customers import Customer
from payments_core.clock import Timestamp
from payments_core.ports import Batch, Store, Write
from payments_core.searching.matching import Kind, Search, Sought, folded, matches
from payments_core.searching.queries import Relation
from payments_core.testing.contracts.examples import OTHER_SHOP, SHOP, a_customer, inserting
from payments_core.values import evolve

KINDS = {"metadata": Kind.HASH, "created": Kind.NUMBER, "delinquent": Kind.FLAG, "currency": Kind.TOKEN}


def says(path: str, sign: str, value: Any, *, key: str | None = None, negated: bool = False) -> Sought:
    """A clause as the operations understand it."""
    text = folded(value) if isinstance(value, str) else value
    raw = value if isinstance(value, str) else None
    kind = KINDS.get(path, Kind.TEXT)
    return Sought(
        path=path, kind=kind, key=key, relation=Relation(sign), value=text, raw=raw, negated=negated
    )


SEARCHES = (
    (says("email", ":", "Amy@Example.com"),),
    (says("email", ":", "amy@example.com", negated=True),),
    (says("email", ":", None),),
    (says("email", ":", None, negated=True),),
    (says("name", "~", "ANE"),),
    (says("name", "~", "straße"),),
    (says("name", "~", "str"), says("email", "~", "exam")),
    (says("name", ":", 'quote " and \\ slash'),),
    (says("name", "~", 'ote " an'),),
    (says("name", "~", "100%_"),),
    (says("metadata", ":", "6735", key="order"),),
    (says("metadata", ":", "6735", key="order", negated=True),),
    (says("metadata", ":", None, key="order"),),
    (says("metadata", "~", "67", key="order"),),
    (says("created", ">", 1001), says("created", "<=", 1003)),
    (says("created", ">=", 1001), says("metadata", ":", "6735", key="order")),
    (says("delinquent", ":", True),),
    (says("currency", ":", "USD"),),
    (says("name", "~", "nobody"),),
)


def customers() -> list[Customer]:
    """Customers who differ in all that is searched."""
    return [
        a_customer("Jane", email="amy@example.com", metadata={"order": "6735"}),
        a_customer("JANET", email="AMY@EXAMPLE.COM", metadata={"order": "6736", "Order": "6735"}),
        a_customer("Straße", email="b@example.com", currency="usd"),
        a_customer("STRASSE", delinquent=True),
        a_customer('Quote " and \\ slash', metadata={"order": "6735"}),
        a_customer("100%_of it"),
        a_customer("Gone", email="amy@example.com", deleted=True),
    ]


@pytest.mark.anyio
class SearchContract:
    """Every `Store` finds what is meant. Subclass it and provide `store`."""

    async def test_what_is_meant_is_found_the_newest_first(self, store: Store) -> None:
        nouns = [evolve(noun, created=Timestamp(1000 + at)) for at, noun in enumerate(customers())]
        await store.apply(inserting(*nouns))
        await store.apply(inserting(a_customer("Jane", account=OTHER_SHOP, email="amy@example.com")))
        searches = [
            Search(sought=sought, any=any_of, live=True) for sought in SEARCHES for any_of in (False, True)
        ]

        found = [await store.search(Customer, SHOP, search) for search in searches]

        for search, page in zip(searches, found, strict=True):
            assert list(page.items) == [noun for noun in reversed(nouns) if matches(noun, search)], search
            assert not page.has_more

    async def test_a_changed_noun_is_found_by_what_it_is_now(self, store: Store) -> None:
        (jane, *_) = customers()
        await store.apply(inserting(jane))
        changed = evolve(jane, email="new@example.com", metadata={"order": "1"})
        await store.apply(Batch(account_id=SHOP, writes=(Write(changed, replaces=1),)))

        old = await store.search(Customer, SHOP, Search(sought=(says("email", ":", "amy@example.com"),)))
        new = await store.search(Customer, SHOP, Search(sought=(says("metadata", ":", "1", key="order"),)))

        assert old.items == ()
        assert new.items == (changed,)

    async def test_a_removed_noun_is_not_found(self, store: Store) -> None:
        (jane, *_) = customers()
        await store.apply(inserting(jane))
        await store.apply(Batch(account_id=SHOP, writes=(Write(jane, replaces=1, drop=True),)))

        found = await store.search(Customer, SHOP, Search(sought=(says("email", ":", "amy@example.com"),)))

        assert found.items == ()

    @pytest.mark.parametrize(
        "sought",
        [
            says("metadata", ":", "x", key="k"),
            says("name", "~", "same"),
            says("email", ":", None),
        ],
        ids=["by a word", "by a part", "by reading on"],
    )
    async def test_pages_give_all_of_it_once(self, store: Store, sought: Sought) -> None:
        nouns = [a_customer(f"Same {number}", metadata={"k": "x"}) for number in range(25)]
        others = [
            a_customer(f"Other {number}", email="o@example.com", metadata={"k": "y"}) for number in range(25)
        ]
        for pair in zip(nouns, others, strict=True):
            await store.apply(inserting(*pair))

        seen: list[Customer] = []
        after = None
        while True:
            page = await store.search(Customer, SHOP, Search(sought=(sought,), after=after, limit=10))
            seen += page.items
            if not page.has_more:
                break
            after = page.items[-1].id

        assert seen == sorted(nouns, key=lambda noun: noun.id, reverse=True)
