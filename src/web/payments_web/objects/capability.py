"""One thing that an account is able to do, as clients see it."""

from typing import Annotated, Final, Literal, Self

import attrs

from payments_core.platform.accounts import Capability
from payments_web.objects.common import Hash, Seconds
from payments_web.objects.markers import Expandable


@attrs.frozen(kw_only=True, slots=False)
class CapabilityDueObject:
    """What is still to be told before the capability is there: nothing."""

    alternatives: tuple[Hash, ...] = ()
    current_deadline: Seconds | None = None
    currently_due: tuple[str, ...] = ()
    disabled_reason: str | None = None
    errors: tuple[Hash, ...] = ()
    eventually_due: tuple[str, ...] = ()
    past_due: tuple[str, ...] = ()
    pending_verification: tuple[str, ...] = ()


NOTHING_DUE: Final = CapabilityDueObject()


@attrs.frozen(kw_only=True, slots=False)
class CapabilityObject:
    """A capability."""

    id: str
    object: Literal["capability"] = "capability"
    account: Annotated[str, Expandable("account")]
    future_requirements: CapabilityDueObject = NOTHING_DUE
    requested: bool
    requested_at: Seconds | None = None
    requirements: CapabilityDueObject = NOTHING_DUE
    status: str

    @classmethod
    def of(cls, capability: Capability, livemode: bool) -> Self:
        """Show a capability."""
        del livemode  # capabilities do not say
        due = NOTHING_DUE
        if capability.requested and not capability.active:
            due = CapabilityDueObject(disabled_reason="rejected.other")
        return cls(
            id=capability.id,
            account=capability.account_id,
            requested=capability.requested,
            requested_at=capability.requested_at,
            requirements=due,
            status=_status(capability),
        )


def _status(capability: Capability) -> str:
    if not capability.requested:
        return "unrequested"
    return "active" if capability.active else "inactive"
