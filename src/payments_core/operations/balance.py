"""Balance and balance transactions: the merchant's view of the books."""

from collections import defaultdict
from typing import NewType

import attrs

from payments_core.errors import InvalidRequest, NotFound
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.balance_transactions import BalanceState, BalanceTransaction
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.work import Work
from payments_core.platform.accounts import AccountId
from payments_core.ports import Page, Ports, Query
from payments_core.settlement.payouts import Payout

BalanceId = NewType("BalanceId", str)


@attrs.frozen(kw_only=True)
class MerchantBalance:
    """What the merchant has, by currency, in minor units."""

    account_id: AccountId
    available: dict[CurrencyCode, int]
    pending: dict[CurrencyCode, int]

    @property
    def id(self) -> str:
        """There is one for each account."""
        return self.account_id


async def merchant_balance(work: Work) -> MerchantBalance:
    """Read the balance from the books. The account's own currency is always shown."""
    own = work.account.default_currency
    available: dict[CurrencyCode, int] = defaultdict(int, {own: 0})
    pending: dict[CurrencyCode, int] = defaultdict(int, {own: 0})
    for balance in await work.ports.store.balances(work.account_id):
        match balance.account:
            case LedgerAccount.MERCHANT_AVAILABLE:
                available[balance.currency] -= balance.amount
                pending[balance.currency] += 0
            case LedgerAccount.MERCHANT_PENDING:
                pending[balance.currency] -= balance.amount
                available[balance.currency] += 0
    return MerchantBalance(account_id=work.account_id, available=dict(available), pending=dict(pending))


@attrs.frozen(kw_only=True)
class RetrieveBalance(Command[MerchantBalance]):
    """The balance of the account that asks."""


@operation("balance.retrieve", get="/v1/balance")
async def retrieve_balance(command: RetrieveBalance, work: Work, ports: Ports) -> MerchantBalance:
    """Return what is available and what is pending, by currency."""
    return await merchant_balance(work)


@attrs.frozen(kw_only=True)
class RetrieveBalanceTransaction(Command[BalanceTransaction]):
    """Which balance transaction."""

    id: str


@operation("balance_transaction.retrieve", get="/v1/balance_transactions/{id}", raises=(NotFound,))
async def retrieve_balance_transaction(
    command: RetrieveBalanceTransaction, work: Work, ports: Ports
) -> BalanceTransaction:
    """Return a balance transaction."""
    return await work.get(BalanceTransaction, command.id)


@attrs.frozen(kw_only=True)
class ListBalanceTransactions(Listing, Command[Page[BalanceTransaction]]):
    """Which balance transactions."""

    currency: CurrencyCode | None = None
    payout: str | None = None
    source: str | None = None
    type: str | None = None


@operation("balance_transaction.list", get="/v1/balance_transactions", raises=(InvalidRequest,))
async def list_balance_transactions(
    command: ListBalanceTransactions, work: Work, ports: Ports
) -> Page[BalanceTransaction]:
    """List balance transactions, newest first."""
    query = command.query(currency=command.currency, source=command.source, type=command.type)
    if command.payout is not None:
        query = _contents(query, await work.get(Payout, command.payout, param="payout"))
    return await work.select(BalanceTransaction, query)


def _contents(query: Query, payout: Payout) -> Query:
    """Only what a payout is made of, itself included. A manual one is made of nothing in particular."""
    if payout.contents_after is None or payout.contents_upto is None:
        return attrs.evolve(query, equal={"source": payout.id, **query.equal, "type": "payout"})
    within = {"available_since": (payout.contents_after + 1, payout.contents_upto)}
    equal = {"currency": payout.currency, **query.equal, "status": BalanceState.AVAILABLE}
    return attrs.evolve(query, equal=equal, within={**query.within, **within})
