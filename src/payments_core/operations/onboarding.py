"""Accounts and their keys: how a merchant comes in, and how a key's text becomes a caller.

Not part of the merchants' API: the command line and embedders call these.
"""

import contextlib
import re
from collections.abc import Mapping
from typing import Final

import attrs

from payments_core import clock, ids
from payments_core.clock import Timestamp
from payments_core.errors import Conflict, Forbidden, InvalidRequest, NotFound, ParamInvalid, Unauthenticated
from payments_core.money.currencies import CurrencyCode
from payments_core.operations.audit_log import record
from payments_core.operations.opening import find_connected, promise
from payments_core.operations.page_keys import find_page_key, is_page_key
from payments_core.operations.work import Caller, Work
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.api_keys import ApiKey, ApiKeyId, KeyKind
from payments_core.ports import Batch, Ports, Query, Write
from payments_core.tokenization.cards import redact
from payments_core.values import evolve

SECRET_DIGITS: Final = 32
TURNS_MAX: Final = 10
SCOPE: Final = re.compile(r"(\*|[a-z][a-z0-9_]{1,60}):(read|write)\Z", re.ASCII)
DOLLAR: Final = CurrencyCode("usd")
_CLOSED: Final = "This account was deleted."
_NO_KEY: Final = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
)


async def open_account(
    ports: Ports,
    *,
    name: str,
    country: str = "US",
    currency: CurrencyCode = DOLLAR,
    livemode: bool = False,
    account_id: AccountId | None = None,
    platform: AccountId | None = None,
) -> Account:
    """Make an account; with a platform, one that the platform's keys may act for."""
    owner = None if platform is None else await find_account(ports, platform)
    if owner is not None and owner.livemode is not livemode:
        raise InvalidRequest("A platform and its accounts are of the same mode.", param="platform")
    account_id = account_id or AccountId(ports.ids.new("acct"))
    account = Account(
        account_id=account_id,
        id=account_id,
        created=clock.now(ports.clock),
        name=name,
        country=country,
        default_currency=currency,
        livemode=livemode,
        platform=platform,
    )
    work = Work(Caller(account=owner or account), ports)
    if owner is None:
        work.put(account)
        await record(work, "account.opened", account_id, name=redact(name))
    else:
        promise(work, account)
    await work.commit()
    return account


async def issue_key(
    ports: Ports,
    account: Account,
    kind: KeyKind = KeyKind.SECRET,
    *,
    name: str | None = None,
    scopes: tuple[str, ...] = (),
    expires_at: Timestamp | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its text, which is never shown again."""
    check_scopes(kind, scopes)
    if account.is_closed:
        raise InvalidRequest(_CLOSED, code="account_closed")
    key, text = _new_key(ports, account, kind, name, scopes, expires_at)
    work = Work(Caller(account=account), ports)
    work.put(key)
    await record(work, "key.issued", key.id, kind=str(kind), scopes=" ".join(scopes))
    await work.commit()
    return key, text


async def roll_key(ports: Ports, account: Account, key: ApiKeyId, grace_s: int = 0) -> tuple[ApiKey, str]:
    """Make a key that may do the same, and end the present one after *grace_s* seconds."""
    for _ in range(TURNS_MAX):
        work = Work(Caller(account=account), ports)
        former = await work.get(ApiKey, key)
        if not former.is_valid(work.now):
            raise InvalidRequest("This key has ended already; make a new one.", code="api_key_expired")
        new, text = _new_key(ports, account, former.kind, former.name, former.scopes, None)
        work.put(former.revoked(Timestamp(work.now + grace_s)))
        work.put(new)
        await record(work, "key.rolled", key, to=new.id, grace=str(grace_s))
        with contextlib.suppress(Conflict):
            await work.commit()
            return new, text
    raise Conflict("This key is being changed by somebody else. Try again.")


async def note_use(ports: Ports, account_id: AccountId, key: ApiKeyId, at: Timestamp) -> None:
    """Write down that a key was used. Losing this against somebody else's write harms nobody."""
    found = await ports.store.find(ApiKey, account_id, key)
    if found is not None and (found[0].last_used or 0) < at:
        write = Write(evolve(found[0], last_used=at), found[1])
        with contextlib.suppress(Conflict):
            await ports.store.apply(Batch(account_id=account_id, writes=(write,)))


def check_scopes(kind: KeyKind, scopes: tuple[str, ...]) -> None:
    """Refuse scopes that mean nothing, so that nobody believes in a limit that is none."""
    if kind is not KeyKind.RESTRICTED and scopes:
        raise ParamInvalid("Only restricted keys have scopes.", param="scopes")
    if kind is KeyKind.RESTRICTED and not scopes:
        raise ParamInvalid("A restricted key needs at least one scope.", param="scopes")
    for scope in scopes:
        if not SCOPE.match(scope):
            raise ParamInvalid(
                f"A scope is a resource or *, and read or write, as in charge:read, not {scope[:60]!r}.",
                param="scopes",
            )


def _new_key(
    ports: Ports,
    account: Account,
    kind: KeyKind,
    name: str | None,
    scopes: tuple[str, ...],
    expires_at: Timestamp | None,
) -> tuple[ApiKey, str]:
    mode = "live" if account.livemode else "test"
    text = f"{kind}_{mode}_{account.id.removeprefix('acct_')}{ports.ids.secret(SECRET_DIGITS)}"
    key = ApiKey(
        account_id=account.id,
        id=key_id(ports, text),
        created=clock.now(ports.clock),
        kind=kind,
        livemode=account.livemode,
        name=name,
        hint=text[-4:],
        scopes=scopes,
        expires_at=expires_at,
    )
    return key, text


async def revoke_key(ports: Ports, account: Account, key: ApiKeyId, at: Timestamp | None = None) -> ApiKey:
    """End a key now, or at a later moment."""
    for _ in range(TURNS_MAX):  # a use may be noted at the same moment; ending the key must not fail for that
        work = Work(Caller(account=account), ports)
        found = (await work.get(ApiKey, key)).revoked(work.now if at is None else at)
        work.put(found)
        await record(work, "key.revoked", key, ends=str(found.expires_at))
        with contextlib.suppress(Conflict):
            await work.commit()
            return found
    raise Conflict("This key is being changed by somebody else. Try again.")


async def list_keys(ports: Ports, account: Account) -> tuple[ApiKey, ...]:
    """The account's keys, newest first."""
    return (await ports.store.select(ApiKey, account.id, Query(limit=100))).items


async def find_account(ports: Ports, account_id: str) -> Account:
    """The account, or `NotFound`."""
    found = await ports.store.find(Account, AccountId(account_id), account_id)
    if found is None:
        raise NotFound("account", account_id, param="account")
    return found[0]


def key_id(ports: Ports, text: str) -> ApiKeyId:
    """The id of the key with this text: a keyed digest of it."""
    digest = ports.vault.digest("api key", text.encode())
    return ApiKeyId(f"key_{ids.encode(int.from_bytes(digest[:16], 'big'))}")


def account_of(text: str) -> AccountId | None:
    """The account that a key's text carries, or None if it is no key of ours."""
    parts = text.split("_")
    if len(parts) != 3 or parts[0] not in set(KeyKind) or parts[1] not in ("test", "live"):
        return None
    return (
        AccountId(f"acct_{parts[2][: ids.LENGTH]}") if len(parts[2]) == ids.LENGTH + SECRET_DIGITS else None
    )


@attrs.frozen(slots=False)
class Credentials:
    """Whose key it is, and what it may do."""

    account: Account
    key: ApiKey


async def authenticate(ports: Ports, text: str | None) -> Credentials:
    """Find the key with this text, or raise `Unauthenticated`; the message shows no more of it than its ends."""
    if not text:
        raise Unauthenticated(_NO_KEY)
    if is_page_key(text):
        return await _page_credentials(ports, text)
    account_id = account_of(text)
    if account_id is None or not text.isascii():
        raise Unauthenticated(f"Invalid API Key provided: {_shown(text)}")
    found = await ports.store.find(ApiKey, account_id, key_id(ports, text))
    account = await ports.store.find(Account, account_id, account_id) if found else None
    if found is None or account is None or account[0].is_closed:
        raise Unauthenticated(f"Invalid API Key provided: {_shown(text)}")
    key = found[0]
    if key.livemode is not account[0].livemode:
        raise Unauthenticated(f"Invalid API Key provided: {_shown(text)}")
    if not key.is_valid(clock.now(ports.clock)):
        raise Unauthenticated(f"Expired API Key provided: {_shown(text)}", code="api_key_expired")
    if key.livemode and ports.settings.get("live") != "1":
        raise Forbidden("Live mode keys are not served here: this gateway was started for test mode.")
    return Credentials(account[0], key)


async def _page_credentials(ports: Ports, text: str) -> Credentials:
    key = await find_page_key(ports, text)
    if key is None:
        raise Unauthenticated(f"Invalid API Key provided: {_shown(text)}")
    if not key.is_valid(clock.now(ports.clock)):
        raise Unauthenticated(f"Expired API Key provided: {_shown(text)}", code="api_key_expired")
    if key.livemode and ports.settings.get("live") != "1":
        raise Forbidden("Live mode keys are not served here: this gateway was started for test mode.")
    account = await find_account(ports, key.account_id)
    if account.is_closed:
        raise Unauthenticated(f"Invalid API Key provided: {_shown(text)}")
    return Credentials(account, key)


def named_account(headers: Mapping[str, str], own: AccountId) -> str | None:
    """The account that a request's headers name: `Stripe-Account`, or the last one of a `Stripe-Context`.

    A context may lead from the key's own account to another, with `/` in between.
    """
    account, context = headers.get("stripe-account"), headers.get("stripe-context")
    if context is None:
        return account
    *way, named = context.split("/")
    if way not in ([], [own]):
        raise _no_access()
    if account is not None and account != named:
        raise InvalidRequest("Stripe-Account and Stripe-Context name different accounts: send one of them.")
    return named


async def acting_for(ports: Ports, credentials: Credentials, account_id: str | None) -> Account:
    """Whose work a request is: the key's own account, or one that its platform made and names. Others are not told apart."""
    own = credentials.account
    if account_id is None or account_id == own.id:
        return own
    try:
        return await find_connected(ports, own, account_id)
    except NotFound:
        raise _no_access() from None


def _no_access() -> Forbidden:
    return Forbidden(
        "The provided key does not have access to this account, or there is no such account.",
        code="account_invalid",
    )


def _shown(text: str) -> str:
    safe = "".join(
        character if character.isascii() and character.isprintable() else "?" for character in text
    )
    return f"{safe[:8]}{'*' * 12}{safe[-4:]}" if len(safe) > 20 else "*" * len(safe)
