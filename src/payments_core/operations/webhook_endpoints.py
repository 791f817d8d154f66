"""Webhook endpoints: create, update, retrieve, list, delete, roll the secret."""

import re
from collections.abc import Mapping
from typing import Final, Literal

import attrs

from payments_core import ids
from payments_core.clock import DAY, Timestamp
from payments_core.errors import InvalidRequest, NotFound, ParamInvalid
from payments_core.operations.audit_log import record
from payments_core.operations.declaring import Command, Deleted, Listing, operation
from payments_core.operations.params import told
from payments_core.operations.work import Work
from payments_core.platform.accounts import Account
from payments_core.platform.event_types import ALL_TYPES, EVENT_TYPES
from payments_core.platform.metadata import merged
from payments_core.platform.webhook_endpoints import ENDPOINTS_MAX, WebhookEndpoint, WebhookEndpointId
from payments_core.ports import Page, Ports, Query
from payments_core.tokenization.cards import redact
from payments_core.values import evolve

SECRET_BYTES: Final = 32
GRACE_MAX_S: Final = 7 * DAY
URL_LENGTH_MAX: Final = 2_048
URL_SHOWN: Final = 200
_VERSION: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}(\.[a-z_]{1,40})?\Z", re.ASCII)


def secret_of(ports: Ports, endpoint: WebhookEndpoint, generation: int | None = None) -> str:
    """The text that signs deliveries to *endpoint*: its present secret, or that of another *generation*."""
    number = endpoint.generation if generation is None else generation
    whose = f"{endpoint.account_id} {endpoint.id} {number}"
    digest = ports.vault.digest("webhook secret", whose.encode())
    halves = (int.from_bytes(digest[start : start + 16], "big") for start in (0, 16))
    return "whsec_" + "".join(ids.encode(half) for half in halves)


@attrs.frozen(kw_only=True)
class CreateWebhookEndpoint(Command[WebhookEndpoint]):
    """An address, and what it wants to be told."""

    url: str
    enabled_events: tuple[str, ...]
    api_version: str | None = None
    connect: bool = False
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("webhook_endpoint.create", post="/v1/webhook_endpoints", raises=(InvalidRequest, ParamInvalid))
async def create_webhook_endpoint(
    command: CreateWebhookEndpoint, work: Work, ports: Ports
) -> WebhookEndpoint:
    """Make an endpoint. The answer shows the secret that signs its deliveries; no later one does."""
    if command.api_version is not None and not _VERSION.match(command.api_version):
        raise ParamInvalid(f"Invalid API version: {command.api_version[:40]}", param="api_version")
    await _check_url(ports, command.url)
    account = await work.get(Account, work.account_id)
    there = await work.select(WebhookEndpoint, Query(limit=ENDPOINTS_MAX))
    if len(there.items) >= ENDPOINTS_MAX:
        raise InvalidRequest(f"You have reached the maximum of {ENDPOINTS_MAX} webhook endpoints.")
    endpoint = WebhookEndpoint(
        account_id=work.account_id,
        id=WebhookEndpointId(work.new_id("we")),
        created=work.now,
        url=command.url,
        enabled_events=_events(command.enabled_events),
        livemode=work.account.livemode,
        api_version=command.api_version,
        connect=command.connect,
        description=command.description or None,
        metadata=merged({}, command.metadata),
    )
    # Written each time, so that of two who make the last one that is allowed only one succeeds.
    work.put(account.listening())
    work.put(endpoint)
    await record(work, "webhook_endpoint.created", endpoint.id, url=shown_url(endpoint.url))
    return evolve(endpoint, secret=secret_of(ports, endpoint))


@attrs.frozen(kw_only=True)
class UpdateWebhookEndpoint(Command[WebhookEndpoint]):
    """What is to be different."""

    id: str
    url: str | None = None
    enabled_events: tuple[str, ...] | None = None
    disabled: bool | None = None
    description: str | Literal[""] | None = None
    metadata: Mapping[str, str] | Literal[""] | None = None


@operation("webhook_endpoint.update", post="/v1/webhook_endpoints/{id}", raises=(NotFound, ParamInvalid))
async def update_webhook_endpoint(
    command: UpdateWebhookEndpoint, work: Work, ports: Ports
) -> WebhookEndpoint:
    """Change an endpoint, or switch it off or on."""
    endpoint = await work.get(WebhookEndpoint, command.id, param="webhook_endpoint")
    if command.url is not None:
        await _check_url(ports, command.url)
    if command.disabled is not None:
        endpoint = endpoint.disabled(command.disabled)
    endpoint = evolve(
        endpoint,
        url=command.url or endpoint.url,
        enabled_events=endpoint.enabled_events
        if command.enabled_events is None
        else _events(command.enabled_events),
        description=told(endpoint.description, command.description),
        metadata=merged(endpoint.metadata, command.metadata),
    )
    work.put(endpoint)
    await record(
        work, "webhook_endpoint.changed", endpoint.id, url=shown_url(endpoint.url), status=str(endpoint.state)
    )
    return endpoint


@attrs.frozen(kw_only=True)
class RetrieveWebhookEndpoint(Command[WebhookEndpoint]):
    """Which endpoint."""

    id: str


@operation("webhook_endpoint.retrieve", get="/v1/webhook_endpoints/{id}", raises=(NotFound,))
async def retrieve_webhook_endpoint(
    command: RetrieveWebhookEndpoint, work: Work, ports: Ports
) -> WebhookEndpoint:
    """Return an endpoint."""
    return await work.get(WebhookEndpoint, command.id, param="webhook_endpoint")


@attrs.frozen(kw_only=True)
class ListWebhookEndpoints(Listing, Command[Page[WebhookEndpoint]]):
    """Which part of the list."""


@operation("webhook_endpoint.list", get="/v1/webhook_endpoints", raises=(InvalidRequest,))
async def list_webhook_endpoints(
    command: ListWebhookEndpoints, work: Work, ports: Ports
) -> Page[WebhookEndpoint]:
    """List endpoints, newest first."""
    return await work.select(WebhookEndpoint, command.query())


@attrs.frozen(kw_only=True)
class DeleteWebhookEndpoint(Command[Deleted]):
    """Which endpoint."""

    id: str


@operation("webhook_endpoint.delete", delete="/v1/webhook_endpoints/{id}", raises=(NotFound,))
async def delete_webhook_endpoint(command: DeleteWebhookEndpoint, work: Work, ports: Ports) -> Deleted:
    """Delete an endpoint. What is on its way to it is abandoned when its next try is due."""
    endpoint = await work.get(WebhookEndpoint, command.id, param="webhook_endpoint")
    work.drop(endpoint)
    await record(work, "webhook_endpoint.deleted", endpoint.id, url=shown_url(endpoint.url))
    return Deleted(endpoint.id, "webhook_endpoint")


@attrs.frozen(kw_only=True)
class RollWebhookSecret(Command[WebhookEndpoint]):
    """Whose secret, and for how many seconds the former one signs as well."""

    id: str
    expires_in: int = DAY


@operation(
    "webhook_endpoint.roll_secret",
    post="/v1/webhook_endpoints/{id}/roll_secret",
    raises=(NotFound, ParamInvalid),
)
async def roll_webhook_secret(command: RollWebhookSecret, work: Work, ports: Ports) -> WebhookEndpoint:
    """Give an endpoint a new secret and show it. Until the former one expires, deliveries carry both signatures."""
    if not 0 <= command.expires_in <= GRACE_MAX_S:
        raise ParamInvalid(
            f"This value must be between 0 and {GRACE_MAX_S}.",
            code="parameter_invalid_integer",
            param="expires_in",
        )
    endpoint = await work.get(WebhookEndpoint, command.id, param="webhook_endpoint")
    endpoint = endpoint.rolled(Timestamp(work.now + command.expires_in))
    work.put(endpoint)
    await record(work, "webhook_endpoint.secret_rolled", endpoint.id, grace=str(command.expires_in))
    return evolve(endpoint, secret=secret_of(ports, endpoint))


def shown_url(url: str) -> str:
    """What the audit log keeps of an address: no secrets that people write behind it."""
    return redact(url.partition("?")[0].partition("#")[0])[:URL_SHOWN]


def _events(names: tuple[str, ...]) -> tuple[str, ...]:
    for number, name in enumerate(names):
        if name != ALL_TYPES and name not in EVENT_TYPES:
            raise ParamInvalid(
                f"Invalid enabled_events: there is no event called {name[:100]}.",
                param=f"enabled_events[{number}]",
            )
    if not names:
        raise ParamInvalid(
            "Name at least one event, or * for all.", code="parameter_invalid_empty", param="enabled_events"
        )
    return tuple(dict.fromkeys(names))


async def _check_url(ports: Ports, url: str) -> None:
    if not url.startswith(("https://", "http://")) or len(url) > URL_LENGTH_MAX or not url.isprintable():
        raise ParamInvalid(
            "Invalid URL: An explicit scheme (such as https) must be provided.",
            code="url_invalid",
            param="url",
        )
    if ports.courier is not None:
        await ports.courier.check(url)
