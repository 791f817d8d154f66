"""`payments keys`: make, list, roll and revoke the API keys of a merchant."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from cyclopts import App, Parameter

from payments_core import clock
from payments_core.clock import Timestamp
from payments_core.gateway import Gateway
from payments_core.operations.delivering import seconds
from payments_core.operations.onboarding import (
    account_of,
    find_account,
    issue_key,
    key_id,
    list_keys,
    revoke_key,
    roll_key,
)
from payments_core.platform.accounts import Account
from payments_core.platform.api_keys import ApiKey, ApiKeyId, KeyKind
from payments_web.commands.opening import Database, opened, run

app: Final = App(name="keys", help="API keys of a merchant.")

AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON for programs.")]
OfAccount = Annotated[str | None, Parameter(name="--account", help="Whose key, if KEY is an id.")]


@app.command
def create(
    *,
    account: str,
    kind: KeyKind = KeyKind.SECRET,
    name: str | None = None,
    scope: tuple[str, ...] = (),
    expires_in: str | None = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it; it is shown this once.

    Parameters
    ----------
    scope: what a restricted key may do: `charge:read`, `refund:write`, `*:read`. Writing includes reading.
    expires_in: 90d, 12h and the like; without it the key lasts until it is revoked.
    """

    async def go() -> dict[str, str]:
        async with opened(database) as gateway:
            owner = await find_account(gateway.ports, account)
            now = clock.now(gateway.ports.clock)
            ends = Timestamp(now + seconds(expires_in)) if expires_in else None
            key, text = await issue_key(gateway.ports, owner, kind, name=name, scopes=scope, expires_at=ends)
            return {"id": key.id, "key": text}

    _print_new(_sensibly(go), as_json)


@app.command
def roll(
    key: str,
    *,
    account: OfAccount = None,
    grace: str = "0s",
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a key that may do the same as KEY, print it, and end KEY after --grace (24h, 7d; at once by default)."""

    async def go() -> dict[str, str]:
        async with opened(database) as gateway:
            owner, found = await _named(gateway, key, account)
            new, text = await roll_key(gateway.ports, owner, found, seconds(grace))
            return {"id": new.id, "key": text}

    _print_new(_sensibly(go), as_json)


@app.command
def revoke(key: str, *, account: OfAccount = None, database: Database = None) -> None:
    """End a key at once. KEY is its text, or its id together with --account."""

    async def go() -> str:
        async with opened(database) as gateway:
            owner, found = await _named(gateway, key, account)
            return (await revoke_key(gateway.ports, owner, found)).id

    print(f"revoked {run(go())}")


@app.command(name="list")
def list_command(*, account: str, database: Database = None, as_json: AsJson = False) -> None:
    """List a merchant's keys, without their texts."""

    async def go() -> tuple[ApiKey, ...]:
        async with opened(database) as gateway:
            return await list_keys(gateway.ports, await find_account(gateway.ports, account))

    found = run(go())
    if as_json:
        print(json.dumps([_as_json(key) for key in found]))
        return
    for key in found:
        print(_as_text(key))


def _as_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "kind": str(key.kind),
        "ends_with": key.hint,
        "created": key.created,
        "expires_at": key.expires_at,
        "last_used": key.last_used,
        "scopes": list(key.scopes),
        "name": key.name,
    }


def _as_text(key: ApiKey) -> str:
    ends = f"ends {_day(key.expires_at)}" if key.expires_at else "no end"
    used = f"last used {_day(key.last_used)}" if key.last_used else "never used"
    return "  ".join(
        (key.id, str(key.kind), f"…{key.hint}", ends, used, " ".join(key.scopes), key.name or "")
    )


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _print_new(told: dict[str, str], as_json: bool) -> None:
    print(json.dumps(told) if as_json else f"{told['id']}\n{told['key']}")


def _sensibly(go: Any) -> dict[str, str]:
    try:
        made: dict[str, str] = run(go())
    except ValueError as error:
        sys.exit(f"payments: {error}")
    return made


async def _named(gateway: Gateway, key: str, account: str | None) -> tuple[Account, ApiKeyId]:
    owner = account or account_of(key)
    if owner is None:
        sys.exit("payments: say whose key it is, with --account, or give the key itself")
    found = await find_account(gateway.ports, owner)
    return found, ApiKeyId(key) if key.startswith("key_") else key_id(gateway.ports, key)
