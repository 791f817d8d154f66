"""Debits equal credits, now and at any time on either date axis."""

from pathlib import Path

import attrs
import pytest

from payments_core.clock import DAY, Timestamp
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.entries import Entry, EntryId, Posting
from payments_core.ledger.trial_balance import Axis, Sums
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.auditing import balance_at, trial_balance
from payments_core.ports import Batch
from tests.support.shops import Shop, a_shop

pytestmark = pytest.mark.anyio
USD = CurrencyCode("usd")


async def test_debits_equal_credits_in_every_currency(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        await shop.charge(1000)
        await shop.charge(500, currency="eur", capture=False)

        told = await trial_balance(shop.ports.store)

        assert told.is_even
        assert told.currencies == ("eur", "usd")
        assert told.balance(LedgerAccount.NETWORK_RECEIVABLE, USD) == 1000
        assert told.balance(LedgerAccount.MERCHANT_PENDING, USD) == 1000 - 59
        assert [line.is_memorandum for line in told.lines if line.currency == "eur"] == [True, True]


async def test_a_past_evening_is_summed_from_the_entries(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        await shop.charge(1000)
        evening = Timestamp(shop.clock.ms // 1000)
        shop.clock.advance(days=1)
        await shop.charge(1000)

        then = await balance_at(shop.ports.store, shop.id, LedgerAccount.NETWORK_RECEIVABLE, USD, evening)

        assert then == 1000
        assert await shop.balance(LedgerAccount.NETWORK_RECEIVABLE) == 2000


async def backdated(shop: Shop) -> Entry:
    now = Timestamp(shop.clock.ms // 1000)
    entry = Entry(
        account_id=shop.id,
        id=EntryId(shop.ports.ids.new("le")),
        recorded=now,
        effective=Timestamp(now - 3 * DAY),
        kind="test",
        source="backdated",
        currency=USD,
        postings=(Posting(LedgerAccount.BANK, 7), Posting(LedgerAccount.NETWORK_RECEIVABLE, -7)),
    )
    await shop.ports.store.apply(Batch(account_id=shop.id, entries=(entry,)))
    return entry


async def test_what_was_recorded_and_what_was_in_effect_are_two_questions(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        entry = await backdated(shop)
        yesterday = Timestamp(entry.recorded - DAY)

        recorded = await trial_balance(shop.ports.store, shop.id, at=yesterday)
        effective = await trial_balance(shop.ports.store, shop.id, at=yesterday, axis=Axis.EFFECTIVE)

        assert recorded.balance(LedgerAccount.BANK, USD) == 0
        assert effective.balance(LedgerAccount.BANK, USD) == 7


async def test_a_trial_balance_that_is_not_even_says_so(tmp_path: Path) -> None:
    async with a_shop(tmp_path) as shop:
        entry = await backdated(shop)
        sums = Sums()

        sums.take_entry(attrs.evolve(entry, postings=entry.postings[:1]))

        assert not sums.trial_balance().is_even
        assert sums.trial_balance().difference(USD) == 7
