"""Accounts: a platform makes, lists, changes and shows its connected accounts; anybody shows and changes their own.

An account that is not the caller's and not made by the caller is not found, whether it exists or not.
"""

from typing import Literal

import attrs

from payments_core.errors import InvalidRequest, NotFound, ParamInvalid
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.account_params import AccountParams
from payments_core.operations.audit_log import record
from payments_core.operations.declaring import Command, Listing, operation
from payments_core.operations.onboarding import ACCOUNT_ID, connected
from payments_core.operations.work import Work
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.connected_accounts import ConnectedAccount
from payments_core.ports import Page, Ports
from payments_core.tokenization.cards import redact
from payments_core.values import evolve

NAMELESS = "Connected account"


@attrs.frozen(kw_only=True)
class PayerParams:
    """Who pays fees."""

    payer: Literal["account", "application"] | None = None


@attrs.frozen(kw_only=True)
class LossesParams:
    """Who bears losses."""

    payments: Literal["application", "stripe"] | None = None


@attrs.frozen(kw_only=True)
class DashboardParams:
    """Which dashboard the account has."""

    type: Literal["express", "full", "none"] | None = None


@attrs.frozen(kw_only=True)
class ControllerParams:
    """Who looks after the account. Taken for compatibility: it is always the platform."""

    fees: PayerParams | None = None
    losses: LossesParams | None = None
    requirement_collection: Literal["application", "stripe"] | None = None
    stripe_dashboard: DashboardParams | None = None


@attrs.frozen(kw_only=True)
class CreateAccount(AccountParams, Command[Account]):
    """What the connected account is like. Its mode is the platform's."""

    controller: ControllerParams | None = None
    country: str | None = None
    default_currency: CurrencyCode | None = None
    type: Literal["custom", "express", "standard"] | None = None


@operation("account.create", post="/v1/accounts", raises=(InvalidRequest, ParamInvalid))
async def create_account(command: CreateAccount, work: Work, ports: Ports) -> Account:
    """Make a connected account, which the platform's keys may act for with `Stripe-Account`."""
    if work.account.platform is not None:
        raise InvalidRequest("A connected account cannot have connected accounts of its own.")
    if command.controller is not None and command.type is not None:
        raise ParamInvalid("Say `controller` or `type`, not both.", param="type")
    country = (command.country or work.account.country).upper()
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        raise ParamInvalid("Country must be a two-letter code.", param="country")
    account_id = AccountId(work.new_id("acct"))
    account = command.onto(
        Account(
            account_id=account_id,
            id=account_id,
            created=work.now,
            name=command.email or NAMELESS,
            livemode=work.account.livemode,
            country=country,
            default_currency=command.default_currency or work.account.default_currency,
            platform=work.account_id,
            settings={"account.type": command.type or "custom"},
        )
    )
    # Its rows first: a crash before the platform's own commit leaves an empty account that nobody was told of.
    theirs = Work(evolve(work.caller, account=account, platform=work.account_id), ports)
    theirs.put(account)
    await record(theirs, "account.opened", account_id, name=redact(account.name))
    await theirs.commit()
    work.put(connected(account, work.account_id))
    return account


@attrs.frozen(kw_only=True)
class UpdateAccount(AccountParams, Command[Account]):
    """What to change."""

    account: str
    default_currency: CurrencyCode | None = None


@operation("account.update", post="/v1/accounts/{account}", raises=(InvalidRequest, NotFound, ParamInvalid))
async def update_account(command: UpdateAccount, work: Work, ports: Ports) -> Account:
    """Change the caller's own account or a connected one."""
    found = await _reachable(work, command.account)
    theirs = work
    if found.id != work.account_id:
        theirs = Work(evolve(work.caller, account=found, platform=work.account_id), ports)
    account = command.onto(await theirs.get(Account, found.id))
    account = evolve(account, default_currency=command.default_currency or account.default_currency)
    theirs.put(account)
    theirs.announce("account.updated", account)
    if theirs is not work:
        # A work belongs to one account. Doing the same once more after a crash changes nothing further.
        await theirs.commit()
    return account


@attrs.frozen(kw_only=True)
class RetrieveAccount(Command[Account]):
    """Which account."""

    account: str


@operation("account.retrieve", get="/v1/accounts/{account}", raises=(NotFound,))
async def retrieve_account(command: RetrieveAccount, work: Work, ports: Ports) -> Account:
    """Return the caller's own account or a connected one."""
    return await _reachable(work, command.account)


@attrs.frozen(kw_only=True)
class RetrieveOwnAccount(Command[Account]):
    """Nothing needs to be said."""


@operation("account.retrieve_current", get="/v1/account")
async def retrieve_own_account(command: RetrieveOwnAccount, work: Work, ports: Ports) -> Account:
    """Return the account that the key acts for."""
    return await work.get(Account, work.account_id)


@attrs.frozen(kw_only=True)
class ListAccounts(Listing, Command[Page[Account]]):
    """Which connected accounts."""


@operation("account.list", get="/v1/accounts", raises=(InvalidRequest,))
async def list_accounts(command: ListAccounts, work: Work, ports: Ports) -> Page[Account]:
    """List the connected accounts, newest first."""
    lines = await work.select(ConnectedAccount, command.query())
    accounts = [await _reachable(work, line.id) for line in lines.items]
    return Page(items=tuple(accounts), has_more=lines.has_more)


async def _reachable(work: Work, account_id: str) -> Account:
    if account_id == work.account_id:
        return await work.get(Account, account_id)
    found = None
    if ACCOUNT_ID.match(account_id):
        found = await work.ports.store.find(Account, AccountId(account_id), account_id)
    if found is None or found[0].platform != work.account_id:
        raise NotFound("account", account_id, param="account")
    return found[0]
