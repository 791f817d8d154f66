"""The command line: `payments serve`, accounts, keys, database, worker, ledger. Says what it does, and fails with a sentence."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from payments_core.assembly import AssemblyError
from payments_core.errors import PaymentsError
from payments_core.gateway import Gateway, Merchant
from payments_core.money.currencies import currency_code
from payments_core.operations.onboarding import issue_key, open_account
from payments_core.platform.accounts import Account, AccountId
from payments_core.platform.api_keys import KeyKind
from payments_web.commands.audit import app as audit
from payments_web.commands.db import app as database_app
from payments_web.commands.events import app as events
from payments_web.commands.events import webhooks
from payments_web.commands.keys import app as keys
from payments_web.commands.ledger import app as ledger
from payments_web.commands.listen import app as listen
from payments_web.commands.opening import Database, Port, opened, run
from payments_web.commands.payouts import app as payouts
from payments_web.commands.plugins import app as plugins
from payments_web.commands.settle import app as settle
from payments_web.commands.simulate import app as simulate
from payments_web.commands.trigger import app as trigger
from payments_web.commands.vault import app as vault
from payments_web.settings import Settings, for_live

app: Final = App(name="payments", help="A payment gateway in the shape of Stripe's API.")
accounts: Final = App(name="accounts", help="Merchants.")
for part in (
    accounts,
    keys,
    database_app,
    ledger,
    settle,
    payouts,
    simulate,
    vault,
    plugins,
    audit,
    events,
    listen,
    trigger,
    webhooks,
):
    app.command(part)

AsJson = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON for programs.")]


def main() -> None:
    """Run the command line."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        app()
    except (AssemblyError, PaymentsError, OSError) as error:
        sys.exit(f"payments: {error}")


@app.command
def serve(
    *,
    host: str = "127.0.0.1",
    port: Port = 8420,
    database: Database = None,
    certificate: Path | None = None,
    key: Path | None = None,
    worker: bool = True,
    demo: bool = False,
    live: Annotated[bool, Parameter(negative=())] = False,
    role: Literal["all", "backend", "gateway"] = "all",
    backend: tuple[str, ...] = (),
    owns: str = "",
) -> None:
    """Serve the API, with the worker inside unless --no-worker.

    Parameters
    ----------
    certificate, key: PEM files; with them the server speaks TLS.
    demo: make a demo merchant at the first start, and print its keys.
    role: `gateway` speaks REST to clients and GraphQL to each --backend; `backend` speaks GraphQL alone.
        Both need PAYMENTS_SPLIT_SECRET.
    backend: addresses of backends, for a gateway.
    owns: nouns that this backend serves, with commas between them; all unless said.
    live: serve live merchants too. Refused on the sandbox's network or bank rail, or without PAYMENTS_VAULT_KEY.
    """
    from payments_web.server import Listen
    from payments_web.server import serve as serve_now

    if (certificate is None) != (key is None):
        sys.exit("payments: TLS takes both, --certificate and --key.")
    settings = Settings.read(database=database)
    listen = Listen(host=host, port=port, certificate=certificate, key=key, worker=worker)
    if role == "gateway":
        from payments_web.split.serving import serve_gateway

        if not backend:
            sys.exit("payments: a gateway needs --backend, once or more.")
        run(serve_gateway(settings, listen, backend))
        return
    if role == "backend":
        settings = settings.with_more(role=role, split_owns=owns)
        if not settings.others.get("split_secret"):
            sys.exit("payments: a backend needs PAYMENTS_SPLIT_SECRET.")
    if live:
        settings = for_live(settings)

    async def ready(gateway: Gateway) -> None:
        address = f"{'https' if certificate else 'http'}://{host}:{port}"
        if demo:
            _print_demo(await _demo_keys(gateway, settings), address)
        print(f"payments-core listens on {address}", flush=True)

    run(serve_now(settings, listen, ready))


async def _demo_keys(gateway: Gateway, settings: Settings) -> dict[str, str]:
    kept = settings.data / "demo-keys.json"
    if kept.exists():
        told: dict[str, str] = json.loads(kept.read_text())
        return told
    told = await _with_keys(gateway, await open_account(gateway.ports, name="Demo merchant"))
    _keep(kept, json.dumps(told))
    lines = [f"export PAYMENTS_{name.upper()}={value}\n" for name, value in told.items()]
    _keep(settings.data / "demo.env", "".join(lines))
    return told


def _keep(path: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    path.touch(mode=0o600)
    path.write_text(text)


def _print_demo(told: dict[str, str], address: str) -> None:
    print("Demo merchant (test mode):")
    for name in ("account", "secret_key", "publishable_key"):
        print(f"  {name:<16} {told[name]}")
    print(
        "First charge:\n"
        f"  curl {address}/v1/charges -u {told['secret_key']}: -d amount=2000 -d currency=usd -d source=tok_visa"
    )


async def _with_keys(gateway: Gateway, account: Account) -> dict[str, str]:
    _, secret = await issue_key(gateway.ports, account)
    _, publishable = await issue_key(gateway.ports, account, KeyKind.PUBLISHABLE)
    return {"account": account.id, "secret_key": secret, "publishable_key": publishable}


@accounts.command
def create(
    *,
    name: str,
    country: str = "US",
    currency: str = "usd",
    platform: str | None = None,
    live: Annotated[bool, Parameter(negative=())] = False,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a merchant and print its keys; they are shown this once."""
    if not name.strip():
        sys.exit("payments: a merchant has a name.")

    async def go() -> dict[str, str]:
        async with opened(database) as gateway:
            account = await open_account(
                gateway.ports,
                name=name,
                country=country,
                currency=currency_code(currency),
                livemode=live,
                platform=AccountId(platform) if platform else None,
            )
            return await _with_keys(gateway, account)

    told = run(go())
    print(json.dumps(told) if as_json else "\n".join(f"{key}: {value}" for key, value in told.items()))


@app.command
def worker(*, database: Database = None) -> None:
    """Do what is due, until stopped: recovery, deliveries, settlement."""

    async def go() -> None:
        async with opened(database) as gateway:
            gateway.worker.start()
            await asyncio.Event().wait()

    try:
        run(go())
    except KeyboardInterrupt:
        print("stopped")


__all__ = ["Merchant", "app", "main"]
