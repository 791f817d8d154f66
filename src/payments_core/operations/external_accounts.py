"""External accounts: create, update, retrieve, list and delete the bank accounts that payouts go to; tokens for them.

An account keeps its own; a platform names the account in the path, or with `Stripe-Account`. Cards cannot be paid out to.
"""

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from payments_core.errors import InvalidRequest, NotFound, ParamInvalid
from payments_core.money.currencies import currency_code
from payments_core.operations.audit_log import record
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
from payments_core.settlement.schedules import PayoutSchedule, first_schedule, schedule_id
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
    whose="account",
)
async def create_external_account(command: CreateExternalAccount, work: Work, ports: Ports) -> BankAccount:
    """Add a bank account. The first one of a currency is the default, and automatic payouts begin with it."""
    account = await given_account(work, command.external_account)
    return await add_account(
        work,
        evolve(account, metadata=merged(NOTHING, command.metadata)),
        as_default=command.default_for_currency or False,
    )


async def add_account(work: Work, account: BankAccount, *, as_default: bool) -> BankAccount:
    """Stage a bank account beside the others."""
    others = await all_accounts(work)
    if len(others) == ACCOUNTS_MAX:
        raise InvalidRequest(f"You can have at most {ACCOUNTS_MAX} external accounts.")
    alike = [other for other in others if other.currency == account.currency]
    default = as_default or not any(other.default_for_currency for other in alike)
    account = account.as_default(default)
    if default:
        _undo_default(work, alike)
    work.put(account)
    if await work.find(PayoutSchedule, schedule_id(work.account_id)) is None:
        work.put(first_schedule(work.account_id, work.now))
    work.announce("account.external_account.created", account)
    await record(work, "external_account.added", account.id, last4=account.last4)
    return account


async def given_account(work: Work, given: BankAccountParams | str) -> BankAccount:
    """Stage the envelope of the bank account that is described or stood for, and return what may be shown."""
    described = _described(work, given)
    if described is not None:
        return seal_account(work, described)
    token = await _token(work, str(given))
    work.put(token.use())
    return token.bank_account


async def first_account(
    platform: Work, theirs: Work, given: BankAccountParams | str
) -> tuple[BankAccount, bytes]:
    """The first bank account of an account that a platform makes, and its envelope. Tokens are the platform's."""
    described = _described(theirs, given)
    if described is not None:
        account = seal_account(theirs, described)
        envelope = await theirs.get(SealedAccountNumber, account.id)
        return account.as_default(True), envelope.sealed
    token = await _token(platform, str(given))
    platform.put(token.use())
    stood_for = token.bank_account
    envelope = await platform.get(SealedAccountNumber, stood_for.id)
    vault = platform.ports.vault
    number = vault.open_number(platform.account_id, stood_for.id, envelope.sealed)
    account = evolve(stood_for, account_id=theirs.account_id, default_for_currency=True)
    return account, vault.seal_number(theirs.account_id, account.id, number)


def _described(work: Work, given: BankAccountParams | str) -> BankAccountParams | None:
    if isinstance(given, BankAccountParams):
        return given
    number = None if work.account.livemode else TEST_TOKENS.get(given)
    if number is None:
        return None
    return BankAccountParams(
        account_number=AccountNumber(number), country="US", currency="usd", routing_number=TEST_ROUTING
    )


async def _token(work: Work, given: str) -> BankToken:
    if given.startswith("tok_"):
        raise ParamInvalid("Payouts go to bank accounts: this is a card.", param="external_account")
    return await work.get(BankToken, given, param="external_account")


def _undo_default(work: Work, accounts: list[BankAccount]) -> None:
    for other in accounts:
        if other.default_for_currency:
            work.put(other.as_default(False))


async def _account(work: Work, noun_id: str) -> BankAccount:
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
    whose="account",
)
async def update_external_account(command: UpdateExternalAccount, work: Work, ports: Ports) -> BankAccount:
    """Change who holds a bank account, make it the default of its currency, or its metadata."""
    account = await _account(work, command.id)
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
    await record(work, "external_account.changed", account.id, last4=account.last4)
    return account


@attrs.frozen(kw_only=True)
class RetrieveExternalAccount(Command[BankAccount]):
    """Which external account."""

    account: str
    id: str


@operation(
    "external_account.retrieve",
    get="/v1/accounts/{account}/external_accounts/{id}",
    raises=(NotFound,),
    whose="account",
)
async def retrieve_external_account(
    command: RetrieveExternalAccount, work: Work, ports: Ports
) -> BankAccount:
    """Return a bank account."""
    return await _account(work, command.id)


@attrs.frozen(kw_only=True)
class ListExternalAccounts(Listing, Command[Page[BankAccount]]):
    """Which external accounts."""

    account: str
    object: Literal["bank_account", "card"] | None = None


@operation(
    "external_account.list",
    get="/v1/accounts/{account}/external_accounts",
    raises=(InvalidRequest, NotFound),
    whose="account",
)
async def list_external_accounts(
    command: ListExternalAccounts, work: Work, ports: Ports
) -> Page[BankAccount]:
    """List bank accounts, newest first."""
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
    whose="account",
)
async def delete_external_account(command: DeleteExternalAccount, work: Work, ports: Ports) -> Deleted:
    """Remove a bank account that is not the default of its currency. Payouts under way still reach it."""
    account = await _account(work, command.id)
    if account.default_for_currency and account.currency == work.account.default_currency:
        raise InvalidRequest(
            "You cannot delete the default external account for your default currency. "
            "Please make another external account the default using the `default_for_currency` param, and then delete this one."
        )
    # The sealed number stays: payouts to it may still be under way.
    work.drop(account)
    work.announce("account.external_account.deleted", account)
    await record(work, "external_account.removed", account.id, last4=account.last4)
    return Deleted(account.id, "bank_account")
