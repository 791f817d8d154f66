"""Webhook endpoints: where a merchant wants to be told of events, and which ones.

The secret that signs deliveries is not kept: it is a keyed digest of the endpoint's id and of how often it was rolled, so that a
copy of the database signs nothing. `secret` is filled in for the one answer that shows it.
"""

from enum import StrEnum
from typing import Final, NewType, Self

import attrs

from payments_core.clock import Timestamp
from payments_core.machine import Machine
from payments_core.platform.accounts import AccountId
from payments_core.platform.event_types import ALL_TYPES
from payments_core.platform.metadata import NOTHING, Metadata
from payments_core.values import evolve

WebhookEndpointId = NewType("WebhookEndpointId", str)

ENDPOINTS_MAX: Final = 16
"""Of one account."""


class EndpointState(StrEnum):
    """Whether deliveries are made."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class EndpointEvent(StrEnum):
    """What can happen to an endpoint."""

    ENABLE = "enable"
    DISABLE = "disable"


WEBHOOK_ENDPOINT: Final = Machine(
    "webhook endpoint",
    EndpointState.ENABLED,
    {
        EndpointState.ENABLED: {
            EndpointEvent.DISABLE: EndpointState.DISABLED,
            EndpointEvent.ENABLE: EndpointState.ENABLED,
        },
        EndpointState.DISABLED: {
            EndpointEvent.ENABLE: EndpointState.ENABLED,
            EndpointEvent.DISABLE: EndpointState.DISABLED,
        },
    },
)


@attrs.frozen(kw_only=True, slots=False)
class WebhookEndpoint:
    """One address that is told of events."""

    account_id: AccountId
    id: WebhookEndpointId
    created: Timestamp
    url: str
    enabled_events: tuple[str, ...]
    livemode: bool
    state: EndpointState = WEBHOOK_ENDPOINT.initial
    api_version: str | None = None
    """What events say they are written in; None leaves the gateway's own."""
    description: str | None = None
    metadata: Metadata = NOTHING
    connect: bool = False
    """Whether it is told of the events of connected accounts instead of its own account's."""
    generation: int = 0
    """How often the secret was rolled."""
    former_until: Timestamp | None = None
    """Until when deliveries are signed with the former secret too."""
    failing_since: Timestamp | None = None
    """When the first of the deliveries failed that have failed ever since."""
    secret: str | None = attrs.field(default=None, repr=False)
    """Never kept: see above."""

    def wants(self, event_type: str) -> bool:
        """Say whether an event of this type is to be told here."""
        return self.state is EndpointState.ENABLED and (
            ALL_TYPES in self.enabled_events or event_type in self.enabled_events
        )

    def disabled(self, yes: bool = True) -> Self:
        """Switched off or on; switched on, its past failures are forgotten."""
        event = EndpointEvent.DISABLE if yes else EndpointEvent.ENABLE
        return evolve(
            self,
            state=WEBHOOK_ENDPOINT.after(self.state, event),
            failing_since=self.failing_since if yes else None,
        )

    def rolled(self, former_until: Timestamp) -> Self:
        """With a new secret; the former one signs as well until *former_until*."""
        return evolve(self, generation=self.generation + 1, former_until=former_until)

    def heard(self, accepted: bool, at: Timestamp, patience: int) -> Self:
        """After a delivery. Who has failed for *patience* seconds is switched off; the same noun means nothing changed."""
        if accepted:
            return self if self.failing_since is None else evolve(self, failing_since=None)
        if self.failing_since is None:
            return evolve(self, failing_since=at)
        if self.state is EndpointState.ENABLED and at - self.failing_since >= patience:
            return self.disabled()
        return self
