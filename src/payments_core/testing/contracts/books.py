"""The contract of stores as far as books go: balances, entries that are booked once, and floors. A part of `StoreContract`."""

import pytest

from payments_core.errors import BalanceInsufficient, Conflict, InvalidRequest
from payments_core.ledger.entries import Floor
from payments_core.ports import Store
from payments_core.testing.contracts.examples import (
    AVAILABLE,
    EUR,
    OTHER_SHOP,
    RECEIVABLE,
    SHOP,
    USD,
    a_token,
    an_entry,
    balance,
    books,
    inserting,
    kinds,
    outcomes,
    spending,
)
from payments_core.tokenization.tokens import Token


@pytest.mark.anyio
class BooksContract:
    """Every `Store` keeps these promises about money."""

    # Books

    async def test_balances_are_the_sums_of_the_postings(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(700), an_entry(300)]))
        await store.apply(
            inserting(entries=[an_entry(-200), an_entry(5, currency=EUR), an_entry(1, sub="a")])
        )

        standing = {(b.account, b.currency, b.sub): b.amount for b in await store.balances(SHOP)}
        assert standing == {
            (RECEIVABLE, USD, ""): 801,
            (AVAILABLE, USD, ""): -800,
            (AVAILABLE, USD, "a"): -1,
            (RECEIVABLE, EUR, ""): 5,
            (AVAILABLE, EUR, ""): -5,
        }
        assert all(type(b.amount) is int for b in await store.balances(SHOP))

    async def test_entries_come_back_as_they_were_in_the_order_of_their_ids(self, store: Store) -> None:
        entries = [an_entry(amount) for amount in range(1, 8)]
        for entry in (entries[3], entries[0], entries[6]):
            await store.apply(inserting(entries=[entry]))
        await store.apply(inserting(entries=[entries[e] for e in (5, 1, 4, 2)]))
        elsewhere = an_entry(9, account=OTHER_SHOP)
        await store.apply(inserting(entries=[elsewhere]))

        assert await books(store) == entries
        assert await books(store, None) == [*entries, elsewhere]

    async def test_a_long_book_is_read_to_its_end(self, store: Store) -> None:
        entries = [an_entry(1) for _ in range(2003)]
        for start in range(0, len(entries), 501):
            await store.apply(inserting(entries=entries[start : start + 501]))

        assert [entry.id for entry in await books(store, None)] == [entry.id for entry in entries]
        assert await balance(store, RECEIVABLE) == 2003

    async def test_an_event_is_booked_once(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(100, "txn_1")]))

        results = await outcomes(
            *(store.apply(inserting(entries=[an_entry(100, "txn_1")])) for _ in range(5)),
            *(store.apply(inserting(entries=[an_entry(100, "txn_2")])) for _ in range(5)),
            store.apply(inserting(entries=[an_entry(100, "txn_1", kind="refund")])),
            store.apply(inserting(entries=[an_entry(100, "txn_1", account=OTHER_SHOP)])),
        )

        assert kinds(results) == {"Conflict": 9, "written": 3}
        assert await balance(store, RECEIVABLE) == 300

    async def test_one_batch_cannot_book_an_event_twice(self, store: Store) -> None:
        with pytest.raises(Conflict):
            await store.apply(inserting(entries=[an_entry(100, "txn_1"), an_entry(100, "txn_1")]))
        assert await balance(store, RECEIVABLE) == 0

    async def test_an_amount_beyond_all_money_is_refused(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(100)]))

        with pytest.raises(InvalidRequest):
            await store.apply(inserting(entries=[an_entry(2**63)]))
        assert await balance(store, RECEIVABLE) == 100

    # Floors

    async def test_a_balance_is_spent_to_its_floor_and_not_below(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(100)]))
        await store.apply(spending(60))

        with pytest.raises(BalanceInsufficient, match="Not that much"):
            await store.apply(spending(41))
        await store.apply(spending(40))
        assert await balance(store, AVAILABLE) == 0

    async def test_a_floor_may_be_elsewhere_than_at_zero(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(100)]))

        with pytest.raises(BalanceInsufficient):
            await store.apply(spending(60, minimum=50))
        await store.apply(spending(150, minimum=-50))
        assert await balance(store, AVAILABLE) == 50

    async def test_an_account_that_grows_by_debits_has_its_floor_there(self, store: Store) -> None:
        floor = Floor(account=RECEIVABLE, currency=USD)
        await store.apply(inserting(entries=[an_entry(100)], floors=[floor]))

        with pytest.raises(BalanceInsufficient):
            await store.apply(inserting(entries=[an_entry(-101)], floors=[floor]))
        assert await balance(store, RECEIVABLE) == 100

    async def test_a_floor_looks_at_its_own_currency_and_sub_account(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(100, currency=EUR), an_entry(100, sub="a")]))

        with pytest.raises(BalanceInsufficient):
            await store.apply(spending(1))

    async def test_what_a_batch_earns_it_may_spend(self, store: Store) -> None:
        floor = Floor(account=AVAILABLE, currency=USD)
        batch = inserting(entries=[an_entry(-100), an_entry(100)], floors=[floor])
        await store.apply(batch)

        assert await balance(store, AVAILABLE) == 0

    async def test_of_many_spenders_as_many_win_as_there_is_money_for(self, store: Store) -> None:
        await store.apply(inserting(entries=[an_entry(1000)]))

        results = await outcomes(*(store.apply(spending(70)) for _ in range(50)))

        assert kinds(results) == {"written": 14, "BalanceInsufficient": 36}
        assert -await balance(store, AVAILABLE) == 1000 - 14 * 70
        assert len(await books(store)) == 15

    async def test_a_refused_spender_leaves_no_trace(self, store: Store) -> None:
        token = a_token()
        floor = Floor(account=AVAILABLE, currency=USD)

        with pytest.raises(BalanceInsufficient):
            await store.apply(inserting(token, entries=[an_entry(-1)], floors=[floor]))
        assert await store.find(Token, SHOP, token.id) is None
        assert await books(store) == []
