"""The merchant's balance as clients see it: what can be paid out, and what will be."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.ledger.accounts import GROWS_ON, LedgerAccount, Side
from payments_core.ledger.entries import Balance
from payments_core.money.currencies import CurrencyCode
from payments_web.objects.common import CurrencyText, Hash, Minor


@attrs.frozen(kw_only=True, slots=False)
class SourceTypesObject:
    """Where the money came from."""

    bank_account: Minor | UnsetType = UNSET
    card: Minor
    fpx: Minor | UnsetType = UNSET


@attrs.frozen(kw_only=True, slots=False)
class FundsObject:
    """Money in one currency."""

    amount: Minor
    currency: CurrencyText
    source_types: SourceTypesObject


@attrs.frozen(kw_only=True, slots=False)
class BalanceObject:
    """What stands on the merchant's accounts, by currency."""

    object: Literal["balance"] = "balance"
    available: tuple[FundsObject, ...]
    connect_reserved: tuple[FundsObject, ...] | UnsetType = UNSET
    instant_available: tuple[FundsObject, ...] | UnsetType = UNSET
    issuing: Hash | UnsetType = UNSET
    livemode: bool
    pending: tuple[FundsObject, ...]
    refund_and_dispute_prefunding: Hash | UnsetType = UNSET

    @classmethod
    def of(cls, balances: Iterable[Balance], livemode: bool, default_currency: str = "usd") -> Self:
        """Show the balances of the ledger; with nothing in the books, zero of *default_currency*."""
        sums: dict[CurrencyCode, dict[LedgerAccount, int]] = defaultdict(lambda: defaultdict(int))
        for balance in balances:
            if balance.account in (LedgerAccount.MERCHANT_AVAILABLE, LedgerAccount.MERCHANT_PENDING):
                sign = -1 if GROWS_ON[balance.account] is Side.CREDIT else 1
                sums[balance.currency][balance.account] += sign * balance.amount
        if not sums:
            sums[CurrencyCode(default_currency)] = defaultdict(int)
        return cls(
            available=_funds(sums, LedgerAccount.MERCHANT_AVAILABLE),
            livemode=livemode,
            pending=_funds(sums, LedgerAccount.MERCHANT_PENDING),
        )


def _funds(
    sums: dict[CurrencyCode, dict[LedgerAccount, int]], account: LedgerAccount
) -> tuple[FundsObject, ...]:
    return tuple(
        FundsObject(
            amount=by_account[account],
            currency=currency,
            source_types=SourceTypesObject(card=by_account[account]),
        )
        for currency, by_account in sorted(sums.items())
    )
