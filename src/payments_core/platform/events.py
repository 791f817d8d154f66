"""Events: what happened, told once it is durable, in the words of the public API."""

from typing import NewType

import attrs

from payments_core.clock import Timestamp
from payments_core.platform.accounts import AccountId

EventId = NewType("EventId", str)


@attrs.frozen(kw_only=True, slots=False)
class Event:
    """One change of one object. Immutable; `data` is the JSON text that readers and webhooks get."""

    account_id: AccountId
    id: EventId
    created: Timestamp
    type: str
    subject: str
    """Id of the object that changed."""
    data: str
    """JSON: `object` as it looked after the change, and `previous_attributes` on updates."""
    request_id: str | None = None
    idempotency_key: str | None = None
    pending_webhooks: int = 0
