"""Expiring: when the window of a promise is over, the charge is released. A worker's job.

What was taken stays taken; what was not is let go in the books and, as the networks ask of merchants, at the issuer too. What
else changes then (the intent) is a `Follower` in `EXPIRED`.
"""

import logging
from typing import Final

from payments_core import clock
from payments_core.errors import Conflict, PaymentsError
from payments_core.ledger import bookkeeping
from payments_core.operations.charging import attempt_for
from payments_core.operations.concluding import Follower
from payments_core.operations.intent_settling import expire_intent
from payments_core.operations.onboarding import find_account
from payments_core.operations.work import Caller, Work
from payments_core.payments.attempts import AttemptKind
from payments_core.payments.charges import Charge
from payments_core.payments.holds import Hold, HoldState
from payments_core.platform.accounts import AccountId
from payments_core.ports import Ports
from payments_core.values import evolve

LOG: Final = logging.getLogger("payments.expiring")
CHUNK: Final = 200

EXPIRED: Final[tuple[Follower, ...]] = (expire_intent,)
"""What else changes when a promise has lapsed."""


async def expire_holds(ports: Ports) -> int:
    """Release every hold whose window is over; return how many that were."""
    now = clock.now(ports.clock)
    released = 0
    for hold in await ports.store.due(Hold, now, CHUNK):
        try:
            released += await expire(ports, hold.account_id, hold.id)
        except Conflict:
            continue  # captured or released at this moment, and that is as good
        except PaymentsError:
            LOG.exception("hold %s of %s cannot be released", hold.id, hold.account_id)
    return released


async def expire(ports: Ports, account_id: AccountId, hold_id: str) -> bool:
    """Release one hold if its window is over: hold, charge, books, event, and whatever follows, in one commit."""
    work = Work(Caller(account=await find_account(ports, account_id)), ports)
    hold = await work.get(Hold, hold_id)
    if hold.state is not HoldState.HELD or hold.due_at is None or hold.due_at > work.now:
        return False
    charge = await work.get(Charge, hold.charge_id)
    released = charge.released()
    work.put(hold.release())
    work.put(released)
    work.book(bookkeeping.hold_ended(hold.id, hold.currency, hold.remaining))
    reversal = attempt_for(work, AttemptKind.REVERSE, hold.id, hold.acquirer, hold.remaining, hold.currency)
    work.put(evolve(reversal, due_at=work.now))
    work.announce("charge.expired", released)
    for follow in EXPIRED:
        await follow(work, released)
    await work.commit()
    return True
