"""`payments listen`: forwards a merchant's events to a program under development, signed as the real ones are.

It asks the server for new events, so that it needs no address that the server can reach.
"""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, Final

import httpx2
from cyclopts import App

from payments_core.clock import SystemClock, now
from payments_core.platform.signing import signature
from payments_web.commands.calling import Caller, Key, Url

app: Final = App(name="listen", help="Forward events to a local program.")
EVERY_S: Final = 0.3
PAGE: Final = 100


@app.default
def listen(
    *,
    forward_to: str | None = None,
    events: tuple[str, ...] = (),
    print_json: bool = False,
    secret: str | None = None,
    count: int | None = None,
    key: Key = None,
    url: Url = None,
) -> None:
    """Print events as they happen, and send each to --forward-to, until stopped.

    Parameters
    ----------
    forward_to: where to send them, such as http://localhost:3000/webhooks.
    events: only events of these types.
    print_json: print whole events instead of one line for each.
    secret: what to sign with; one is made and printed otherwise.
    count: stop after so many events.
    """
    signs_with = secret or f"whsec_{secrets.token_hex(32)}"
    with httpx2.Client(timeout=30, trust_env=False) as client, Caller(url, key) as caller:
        newest = caller.ask("GET", "/v1/events", {"limit": "1"})["data"]
        print(f"Ready. Your webhook signing secret is {signs_with}", flush=True)
        happened = islice(_events(caller, newest[0]["id"] if newest else None, events), count)
        with suppress(KeyboardInterrupt):
            for event in happened:
                told = _forward(client, forward_to, event, signs_with) if forward_to else ""
                print(
                    json.dumps(event) if print_json else f"{event['type']} [{event['id']}]{told}", flush=True
                )


def _events(caller: Caller, last: str | None, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Every event after *last*, the oldest first."""
    while True:
        params = {"limit": str(PAGE), **({"ending_before": last} if last else {})}
        page = caller.ask("GET", "/v1/events", params)
        for event in reversed(page["data"]):
            last = event["id"]
            if not wanted or event["type"] in wanted:
                yield event
        if not page["has_more"]:
            time.sleep(EVERY_S)


def _forward(client: httpx2.Client, address: str, event: dict[str, Any], secret: str) -> str:
    body = json.dumps(event, ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature([secret], now(SystemClock()), body),
    }
    try:
        return f" -> {client.post(address, content=body, headers=headers).status_code}"
    except httpx2.HTTPError as error:
        return f" -> {type(error).__name__}: {error}"
