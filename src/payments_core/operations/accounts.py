"""Accounts: a platform makes, lists, changes, shows, rejects and deletes its connected accounts; anybody shows and changes their own.

An account that is not the caller's and not made by the caller is not found, whether it exists or not. All but making and listing
is work of the account itself, also when its platform asks for it.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final, Literal

import attrs

from payments_core.errors import InvalidRequest, NotFound, ParamInvalid
from payments_core.ledger.accounts import LedgerAccount
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.account_identity import NoFiles
from payments_core.operations.account_params import (
    CONTROLLERS,
    AccountParams,
    ControllerParams,
    capability_changes,
    changed,
)
from payments_core.operations.audit_log import record
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.external_accounts import add_account, first_account, given_account
from payments_core.operations.opening import find_connected, leave_list, promise
from payments_core.operations.work import Work
from payments_core.platform.accounts import CAPABILITIES, Account, AccountId, Capability
from payments_core.platform.connected_accounts import ConnectedAccount
from payments_core.ports import Page, Ports
from payments_core.values import evolve

NAMELESS: Final = "Connected account"
MERCHANTS: Final = frozenset(
    {
        LedgerAccount.MERCHANT_AVAILABLE,
        LedgerAccount.MERCHANT_PENDING,
        LedgerAccount.MERCHANT_RESERVED,
        LedgerAccount.PAYOUTS_IN_TRANSIT,
        LedgerAccount.TRANSFERS,
    }
)
"""Where money of the merchant may stand."""
Reason = Literal[
    "credit",
    "fraud_no_intent_to_fulfill",
    "fraud_other",
    "fraud_payment_method_casher",
    "fraud_payment_method_tester",
    "other",
    "terms_of_service",
]


@attrs.frozen(kw_only=True)
class CreateAccount(AccountParams, Command[Account]):
    """What the connected account is like. Its mode is the platform's."""

    controller: ControllerParams | None = None
    country: str | None = None
    default_currency: CurrencyCode | None = None
    groups: NoFiles | None = None
    type: Literal["custom", "express", "standard"] | None = None


@operation("account.create", post="/v1/accounts", raises=(InvalidRequest, NotFound, ParamInvalid))
async def create_account(command: CreateAccount, work: Work, ports: Ports) -> Account:
    """Make a connected account, which the platform's keys may act for with `Stripe-Account`."""
    if work.account.platform is not None:
        raise InvalidRequest("A connected account cannot have connected accounts of its own.")
    if command.controller is not None and command.type is not None:
        raise ParamInvalid("Say `controller` or `type`, not both.", param="type")
    account = command.onto(_plain(command, work), work.now)
    if command.external_account is None:
        promise(work, account)
        return account
    theirs = Work(evolve(work.caller, account=account, platform=work.account_id), ports)
    bank_account, sealed = await first_account(work, theirs, command.external_account)
    promise(work, account, bank_account, sealed)
    return account


def _plain(command: CreateAccount, work: Work) -> Account:
    country = (command.country or work.account.country).upper()
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        raise ParamInvalid("Country must be a two-letter code.", param="country")
    account_id = AccountId(work.new_id("acct"))
    return Account(
        account_id=account_id,
        id=account_id,
        created=work.now,
        name=command.email or NAMELESS,
        livemode=work.account.livemode,
        country=country,
        default_currency=command.default_currency or work.account.default_currency,
        platform=work.account_id,
        settings=dict(_controlled(command)),
    )


def _controlled(command: CreateAccount) -> Iterator[tuple[str, str]]:
    """Who looks after the account, as it is kept."""
    kind = command.controller.type if command.controller else command.type or "custom"
    settled = command.controller.settled() if command.controller else CONTROLLERS[kind]
    yield "account.type", kind
    for name, value in settled.items():
        yield f"controller.{name}", value


@attrs.frozen(kw_only=True)
class UpdateAccount(AccountParams, Command[Account]):
    """What to change."""

    account: str
    default_currency: CurrencyCode | None = None
    groups: NoFiles | None = None


@operation(
    "account.update",
    post="/v1/accounts/{account}",
    raises=(InvalidRequest, NotFound, ParamInvalid),
    whose="account",
)
async def update_account(command: UpdateAccount, work: Work, ports: Ports) -> Account:
    """Change the caller's own account or a connected one."""
    before = await work.get(Account, work.account_id)
    account = command.onto(before, work.now)
    account = evolve(account, default_currency=command.default_currency or account.default_currency)
    if command.external_account is not None:
        bank_account = await given_account(work, command.external_account)
        await add_account(work, bank_account, as_default=True)
    await _change(work, before, account, "account.changed", named=" ".join(_said(command)))
    return account


def _said(command: UpdateAccount) -> list[str]:
    names = [field.name for field in attrs.fields(type(command)) if field.name != "account"]
    return [name for name in names if getattr(command, name) is not None]


async def _change(work: Work, before: Account, account: Account, action: str, **details: str) -> None:
    """Stage a changed account, what is told of it, and the record of who changed it."""
    work.put(account)
    for earlier, capability in zip(before.capabilities(), account.capabilities(), strict=True):
        if earlier != capability:
            work.announce("capability.updated", capability, previous=earlier)
    work.announce("account.updated", account)
    await record(work, action, account.id, **details)


@attrs.frozen(kw_only=True)
class RetrieveAccount(Command[Account]):
    """Which account."""

    account: str


@operation("account.retrieve", get="/v1/accounts/{account}", raises=(NotFound,), whose="account")
async def retrieve_account(command: RetrieveAccount, work: Work, ports: Ports) -> Account:
    """Return the caller's own account or a connected one."""
    return await work.get(Account, work.account_id)


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
    accounts: list[Account] = []
    for line in lines.items:
        try:
            accounts.append(await find_connected(ports, work.account, line.id))
        except NotFound:
            continue  # closed a moment ago, and about to leave the list
    return Page(items=tuple(accounts), has_more=lines.has_more)


@attrs.frozen(kw_only=True)
class DeleteAccount(Command[Deleted]):
    """Which connected account."""

    account: str


@operation(
    "account.delete", delete="/v1/accounts/{account}", raises=(InvalidRequest, NotFound), whose="account"
)
async def delete_account(command: DeleteAccount, work: Work, ports: Ports) -> Deleted:
    """Delete a connected account: its keys open nothing more, its books are kept. A live one must have no balance."""
    _refuse_own(work)
    if work.account.livemode and await _has_money(work):
        raise InvalidRequest(
            "This account cannot be deleted: it has a balance. Pay out or reverse what is there first."
        )
    account = (await work.get(Account, work.account_id)).close(work.now)
    work.put(account)
    await record(work, "account.deleted", account.id)
    work.then(partial(leave_list, ports, account.id))
    return Deleted(account.id, "account")


async def _has_money(work: Work) -> bool:
    balances = await work.ports.store.balances(work.account_id)
    return any(balance.amount for balance in balances if balance.account in MERCHANTS)


def _refuse_own(work: Work) -> None:
    if work.caller.platform is None:
        raise InvalidRequest("Only the platform that made an account can do this to it.", param="account")


@attrs.frozen(kw_only=True)
class RejectAccount(Command[Account]):
    """Why, and whether its money still goes to its bank."""

    account: str
    reason: Reason
    payouts_action: Literal["none", "pause"] = "pause"


@operation(
    "account.reject", post="/v1/accounts/{account}/reject", raises=(InvalidRequest, NotFound), whose="account"
)
async def reject_account(command: RejectAccount, work: Work, ports: Ports) -> Account:
    """Let a connected account take no more money."""
    _refuse_own(work)
    before = await work.get(Account, work.account_id)
    account = before.reject(command.reason, pause_payouts=command.payouts_action == "pause")
    await _change(work, before, account, "account.rejected", reason=command.reason)
    return account


@attrs.frozen(kw_only=True)
class UnrejectAccount(Command[Account]):
    """Which account."""

    account: str


@operation(
    "account.unreject",
    post="/v1/accounts/{account}/unreject",
    raises=(InvalidRequest, NotFound),
    whose="account",
)
async def unreject_account(command: UnrejectAccount, work: Work, ports: Ports) -> Account:
    """Let a rejected account take money again."""
    _refuse_own(work)
    before = await work.get(Account, work.account_id)
    account = before.unreject()
    await _change(work, before, account, "account.unrejected")
    return account


@attrs.frozen(kw_only=True)
class UpdateCapability(Command[Capability]):
    """Which capability, and whether the account is to have it."""

    account: str
    capability: str
    requested: bool | None = None


@operation(
    "capability.update",
    post="/v1/accounts/{account}/capabilities/{capability}",
    raises=(InvalidRequest, NotFound),
    whose="account",
)
async def update_capability(command: UpdateCapability, work: Work, ports: Ports) -> Capability:
    """Ask for a capability, which is there at once, or give one up."""
    before = await work.get(Account, work.account_id)
    _named(before, command.capability)
    if command.requested is None:
        return _named(before, command.capability)
    changes = capability_changes(command.capability, command.requested, work.now)
    account = evolve(before, settings=changed(before.settings, changes))
    await _change(work, before, account, "account.changed", named=f"capabilities {command.capability}")
    return _named(account, command.capability)


@attrs.frozen(kw_only=True)
class RetrieveCapability(Command[Capability]):
    """Which capability."""

    account: str
    capability: str


@operation(
    "capability.retrieve",
    get="/v1/accounts/{account}/capabilities/{capability}",
    raises=(NotFound,),
    whose="account",
)
async def retrieve_capability(command: RetrieveCapability, work: Work, ports: Ports) -> Capability:
    """Return one capability."""
    return _named(await work.get(Account, work.account_id), command.capability)


@attrs.frozen(kw_only=True)
class ListCapabilities(Command[Page[Capability]]):
    """Whose capabilities. The list is whole."""

    account: str


@operation("capability.list", get="/v1/accounts/{account}/capabilities", raises=(NotFound,), whose="account")
async def list_capabilities(command: ListCapabilities, work: Work, ports: Ports) -> Page[Capability]:
    """List what an account is able to do, and what it has given up."""
    account = await work.get(Account, work.account_id)
    return Page(items=tuple(account.capabilities()), has_more=False)


def _named(account: Account, name: str) -> Capability:
    if name not in CAPABILITIES:
        raise NotFound("capability", name, param="capability")
    return next(capability for capability in account.capabilities() if capability.id == name)
