"""The merchant's balance as clients see it: what can be paid out, and what will be."""

from collections.abc import Mapping
from typing import Literal, Self

import attrs
from msgspec import UNSET, UnsetType

from payments_core.money.currencies import CurrencyCode
from payments_core.operations.balance import MerchantBalance
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
class InstantFundsObject:
    """Money in one currency that can be paid out at once. Which bank account it goes to makes no difference here."""

    amount: Minor
    currency: CurrencyText
    net_available: tuple[Hash, ...] = ()
    source_types: SourceTypesObject


@attrs.frozen(kw_only=True, slots=False)
class BalanceObject:
    """What stands on the merchant's accounts, by currency."""

    object: Literal["balance"] = "balance"
    available: tuple[FundsObject, ...]
    connect_reserved: tuple[FundsObject, ...] | UnsetType = UNSET
    instant_available: tuple[InstantFundsObject, ...] | UnsetType = UNSET
    issuing: Hash | UnsetType = UNSET
    livemode: bool
    pending: tuple[FundsObject, ...]
    refund_and_dispute_prefunding: Hash | UnsetType = UNSET

    @classmethod
    def of(cls, balance: MerchantBalance, livemode: bool) -> Self:
        """Show a merchant's balance."""
        instant = tuple(
            InstantFundsObject(amount=funds.amount, currency=funds.currency, source_types=funds.source_types)
            for funds in _funds({code: max(0, amount) for code, amount in balance.available.items()})
        )
        return cls(
            available=_funds(balance.available),
            instant_available=instant,
            livemode=livemode,
            pending=_funds(balance.pending),
        )


def _funds(amounts: Mapping[CurrencyCode, int]) -> tuple[FundsObject, ...]:
    return tuple(
        FundsObject(amount=amount, currency=currency, source_types=SourceTypesObject(card=amount))
        for currency, amount in sorted(amounts.items())
    )
