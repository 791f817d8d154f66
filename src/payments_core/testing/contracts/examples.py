"""Examples that the contracts are told with: a shop, its customers, cards and entries. Values only; nothing here is a test."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from typing import Any

from payments_core.billing.customers import Customer, CustomerId
from payments_core.clock import Timestamp
from payments_core.ids import RandomIds
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.entries import Entry, EntryId, Floor, Posting
from payments_core.money.currencies import CurrencyCode
from payments_core.payments.attempts import Attempt, AttemptId, AttemptKind
from payments_core.platform.accounts import AccountId
from payments_core.ports import Batch, Page, Record, Store, Write
from payments_core.tokenization.cards import Brand
from payments_core.tokenization.payment_methods import (
    CardFacts,
    CardId,
)
from payments_core.tokenization.tokens import Token, TokenId

IDS = RandomIds()
SHOP = AccountId(IDS.new("acct"))
OTHER_SHOP = AccountId(IDS.new("acct"))
USD, EUR = CurrencyCode("usd"), CurrencyCode("eur")
AVAILABLE, RECEIVABLE = LedgerAccount.MERCHANT_AVAILABLE, LedgerAccount.NETWORK_RECEIVABLE


def a_customer(name: str = "Jenny", *, account: AccountId = SHOP, **more: Any) -> Customer:
    return Customer(
        account_id=account, id=CustomerId(IDS.new("cus")), created=Timestamp(1000), name=name, **more
    )


def a_token(token_id: str = "") -> Token:
    return Token(
        account_id=SHOP, id=TokenId(token_id or IDS.new("tok")), created=Timestamp(1000), card=a_card()
    )


def a_card() -> CardFacts:
    return CardFacts(
        id=CardId(IDS.new("card")),
        brand=Brand.VISA,
        bin="424242",
        last4="4242",
        exp_month=12,
        exp_year=2040,
        fingerprint="print",
    )


def an_attempt(due_at: int | None, *, account: AccountId = SHOP) -> Attempt:
    return Attempt(
        account_id=account,
        id=AttemptId(IDS.new("att")),
        created=Timestamp(1000),
        kind=AttemptKind.AUTHORIZE,
        acquirer="sandbox",
        subject="hold_1",
        amount=100,
        currency="usd",
        operation="charges.create",
        result="ch_1",
        due_at=None if due_at is None else Timestamp(due_at),
    )


def an_entry(
    earned: int,
    source: str = "",
    *,
    account: AccountId = SHOP,
    currency: CurrencyCode = USD,
    kind: str = "capture",
    sub: str = "",
) -> Entry:
    """*earned* comes into the available balance; a negative amount is spent from it."""
    return Entry(
        account_id=account,
        id=EntryId(IDS.new("le")),
        recorded=Timestamp(1000),
        effective=Timestamp(2000),
        kind=kind,
        source=source or IDS.new("txn"),
        currency=currency,
        postings=(Posting(RECEIVABLE, earned), Posting(AVAILABLE, -earned, sub)),
    )


def inserting(*nouns: Record, entries: Sequence[Entry] = (), floors: Sequence[Floor] = ()) -> Batch:
    account = (nouns or tuple(entries))[0].account_id
    writes = tuple(Write(noun, 0) for noun in nouns)
    return Batch(account_id=account, writes=writes, entries=tuple(entries), floors=tuple(floors))


def replacing(noun: Record, version: int, *, drop: bool = False) -> Batch:
    return Batch(account_id=noun.account_id, writes=(Write(noun, version, drop),))


def spending(amount: int, minimum: int = 0) -> Batch:
    floor = Floor(account=AVAILABLE, currency=USD, minimum=minimum, message="Not that much.")
    return inserting(entries=[an_entry(-amount, kind="payout")], floors=[floor])


async def outcomes(*tried: Awaitable[None]) -> list[BaseException | None]:
    """Let all try at once, and return what each got: None, or the refusal."""
    return await asyncio.gather(*tried, return_exceptions=True)


def kinds(results: Sequence[BaseException | None]) -> Counter[str]:
    return Counter(type(result).__name__ if result else "written" for result in results)


async def balance(store: Store, account: LedgerAccount, of: AccountId = SHOP, sub: str = "") -> int:
    standing = await store.balances(of)
    return sum(b.amount for b in standing if b.account is account and b.currency == USD and b.sub == sub)


async def books(store: Store, of: AccountId | None = SHOP) -> list[Entry]:
    return [entry async for entry in store.entries(of)]


def names(page: Page[Customer]) -> list[str | None]:
    return [customer.name for customer in page.items]
