"""Attempts: what was asked of which acquirer for a charge, and what came back. An extension of the API; reads only."""

import attrs

from payments_core.errors import NotFound
from payments_core.operations.declaring import Command, operation
from payments_core.operations.work import Work
from payments_core.payments.attempts import Attempt
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold
from payments_core.ports import Page, Ports


@attrs.frozen(kw_only=True)
class ListAttempts(Command[Page[Attempt]]):
    """Of which charge."""

    id: str


@operation("charge.list_attempts", get="/v1/charges/{id}/attempts", raises=(NotFound,))
async def list_attempts(command: ListAttempts, work: Work, ports: Ports) -> Page[Attempt]:
    """List the attempts to have a charge authorized, the first one first: the route it took, and why."""
    charge = await work.get(Charge, command.id)
    hold = await work.get(Hold, charge.hold_id)
    found = await work.find_many(Attempt, hold.attempts)
    return Page(items=tuple(found[one] for one in hold.attempts if one in found), has_more=False)
