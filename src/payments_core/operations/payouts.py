"""Payouts: create, update, retrieve, list, cancel and reverse."""

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from payments_core.errors import AmountRefused, BalanceInsufficient, InvalidRequest, NotFound, ParamInvalid
from payments_core.ledger import bookkeeping
from payments_core.ledger.accounts import LedgerAccount
from payments_core.ledger.balance_transactions import (
    BalanceState,
    BalanceTransaction,
    BalanceTransactionId,
)
from payments_core.ledger.entries import Floor
from payments_core.money.amounts import payable_out
from payments_core.money.currencies import CurrencyCode, currency_code
from payments_core.operations.declaring import Command, Listing, TimeRange, bounds, operation
from payments_core.operations.descriptors import check_descriptor
from payments_core.operations.external_accounts import all_accounts
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports
from payments_core.settlement.external_accounts import BankAccount
from payments_core.settlement.payouts import Payout, PayoutId, PayoutState
from payments_core.settlement.schedules import business_day_after
from payments_core.values import evolve

INSUFFICIENT: Final = (
    "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low."
)
STANDARD_WAIT_S: Final = 60
"""How long a standard payout can still be canceled, unless the setting `payout_wait_s` says otherwise."""
REVERSIBLE_IN: Final = frozenset({"US", "CA"})


def available_floor(currency: CurrencyCode) -> Floor:
    """Nobody is paid out what is not there."""
    return Floor(account=LedgerAccount.MERCHANT_AVAILABLE, currency=currency, message=INSUFFICIENT)


def movement(
    work: Work,
    payout: str,
    kind: str,
    amount: int,
    currency: CurrencyCode,
    description: str,
    *,
    pending: bool = False,
    available_on: int | None = None,
) -> BalanceTransaction:
    """Stage and return a balance transaction of a payout."""
    on = work.now if available_on is None else type(work.now)(available_on)
    transaction = BalanceTransaction(
        account_id=work.account_id,
        id=BalanceTransactionId(work.new_id("txn")),
        created=work.now,
        type=kind,
        source=payout,
        amount=amount,
        currency=currency,
        available_on=on,
        status=BalanceState.PENDING if pending else BalanceState.AVAILABLE,
        description=description,
        reporting_category="payout" if kind == "payout" else "payout_reversal",
    )
    work.put(transaction)
    return transaction


async def destination_for(work: Work, currency: CurrencyCode, wanted: str | None) -> BankAccount:
    """The bank account that is named, or the default of the currency."""
    if wanted is not None:
        found = await work.find(BankAccount, wanted)
        if found is None:
            raise NotFound("external account", wanted, param="destination")
        if found.currency != currency:
            raise ParamInvalid(
                f"The external account {wanted} takes {found.currency}, not {currency}.", param="destination"
            )
        return found
    for account in await all_accounts(work):
        if account.currency == currency and account.default_for_currency:
            return account
    raise InvalidRequest(
        f"Sorry, you don't have any external accounts in that currency ({currency}).", param="currency"
    )


@attrs.frozen(kw_only=True)
class CreatePayout(Command[Payout]):
    """Send available money to a bank account. Amounts are in minor units."""

    amount: int
    currency: str
    description: str | None = None
    destination: str | None = None
    metadata: Mapping[str, str] | None = None
    method: Literal["instant", "standard"] | None = None
    payout_method: str | None = None
    source_type: Literal["bank_account", "card", "fpx"] | None = None
    statement_descriptor: str | None = None


@operation(
    "payout.create", post="/v1/payouts", raises=(AmountRefused, BalanceInsufficient, InvalidRequest, NotFound)
)
async def create_payout(command: CreatePayout, work: Work, ports: Ports) -> Payout:
    """Take money off the available balance and send it on its way; more than there is is refused."""
    if not work.account.can_pay_out:
        raise InvalidRequest("Payouts have been disabled on this account.", code="payouts_not_allowed")
    currency = currency_code(command.currency)
    payable_out(command.amount, currency)
    if command.payout_method is not None:
        raise ParamInvalid("There are no payout methods here: name a destination.", param="payout_method")
    if command.source_type in ("bank_account", "fpx"):
        raise BalanceInsufficient(
            "You have insufficient funds in your Stripe account for this transfer. "
            f"Your {command.source_type} balance is too low: all money here comes from cards.",
            param="source_type",
        )
    instant = command.method == "instant"
    wait = 0 if instant else int(ports.settings.get("payout_wait_s", STANDARD_WAIT_S))
    payout = Payout(
        account_id=work.account_id,
        id=PayoutId(work.new_id("po")),
        created=work.now,
        amount=command.amount,
        currency=currency,
        arrival_date=work.now if instant else business_day_after(work.now),
        destination=(await destination_for(work, currency, command.destination)).id,
        balance_transaction="",
        description=command.description,
        method=command.method or "standard",
        statement_descriptor=check_descriptor(command.statement_descriptor, "statement_descriptor"),
        due_at=type(work.now)(work.now + wait),
        metadata=merged(NOTHING, command.metadata),
    )
    return send(work, payout)


def send(work: Work, payout: Payout) -> Payout:
    """Stage a new payout with its balance transaction and entry, and the demand that the money is there."""
    transaction = movement(
        work,
        payout.id,
        "payout",
        -payout.amount,
        payout.currency,
        payout.description or "STRIPE PAYOUT",
        available_on=payout.contents_upto,
    )
    payout = evolve(payout, balance_transaction=transaction.id)
    work.book(bookkeeping.paying_out(transaction.id, payout.currency, payout.amount))
    work.require(available_floor(payout.currency))
    work.put(payout)
    work.announce("payout.created", payout)
    return payout


@attrs.frozen(kw_only=True)
class UpdatePayout(Command[Payout]):
    """Only metadata can be changed."""

    id: str
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("payout.update", post="/v1/payouts/{id}", raises=(NotFound,))
async def update_payout(command: UpdatePayout, work: Work, ports: Ports) -> Payout:
    """Change a payout's metadata."""
    payout = await work.get(Payout, command.id)
    payout = evolve(payout, metadata=merged(payout.metadata, command.metadata))
    work.put(payout)
    work.announce("payout.updated", payout)
    return payout


@attrs.frozen(kw_only=True)
class RetrievePayout(Command[Payout]):
    """Which payout."""

    id: str


@operation("payout.retrieve", get="/v1/payouts/{id}", raises=(NotFound,))
async def retrieve_payout(command: RetrievePayout, work: Work, ports: Ports) -> Payout:
    """Return a payout."""
    return await work.get(Payout, command.id)


@attrs.frozen(kw_only=True)
class ListPayouts(Listing, Command[Page[Payout]]):
    """Which payouts."""

    arrival_date: TimeRange | int | None = None
    destination: str | None = None
    status: PayoutState | None = None


@operation("payout.list", get="/v1/payouts", raises=(InvalidRequest,))
async def list_payouts(command: ListPayouts, work: Work, ports: Ports) -> Page[Payout]:
    """List payouts, newest first."""
    query = command.query(destination=command.destination, status=command.status)
    if command.arrival_date is not None:
        query = attrs.evolve(query, within={**query.within, "arrival_date": bounds(command.arrival_date)})
    return await work.select(Payout, query)


@attrs.frozen(kw_only=True)
class CancelPayout(Command[Payout]):
    """Which payout."""

    id: str


@operation("payout.cancel", post="/v1/payouts/{id}/cancel", raises=(InvalidRequest, NotFound))
async def cancel_payout(command: CancelPayout, work: Work, ports: Ports) -> Payout:
    """Cancel a manual payout that is still pending; the money is available again."""
    payout = await work.get(Payout, command.id)
    payout.refuse_cancel()
    transaction = movement(
        work, payout.id, "payout_cancel", payout.amount, payout.currency, "PAYOUT CANCELED"
    )
    work.book(bookkeeping.payout_returned(transaction.id, payout.currency, payout.amount))
    payout = payout.canceled(transaction.id)
    work.put(payout)
    work.announce("payout.canceled", payout)
    return payout


@attrs.frozen(kw_only=True)
class ReversePayout(Command[Payout]):
    """Which payout to fetch back."""

    id: str
    metadata: Mapping[str, str] | None = None


@operation("payout.reverse", post="/v1/payouts/{id}/reverse", raises=(InvalidRequest, NotFound))
async def reverse_payout(command: ReversePayout, work: Work, ports: Ports) -> Payout:
    """Debit a US or Canadian bank account of a connected account for what was paid out to it, once."""
    original = await work.get(Payout, command.id)
    account = await work.find(BankAccount, original.destination)
    if work.account.platform is None or account is None or account.country not in REVERSIBLE_IN:
        raise InvalidRequest(
            "Only payouts of connected accounts to US and Canadian bank accounts can be reversed.",
            code="payout_reversal_unsupported",
        )
    if original.reversed_by or original.original_payout or original.status is not PayoutState.PAID:
        raise InvalidRequest(
            f"Payout {original.id} cannot be reversed: only a paid one can be, and only once.",
            code="payout_reversal_unsupported",
        )
    back = Payout(
        account_id=work.account_id,
        id=PayoutId(work.new_id("po")),
        created=work.now,
        amount=-original.amount,
        currency=original.currency,
        arrival_date=business_day_after(work.now),
        destination=original.destination,
        balance_transaction="",
        original_payout=original.id,
        description=original.description,
        due_at=work.now,
        metadata=merged(NOTHING, command.metadata),
    )
    transaction = movement(
        work, back.id, "payout", original.amount, back.currency, "PAYOUT REVERSAL", pending=True
    )
    back = evolve(back, balance_transaction=transaction.id)
    work.book(bookkeeping.pulling_back(transaction.id, back.currency, original.amount))
    original = evolve(original, reversed_by=back.id)
    work.put(back)
    work.put(original)
    work.announce("payout.created", back)
    work.announce("payout.updated", original)
    return back
