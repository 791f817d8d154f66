"""The contract of `Store`: what every storage promises, races and bad neighbours included.

Subclass `StoreContract` and provide the fixture `store`, open and empty. It says nothing of speed, and nothing of crashes:
those need a process to kill.
"""

import asyncio
from typing import Any

import attrs
import pytest

from payments_core.billing.customers import Customer, CustomerId
from payments_core.clock import Timestamp
from payments_core.errors import BalanceInsufficient, Conflict, InvalidRequest
from payments_core.payments.attempts import Attempt
from payments_core.platform.accounts import Account
from payments_core.platform.idempotency import Claim, ClaimId, Reply
from payments_core.ports import Batch, Query, Store, Write
from payments_core.testing.contracts.books import BooksContract
from payments_core.testing.contracts.examples import (
    AVAILABLE,
    IDS,
    OTHER_SHOP,
    SHOP,
    a_card,
    a_customer,
    a_token,
    an_attempt,
    an_entry,
    balance,
    books,
    inserting,
    kinds,
    names,
    outcomes,
    replacing,
    spending,
)
from payments_core.testing.contracts.searching import SearchContract
from payments_core.tokenization.payment_methods import (
    CardId,
    PaymentMethod,
    PaymentMethodId,
    SealedCard,
)
from payments_core.tokenization.tokens import Token


@pytest.mark.anyio
class StoreContract(BooksContract, SearchContract):
    """Every `Store` keeps these promises. Subclass it and provide `store`."""

    # Nouns and versions

    async def test_a_stream_gives_the_nouns_of_one_account_the_oldest_first(self, store: Store) -> None:
        customers = [a_customer(str(number)) for number in range(5)]
        await store.apply(inserting(*reversed(customers)))
        await store.apply(inserting(a_customer(account=OTHER_SHOP)))

        assert [noun async for noun in store.stream(Customer, SHOP)] == customers
        assert [noun async for noun in store.stream(Customer, SHOP, customers[2].id)] == customers[3:]

    async def test_a_stream_of_more_than_one_chunk_is_whole(self, store: Store) -> None:
        customers = [a_customer(str(number)) for number in range(1001)]
        await store.apply(inserting(*customers))

        assert [noun async for noun in store.stream(Customer, SHOP)] == customers

    async def test_the_books_can_be_read_from_where_somebody_stopped(self, store: Store) -> None:
        mine, theirs, last = an_entry(1), an_entry(2, account=OTHER_SHOP), an_entry(3)
        for entry in (mine, theirs, last):
            await store.apply(inserting(entries=[entry]))

        assert [entry async for entry in store.entries(SHOP, mine.id)] == [last]
        assert [entry async for entry in store.entries(after=mine.id)] == [theirs, last]
        assert [entry async for entry in store.entries(after=last.id)] == []

    async def test_accounts_are_those_that_have_balances_too(self, store: Store) -> None:
        opened = Account(account_id=SHOP, id=SHOP, created=Timestamp(1000), name="Shop")
        await store.apply(inserting(opened, entries=[an_entry(1)]))
        await store.apply(
            inserting(entries=[an_entry(1, account=OTHER_SHOP), an_entry(2, account=OTHER_SHOP)])
        )

        assert sorted([account async for account in store.accounts()]) == sorted([SHOP, OTHER_SHOP])

    async def test_many_are_found_with_their_versions(self, store: Store) -> None:
        first, second = a_customer("1"), a_customer("2")
        await store.apply(inserting(first, second))
        await store.apply(replacing(second, 1))

        found = await store.find_versions(Customer, SHOP, [first.id, second.id, "cus_nobody"])

        assert found == {first.id: (first, 1), second.id: (second, 2)}

    async def test_what_was_written_is_found_as_it_was_with_its_version(self, store: Store) -> None:
        customer = a_customer(metadata={"order": "6"}, preferred_locales=("de", "en"))
        await store.apply(inserting(customer))

        assert await store.find(Customer, SHOP, customer.id) == (customer, 1)

    async def test_what_was_never_written_is_absent(self, store: Store) -> None:
        assert await store.find(Customer, SHOP, "cus_nobody") is None
        assert await store.find(Customer, SHOP, "") is None
        assert await store.find(Customer, SHOP, "cus_\0\ud800") is None

    async def test_each_write_makes_the_next_version(self, store: Store) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))
        renamed = attrs.evolve(customer, name="Ann")
        await store.apply(replacing(renamed, 1))

        assert await store.find(Customer, SHOP, customer.id) == (renamed, 2)

    async def test_an_id_is_written_new_only_once(self, store: Store) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))

        with pytest.raises(Conflict):
            await store.apply(inserting(attrs.evolve(customer, name="Ann")))
        assert await store.find(Customer, SHOP, customer.id) == (customer, 1)

    @pytest.mark.parametrize("version", [2, 3])
    async def test_a_version_that_is_not_the_latest_is_refused(self, store: Store, version: int) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))

        with pytest.raises(Conflict):
            await store.apply(replacing(attrs.evolve(customer, name="Ann"), version))
        assert await store.find(Customer, SHOP, customer.id) == (customer, 1)

    async def test_what_is_not_there_cannot_be_replaced_or_dropped(self, store: Store) -> None:
        with pytest.raises(Conflict):
            await store.apply(replacing(a_customer(), 1))
        with pytest.raises(Conflict):
            await store.apply(replacing(a_customer(), 1, drop=True))

    async def test_a_dropped_noun_is_gone_and_its_id_is_free(self, store: Store) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))
        await store.apply(replacing(customer, 1, drop=True))

        assert await store.find(Customer, SHOP, customer.id) is None
        await store.apply(inserting(customer))
        assert await store.find(Customer, SHOP, customer.id) == (customer, 1)

    async def test_a_drop_of_an_older_version_is_refused(self, store: Store) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))
        await store.apply(replacing(customer, 1))

        with pytest.raises(Conflict):
            await store.apply(replacing(customer, 1, drop=True))
        assert await store.find(Customer, SHOP, customer.id) == (customer, 2)

    async def test_of_a_refused_batch_nothing_is_written(self, store: Store) -> None:
        taken, beside = a_customer(), a_customer("Ann")
        await store.apply(inserting(taken))

        with pytest.raises(Conflict):
            await store.apply(inserting(beside, taken, entries=[an_entry(100)]))
        assert await store.find(Customer, SHOP, beside.id) is None
        assert await books(store) == []
        assert await balance(store, AVAILABLE) == 0

    async def test_a_noun_with_bytes_and_parts_comes_back_whole(self, store: Store) -> None:
        card = SealedCard(
            account_id=SHOP, id=CardId(IDS.new("card")), created=Timestamp(1), sealed=bytes(range(256))
        )
        claim = Claim(
            account_id=SHOP,
            id=ClaimId("idem_1"),
            created=Timestamp(1),
            fingerprint="f",
            request_id="req_1",
            operation="charges.create",
            reply=Reply(402, b'{"\xc3\xa4": 1}'),
        )
        token = a_token()
        await store.apply(inserting(card, claim, token))

        assert await store.find(SealedCard, SHOP, card.id) == (card, 1)
        assert await store.find(Claim, SHOP, claim.id) == (claim, 1)
        assert await store.find(Token, SHOP, token.id) == (token, 1)

    @pytest.mark.parametrize(
        "noun_id", ["cus_" + "0" * 22, "cus_" + "z" * 22, "cus_7n42DGM5Tflk9n8mt7Fhc7", "42", "ä b/c", "cus_"]
    )
    async def test_any_text_can_be_an_id(self, store: Store, noun_id: str) -> None:
        customer = attrs.evolve(a_customer(), id=CustomerId(noun_id))
        await store.apply(inserting(customer))

        assert await store.find(Customer, SHOP, noun_id) == (customer, 1)
        assert names(await store.select(Customer, SHOP, Query())) == ["Jenny"]

    async def test_ids_that_differ_in_their_prefix_alone_are_two(self, store: Store) -> None:
        digits = IDS.new("pm").removeprefix("pm_")
        for prefix in ("pm", "card"):
            method = PaymentMethod(
                account_id=SHOP,
                id=PaymentMethodId(f"{prefix}_{digits}"),
                created=Timestamp(1),
                card=a_card(),
            )
            await store.apply(inserting(method))

        assert (await store.find(PaymentMethod, SHOP, f"pm_{digits}") or [None])[0] is not None
        assert await store.find(PaymentMethod, SHOP, f"src_{digits}") is None
        assert len((await store.select(PaymentMethod, SHOP, Query())).items) == 2

    async def test_texts_of_all_tongues_and_sizes_are_kept(self, store: Store) -> None:
        customer = a_customer("Zoë 漢字 🂡 \u202e \\u0000 \\ ' \" \n", description="x" * 1_000_000)
        await store.apply(inserting(customer))

        assert await store.find(Customer, SHOP, customer.id) == (customer, 1)

    # Accounts

    async def test_another_accounts_noun_looks_absent_to_every_verb(self, store: Store) -> None:
        theirs = a_customer(account=OTHER_SHOP, email="a@example.com")
        await store.apply(inserting(theirs, entries=[an_entry(500, account=OTHER_SHOP)]))

        assert await store.find(Customer, SHOP, theirs.id) is None
        assert await store.find_many(Customer, SHOP, [theirs.id]) == {}
        assert (await store.select(Customer, SHOP, Query())).items == ()
        assert (await store.select(Customer, SHOP, Query(equal={"email": "a@example.com"}))).items == ()
        assert await store.balances(SHOP) == []
        assert await books(store) == []

    async def test_another_accounts_noun_cannot_be_changed_or_dropped(self, store: Store) -> None:
        theirs = a_customer(account=OTHER_SHOP)
        await store.apply(inserting(theirs))
        disguised = attrs.evolve(theirs, account_id=SHOP, name="Mallory")

        for batch in (replacing(disguised, 1), replacing(disguised, 1, drop=True)):
            with pytest.raises(Conflict):
                await store.apply(batch)
        assert await store.find(Customer, OTHER_SHOP, theirs.id) == (theirs, 1)

    async def test_two_accounts_may_use_one_id(self, store: Store) -> None:
        ours = a_customer()
        theirs = attrs.evolve(ours, account_id=OTHER_SHOP, name="Ann")
        await outcomes(store.apply(inserting(ours)), store.apply(inserting(theirs)))

        assert await store.find(Customer, SHOP, ours.id) == (ours, 1)
        assert await store.find(Customer, OTHER_SHOP, ours.id) == (theirs, 1)

    async def test_one_accounts_spending_does_not_touch_anothers_balance(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(1000, account=OTHER_SHOP)]))

        with pytest.raises(BalanceInsufficient):
            await store.apply(spending(1))
        assert await balance(store, AVAILABLE, OTHER_SHOP) == -1000

    # Lists

    async def test_a_list_shows_the_newest_first_and_says_whether_there_is_more(self, store: Store) -> None:
        await self._store_customers(store, "abcde")

        first = await store.select(Customer, SHOP, Query(limit=2))
        second = await store.select(Customer, SHOP, Query(limit=2, after=first.items[-1].id))
        third = await store.select(Customer, SHOP, Query(limit=2, after=second.items[-1].id))
        pages = [(names(page), page.has_more) for page in (first, second, third)]

        assert pages == [(["e", "d"], True), (["c", "b"], True), (["a"], False)]

    async def test_going_back_shows_what_is_next_to_the_cursor(self, store: Store) -> None:
        customers = await self._store_customers(store, "abcde")

        near = await store.select(Customer, SHOP, Query(limit=2, before=customers[1].id))
        rest = await store.select(Customer, SHOP, Query(limit=2, before=near.items[0].id))

        assert (names(near), near.has_more) == (["d", "c"], True)
        assert (names(rest), rest.has_more) == (["e"], False)

    async def test_filters_hold_for_all_pages(self, store: Store) -> None:
        await self._store_customers(store, "abcdef", email="a@example.com")
        await self._store_customers(store, "uvw", email="b@example.com")
        equal = {"email": "a@example.com"}

        first = await store.select(Customer, SHOP, Query(equal=equal, limit=4))
        rest = await store.select(Customer, SHOP, Query(equal=equal, limit=4, after=first.items[-1].id))
        back = await store.select(Customer, SHOP, Query(equal=equal, limit=9, before=rest.items[0].id))

        assert (names(first), first.has_more) == (["f", "e", "d", "c"], True)
        assert (names(rest), rest.has_more) == (["b", "a"], False)
        assert (names(back), back.has_more) == (["f", "e", "d", "c"], False)

    async def test_a_filter_takes_nothing_one_or_several_values(self, store: Store) -> None:
        await self._store_customers(store, "a", email="a@example.com")
        await self._store_customers(store, "b", email="b@example.com")
        await self._store_customers(store, "c")

        async def where(email: Any) -> list[str | None]:
            return names(await store.select(Customer, SHOP, Query(equal={"email": email})))

        assert await where("b@example.com") == ["b"]
        assert await where(None) == ["c"]
        assert await where(("b@example.com", "a@example.com", "x@example.com")) == ["b", "a"]
        assert await where(()) == []
        assert await where("a@example.com\0") == []

    async def test_a_filter_follows_the_latest_version(self, store: Store) -> None:
        (customer,) = await self._store_customers(store, "a", email="a@example.com")
        await store.apply(replacing(attrs.evolve(customer, email="b@example.com"), 1))
        await store.apply(
            replacing(attrs.evolve(customer, email="b@example.com", deleted=True, name="gone"), 2)
        )

        old = await store.select(Customer, SHOP, Query(equal={"email": "a@example.com"}))
        new = await store.select(Customer, SHOP, Query(equal={"email": "b@example.com"}))
        alive = await store.select(Customer, SHOP, Query(equal={"deleted": False}))
        assert (names(old), names(new), names(alive)) == ([], ["gone"], [])

    async def test_a_range_includes_both_its_ends(self, store: Store) -> None:
        for moment in (10, 20, 30, 40):
            customer = attrs.evolve(a_customer(str(moment)), created=Timestamp(moment))
            await store.apply(inserting(customer))

        async def created(low: int | None, high: int | None) -> list[str | None]:
            return names(await store.select(Customer, SHOP, Query(within={"created": (low, high)})))

        assert await created(20, 30) == ["30", "20"]
        assert await created(30, None) == ["40", "30"]
        assert await created(None, 20) == ["20", "10"]

    async def test_a_reference_can_be_filtered_on(self, store: Store) -> None:
        owner = IDS.new("cus")
        methods = [
            PaymentMethod(
                account_id=SHOP,
                id=PaymentMethodId(IDS.new("pm")),
                created=Timestamp(1),
                card=a_card(),
                customer=customer,
            )
            for customer in (owner, None, IDS.new("cus"), "somebody")
        ]
        await store.apply(inserting(*methods))

        async def owned_by(customer: Any) -> list[PaymentMethod]:
            return list((await store.select(PaymentMethod, SHOP, Query(equal={"customer": customer}))).items)

        assert await owned_by(owner) == [methods[0]]
        assert await owned_by("somebody") == [methods[3]]
        assert await owned_by(None) == [methods[1]]

    async def test_find_many_returns_those_that_exist(self, store: Store) -> None:
        a, _, c = await self._store_customers(store, "abc")

        found = await store.find_many(Customer, SHOP, [c.id, "cus_nobody", a.id, a.id])
        assert found == {a.id: a, c.id: c}
        assert await store.find_many(Customer, SHOP, []) == {}

    async def test_due_nouns_of_all_accounts_come_the_longest_due_first(self, store: Store) -> None:
        late, later = an_attempt(20), an_attempt(10, account=OTHER_SHOP)
        await store.apply(inserting(late, an_attempt(None), an_attempt(31)))
        await store.apply(inserting(later))

        assert list(await store.due(Attempt, Timestamp(30), 10)) == [later, late]
        assert list(await store.due(Attempt, Timestamp(30), 1)) == [later]
        assert list(await store.due(Attempt, Timestamp(9), 10)) == []

    async def test_what_is_due_is_found_with_its_versions_too(self, store: Store) -> None:
        first, second = an_attempt(10), an_attempt(20)
        await store.apply(inserting(first, second))
        await store.apply(replacing(second, 1))

        assert list(await store.due_versions(Attempt, Timestamp(30), 10)) == [(first, 1), (second, 2)]
        assert list(await store.due_versions(Attempt, Timestamp(10), 10, SHOP)) == [(first, 1)]
        assert list(await store.due_versions(Attempt, Timestamp(30), 10, OTHER_SHOP)) == []

    async def test_what_was_done_is_not_due_again(self, store: Store) -> None:
        attempt = an_attempt(20)
        await store.apply(inserting(attempt))
        await store.apply(replacing(attrs.evolve(attempt, due_at=None), 1))

        assert list(await store.due(Attempt, Timestamp(30), 10)) == []

    # Races

    async def test_of_many_racers_one_wins(self, store: Store) -> None:
        token = a_token()
        await store.apply(inserting(token))
        beside = [a_customer(str(number)) for number in range(50)]

        def race(customer: Customer) -> Batch:
            return Batch(account_id=SHOP, writes=(Write(customer, 0), Write(token.use(), 1)))

        results = await outcomes(*(store.apply(race(customer)) for customer in beside))

        assert kinds(results) == {"written": 1, "Conflict": 49}
        kept = (await store.select(Customer, SHOP, Query(limit=100))).items
        assert list(kept) == [c for c, result in zip(beside, results, strict=True) if result is None]
        assert await store.find(Token, SHOP, token.id) == (token.use(), 2)

    async def test_of_many_who_insert_one_id_one_wins(self, store: Store) -> None:
        claims = [a_token("tok_one") for _ in range(30)]

        results = await outcomes(*(store.apply(inserting(claim)) for claim in claims))

        assert kinds(results) == {"written": 1, "Conflict": 29}
        (winner,) = (c for c, result in zip(claims, results, strict=True) if result is None)
        assert await store.find(Token, SHOP, "tok_one") == (winner, 1)

    async def test_a_bad_neighbour_harms_nobody(self, store: Store) -> None:
        taken = a_customer()
        await store.apply(inserting(taken))
        good = [a_customer(str(number)) for number in range(20)]
        bad = [inserting(a_customer("bad"), taken), replacing(a_customer(), 7), spending(1)]

        results = await outcomes(
            *(store.apply(inserting(c, entries=[an_entry(10)])) for c in good[:10]),
            *map(store.apply, bad),
            *(store.apply(inserting(c)) for c in good[10:]),
        )

        # Which of its neighbours' earnings a spender sees depends on who came first; it may well succeed.
        assert kinds(results[:10] + results[13:]) == {"written": 20}
        assert kinds(results[10:12]) == {"Conflict": 2}
        found = await store.find_many(Customer, SHOP, [c.id for c in good])
        assert len(found) == 20

    async def test_racers_who_read_again_all_get_their_turn(self, store: Store) -> None:
        customer = a_customer()
        await store.apply(inserting(customer))

        async def add_one() -> None:
            while True:
                found = await store.find(Customer, SHOP, customer.id)
                assert found is not None
                noun, version = found
                try:
                    return await store.apply(replacing(attrs.evolve(noun, balance=noun.balance + 1), version))
                except Conflict:
                    continue

        await asyncio.gather(*(add_one() for _ in range(20)))

        found = await store.find(Customer, SHOP, customer.id)
        assert found is not None
        assert (found[0].balance, found[1]) == (20, 21)

    async def test_a_caller_who_is_cancelled_leaves_all_or_nothing(self, store: Store) -> None:
        customers = [a_customer(str(number)) for number in range(20)]
        tasks = [asyncio.create_task(store.apply(inserting(c, entries=[an_entry(1)]))) for c in customers]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await store.apply(inserting(a_customer("last")))

        kept = await store.find_many(Customer, SHOP, [c.id for c in customers])
        assert {c.id for c in customers[1::2]} <= kept.keys()
        assert len(await books(store)) == len(kept) == -await balance(store, AVAILABLE)

    # Bad input

    @pytest.mark.parametrize(
        "change", [{"name": "a\0b"}, {"email": "\0"}, {"metadata": {"a\0": "b"}}, {"name": "\ud800"}]
    )
    async def test_text_that_cannot_be_kept_is_refused_and_harms_nobody(
        self, store: Store, change: dict[str, Any]
    ) -> None:
        good = a_customer()
        bad = a_customer(**{"name": "bad", **change})
        results = await outcomes(store.apply(inserting(bad)), store.apply(inserting(good)))

        assert isinstance(results[0], InvalidRequest)
        assert results[1] is None
        assert await store.find(Customer, SHOP, bad.id) is None

    async def test_a_number_that_cannot_be_kept_is_refused_and_harms_nobody(self, store: Store) -> None:
        good = a_customer()
        bad = attrs.evolve(a_customer("bad"), created=Timestamp(2**70))
        results = await outcomes(store.apply(inserting(bad)), store.apply(inserting(good)))

        assert isinstance(results[0], InvalidRequest)
        assert results[1] is None

    async def _store_customers(self, store: Store, letters: str, **more: Any) -> list[Customer]:
        customers = [a_customer(letter, **more) for letter in letters]
        for customer in customers:
            await store.apply(inserting(customer))
        return customers
