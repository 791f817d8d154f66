"""External accounts: create, update, retrieve, list and delete the bank accounts that payouts go to; tokens for them.

An account keeps its own; a platform says with `Stripe-Account` whose it means. Cards cannot be paid out to.
"""

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from payments_core.errors import InvalidRequest, NotFound, ParamInvalid
from payments_core.money.currencies import currency_code
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.params import told
from payments_core.operations.work import Work
from payments_core.platform.metadata import NOTHING, merged
from payments_core.ports import Page, Ports, Query
from payments_core.settlement.external_accounts import (
    TEST_BANK,
    TEST_ROUTING,
    AccountNumber,
    BankAccount,
    BankAccountId,
    BankToken,
    SealedAccountNumber,
    check_routing,
)
from payments_core.settlement.schedules import PayoutSchedule, next_run
from payments_core.values import evolve

ACCOUNTS_MAX: Final = 100
TEST_TOKENS: Final = {
    "btok_us_verified": "000123456789",
    "btok_us": "000123456789",
    "btok_us_verified_noAccount": "000111111116",
    "btok_us_verified_accountClosed": "000111111113",
    "btok_us_verified_insufficientFunds": "000222222227",
    "btok_us_verified_debitNotAuthorized": "000333333335",
    "btok_us_verified_invalidCurrency": "000444444440",
}
"""Stand-ins for test accounts, in test mode."""

HolderType = Literal["company", "individual"]
AccountType = Literal["checking", "futsu", "savings", "toza"]


@attrs.frozen(kw_only=True)
class BankAccountParams:
    """A bank account as it is typed in."""

    object: Literal["bank_account"] = "bank_account"
    account_number: AccountNumber
    country: str
    currency: str | None = None
    routing_number: str | None = None
    account_holder_name: str | None = None
    account_holder_type: HolderType | None = None
    account_type: AccountType | None = None


def seal_account(work: Work, params: BankAccountParams) -> BankAccount:
    """Check a bank account, seal its number, stage the envelope, and return what may be shown."""
    country = params.country.upper()
    if len(country) != 2 or not country.isalpha():
        raise ParamInvalid("Country must be a two-letter code.", param="country")
    params.account_number.refuse_for(country)
    routing = check_routing(country, params.routing_number)
    account = BankAccount(
        account_id=work.account_id,
        id=BankAccountId(work.new_id("ba")),
        created=work.now,
        country=country,
        currency=currency_code(params.currency) if params.currency else work.account.default_currency,
        last4=params.account_number.last4,
        fingerprint=work.ports.vault.number_fingerprint(params.account_number),
        routing_number=routing,
        bank_name=TEST_BANK if routing == TEST_ROUTING else None,
        account_holder_name=params.account_holder_name,
        account_holder_type=params.account_holder_type,
        account_type=params.account_type,
    )
    sealed = work.ports.vault.seal_number(work.account_id, account.id, params.account_number)
    work.put(SealedAccountNumber(account_id=work.account_id, id=account.id, created=work.now, sealed=sealed))
    return account


def bank_token(work: Work, params: BankAccountParams) -> BankToken:
    """Stage a token for a bank account."""
    token = BankToken(
        account_id=work.account_id,
        id=work.new_id("btok"),
        created=work.now,
        bank_account=seal_account(work, params),
        client_ip=work.caller.client_ip,
    )
    work.put(token)
    return token


async def all_accounts(work: Work) -> list[BankAccount]:
    """The account's bank accounts, newest first, to be read or put back."""
    page = await work.select_to_write(BankAccount, Query(limit=ACCOUNTS_MAX))
    return list(page.items)


@attrs.frozen(kw_only=True)
class CreateExternalAccount(Command[BankAccount]):
    """Name a bank account by a token, or by its details."""

    account: str
    external_account: BankAccountParams | str
    default_for_currency: bool | None = None
    metadata: Mapping[str, str] | None = None


@operation(
    "external_account.create",
    post="/v1/accounts/{account}/external_accounts",
    raises=(InvalidRequest, NotFound),
)
async def create_external_account(command: CreateExternalAccount, work: Work, ports: Ports) -> BankAccount:
    """Add a bank account. The first one of a currency is the default, and automatic payouts begin with it."""
    _own(work, command.account)
    account = await _given(work, command.external_account)
    others = await all_accounts(work)
    if len(others) == ACCOUNTS_MAX:
        raise InvalidRequest(f"You can have at most {ACCOUNTS_MAX} external accounts.")
    alike = [other for other in others if other.currency == account.currency]
    default = command.default_for_currency or not any(other.default_for_currency for other in alike)
    account = evolve(account, default_for_currency=default, metadata=merged(NOTHING, command.metadata))
    if default:
        _undo_default(work, alike)
    work.put(account)
    if await work.find(PayoutSchedule, _schedule_id(work)) is None:
        work.put(
            PayoutSchedule(
                account_id=work.account_id,
                id=_schedule_id(work),
                created=work.now,
                due_at=next_run(work.now),
            )
        )
    work.announce("account.external_account.created", account)
    return account


async def _given(work: Work, given: BankAccountParams | str) -> BankAccount:
    if isinstance(given, BankAccountParams):
        return seal_account(work, given)
    number = None if work.account.livemode else TEST_TOKENS.get(given)
    if number is not None:
        return seal_account(
            work,
            BankAccountParams(
                account_number=AccountNumber(number),
                country="US",
                currency="usd",
                routing_number=TEST_ROUTING,
            ),
        )
    if given.startswith("tok_"):
        raise ParamInvalid("Payouts go to bank accounts: this is a card.", param="external_account")
    token = await work.get(BankToken, given, param="external_account")
    work.put(token.use())
    return token.bank_account


def _undo_default(work: Work, accounts: list[BankAccount]) -> None:
    for other in accounts:
        if other.default_for_currency:
            work.put(other.as_default(False))


def _own(work: Work, account: str) -> None:
    if account != work.account_id:
        raise NotFound("account", account, param="account")


def _schedule_id(work: Work) -> str:
    return f"schedule_{work.account_id.rpartition('_')[2]}"


async def _account(work: Work, account: str, noun_id: str) -> BankAccount:
    _own(work, account)
    found = await work.find(BankAccount, noun_id)
    if found is None:
        raise NotFound("external account", noun_id, param="id")
    return found


@attrs.frozen(kw_only=True)
class UpdateExternalAccount(Command[BankAccount]):
    """What to change; the number stays. The fields of cards are refused."""

    account: str
    id: str
    account_holder_name: str | None = None
    account_holder_type: HolderType | Literal[""] | None = None
    account_type: AccountType | None = None
    default_for_currency: bool | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation(
    "external_account.update",
    post="/v1/accounts/{account}/external_accounts/{id}",
    raises=(InvalidRequest, NotFound),
)
async def update_external_account(command: UpdateExternalAccount, work: Work, ports: Ports) -> BankAccount:
    """Change who holds a bank account, make it the default of its currency, or its metadata."""
    account = await _account(work, command.account, command.id)
    if command.default_for_currency is False and account.default_for_currency:
        raise ParamInvalid("Make another external account the default instead.", param="default_for_currency")
    if command.default_for_currency and not account.default_for_currency:
        _undo_default(work, [one for one in await all_accounts(work) if one.currency == account.currency])
        account = account.as_default(True)
    account = evolve(
        account,
        account_holder_name=told(account.account_holder_name, command.account_holder_name),
        account_holder_type=told(account.account_holder_type, command.account_holder_type),
        account_type=told(account.account_type, command.account_type),
        metadata=merged(account.metadata, command.metadata),
    )
    work.put(account)
    work.announce("account.external_account.updated", account)
    return account


@attrs.frozen(kw_only=True)
class RetrieveExternalAccount(Command[BankAccount]):
    """Which external account."""

    account: str
    id: str


@operation(
    "external_account.retrieve", get="/v1/accounts/{account}/external_accounts/{id}", raises=(NotFound,)
)
async def retrieve_external_account(
    command: RetrieveExternalAccount, work: Work, ports: Ports
) -> BankAccount:
    """Return a bank account."""
    return await _account(work, command.account, command.id)


@attrs.frozen(kw_only=True)
class ListExternalAccounts(Listing, Command[Page[BankAccount]]):
    """Which external accounts."""

    account: str
    object: Literal["bank_account", "card"] | None = None


@operation(
    "external_account.list",
    get="/v1/accounts/{account}/external_accounts",
    raises=(InvalidRequest, NotFound),
)
async def list_external_accounts(
    command: ListExternalAccounts, work: Work, ports: Ports
) -> Page[BankAccount]:
    """List bank accounts, newest first."""
    _own(work, command.account)
    if command.object == "card":
        return Page(items=(), has_more=False)
    return await work.select(BankAccount, command.query())


@attrs.frozen(kw_only=True)
class DeleteExternalAccount(Command[Deleted]):
    """Which external account."""

    account: str
    id: str


@operation(
    "external_account.delete",
    delete="/v1/accounts/{account}/external_accounts/{id}",
    raises=(InvalidRequest, NotFound),
)
async def delete_external_account(command: DeleteExternalAccount, work: Work, ports: Ports) -> Deleted:
    """Remove a bank account that is not the default of its currency. Payouts under way still reach it."""
    account = await _account(work, command.account, command.id)
    if account.default_for_currency and account.currency == work.account.default_currency:
        raise InvalidRequest(
            "You cannot delete the default external account for your default currency. "
            "Please make another external account the default using the `default_for_currency` param, and then delete this one."
        )
    # The sealed number stays: payouts to it may still be under way.
    work.drop(account)
    work.announce("account.external_account.deleted", account)
    return Deleted(account.id, "bank_account")
