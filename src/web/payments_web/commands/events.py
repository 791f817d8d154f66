"""`payments events` and `payments webhooks`: send an event once more, roll an endpoint's secret."""

from typing import Annotated, Final

from cyclopts import App, Parameter

from payments_core.operations.delivering import seconds
from payments_web.commands.calling import Caller, Key, Url

app: Final = App(name="events", help="Events.")
webhooks: Final = App(name="webhooks", help="Webhook endpoints.")
Endpoint = Annotated[
    str | None, Parameter(name="--webhook-endpoint", help="One endpoint; all that want it by default.")
]


@app.command
def resend(event: str, *, webhook_endpoint: Endpoint = None, key: Key = None, url: Url = None) -> None:
    """Send EVENT once more, at once."""
    params = {"webhook_endpoint": webhook_endpoint} if webhook_endpoint else {}
    with Caller(url, key) as caller:
        told = caller.ask("POST", f"/v1/events/{event}/retry", params)
    print(f"{told['id']} is on its way to {told['pending_webhooks']} endpoints")


@webhooks.command
def roll_secret(endpoint: str, *, grace: str = "24h", key: Key = None, url: Url = None) -> None:
    """Give ENDPOINT a new secret and print it. For --grace its deliveries are signed with both."""
    params = {"expires_in": str(seconds(grace))}
    with Caller(url, key) as caller:
        print(caller.ask("POST", f"/v1/webhook_endpoints/{endpoint}/roll_secret", params)["secret"])
